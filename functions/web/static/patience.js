// An outage elsewhere: the API says when to come back, the page counts down in sight and comes back by itself. A lost
// connection: nobody says when, so whoever only asks how something stands asks on.

import { NoConnectionError, Problem, awake, pause, t } from "./client.js";
import { h } from "./page.js";

const LONGEST_WAIT = 60; // seconds; beyond that the person decides when to come back
const LONGEST_IN_ALL = 100; // seconds; a position is taken for fresh for 120
const FIRST_WAIT = 2; // seconds after the first failure of a question; twice as long after each further one
const PASSING = [429, 500, 502, 503, 504]; // what is over in a moment, or looked into

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
 * Ask how something stands until there is an answer: through lost connections and through whatever the API can't do at
 * the moment, for as long as the person stays. People leave this page for WeChat's, where phones cut its connection.
 * Only for what may be repeated. Raises Problem for a refusal.
 */
export async function steadily(answer, act) {
  const here = location.hash;
  const shown = [...answer.childNodes];
  for (let wait = FIRST_WAIT; ; wait = Math.min(wait * 2, LONGEST_WAIT)) {
    try {
      const found = await act();
      answer.replaceChildren(...shown);
      return found;
    } catch (error) {
      const isLost = error instanceof NoConnectionError;
      if (!(isLost || (error instanceof Problem && PASSING.includes(error.status))) || location.hash !== here) throw error;
      if (error.wait) {
        await countDown(answer, error.title, Math.min(error.wait, LONGEST_WAIT), here);
        continue;
      }
      answer.replaceChildren(h("p", { class: "waiting", role: "status" }, isLost
        ? t("连接断了，恢复后这一页会自动继续，不用重来。", "The connection is lost. Once it is back this page goes on by itself; nothing need be done again.")
        : [error.title, t("。这一页会自动再试，不用重来。", ". This page tries again by itself; nothing need be done again.")]));
      await awake(wait);
    }
  }
}

/**
 * Ask until the answer is no longer "not yet" (202), as often as it says. Gives its body; null once the person has gone
 * elsewhere or their session is over. Raises as `steadily`.
 */
export async function settled(session, answer, act) {
  const here = location.hash;
  while (location.hash === here && session.facts) {
    const { status, headers, body } = await steadily(answer, act);
    if (status !== 202) return body;
    await awake(Number(headers.get("Retry-After")) || 2);
  }
  return null;
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
