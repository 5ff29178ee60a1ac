// Work that the occupation table does not list, as companies stated it: an underwriter answers once and for all.

import { notCovered, stated, stateOf } from "./desk-occupations.js";
import { moment, optionsOf, t } from "./client.js";
import { empty, facts, field, form, h, input, panel, refresh, select, tick, title } from "./page.js";
import { OCCUPATION_VERDICT } from "./words.js";

export async function occupationsToAnswerView(api, me) {
  const { referrals, clauses } = await api.get("/v1/staff/occupation-referrals");
  return title(t("职业表外工种", "Work that the table does not list"),
    h("p", { class: "lead" }, t("请在 24 小时内答复。答复一经提交即对该公司生效，不能更改；五类和六类由高级岗位答复。",
      "Answer within 24 hours. An answer holds for the company at once and is not changed; class 5 and 6 are a senior's.")),
    referrals.length ? referrals.map((referral) => panel(`${referral.name} · ${referral.company_name}`,
      h("p", {}, stateOf(referral)),
      facts(...stated(referral), [t("提出", "Asked"), moment(referral.asked_at)]),
      me.may("answerOccupation") ? answerForm(api, referral, clauses) : null)) : empty(t("没有等待答复的工种。", "Nothing waits for an answer.")));
}

function answerForm(api, referral, clauses) {
  const classes = [1, 2, 3, 4, 5, 6];
  const entry = h("fieldset", { class: "columns" }, h("legend", {}, t("类别", "Class")),
    field(t("职业类别", "Class"), select("occupation_class", classes.map((number) => [String(number), t(`${number} 类`, `class ${number}`)]), "4"), t("五类和六类由高级岗位答复；六类须选“每名工人须人工核保”", "5 and 6 are a senior's; with 6 each worker is referred")),
    field(t("工种名称（中文）", "Name in Chinese"), input("name_zh", { minlength: "2", maxlength: "40", value: referral.name })),
    field(t("工种名称（英文）", "Name in English"), input("name_en", { minlength: "2", maxlength: "40" })),
    h("div", { class: "wide" }, clauses.map((clause) => tick("exclusions", clause.code, notCovered(clause)))));
  const chosen = select("listed_code", [], "");
  const search = input("query", { type: "search", required: false, maxlength: "40", on: { change: async () => {
    const { occupations } = await api.get(`/v1/occupations?query=${encodeURIComponent(search.value.trim())}`);
    chosen.replaceChildren(...occupations.map((row) => h("option", { value: row.code }, t(`${row.name_zh} · ${row.occupation_class} 类`, `${row.name_en} · class ${row.occupation_class}`))));
  } } });
  const listed = h("fieldset", { disabled: true, hidden: true }, h("legend", {}, t("职业表中的工种", "Occupation of the table")),
    field(t("查工种", "Search the occupation"), search), field(t("工种", "Occupation"), chosen));
  const verdict = select("verdict", optionsOf(OCCUPATION_VERDICT), "ACCEPT");
  const adapt = () => {
    entry.hidden = entry.disabled = !["ACCEPT", "REFER"].includes(verdict.value);
    listed.hidden = listed.disabled = verdict.value !== "LISTED";
  };
  verdict.addEventListener("change", adapt);
  return form(t("答复", "Answer"), [
    field(t("结论", "Verdict"), verdict), entry, listed,
    field(t("理由（中文）", "Reason in Chinese"), input("reason_zh", { maxlength: "200" })),
    field(t("理由（英文）", "Reason in English"), input("reason_en", { maxlength: "200" })),
  ], async (given) => {
    const { exclusions: _, query: __, occupation_class: number, ...text } = Object.fromEntries(given);
    const body = { ...text, ...(number ? { occupation_class: Number(number), exclusions: given.getAll("exclusions") } : {}) };
    await api.post(`/v1/staff/companies/${referral.company_id}/occupation-referrals/${referral.referral_id}/answer`, body);
    await refresh();
  }, { label: t(`答复：${referral.name}`, `Answer: ${referral.name}`) });
}
