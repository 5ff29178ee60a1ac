// An outage elsewhere: the API says when to come back, the page counts down in sight and comes back by itself. A lost
// connection: nobody says when, so whoever only asks how something stands asks on.

import { NoConnectionError, Problem, pause, t } from "./client.js";
import { h } from "./page.js";

const LONGEST_WAIT = 60; // seconds; beyond that the person decides when to come back
const LONGEST_IN_ALL = 100; // seconds; a position is taken for fresh for 120
const ASK_ON_AFTER = 5; // seconds, or when the browser says that it is online

/** Do `act`, and again after each 503 that says when; `answer` shows the countdown. Only for what may be repeated. */
export async function patiently(answer, act) {
  const here = location.hash;
  const shown = [...answer.childNodes];
  for (let waited = 0; ; ) {
    try {
      return await act();
    } catch (error) {
      const wait = error instanceof Problem && error.status === 503 ? error.wait : 0;
      waited += wait;
      if (!wait || wait > LONGEST_WAIT || waited > LONGEST_IN_ALL) throw error;
      await countDown(answer, error.title, wait, here);
      answer.replaceChildren(...shown);
      if (location.hash !== here) throw error; // the person has gone elsewhere
    }
  }
}

/**
 * `patiently`, and through lost connections for as long as the person stays: people leave this page for WeChat's, where
 * phones cut its connection. Only for asking how something stands.
 */
export async function steadily(answer, act) {
  const here = location.hash;
  const shown = [...answer.childNodes];
  for (;;) {
    try {
      const found = await patiently(answer, act);
      answer.replaceChildren(...shown);
      return found;
    } catch (error) {
      if (!(error instanceof NoConnectionError) || location.hash !== here) throw error;
      answer.replaceChildren(h("p", { class: "waiting", role: "status" }, t("连接断了，恢复后这一页会自动继续，不用重来。", "The connection is lost. Once it is back this page goes on by itself; nothing need be done again.")));
      await Promise.race([pause(ASK_ON_AFTER), new Promise((resolve) => { addEventListener("online", resolve, { once: true }); })]);
    }
  }
}

async function countDown(answer, title, seconds, here) {
  const left = h("b", {});
  answer.replaceChildren(h("p", { class: "waiting", role: "status" }, title, t("，", ": "), left,
    t(" 秒后自动再试。什么都没有丢，也不会多占用次数。", " s until the next try, by itself. Nothing is lost, and no further attempt is used up.")));
  for (let second = seconds; second > 0 && location.hash === here; second -= 1) {
    left.textContent = `${second}`;
    await pause(1);
  }
}
