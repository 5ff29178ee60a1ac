// Checking in: where the phone is, who its owner is, the face in the work card, and the policy that comes of it.

import { Problem, forBrowser, randomId, t, word } from "./client.js";
import { done, go, goOn, h, link, refusal, steps, title } from "./page.js";
import { patiently, settled } from "./patience.js";
import { NO_POSITION, locate } from "./place.js";
import { countdown, statusCard } from "./worker-cover.js";

export const CHECK_IN_SIGNAL = {
  STALE_POSITION: ["定位时间过旧，请重新定位", "Your position is old: locate again next time"],
  POOR_ACCURACY: ["定位不准，请到空旷处再定位", "Your position is inexact: try under the open sky"],
  NO_POSITION: ["没有定位，下次请允许定位", "No position: please allow it next time"],
  DEVICE_CLOCK_SKEW: ["手机时间不准，请校准", "Your phone's clock is off: set it right"],
};

const DEVICE = "daycover.device";
const FRESH_MS = 60_000; // a second press within this goes on with the position of the first
const PATIENT_MS = 2000; // after that nobody need wait for a position
const REFERRED_FOR = {
  "occupation-referred": "OCCUPATION_CLASS",
  "document-referred": "DOCUMENT_TYPE",
  "face-check-failed": "FACE_FAILED",
  "name-mismatch": "NAME_MISMATCH",
  "age-out-of-range": "AGE_EDGE",
  "work-card-limit": "PRE_ORDERS_USED_UP",
  "faces-used-up": "FACE_FAILED",
};

let told = []; // warnings of the check-in or the policy that just came about
let located = null; // {where, at}: the position that was asked for

/** What the check-in had to say, told once. */
export function takeTold() {
  const warned = told;
  told = [];
  return warned;
}

/** The way on from a refusal that two people can lift; null where they can't. */
const wayOn = (problem) => (REFERRED_FOR[problem.slug] && (problem.slug !== "age-out-of-range" || problem.facts.referable)
  ? link(`#/referral/${REFERRED_FOR[problem.slug]}`, t("申请人工核验", "Ask for a referral"), { class: "button" }) : null);

/** Check in at the scanned code; `answer` shows how far it is, `identity` asks who it is where nobody knows. */
export async function checkIn(api, { qrToken, pending }, given, answer, identity) {
  const where = await placeNow(answer);
  answer.replaceChildren(done(t("正在打卡…", "Checking in…")));
  const body = { qr_token: qrToken };
  if (where.place) body.place = where.place;
  if (!identity.disabled) {
    body.identity = { name: given.get("name"), id_number: given.get("id_number") };
    if (given.get("phone").trim()) body.phone = given.get("phone").trim();
  }
  let begun;
  try {
    begun = await patiently(answer, () => api.post("/v1/check-ins", { ...body, device: { id: device(), time: new Date().toISOString() } }));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (wayOn(error)) return answer.replaceChildren(refusal(error), wayOn(error));
    if (error.slug !== "identity-required" || !identity.disabled) throw error;
    identity.hidden = false;
    identity.disabled = false;
    identity.querySelector("input").focus();
    answer.replaceChildren(done(t("请填写姓名和身份证号码，再点一次。", "State name and ID number, then press once more.")));
    return;
  }
  located = null;
  if (begun.status === "COVERED") goOn(`#/policies/${begun.policy.policy_no}`);
  else {
    const without = where.why ? [t(`没有定位，已照常打卡，会留下记录。${word(NO_POSITION, where.why)}。`, `Checked in without a position, which is noted. ${word(NO_POSITION, where.why)}.`)] : [];
    told = [...without, ...begun.signals.filter((code) => code !== "NO_POSITION" || !where.why).map((code) => word(CHECK_IN_SIGNAL, code))];
    pending.keep(begun);
    go(`#/waiting/${begun.check_in_id}`);
  }
}

/** Where the phone is: asked once for a check-in, however often its button is pressed, and never longer than 8 seconds. */
async function placeNow(answer) {
  if (!located || Date.now() - located.at > FRESH_MS) located = { where: locate(), at: Date.now() };
  const { where } = located;
  const skip = new Promise((resolve) => {
    const without = h("button", { type: "button", on: { click: () => resolve({ why: "SKIPPED" }) } }, t("不等了，直接打卡", "Check in without it"));
    answer.replaceChildren(done(t("正在定位，最多 8 秒…", "Locating, 8 seconds at the most…")));
    setTimeout(() => { if (answer.querySelector(".done")) answer.append(without); }, PATIENT_MS);
  });
  const found = await Promise.race([where, skip]);
  located.where = Promise.resolve(found); // whoever would not wait is not made to wait again
  return found;
}

/** A random number for this browser. Without it every visit would look like another phone of the worker's. */
function device() {
  const known = forBrowser.get(DEVICE) ?? `h5-${randomId()}`;
  forBrowser.set(DEVICE, known);
  return known;
}

export function waitingView(api, session, { qrToken, pending }, checkInId) {
  const answer = h("div", { class: "answer", "aria-live": "polite" }, h("p", { class: "waiting" }, t("等待人脸核验…", "Waiting for the face check…")));
  void wait(api, session, { qrToken, pending }, checkInId, answer);
  const waits = pending.get();
  return title(t("还差一步：人脸核验", "One more step: show your face"),
    statusCard("warn", t("此刻还没有保障", "You are not covered yet"), h("p", {}, t("看到保单号之前，请勿开工。", "Do not start work before you see a policy number.")),
      waits ? h("p", {}, t("人脸核验还剩 ", "Left for the face check: "), countdown(waits.ends, () => {})) : null),
    steps(
      [t("打开微工卡", "Open the work card"), t("在微信里搜索“微工卡”，这一页打不开它", "Search for 微工卡 in WeChat; this page cannot open it")],
      [t("完成人脸核验", "Show your face"), t("人脸只在微工卡里核验，我们不保存", "It is checked in the work card; we do not keep it")],
      [t("回到这一页", "Come back here"), t("核验通过后会自动显示保单号", "The policy number appears by itself")]),
    told.length ? h("ul", { class: "hint" }, told.map((text) => h("li", {}, text))) : null,
    answer,
    h("p", { class: "hint" }, t("不愿使用人脸识别，可以由现场和核保员核对证件。", "If you do not want face recognition, the site and an underwriter look at your document instead."), " ",
      link("#/referral/FACE_DECLINED", t("申请人工核验", "Ask for a referral"))));
}

async function wait(api, session, { qrToken, pending }, checkInId, answer) {
  const here = location.hash;
  try {
    const issued = await settled(session, answer, () => api.send("POST", `/v1/check-ins/${checkInId}/policy`));
    if (!issued) return;
    told = issued.warnings.map((warning) => t(warning.text_zh, warning.text_en));
    pending.end();
    if (location.hash === here) goOn(`#/policies/${issued.policy_no}`);
  } catch (error) {
    pending.end();
    answer.replaceChildren(...[refusal(error), qrToken ? link("#/", t("重新打卡", "Check in again"), { class: "button" }) : null, qrToken ? wayOn(error) : null].filter(Boolean));
  }
}
