// The company's money: the statement of a day, the credit of this moment, the figures of a month.

import { levelTag, movementsTable, owedState } from "./account.js";
import { booked, moment, t, today, word } from "./client.js";
import { button, empty, facts, field, form, go, h, input, panel, refusal, save, table, tag, title } from "./page.js";
import { STATEMENT_STATUS } from "./words.js";

export async function statementView(api, company, day = today(-1)) {
  return title(t("日结账单", "Daily statement"),
    form(t("查看", "Show"), field(t("日期", "Day"), input("day", { type: "date", value: day, max: today() })),
      (given) => { go(`#/statements/${given.get("day")}`); }, { label: t("选择日期", "Choose the day"), tone: "", inline: true }),
    await statementOf(api, company, day));
}

async function statementOf(api, company, day) {
  const path = `/v1/companies/${company}/statements/${day}`;
  let statement;
  let projects;
  try {
    [statement, { projects }] = await Promise.all([api.get(path), api.get(`/v1/companies/${company}/projects`)]);
  } catch (error) {
    if (error.status !== 404) throw error;
    return [h("p", { class: "notice" }, t(`${day} 还没有账单。账单在次日 00:30 之后出具。`, `There is no statement of ${day} yet. A day closes at 00:30 of the next.`))];
  }
  const nameOf = (projectId) => projects.find((project) => project.project_id === projectId)?.name ?? projectId;
  const tone = { PAID: "good", OVERDUE: "bad" }[statement.status] ?? "warn";
  return [
    panel(`${statement.day}`, h("p", {}, tag(word(STATEMENT_STATUS, statement.status), tone)),
      facts(
        [t("保单数", "Policies"), statement.policies],
        [t("保费", "Premium"), booked(statement.premium_fen)],
        [t("更正", "Corrections"), statement.corrections ? `${statement.corrections} · ${booked(statement.corrections_fen)}` : null],
        [t("应付日", "Due on"), statement.due_on],
        [t("出具时间", "Issued"), moment(statement.issued_at)]),
      statement.fewer_than_three ? tooFew() : null,
      h("div", { class: "row" }, ["csv", "xlsx"].map((format) => button(t(`下载 ${format.toUpperCase()}`, `Download ${format.toUpperCase()}`), () => download(api, path, format))))),
    statement.endorsement ? endorsementPanel(statement.endorsement) : null,
    panel(t("按项目", "By project"), table(t("按项目", "By project"), [t("项目", "Project"), t("保单数", "Policies"), t("保费", "Premium")],
      statement.projects.map((total) => [nameOf(total.project_id), total.policies, booked(total.premium_fen)]), t("没有保单。", "No policies."))),
    panel(t("明细", "Lines"), statement.lines === null
      ? empty(t("明细太多，请下载。", "Too many lines: download them."))
      : table(t("明细", "Lines"), [t("保单号", "Policy"), t("姓名", "Name"), t("计划", "Plan"), t("类别", "Class"), t("保障开始", "From"), t("保障结束", "To"), t("保费", "Premium"), t("退费", "Refund")],
        statement.lines.map((line) => [h("span", { class: "number" }, line.policy_no), line.insured_name, line.plan_id, line.occupation_class, moment(line.start), moment(line.end),
          booked(line.premium_fen), line.refund_fen ? booked(line.refund_fen) : "—"]), t("没有保单。", "No policies."))),
  ];
}

const tooFew = () => h("p", { class: "notice" }, t("当日名单不足三人。团体保险一般要求三人以上,保险公司会看到这一提示;保障照常有效。",
  "The day's list names fewer than three people. Group insurance asks for three; the insurer sees this note, and the cover stands."));

/** The day's list of insured as an endorsement to the master policy; the list itself is the download. */
function endorsementPanel(endorsement) {
  return panel(t("被保险人名单批单", "Endorsement: the list of insured"),
    facts(
      [t("总保单号", "Master policy"), h("span", { class: "number" }, endorsement.master_policy_no), true],
      [t("批单号", "Number"), endorsement.number],
      [t("承保保单数", "Policies on it"), endorsement.policies],
      [t("替代批单", "Replaces"), endorsement.replaces]),
    endorsement.corrections.length ? table(t("更正往日名单", "Corrections of earlier lists"), [t("日期", "Day"), t("原批单", "Endorsement"), t("增加", "Added"), t("减少", "Removed"), t("提示", "Note")],
      endorsement.corrections.map((day) => [day.day, day.number ?? "—", day.added, day.removed, day.fewer_than_three ? t("更正后不足三人", "fewer than three now") : "—"])) : null,
    h("p", { class: "hint" }, t("名单即上方下载的明细,文件名含批单号。", "The list is the download above; its file name has the number.")));
}

/** The link needs no token and lasts five minutes; the store names the file. */
async function download(api, path, format) {
  const { url } = await api.get(`${path}?format=${format}`);
  save(url);
}

export async function creditView(api, company, month = today().slice(0, 7)) {
  const credit = await api.get(`/v1/companies/${company}/credit`);
  const { movements } = await api.get(`/v1/companies/${company}/deposit`); // after it: who is refused is refused once
  const prepaid = credit.billing === "PREPAID";
  return title(t("授信与月度", "Credit and months"),
    panel(prepaid ? t("预存保费", "Deposit") : t("授信", "Credit"), h("p", {}, levelTag(credit)),
      prepaid && credit.level !== "OK" ? h("p", { class: "problem" }, credit.level === "BLOCKED" ? t("预存保费已用完，新的打卡不能投保。到账后几秒内恢复。", "The deposit is used up: new check-ins get no cover. It is back seconds after money arrives.")
        : t("预存余额可能不够明天的保费，请尽快存入。", "The deposit may not last for tomorrow's premium: pay in soon.")) : null,
      facts(
        [t("额度", "Limit"), prepaid ? null : credit.limit_fen === null ? t("不限", "none") : booked(credit.limit_fen)],
        [t("预存余额", "Deposit"), prepaid || credit.deposit_fen ? booked(credit.deposit_fen) : null],
        [t("已用", "Used"), booked(credit.exposure_fen)],
        [t("可用", "Left"), prepaid ? booked(credit.deposit_fen - credit.exposure_fen) : null],
        [t("超出", "Above the limit"), credit.overshoot_fen ? booked(credit.overshoot_fen) : null]),
      table(t("未结清的日子", "Days not settled"), [t("日期", "Day"), t("金额", "Owed"), t("状态", "State")],
        credit.days.map((owed) => [owed.day, booked(owed.owed_fen), owedState(owed)]),
        t("没有未结清的保费。", "Nothing is owed.")),
      movementsTable(movements)),
    panel(t("月度", "Month"),
      form(t("查看", "Show"), field(t("月份", "Month"), input("month", { type: "month", value: month, pattern: "20\\d\\d-\\d\\d" })),
        (given) => { go(`#/credit/${given.get("month")}`); }, { label: t("选择月份", "Choose the month"), tone: "", inline: true }),
      await monthOf(api, company, month)));
}

async function monthOf(api, company, month) {
  try {
    const figures = await api.get(`/v1/companies/${company}/months/${month}`);
    return facts(
      [t("已出账天数", "Days closed"), figures.closed_days],
      [t("人天", "Person-days"), figures.people_days],
      [t("保费", "Premium"), booked(figures.premium_fen)],
      [t("已付赔款", "Claims paid"), booked(figures.claims_paid_fen)],
      [t("已发生赔款", "Claims incurred"), booked(figures.incurred_fen)], [t("未决赔款", "Claims outstanding"), booked(figures.outstanding_fen)],
      [t("赔付率", "Loss ratio"), figures.loss_ratio_bps === null ? "—" : `${(figures.loss_ratio_bps / 100).toFixed(2)}%`]);
  } catch (error) {
    return refusal(error);
  }
}
