// Whom and what a claim is about: the person in clear for whoever decides, their work, what the policy has left.

import { moment, t, word, yuan } from "./client.js";
import { facts, h, link, panel, table, tag } from "./page.js";
import { CLAIM_STATUS, CLAIM_TYPE, DECISION, IDENTITY_DOCUMENT, POLICY_STATUS } from "./words.js";

let known = null; // of the claim that is open: each reading is a look, and drawing a page again is none

/** Read it once for a claim that stays open. */
export async function insuredOf(api, claimNo) {
  if (known?.claimNo !== claimNo) known = { claimNo, insured: await api.get(`/v1/staff/claims/${claimNo}/insured`) };
  return known.insured;
}

/** A decision moves what a policy has left. */
export function forgetInsured() {
  known = null;
}

export const numberOf = (number) => h("span", { class: "number" }, number.replace(/^(\d{6})(\d{8})(\w{4})$/, "$1 $2 $3"));

/** Work and place, as one paragraph of facts. */
export const workFacts = (work) => (work ? [
  [t("用工单位", "Employer"), work.employer_name], [t("劳务公司", "Labour company"), work.company_name],
  [t("项目", "Project"), work.name],
  [t("工种", "Work"), t(`${work.occupation_zh} · ${work.occupation_class} 类`, `${work.occupation_en} · class ${work.occupation_class}`)],
  [t("工地", "Site"), t(`北纬 ${work.latitude}，东经 ${work.longitude}，${work.radius_m} 米内`, `${work.latitude} N, ${work.longitude} E, within ${work.radius_m} m`)],
] : [[t("项目", "Project"), t("项目资料已不在", "No longer known")]]);

export function insuredPanel(claim, insured) {
  const isShown = insured.name !== null;
  return panel(t("被保险人和工作", "The insured and the work"),
    insured.is_erased ? h("p", { class: "notice" }, t("此人的个人信息已按其申请删除，无法再显示。", "This person had their data erased: nobody can be shown it.")) : null,
    insured.locked_at ? h("p", { class: "hint" }, t(`此人已于 ${moment(insured.locked_at)} 申请删除个人信息，仅为本案保存。`, `They asked for erasure on ${moment(insured.locked_at)}; it is kept for this claim alone.`)) : null,
    facts(
      [t("姓名", "Name"), isShown ? h("strong", {}, insured.name) : claim.policy.insured_name],
      isShown ? [word(IDENTITY_DOCUMENT, insured.document_type), numberOf(insured.document_number)] : null,
      isShown ? [t("出生日期", "Born"), t(`${insured.birth_date}（事故时 ${insured.age_at_accident} 岁）`, `${insured.birth_date} (${insured.age_at_accident} at the accident)`)] : null,
      ...workFacts(insured.work)),
    isShown || insured.is_erased ? null : h("p", { class: "hint" }, t("姓名和证件号码只对核定人员显示。", "Name and number are shown to those who decide.")));
}

/** What the policy has left, and what else the person holds. */
export function heldPanel(insured) {
  return h("details", { class: "panel", open: insured.claims.length > 0 }, h("summary", {}, t(`保单余额，此人的其他赔案（${insured.claims.length}）和保单（${insured.policies.length}）`, `What is left; their other claims (${insured.claims.length}) and policies (${insured.policies.length})`)),
    table(t("保单余额", "What the policy has left"), [t("责任", "Benefit"), t("已占用", "Held"), t("剩余", "Left")],
      insured.limits.map((limit) => [word(CLAIM_TYPE, limit.claim_type), yuan(limit.held_fen), yuan(limit.left_fen)]), t("没有限额。", "No limits.")),
    h("h3", {}, t("其他赔案", "Other claims")),
    table(t("其他赔案", "Other claims"), [t("赔案号", "Number"), t("事故", "Accident"), t("责任", "Benefits"), t("状态", "Status"), t("金额", "Amount")],
      insured.claims.map((other) => [link(`#/claims/${other.claim_no}`, h("span", { class: "number" }, other.claim_no)), moment(other.occurred_at),
        other.claim_types.map((type) => tag(word(CLAIM_TYPE, type))), [word(CLAIM_STATUS, other.status), other.decision === "PENDING" ? null : ` · ${word(DECISION, other.decision)}`], yuan(other.amount_fen)]),
      t("没有其他赔案。", "No other claims.")),
    h("h3", {}, t("近期其他保单", "Other recent policies")), heldPolicies(insured.policies));
}

export const heldPolicies = (policies) => table(t("保单", "Policies"), [t("保障期间", "Cover"), t("计划", "Plan"), t("状态", "Status"), t("保单号", "Number")],
  policies.map((policy) => [`${moment(policy.starts_at)} – ${moment(policy.ends_at)}`, policy.plan_id, word(POLICY_STATUS, policy.status), h("span", { class: "number" }, policy.policy_no)]),
  t("没有其他保单。", "No other policies."));
