// Deciding a claim and letting a decision stand; what has moved meanwhile is told with the new figures.

import { AMOUNT, fenOf, t, word, yuan } from "./client.js";
import { button, field, form, h, input, panel, refresh, select, tick, words } from "./page.js";
import { forgetInsured } from "./staff-insured.js";
import { toNext } from "./staff-queue.js";
import { CLAIM_TYPE, DECISION, POLICY_STATUS, REASON } from "./words.js";

// ---- what a decision met

const MOVED = ["exposure-moved", "policy-not-standing"];
let met = null; // the last refusal that changed the file, until the file has been drawn again

/** Send a decision. Where the file has changed under it, read the file again and keep what was typed. */
export async function decided(api, me, claimNo, path, body, onTo) {
  try {
    await api.post(path, body);
  } catch (error) {
    if (!MOVED.includes(error.slug)) throw error;
    met = { claimNo, problem: error, typed: body };
  }
  forgetInsured(); // what the policy has left has moved
  if (onTo && !met) {
    await toNext(api, me, onTo, claimNo);
    return;
  }
  await refresh();
  document.querySelector(".moved")?.focus();
}

/** Whether the next file of the queue follows; ticked by whoever came from one. */
const onward = (from) => (from ? tick("onward", "yes", t("提交后打开下一件", "Then open the next file"), { checked: true }) : null);

/** What the last decision on this claim met, once. */
export function metBy(claimNo) {
  const found = met?.claimNo === claimNo ? met : null;
  met = null;
  return found;
}

export function movedNotice({ problem }) {
  const { assessed_fen: now, assessed_before_fen: before, policy_status: status } = problem.facts;
  const figures = problem.slug === "exposure-moved"
    ? [t("现在理算为 ", "It now comes to "), h("strong", {}, yuan(now)), t(`，此前为 ${yuan(before)}。没有核定，请按新的金额重新核定。`, `, before ${yuan(before)}. Nothing was decided: decide again on the new amount.`)]
    : [t("保单：", "Policy: "), h("strong", {}, word(POLICY_STATUS, status)), t("。没有核定，也不能按这张保单赔付。", ". Nothing was decided, and nothing can be paid on it.")];
  return h("div", { class: "problem conflict moved", role: "alert", tabindex: "-1" }, h("b", {}, problem.title), h("p", {}, figures));
}

// ---- forms

export const reason = (codes, chosen, typed = "") => {
  const text = words("reason");
  text.value = typed;
  return [
    field(t("理由代码", "Reason code"), select("reason_code", codes.map((code) => [code, word(REASON, code)]), chosen ?? codes[0])),
    field(t("理由", "Reason"), text),
  ];
};
export const given = (form_) => ({ reason_code: form_.get("reason_code"), reason: form_.get("reason") });

export function decisionPanel(send, claim, typed, from) {
  const amount = input("amount", { required: false, inputmode: "decimal", pattern: AMOUNT });
  const chosen = select("decision", ["APPROVED", "PARTIAL", "GOODWILL", "DECLINED", "NO_CLAIM"].map((code) => [code, word(DECISION, code)]), typed?.decision ?? "APPROVED");
  const wrong = h("p", { class: "problem", role: "alert", hidden: true });
  return panel(t("核定", "Decide"),
    h("p", { class: "hint" }, t("核定后须由另一人复核，本人不能复核。", "Another person must acknowledge; never the one who decided.")),
    form(t("提交核定", "Decide"), [
      field(t("结论", "Decision"), chosen),
      field(t("金额（元）", "Amount (CNY)"), amount, t("全额赔付可不填，按理算金额；拒赔不填", "Leave empty for the computed amount, and for a refusal")),
      splitFields(claim, amount), onward(from),
      reason(["WITHIN_TERMS", "PARTLY_PROVEN", "NOT_PROVEN", "EXCLUDED", "OUTSIDE_COVER", "HARDSHIP"], typed?.reason_code, typed?.reason), wrong,
    ], (form_) => {
      const body = { decision: form_.get("decision"), ...given(form_) };
      if (form_.get("amount")) body.amount_fen = fenOf(form_.get("amount"));
      const benefits = splitOf(form_);
      const sum = totalOf(benefits);
      wrong.hidden = !sum || (body.amount_fen ?? sum) === sum;
      if (!wrong.hidden) {
        wrong.textContent = t(`各项责任合计 ${yuan(sum)}，与金额 ${yuan(body.amount_fen)} 不符。`, `The benefits sum to ${yuan(sum)}, the amount is ${yuan(body.amount_fen)}.`);
        return null;
      }
      if (sum) Object.assign(body, { amount_fen: sum, benefits });
      return send("decision", body, form_.get("onward") === "yes");
    }));
}

/** How the amount falls on the benefits, where an adjuster wants to say so; else it falls as it was computed. */
function splitFields(claim, amount) {
  const sum = h("p", { class: "hint", role: "status" });
  const fields = h("div", { class: "split" }, claim.claim_types.map((type) => {
    const line = claim.assessment?.lines.find((computed) => computed.claim_type === type);
    return field(t(`${word(CLAIM_TYPE, type)}（元）`, `${word(CLAIM_TYPE, type)} (CNY)`), input(`benefit-${type}`, { required: false, inputmode: "decimal", pattern: AMOUNT }),
      line ? t(`理算 ${yuan(line.amount_fen)}`, `computed ${yuan(line.amount_fen)}`) : null);
  }));
  fields.addEventListener("input", () => {
    const total = [...fields.querySelectorAll("input")].reduce((fen, { value }) => fen + (fenOf(value) ?? 0), 0);
    sum.textContent = total ? t(`合计 ${yuan(total)}`, `Sum: ${yuan(total)}`) : "";
    amount.placeholder = total ? String(total / 100) : "";
  });
  return h("details", {}, h("summary", {}, t("按责任分列金额（可不填）", "Amount by benefit (optional)")),
    h("p", { class: "hint" }, t("不填时按理算比例分到各项责任；保单各项限额按此占用。", "Left empty it falls on the benefits as computed; the policy's limits are taken accordingly.")), fields, sum);
}

const splitOf = (form_) => Object.fromEntries(Object.keys(CLAIM_TYPE).filter((type) => form_.get(`benefit-${type}`))
  .map((type) => [type, fenOf(form_.get(`benefit-${type}`))]));
const totalOf = (benefits) => Object.values(benefits).reduce((sum, fen) => sum + fen, 0);

export function acknowledgementPanel(send, me, claim, from) {
  const decision = claim.history.filter((line) => line.event === "DECIDED").pop();
  const what = h("p", {}, `${word(DECISION, claim.decision)} · ${yuan(claim.amount_fen)} · ${word(REASON, decision?.reason_code)}`);
  if (claim.decided_by === me.id) {
    return panel(t("复核", "Acknowledge"), what, h("p", { class: "notice" }, t("这是您自己的核定，须由另一人复核。", "You decided this claim, so another person must acknowledge it.")));
  }
  const next = onward(from);
  const goesOn = () => Boolean(next?.querySelector("input").checked);
  return panel(t("复核", "Acknowledge"), what, decision?.reason ? h("p", {}, decision.reason) : null, next,
    button(t("复核通过", "Acknowledge"), () => send("acknowledgement", { acknowledged: true }, goesOn()), { tone: "main" }),
    h("details", {}, h("summary", {}, t("退回重审", "Send back")),
      form(t("退回", "Send back"), field(t("理由", "Reason"), words("reason")), (form_) => send("acknowledgement", { acknowledged: false, reason: form_.get("reason") }, goesOn()), { tone: "" })));
}
