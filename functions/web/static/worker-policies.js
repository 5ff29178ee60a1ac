// The worker's policies: for ever, and without a network those that this phone has shown before.

import { NoConnectionError, ROOT, forBrowser, hereOf, moment, now, optionsOf, t, word, yuan } from "./client.js";
import { button, empty, facts, field, form, h, link, panel, refresh, select, tag, title } from "./page.js";
import { takeTold } from "./worker-check-in.js";
import { CONSENT, KEPT_POLICIES, benefits, countdown, exclusions, wholeTerms } from "./worker-cover.js";
import { CANCEL_REASON, POLICY_STATUS } from "./words.js";

// ---- what this phone keeps of them: as the page showed it, until somebody signs out

const MOST_KEPT = 5; // the newest; an older one can be had again
const kept = () => JSON.parse(forBrowser.get(KEPT_POLICIES) ?? "{}");

/** Never the whole name: whoever holds the phone reads what the certificate shows. */
function keep(policy, certificate) {
  const masked = certificate && { ...certificate, contract: { ...certificate.contract, insured: policy.insured_name } };
  const all = Object.entries({ ...kept(), [policy.policy_no]: { policy, certificate: masked, at: new Date().toISOString() } })
    .sort(([, one], [, other]) => Date.parse(other.policy.start) - Date.parse(one.policy.start)).slice(0, MOST_KEPT);
  forBrowser.set(KEPT_POLICIES, JSON.stringify(Object.fromEntries(all)));
}

export const forgetPolicies = () => forBrowser.remove(KEPT_POLICIES);

/** From the first policy on this phone keeps the pages as well; where a browser can't, they need a network. */
function keepPages() {
  navigator.serviceWorker?.register(new URL("./worker-offline.js", import.meta.url), { scope: ROOT }).catch(() => {});
}

/** As it is now, and else as this phone last showed it: {policy, certificate, at} with `at` only for the latter. */
async function found(api, policyNo) {
  try {
    const policy = await api.get(`/v1/policies/${policyNo}`);
    const certificate = policy.status === "ISSUED" ? await certificateOf(api, policyNo) : null;
    keep(policy, certificate);
    keepPages();
    return { policy, certificate };
  } catch (error) {
    const before = kept()[policyNo];
    if (!(error instanceof NoConnectionError) || !before) throw error;
    return { ...before, policy: asOfNow(before.policy) };
  }
}

/** Whether it is in force is of the moment it is read. */
const asOfNow = (policy) => ({ ...policy, in_force: policy.status === "ISSUED" && Date.parse(policy.start) <= now() && now() < Date.parse(policy.end) });

const withoutNetwork = (at) => h("p", { class: "notice", role: "status" }, t(`没有网络。下面是这台手机 ${moment(at)} 保存的内容。`, `No network. This is what the phone kept at ${moment(at)}.`));

/** Before somebody has signed in: what this phone keeps, without any way on. Null for nothing. */
export function keptPolicies() {
  const all = Object.values(kept()).map(({ policy, ...more }) => ({ policy: asOfNow(policy), ...more }));
  if (!all.length) return null;
  return h("details", { class: "panel" }, h("summary", {}, t("这台手机上保存的保单", "Policies that this phone keeps")),
    all.map(({ policy, certificate, at }) => h("article", { class: "consent" }, h("h3", {}, standing(policy), " ", h("span", { class: "number" }, policy.policy_no)),
      h("p", {}, t(`${moment(policy.start)} 起，${moment(policy.end)} 止`, `from ${moment(policy.start)} to ${moment(policy.end)}`)), certificate ? codeOf(certificate) : null, h("small", {}, moment(at)))));
}

// ---- all, and one

const standing = (policy) => (policy.in_force ? tag(t("保障中", "In force"), "good")
  : policy.status !== "ISSUED" ? tag(word(POLICY_STATUS, policy.status), "bad")
    : Date.parse(policy.start) > now() ? tag(t("尚未开始", "Not begun"), "past") : tag(t("已结束", "Ended"), "past"));

async function listOf(api, before) {
  try {
    return await api.get(`/v1/policies${before ? `?before=${before}` : ""}`);
  } catch (error) {
    const all = Object.values(kept());
    if (!(error instanceof NoConnectionError) || before || !all.length) throw error;
    return { policies: all.map(({ policy }) => asOfNow(policy)), next: null, at: all[0].at };
  }
}

export async function policiesView(api, before) {
  const { policies, next, at } = await listOf(api, before);
  return title(t("我的保单", "My policies"), at ? withoutNetwork(at) : null,
    policies.length ? h("ul", { class: "cards" }, policies.map((policy) => h("li", {},
      link(`#/policies/${policy.policy_no}`, [
        h("b", {}, t(`${moment(policy.start)} 起 24 小时`, `24 h from ${moment(policy.start)}`)), standing(policy),
        h("small", {}, `${policy.policy_no} · ${t("保额", "sum insured")} ${yuan(policy.sum_insured_fen)}`)]))))
      : empty(t("还没有保单。到项目现场扫码打卡后，会显示在这里，永久可查。", "No policy yet. After your first check-in it stands here, for ever.")),
    policies.length ? link("#/beneficiaries", t("身故受益人：指定或变更", "Beneficiaries: designate or change"), { class: "button" }) : null,
    next ? link(`#/policies/before/${next}`, t("更早的保单", "Earlier policies"), { class: "button" }) : null);
}

const codeOf = ({ code }) => h("figure", { class: "code" }, h("img", { src: code, alt: t("保险凭证二维码", "QR code of the certificate") }),
  h("figcaption", {}, t("医院和现场可扫码验真，姓名只显示一个字，没有证件号", "Hospital and site can scan it; it shows a masked name and no ID number")));

export async function policyView(api, policyNo) {
  const { policy, certificate, at } = await found(api, policyNo);
  const isAhead = policy.status === "ISSUED" && Date.parse(policy.start) > now();
  return title(policy.in_force ? t("您已在保障中", "You are covered") : t("保单", "Policy"), at ? withoutNetwork(at) : null,
    h("section", { class: policy.in_force ? "finding good" : "finding past", "data-key": "standing" },
      h("span", { class: "mark", "aria-hidden": "true" }, policy.in_force ? "✓" : "–"),
      h("p", { class: "period" }, h("span", {}, t(`${moment(policy.start)} 起`, `from ${moment(policy.start)}`)), h("span", {}, t(`${moment(policy.end)} 止`, `to ${moment(policy.end)}`))),
      policy.in_force ? h("p", {}, t("还剩 ", "Left: "), countdown(policy.end)) : null, standing(policy)),
    takeTold().map((text) => h("p", { class: "notice", role: "status" }, text)),
    facts(
      certificate ? [t("用工项目", "Work project"), certificate.contract.project ?? "—", true] : null,
      certificate ? [t("用工单位", "You work for"), certificate.contract.employer ?? "—", true] : null,
      certificate ? [t("投保人（劳务公司）", "Policyholder (labour company)"), certificate.contract.policyholder ?? "—", true] : null,
      [t("保单号", "Policy number"), h("span", { class: "number" }, policy.policy_no), true],
      [t("被保险人", "Insured"), policy.insured_name],
      [t("保险金额", "Sum insured"), yuan(policy.sum_insured_fen)],
      [t("保障计划", "Plan"), policy.plan_id],
      [t("保费（公司承担）", "Premium (paid by the company)"), yuan(policy.premium_fen)],
      policy.ended ? [t("提前结束", "Ended early"), moment(policy.ended.at), true] : null),
    certificate ? panel(t("保险凭证", "Certificate"), codeOf(certificate), link(certificate.path, t("打开核验页面", "Open the verification page"), { class: "button" })) : null,
    panel(t("发生意外？", "Had an accident?"), h("p", {}, t("请先救治，再报案。", "Get treated first, then report it."), " ", link(`tel:${policy.hotline}`, policy.hotline)),
      link(`#/report/${policy.policy_no}`, t("报案", "Report an accident"), { class: "button main" })),
    certificate ? contractPanel(certificate.contract) : null,
    panel(t("保什么", "What is covered"), benefits(policy.plan)),
    exclusions(t(policy.exclusions, policy.exclusions_en)),
    wholeTerms(policy.terms),
    at || policy.status !== "ISSUED" ? null : rightsPanel(api, policy, isAhead));
}

/** Cover that has not begun can be cancelled; one that runs ends with the consent it rests on. */
function rightsPanel(api, policy, isAhead) {
  if (!isAhead && !policy.in_force) return null;
  return h("details", { class: "panel" }, h("summary", {}, t("不要这份保障了", "I do not want this cover")),
    isAhead
      ? form(t("取消这份保单", "Cancel this policy"), [
        h("p", { class: "hint" }, t("保障还没有开始，取消后不收保费。", "It has not begun: nothing is charged for it.")),
        field(t("原因", "Why"), select("reason", optionsOf(CANCEL_REASON), "NOT_NEEDED")),
      ], async (given) => {
        await api.post(`/v1/policies/${policy.policy_no}/cancellation`, { reason: given.get("reason") });
        await refresh();
      }, { tone: "danger" })
      : [h("p", {}, t("保障已经开始，不能取消；您可以撤回同意，保障随即结束，之前发生的事故仍可理赔。", "It has begun and can't be cancelled. You may withdraw your consent: it ends at once, and accidents before that are still paid.")),
        button(t("撤回同意，结束保障", "Withdraw my consent, end the cover"), async () => {
          await api.post("/v1/consents/withdrawal", { project_id: policy.project_id, kinds: Object.keys(CONSENT) });
          await refresh();
        }, { tone: "danger", sure: t("保障立即结束，这个项目上要重新同意才能再投保。确定？", "The cover ends at once, and it takes a new consent to be insured on this project again. Sure?") })]);
}

async function certificateOf(api, policyNo) {
  const path = `/v1/policies/${policyNo}/certificate`;
  const [facts_, code] = await Promise.all([api.get(`${path}?format=json`), api.picture(`${path}?format=svg`)]);
  return { path: hereOf(facts_.link, "/c/"), code, contract: facts_.contract };
}

/** What the contract says; shown to the insured alone. Its clauses are Chinese: they are the binding text. */
function contractPanel(contract) {
  const unknown = t("以总保单记载为准", "as the master policy says");
  return panel(t("合同内容", "The contract"), facts(
    [t("保险人", "Insurer"), [contract.insurer, h("small", {}, contract.insurer_address)], true],
    [t("投保人", "Policyholder"), [contract.policyholder ?? unknown, contract.policyholder_credit_code ? h("small", {}, contract.policyholder_credit_code) : null,
      h("small", {}, `${t("住所：", "Address: ")}${contract.policyholder_address ?? unknown}`)], true],
    [t("总保单号", "Master policy"), h("span", { class: "number" }, contract.master_policy_no), true],
    [t("被保险人", "Insured"), contract.insured],
    [t("用工项目", "Work project"), contract.project ?? "—", true],
    [t("工种和职业类别", "Occupation and class"), [h("span", { lang: "zh-CN" }, contract.occupation ?? "—"), ` · ${contract.occupation_class}`]],
    [t("保险标的", "Subject"), h("span", { lang: "zh-CN" }, contract.subject)],
    [t("合同订立时间", "Concluded"), moment(contract.concluded_at)],
    [t("身故受益人", "Beneficiaries of the death benefit"), [contract.designated ? t(`已指定 ${contract.designated} 人`, `${contract.designated} designated`) : t("未指定，为法定继承人", "nobody designated: the legal heirs"),
      " ", link("#/beneficiaries", t("指定或变更", "Designate or change"))], true],
    [t("保险费", "Premium"), [yuan(contract.premium_fen), h("small", { lang: "zh-CN" }, contract.premium)], true],
    [t("保险金给付", "Payment of claims"), h("small", { lang: "zh-CN" }, contract.payment), true],
    [t("违约责任和争议处理", "Breach and disputes"), h("small", { lang: "zh-CN" }, contract.disputes), true]));
}
