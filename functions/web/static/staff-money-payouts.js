// Payouts that did not arrive: what WeChat or the bank said of each, and the payment to be begun again.

import { moment, t, until, word, yuan } from "./client.js";
import { button, empty, h, link, redrawn, tag, title } from "./page.js";
import { ATTENTION, OBLIGATION_STATE, TRANSFER_REASON } from "./words.js";

const PAYABLE = ["AGREED", "PAYING"];
const MAY_LEAVE = ["OWED", "RESERVED"];
const SELF_INFLICTED = ["NOT_ENOUGH", "NO_AUTH", "PAYER_ACCOUNT_ABNORMAL", "PRODUCT_AUTH_CHECK_FAIL", "EXCEEDED_ESTIMATED_AMOUNT", "MERCHANT_REJECT"];

export async function payoutsView(api, me, page = "1") {
  const { claims, pages } = await api.get(`/v1/staff/claims?queue=PAYOUT&page=${page}`);
  const others = Array.from({ length: pages }, (_, place) => String(place + 1));
  const ours = claims.filter(({ stuck }) => stuck.some(({ fault }) => SELF_INFLICTED.includes(fault))).length;
  return title(t("支付异常", "Payouts that need a hand"),
    ours ? h("p", { class: "problem" }, t(`${ours} 件是我们的付款账户的问题：先处理账户，再逐笔重新支付。`, `${ours} are for our own account's sake: mend that first, then pay each again.`)) : null,
    claims.length ? claims.map((claim) => claimPanel(api, me, claim)) : empty(t("没有支付异常。", "No payout needs a hand.")),
    pages > 1 ? h("nav", { class: "tabs", "aria-label": t("分页", "Pages") }, others.map((number) => link(`#/payouts/${number}`, number, { "aria-current": number === page ? "page" : null }))) : null);
}

function claimPanel(api, me, claim) {
  return h("section", { class: "panel", "data-key": `payout ${claim.claim_no}` },
    h("h2", {}, link(`#/claims/${claim.claim_no}`, claim.claim_no, { class: "number" })),
    h("p", {}, claim.attention ? tag(word(ATTENTION, claim.attention), "bad") : null, tag(until(claim.due_at), new Date(claim.due_at) < new Date() ? "bad" : "warn"), h("small", {}, moment(claim.due_at))),
    claim.stuck.length ? h("ul", { class: "lines" }, claim.stuck.map((owed) => line(api, me, claim, owed)))
      : h("p", {}, t("还没有付出任何一笔：请在赔案里处理。", "Nothing has left yet: see the claim.")));
}

const line = (api, me, claim, owed) => h("li", {},
  h("span", {}, t(`第 ${owed.number} 笔`, `No. ${owed.number}`), owed.advance ? t("（先予支付）", " (advance)") : null, " · ", word(OBLIGATION_STATE, owed.state)), h("strong", {}, yuan(owed.amount_fen)),
  h("p", {}, tag(word(ATTENTION, owed.attention), "bad"), owed.fault ? [word(TRANSFER_REASON, owed.fault), " ", h("span", { class: "number" }, owed.fault)] : t("微信或银行没有说明原因。", "Neither WeChat nor the bank gave a reason.")),
  me.may("triggerPayout") && MAY_LEAVE.includes(owed.state) && (owed.advance !== null || PAYABLE.includes(claim.status))
    ? h("p", {}, button(t("重新支付", "Pay again"), () => api.post(`/v1/staff/claims/${claim.claim_no}/payout?obligation=${owed.number}`).then(redrawn),
      { tone: "main", sure: t(`重新支付 ${claim.claim_no} 第 ${owed.number} 笔 ${yuan(owed.amount_fen)}？不会重复付款。`, `Pay no. ${owed.number} of ${claim.claim_no} again, ${yuan(owed.amount_fen)}? Nothing is paid twice.`), sureTone: "main" })) : null);
