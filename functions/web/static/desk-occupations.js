// Work that the occupation table does not list: the company states it, an underwriter answers, the answer is kept.

import { moment, optionsOf, t, word } from "./client.js";
import { done, empty, facts, field, form, h, input, panel, refresh, select, tag, title, words } from "./page.js";
import { OCCUPATION_REFERRAL_STATUS, OCCUPATION_VERDICT, SCENE } from "./words.js";

/** The tone of an acceptance, which is also that of an underwriter's verdict. */
export const TONE = { ACCEPT: "good", REFER: "warn", REFUSE: "bad", LISTED: "good" };

/** One exclusion of an occupation, or a clause that may become one. */
export const notCovered = (own) => t(`不赔：${own.text_zh}`, `Not covered: ${own.text_en}`);

/** What the work is, as the company stated it; staff read the same. */
export const stated = (referral) => [
  [t("做什么", "What is done"), referral.tasks, true],
  [t("在哪里", "Where"), `${referral.place} · ${word(SCENE, referral.scene)}`],
  [t("离地高度", "Height"), t(`${referral.height_m} 米`, `${referral.height_m} m`)],
  [t("工具和机器", "Tools and machines"), referral.tools],
  [t("证件", "Certificates"), referral.certificates],
];

/** How far it is: an answer that is late is said to be late. */
export const stateOf = (referral) => [
  tag(word(OCCUPATION_REFERRAL_STATUS, referral.status), referral.status === "WAITING" ? "warn" : "good"),
  referral.status === "WAITING" ? t(` 期限 ${moment(referral.due_at)}`, ` due ${moment(referral.due_at)}`) : null,
  referral.overdue ? tag(t("已超时，仍在等待", "Late, still waiting"), "bad") : null,
];

export async function occupationsView(api, me, typed = "") {
  const path = `/v1/companies/${me.company}/occupation-referrals`;
  const { referrals } = await api.get(path);
  return title(t("职业表外工种", "Work that the table does not list"),
    h("p", { class: "lead" }, t("职业表里找不到的工种，请写清楚做什么，核保员在 24 小时内答复类别或不予承保的理由。确认后，新建项目时可以查到并选用。",
      "State what the work is: an underwriter answers within 24 hours with its class, or why it is not insured. Once confirmed it is found when you open a project.")),
    me.may("referOccupation") ? askForm(api, path, decodeURIComponent(typed)) : null,
    referrals.length ? referrals.map((referral) => referralPanel(referral)) : empty(t("还没有申请。", "Nothing was asked.")));
}

function askForm(api, path, name) {
  return form(t("请核保员确认", "Ask an underwriter"), [
    field(t("工种叫什么", "What is it called"), input("name", { minlength: "2", maxlength: "40", value: name })),
    field(t("做什么", "What is done"), words("tasks"), t("只写工作，不写姓名、电话和证件号码", "The work only: no names, phone or document numbers")),
    h("div", { class: "columns" },
      field(t("在哪里做", "Where"), input("place", { maxlength: "200" })),
      field(t("场景", "Scene"), select("scene", optionsOf(SCENE), "OTHERS")),
      field(t("最高的作业面离地（米）", "Highest place of work above the ground (m)"), input("height_m", { type: "number", step: "any", min: "0", max: "1000" }))),
    field(t("用什么工具和机器", "Tools and machines"), input("tools", { maxlength: "200" })),
    field(t("有什么证件", "Certificates"), input("certificates", { maxlength: "200" }), t("没有请写“没有”", "Write “none” if there are none")),
  ], async (given) => {
    const text = Object.fromEntries(given);
    const referral = await api.post(path, { ...text, height_m: Number(text.height_m) });
    await refresh();
    document.querySelector("main h1")?.after(done(referral.status === "WAITING"
      ? t(`已提交，最迟 ${moment(referral.due_at)} 答复。`, `Sent; it is answered by ${moment(referral.due_at)}.`)
      : t("这个工种已有答复，见下。", "This work was answered already, see below.")));
  });
}

function referralPanel(referral) {
  const { answer } = referral;
  return panel(referral.name,
    h("p", {}, stateOf(referral)),
    answer ? h("p", { class: "notice" }, tag(word(OCCUPATION_VERDICT, answer.verdict), TONE[answer.verdict]), " ",
      answer.occupation_class ? t(`${answer.name_zh} · ${answer.occupation_class} 类。`, `${answer.name_en}, class ${answer.occupation_class}. `) : null,
      answer.listed_code ? t(`新建项目时查“${referral.name}”即可选用。`, `Search “${referral.name}” when you open a project. `) : null,
      t(answer.reason_zh, answer.reason_en)) : null,
    answer ? answer.exclusions.map((own) => h("p", { class: "hint" }, notCovered(own))) : null,
    facts(...stated(referral)));
}
