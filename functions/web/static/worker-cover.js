// What a worker's pages show of cover: how one stands, what a plan pays and what it does not, what was consented to.

import { hereOf, listed, moment, now, speaks, t, word, yuan } from "./client.js";
import { every, facts, h, link, panel, redrawn } from "./page.js";

/** Under what a phone keeps its owner's policies (`worker-policies.js`): {policy_no: {policy, certificate, at}}. */
export const KEPT_POLICIES = "daycover.policies";

export const CONSENT = {
  TERMS_SHOWN: ["保险条款和免责说明", "Terms and exclusions"],
  SUM_INSURED: ["同意投保及保险金额", "Being insured, and the sum"],
  SENSITIVE_DATA: ["敏感个人信息", "Sensitive personal data"],
  SHARE_WITH_INSURER: ["提供给保险公司", "Sharing with the insurer"],
};

// ---- how one stands

/** One card that says how the worker stands: `tone` good, warn or bad. */
export const statusCard = (tone, heading, ...more) =>
  h("section", { class: `status ${tone}`, "data-key": "status" }, h("h2", {}, heading), more);

/** The time left until an instant, counted down in sight while the view stands. `over` is done as it comes. */
export function countdown(instant, over = redrawn) {
  const left = h("b", { class: "left", role: "timer" });
  const show = () => {
    const seconds = Math.max(0, Math.round((Date.parse(instant) - now()) / 1000));
    left.textContent = timeLeft(seconds);
    return seconds;
  };
  let before = show();
  every(1, () => {
    const seconds = show();
    if (before && !seconds) over();
    before = seconds;
  });
  return left;
}

function timeLeft(seconds) {
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  if (hours) return t(`${hours} 小时 ${minutes} 分`, `${hours} h ${minutes} min`);
  return minutes >= 10 ? t(`${minutes} 分钟`, `${minutes} min`) : t(`${minutes} 分 ${rest} 秒`, `${minutes} min ${rest} s`);
}

/** What a standing cover says: until when, or from when it begins. */
export function coverCard(cover, ...more) {
  const isAhead = Date.parse(cover.start) > now();
  return statusCard("good", isAhead ? t("已续保", "Your next cover is bought") : t("您已在保障中", "You are covered"),
    h("p", { class: "until" }, isAhead ? t(`${moment(cover.start)} 起 24 小时`, `24 h from ${moment(cover.start)}`) : t(`保障到 ${moment(cover.end)}`, `until ${moment(cover.end)}`)),
    isAhead ? null : h("p", {}, t("还剩 ", "Left: "), countdown(cover.end)),
    link(`#/policies/${cover.policy_no}`, t("查看保单和二维码", "Policy and its code"), { class: "button" }), more);
}

// ---- what a plan pays

const percent = (basisPoints) => `${basisPoints / 100}%`;

export function benefits(plan) {
  const { benefits: pays } = plan;
  return facts(
    [t("意外身故、伤残", "Death, disability"), yuan(plan.sum_insured_fen)],
    [t("猝死", "Sudden death"), pays.sudden_death_fen ? yuan(pays.sudden_death_fen) : null],
    [t("意外医疗限额", "Medical limit"), yuan(pays.medical_limit_fen)],
    [t("医疗免赔额、比例", "Medical deductible, ratio"), listed([yuan(pays.medical_deductible_fen), percent(pays.medical_ratio_bps)])],
    [t("住院津贴（每天）", "Hospital allowance a day"), pays.hospital_daily_fen ? yuan(pays.hospital_daily_fen) : null],
    [t("误工津贴（每天）", "Lost income a day"), pays.lost_income_daily_fen ? yuan(pays.lost_income_daily_fen) : null],
    [t("津贴免赔天数", "Waiting days"), t(`${pays.waiting_days} 天，每次最多 ${pays.days_per_accident} 天`, `${pays.waiting_days}, at most ${pays.days_per_accident} days`)],
    [t("救护车", "Ambulance"), pays.ambulance_limit_fen ? yuan(pays.ambulance_limit_fen) : null]);
}

/** The whole terms open beside the page, so that what was typed stays. */
export const wholeTerms = (terms) => h("p", {}, link(hereOf(terms.link, "/v1/terms/"), t(`阅读完整条款《${terms.name}》`, "Read the whole terms"), { target: "_blank", rel: "noopener" }),
  h("small", {}, ` ${t("版本", "version")} ${terms.version} · ${t("备案号", "filing number")} ${terms.filing_no}`));

export const exclusions = (list) => panel(t("这些情况不赔", "Not covered"), h("ul", { class: "exclusions" }, list.map((line) => h("li", {}, line))));

// ---- what was consented to

export const consentText = (consent, ...more) => h("article", { class: "consent" }, h("h3", {}, word(CONSENT, consent.kind)), readable(consent), more);

/** A text that is agreed to: in English its meaning first, and the Chinese that binds folded below. */
export function readable({ text, text_en: english }) {
  const binding = h("p", { lang: "zh-CN" }, text);
  return speaks() !== "en" || !english ? binding
    : [h("p", { lang: "en" }, english), h("details", {}, h("summary", {}, "The binding text, in Chinese"), binding)];
}
