// The rounds of a claim: when each ran, what was decided by whom, what it holds of the policy, what it owes and paid.

import { AMOUNT, fenOf, listed, moment, t, word, yuan } from "./client.js";
import { button, facts, field, form, h, input, panel, table, tag, words } from "./page.js";
import { given, reason } from "./staff-decide.js";
import { ADVANCE_GROUND, ADVANCE_STATE, ATTENTION, CLAIM_TYPE, CLOCK, DECISION, OBLIGATION_STATE, PAYOUT_STATE, TRANSFER_REASON } from "./words.js";

const UNSETTLED = ["IN_REVIEW", "INVESTIGATING", "AWAITING_SUPPLEMENT", "DECIDED", "DISPUTED", "REOPENED"];
const PAYABLE = ["AGREED", "PAYING"];
const OPEN = ["STATED", "ACKNOWLEDGED", "PAYING"];
const PAYS_ONCE = () => t("同一赔款只会支付一次，可以放心重新发起。", "It pays once, however often it is started.");

export const breachOf = (breach) => {
  const [clock, ...due] = breach.split(":");
  return `${word(CLOCK, clock)} ${moment(due.join(":"))}`;
};

/** The current round in full, earlier ones folded. `recorded` names the beneficiaries, where there are any. */
export function roundsPanel(act, me, claim, recorded) {
  const [current, ...earlier] = [...claim.rounds].reverse();
  const nameOf = (payee) => (payee === "INSURED" ? t("被保险人", "Insured")
    : [payee, recorded?.beneficiaries.find((person) => person.payee === payee)?.name].filter(Boolean).join(" "));
  const body = (round) => [datesOf(round), heldOf(round), round.advances.map((advance) => advanceOf(act, me, advance)), obligationsOf(act, me, claim, round, nameOf)];
  return panel(current.number ? t(`第 ${current.number + 1} 轮`, `Round ${current.number + 1}`) : t("处理和赔款", "Decision and money"),
    claim.advance_excess_fen ? h("p", { class: "problem" }, t(`先予支付比核定金额多 ${yuan(claim.advance_excess_fen)}，不会自动扣回。`, `${yuan(claim.advance_excess_fen)} more than decided was advanced; it is never taken back by machine.`)) : null,
    body(current), wholePayout(act, me, claim, current),
    claim.advanced_fen ? h("p", {}, t(`核定后支付时扣除已先予支付的 ${yuan(claim.advanced_fen)}。`, `The payout of the decision is less by the ${yuan(claim.advanced_fen)} advanced.`)) : null,
    earlier.map((round) => h("details", {}, h("summary", {}, t(`第 ${round.number + 1} 轮`, `Round ${round.number + 1}`), " ", tag(word(DECISION, round.decision)), round.amount_fen === null ? null : yuan(round.amount_fen)), body(round))));
}

const datesOf = (round) => facts(
  [t("申请", "Requested"), moment(round.requested_at)],
  [t("收到第一份材料", "First paper"), moment(round.received_at)],
  [t("材料齐全", "Papers complete"), moment(round.documents_complete_at)],
  [t("结论", "Decision"), [word(DECISION, round.decision), round.amount_fen === null ? null : ` · ${yuan(round.amount_fen)}`]],
  round.decided_at ? [t("核定", "Decided"), `${round.decided_by ?? t("自动核定", "automatically")} · ${moment(round.decided_at)}`, true] : null,
  round.acknowledged_by ? [t("复核", "Second person"), round.acknowledged_by] : null,
  round.agreed_at ? [t("同意金额", "Agreed"), moment(round.agreed_at)] : null,
  round.paid_at ? [t("付清", "Paid"), moment(round.paid_at)] : null,
  round.closed_at ? [t("结案", "Closed"), moment(round.closed_at)] : null,
  round.breaches.length ? [t("已超时", "Passed"), listed(round.breaches.map(breachOf)), true] : null);

function heldOf({ held }) {
  const parts = Object.entries(held);
  return parts.length ? h("p", {}, t("占用保单限额：", "Holds of the policy's limits: "), listed(parts.map(([type, fen]) => `${word(CLAIM_TYPE, type)} ${yuan(fen)}`))) : null;
}

// ---- what is owed

function obligationsOf(act, me, claim, round, nameOf) {
  if (!round.obligations.length) return null;
  return table(t("应付赔款", "Obligations"), [t("编号", "No."), t("收款人", "Payee"), t("款项", "For"), t("金额", "Amount"), t("状态", "State"), t("支付", "Payout")],
    round.obligations.map((owed) => [owed.number, h("span", { class: "whole" }, nameOf(owed.payee)), h("span", { class: "whole" }, owed.advance ? t(`先予支付 ${owed.advance}`, `Advance ${owed.advance}`) : t("核定金额", "Decision")), h("span", { class: "whole" }, yuan(owed.amount_fen)),
      [tag(word(OBLIGATION_STATE, owed.state), { PAID: "good", LAPSED: "past" }[owed.state] ?? "warn"), owed.paid_at ? h("small", { class: "whole" }, moment(owed.paid_at)) : null, owed.attention ? tag(word(ATTENTION, owed.attention), "bad") : null],
      [owed.payout ? payoutOf(owed.payout) : null, mayPay(me, claim, owed)
        ? button(t(`支付第 ${owed.number} 笔`, `Pay no. ${owed.number}`), () => act(`payout?obligation=${owed.number}`), { tone: "main", sure: PAYS_ONCE() }) : null]]), "");
}

const mayPay = (me, claim, owed) => me.may("triggerPayout") && ["OWED", "RESERVED"].includes(owed.state) && (owed.advance !== null || PAYABLE.includes(claim.status));

const payoutOf = (payout) => {
  const code = payout.fail_reason ?? payout.fault;
  return h("div", { class: "payout" }, h("span", { class: "number" }, payout.payout_id), h("small", {}, word(PAYOUT_STATE, payout.state), code ? ` · ${word(TRANSFER_REASON, code)}` : null),
    code && TRANSFER_REASON[code] ? h("small", { class: "number" }, code) : null);
};

/** Before its first payment the decision owes nothing by number yet. */
function wholePayout(act, me, claim, round) {
  const isUnsent = !round.obligations.some((owed) => owed.advance === null && owed.state !== "LAPSED");
  return me.may("triggerPayout") && PAYABLE.includes(claim.status) && isUnsent
    ? button(t("发起支付", "Start the payout"), () => act("payout"), { tone: "main", sure: PAYS_ONCE() }) : null;
}

// ---- advances

/** The certain part may be stated while nothing is settled; of a death claim once its beneficiaries are confirmed. */
export function advancePanel(act, me, claim, recorded) {
  const mayState = me.may("stateAdvance") && UNSETTLED.includes(claim.status) && (!recorded || recorded.confirmed_by)
    && !claim.rounds[claim.rounds.length - 1].advances.some((advance) => OPEN.includes(advance.state));
  if (!mayState) return null;
  const due = claim.clocks.advance_due_at;
  return h("details", { class: "panel" }, h("summary", {}, t("先予支付", "Pay in advance")),
    form(t("提出先予支付", "State the certain part"), [
      h("p", { class: "hint" }, t("受理满 60 日仍未核定，先付能确定的部分；有异议时，先付无争议的部分。须由另一人复核后才支付。",
        "After 60 days without a decision the certain part is paid; in a dispute, the undisputed part. Another person must acknowledge it first."),
      due ? t(`本案 60 日届满：${moment(due)}。`, ` The 60 days of this claim end ${moment(due)}.`) : null),
      field(t("先予支付金额（元）", "Amount in advance (CNY)"), input("amount", { inputmode: "decimal", pattern: AMOUNT })),
      reason(["CERTAIN_PART", "UNDISPUTED_PART"]),
    ], (form_) => act("advances", { amount_fen: fenOf(form_.get("amount")), ...given(form_) }), { tone: "" }));
}

const advanceOf = (act, me, advance) => h("article", { class: "advance" },
  h("h3", {}, t(`先予支付 ${advance.number}`, `Advance ${advance.number}`), " ", tag(word(ADVANCE_STATE, advance.state), { PAID: "good", SENT_BACK: "bad", LAPSED: "past" }[advance.state] ?? "warn")),
  facts([t("金额", "Amount"), yuan(advance.amount_fen)], [t("依据", "Ground"), word(ADVANCE_GROUND, advance.ground)],
    [t("提出", "Stated"), `${advance.stated_by} · ${moment(advance.stated_at)}`, true],
    advance.acknowledged_by ? [t("复核", "Second person"), advance.acknowledged_by] : null),
  advance.state === "STATED" && me.may("acknowledgeAdvance") ? acknowledgement(act, me, advance) : null);

function acknowledgement(act, me, advance) {
  if (advance.stated_by === me.id) {
    return h("p", { class: "notice" }, t("这是您自己提出的，须由另一人复核。", "You stated this advance, so another person must acknowledge it."));
  }
  const route = `advances/${advance.number}/acknowledgement`;
  return [
    button(t("同意先予支付", "Acknowledge the advance"), () => act(route, { acknowledged: true }), { tone: "main" }),
    h("details", {}, h("summary", {}, t("退回", "Send back")),
      form(t("退回先予支付", "Send the advance back"), field(t("理由", "Reason"), words("reason")), (form_) => act(route, { acknowledged: false, reason: form_.get("reason") }), { tone: "" })),
  ];
}
