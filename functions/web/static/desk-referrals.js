// Referrals on site (人工核验): who must be seen in person, and how long there is for it.

import { moment, now, optionsOf, t, word } from "./client.js";
import { button, every, h, panel, redrawn, table, tag } from "./page.js";
import { IDENTITY_DOCUMENT, REFERRAL_REASON, REFERRAL_STATUS, SITE_DECLINE } from "./words.js";

const POLL_SECONDS = 10;
const SHORT_S = 300; // from here on the time left is shown as urgent

/** The name for whoever may read it, and the masked one for all others. */
export const nameOf = (one) => one.full_name ?? one.name;

/** What is compared with the paper in the worker's hand. */
export const documentOf = (referral) => (referral.document_end
  ? t(`${word(IDENTITY_DOCUMENT, referral.document_type)}（尾号 ${referral.document_end}）`, `${word(IDENTITY_DOCUMENT, referral.document_type)} (ending ${referral.document_end})`)
  : word(IDENTITY_DOCUMENT, referral.document_type));

/** The time that is left, told every second by whoever calls `tickLeft`. */
export const timeLeft = (answerBy) => told(h("b", { class: "left", "data-until": Date.parse(answerBy) }));

function told(element) {
  const seconds = Math.max(0, Math.ceil((Number(element.dataset.until) - now()) / 1000));
  const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  element.textContent = seconds ? t(`还剩 ${clock}`, `${clock} left`) : t("已超时", "Time is up");
  element.classList.toggle("short", seconds <= SHORT_S);
  return element;
}

/** Count down every time that stands on the page. */
export const tickLeft = () => document.querySelectorAll(".left[data-until]").forEach(told);

const unfolded = new Set(); // what is drawn again by itself keeps what was opened

/** What the foreman can say of somebody who waits: seen with their document, or why not. */
export const answerButtons = (api, me, path, referral, done) => [
  me.may("confirmReferral") ? confirmButton(api, path, referral, done) : null,
  me.may("declineReferral") ? declineButtons(api, path, referral, done) : null,
];

function declineButtons(api, path, referral, done) {
  const { referral_id: id } = referral;
  const made = h("details", { class: "later declines", open: unfolded.has(id) }, h("summary", { "data-key": `decline-${id}` }, t("不能确认", "Can't confirm")),
    h("div", { class: "row" }, optionsOf(SITE_DECLINE).map(([code, text]) => button(text, () => api.post(`${path}/referrals/${id}/decline`, { reason: code }).then(done),
      { sure: t(`不确认 ${nameOf(referral)}：${text}。本人会看到这个原因，目前没有保障，可以重新申请。`, `Decline ${nameOf(referral)}: ${text}. They see this reason, have no cover now and may ask again.`) }))));
  made.addEventListener("toggle", () => (made.open ? unfolded.add(id) : unfolded.delete(id)));
  return made;
}

/** Asks who was seen with which paper before anything is said in the foreman's name. */
const confirmButton = (api, path, referral, done) => button(t("已见本人和证件", "Seen in person"),
  () => api.post(`${path}/referrals/${referral.referral_id}/confirmation`).then(done),
  {
    tone: "main", sureTone: "main",
    sure: t(`您当面见到了 ${nameOf(referral)} 本人，并核对过其${documentOf(referral)}？确认会记在您的名下，之后由核保员决定。`,
      `Have you seen ${nameOf(referral)} in person and compared their document: ${documentOf(referral)}? This is recorded in your name; an underwriter then decides.`),
  });

export async function referralsPart(api, path, _, __, me) {
  const { referrals } = await api.get(`${path}/referrals`);
  every(POLL_SECONDS, () => (document.querySelector("dialog[open]") ? null : redrawn()));
  every(1, tickLeft);
  return panel(t("需要现场确认的人", "To be confirmed on site"),
    h("p", { class: "hint" }, t("请当面核对本人和证件后再确认，之后由核保员决定。30 分钟无人处理则自动不通过。", "See person and document before you confirm; an underwriter then decides. After 30 minutes it is declined.")),
    table(t("人工核验", "Referrals"), [t("姓名", "Name"), t("证件", "Document"), t("原因", "Why"), t("期限", "Answer by"), t("状态", "Status"), t("操作", "Act")],
      referrals.map((referral) => [nameOf(referral), documentOf(referral),
        [word(REFERRAL_REASON, referral.reason), referral.referred_work ? h("small", { class: "why" }, t(referral.referred_work.reason_zh, referral.referred_work.reason_en)) : null],
        isOpen(referral) ? timeLeft(referral.answer_by) : h("span", { class: "whole" }, moment(referral.answer_by)),
        [tag(word(REFERRAL_STATUS, referral.status), { APPROVED: "good", DECLINED: "bad" }[referral.status] ?? "warn"),
          referral.declined_zh ? h("small", { class: "why" }, t(referral.declined_zh, referral.declined_en)) : null],
        referral.status === "ASKED" ? answerButtons(api, me, path, referral, redrawn)
          : referral.status === "CONFIRMED" && me.may("declineReferral") ? declineButtons(api, path, referral, redrawn) : referral.policy_no ?? "—"]),
      t("没有。", "None.")));
}

const isOpen = ({ status }) => status === "ASKED" || status === "CONFIRMED";
