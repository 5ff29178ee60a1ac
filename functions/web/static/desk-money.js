// The company's money: its statements by day, one day, the credit of this moment, the figures of a month.

import { levelTag, movementsTable, owedState } from "./account.js";
import { bars } from "./chart.js";
import { booked, copied, moment, optionsOf, t, today, word, yuan } from "./client.js";
import { keepFile } from "./downloads.js";
import { moneyColumn, moneyTable, sums } from "./money.js";
import { button, done, empty, facts, field, form, go, h, input, link, panel, refusal, save, table, tag, title } from "./page.js";
import { DataTable } from "./table.js";
import { STATEMENT_STATUS } from "./words.js";

const TONE = { PAID: "good", OVERDUE: "bad" };
const statusTag = (status) => tag(word(STATEMENT_STATUS, status), TONE[status] ?? "warn");

/** `when` is a day, a month, or two days with ".." between them; without it the present month. */
export function statementView(api, company, when = today(-1).slice(0, 7)) {
  return /^\d{4}-\d\d-\d\d$/.test(when) ? dayView(api, company, when) : daysView(api, company, when);
}

// ---- statements by day

const lastOf = (month) => new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5, 7)), 0)).toISOString().slice(0, 10);

function monthBy(month, step) {
  const moved = new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5, 7)) - 1 + step, 1));
  return moved.toISOString().slice(0, 7);
}

const isRange = (when) => /^\d{4}-\d\d-\d\d\.\.\d{4}-\d\d-\d\d$/.test(when);
const isMonth = (when) => /^\d{4}-(0[1-9]|1[0-2])$/.test(when);

async function daysView(api, company, when) {
  const month = isMonth(when) ? when : today(-1).slice(0, 7);
  const [first, last] = isRange(when) ? when.split("..") : [`${month}-01`, lastOf(month)];
  const heading = t("日结账单", "Daily statements");
  const choose = [
    h("nav", { class: "tabs", "aria-label": t("月份", "Months") }, [-2, -1, 0].map((step) => monthBy(today().slice(0, 7), step)).map((one) =>
      link(`#/statements/${one}`, one, { "aria-current": !isRange(when) && one === month ? "page" : null }))),
    form(t("查看", "Show"), h("div", { class: "dates" }, [
      field(t("从", "From"), input("first", { type: "date", value: first, max: today() })),
      field(t("至", "To"), input("last", { type: "date", value: last })),
    ]), (given) => { go(`#/statements/${given.get("first")}..${given.get("last")}`); }, { label: t("选择期间，最多 92 天", "Choose the days, at most 92"), tone: "", inline: true, keep: false }),
  ];
  const path = `/v1/companies/${company}/statements?first=${first}&last=${last}`;
  let listed;
  try {
    listed = await api.get(path);
  } catch (error) {
    if (error.status !== 422) throw error;
    return title(heading, choose, refusal(error));
  }
  const { days } = listed;
  const overdue = days.filter(({ status }) => status === "OVERDUE");
  return title(heading, choose,
    overdue.length ? h("p", { class: "problem" }, t(`${overdue.length} 天的账单已逾期，合计 ${booked(sumOf(overdue, openOf))}。`, `${overdue.length} statements are overdue: ${booked(sumOf(overdue, openOf))} in all.`)) : null,
    sums([t("应付保费", "Premium due"), booked(listed.premium_fen)], [t("已付", "Paid"), booked(listed.paid_fen)], [t("未付", "Not paid"), booked(listed.open_fen), listed.open_fen > 0 ? "bad" : ""], [t("已出账天数", "Days closed"), days.length]),
    first <= today() && today() <= last ? h("p", {}, link(`#/statements/${today()}`, t("今日暂计（次日 00:30 出账）", "Today so far (closed at 00:30 tomorrow)"))) : null,
    days.length ? h("section", { class: "panel" }, premiumChart(days)) : null,
    days.length ? panel(t("下载", "Download"), downloads(api, path, `${first}-${last}`, sumOf(days, ({ line_count: count }) => count))) : null,
    days.length ? daysTable(heading, days).element : empty(t("这段时间没有已出具的账单。", "No statement was issued in these days.")));
}

const daysTable = (caption, days) => new DataTable({
  caption, tone: "money-table", rows: days, idOf: ({ day }) => day, total: t("合计", "Total"),
  columns: [
    { key: "day", name: t("日期", "Day"), cell: ({ day }) => link(`#/statements/${day}`, day), order: (a, b) => a.day.localeCompare(b.day) },
    { key: "status", name: t("状态", "State"), cell: ({ status }) => statusTag(status) },
    { key: "policies", name: t("保单数", "Policies"), cell: ({ policies }) => policies, order: (a, b) => a.policies - b.policies },
    moneyColumn("due", t("应付", "Due"), ({ premium_fen: fen }) => fen),
    moneyColumn("corrections", t("其中往日更正", "Of it corrections"), ({ corrections_fen: fen }) => fen),
    moneyColumn("paid", t("已付", "Paid"), ({ paid_fen: fen }) => fen),
    moneyColumn("open", t("未付", "Not paid"), openOf),
    { key: "due_on", name: t("应付日", "Due on"), cell: ({ due_on: on }) => on },
    { key: "payment", name: t("付款", "Payment"), cell: (one) => (one.paid_at ? [moment(one.paid_at), " ", h("span", { class: "number" }, one.reference === "DEPOSIT" ? t("预存保费", "deposit") : one.reference)] : "—") },
  ],
  filters: [{ name: "status", label: t("状态", "State"), options: optionsOf(STATEMENT_STATUS).filter(([code]) => days.some(({ status }) => status === code)), of: ({ status }) => status }],
  noneFits: t("没有符合的账单。", "No statement like that."),
});

const sumOf = (rows, of) => rows.reduce((sum, row) => sum + of(row), 0);
const openOf = (one) => (one.paid_at ? 0 : one.premium_fen);

function premiumChart(days) {
  const most = days.reduce((a, b) => (b.premium_fen > a.premium_fen ? b : a));
  return bars({
    title: t("每日应付保费（元）", "Premium due by day (CNY)"),
    says: t(`${days.length} 天，最高 ${most.day} ${booked(most.premium_fen)}；数字见下表。`, `${days.length} days, most on ${most.day}: ${booked(most.premium_fen)}; the numbers are in the table below.`),
    points: days.map((one) => ({ label: one.day.slice(5), value: one.premium_fen / 100, text: `${one.day} · ${booked(one.premium_fen)} · ${word(STATEMENT_STATUS, one.status)}`, tone: TONE[one.status] })),
    shown: (value) => value.toLocaleString("en-US", { maximumFractionDigits: 2 }),
  });
}

const SHEETS = [["days", "xlsx"], ["lines", "xlsx"], ["days", "csv"], ["lines", "csv"]];

function downloads(api, path, name, count) {
  const texts = { days: t("按日汇总", "By day"), lines: t(`全部明细 ${count} 条`, `All ${count} lines`) };
  return h("div", { class: "row" }, SHEETS.map(([rows, format]) => button(`${texts[rows]} ${format.toUpperCase()}`,
    () => keepFile(api, `${path}&format=${format}&rows=${rows}`, `daycover-${name}-${rows}.${format}`))));
}

// ---- one day

async function dayView(api, company, day) {
  return title(t("日结账单", "Daily statement"), h("p", { class: "back" }, link(`#/statements/${day.slice(0, 7)}`, t(`‹ ${day.slice(0, 7)} 的账单`, `‹ Statements of ${day.slice(0, 7)}`))),
    form(t("查看", "Show"), field(t("日期", "Day"), input("day", { type: "date", value: day, max: today() })),
      (given) => { go(`#/statements/${given.get("day")}`); }, { label: t("选择日期", "Choose the day"), tone: "", inline: true, keep: false }),
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
  const isOpen = statement.status === "OPEN";
  return [
    panel(`${statement.day}`, h("p", {}, statusTag(statement.status)),
      facts(
        [t("保单数", "Policies"), statement.policies],
        [isOpen ? t("暂计保费", "Premium so far") : t("保费", "Premium"), booked(statement.premium_fen)],
        [t("更正", "Corrections"), statement.corrections ? `${statement.corrections} · ${booked(statement.corrections_fen)}` : null],
        isOpen ? null : [t("应付日", "Due on"), statement.due_on],
        [isOpen ? t("统计截至", "As of") : t("出具时间", "Issued"), moment(statement.issued_at)]),
      statement.fewer_than_three ? tooFew() : null,
      statement.revision ? h("div", { class: "row" }, ["xlsx", "csv"].map((format) => button(t(`下载 ${format.toUpperCase()}`, `Download ${format.toUpperCase()}`), () => download(api, path, format))))
        : h("p", { class: "hint" }, t("当日仍在投保，金额会变动；次日 00:30 出账后可下载表格。", "The day still runs and its amounts change; its sheets are there from 00:30 of the next day."))),
    statement.endorsement ? endorsementPanel(statement.endorsement) : null,
    panel(t("按项目", "By project"), moneyTable(t("按项目", "By project"), [[t("项目", "Project"), (total) => nameOf(total.project_id)], [t("保单数", "Policies"), (total) => total.policies], [t("保费", "Premium"), (total) => total.premium_fen, true]],
      statement.projects, t("没有保单。", "No policies."), t("合计", "Total"))),
    panel(t("明细", "Lines"), statement.line_count > statement.lines.length && !statement.lines.length
      ? empty(t(`明细共 ${statement.line_count} 条，请下载。`, `${statement.line_count} lines: download them.`))
      : statement.lines.length ? linesTable(statement, nameOf).element : empty(t("没有保单。", "No policies."))),
  ];
}

const linesTable = ({ lines, projects }, nameOf) => new DataTable({
  caption: t("明细", "Lines"), tone: "money-table", rows: lines, idOf: ({ policy_no: number }) => number, total: t("合计", "Total"),
  search: { label: t("查找", "Search"), hint: t("姓名或保单号", "Name or policy number"), textOf: (line) => line.insured_name + line.policy_no },
  filters: projects.length > 1 ? [{ name: "project", label: t("项目", "Project"), options: projects.map(({ project_id: id }) => [id, nameOf(id)]), of: ({ project_id: id }) => id }] : [],
  columns: [
    { key: "policy", name: t("保单号", "Policy"), cell: (line) => h("span", { class: "number" }, line.policy_no) },
    { key: "name", name: t("姓名", "Name"), cell: (line) => line.insured_name, order: (a, b) => a.insured_name.localeCompare(b.insured_name, "zh") },
    { key: "project", name: t("项目", "Project"), cell: (line) => nameOf(line.project_id) },
    { key: "plan", name: t("计划", "Plan"), cell: (line) => line.plan_id },
    { key: "class", name: t("类别", "Class"), cell: (line) => line.occupation_class },
    { key: "start", name: t("保障开始", "From"), cell: (line) => moment(line.start), order: (a, b) => a.start.localeCompare(b.start) },
    { key: "end", name: t("保障结束", "To"), cell: (line) => moment(line.end) },
    moneyColumn("premium", t("保费", "Premium"), (line) => line.premium_fen),
    moneyColumn("refund", t("退费", "Refund"), (line) => line.refund_fen),
  ],
  noneFits: t("没有符合的保单。", "No policy like that."),
});

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

// ---- credit, deposit and how to pay

export async function creditView(api, company, month = today().slice(0, 7)) {
  const credit = await api.get(`/v1/companies/${company}/credit`);
  const { movements } = await api.get(`/v1/companies/${company}/deposit`); // after it: who is refused is refused once
  const prepaid = credit.billing === "PREPAID";
  const left = prepaid ? credit.deposit_fen - credit.exposure_fen : credit.limit_fen === null ? null : credit.limit_fen - credit.exposure_fen;
  return title(t("授信与月度", "Credit and months"),
    panel(prepaid ? t("预存保费", "Deposit") : t("授信", "Credit"), h("p", {}, levelTag(credit)),
      prepaid && credit.level !== "OK" ? h("p", { class: "problem" }, credit.level === "BLOCKED" ? t("预存保费已用完，新的打卡不能投保。到账后几秒内恢复。", "The deposit is used up: new check-ins get no cover. It is back seconds after money arrives.")
        : t("预存余额可能不够明天的保费，请尽快存入。", "The deposit may not last for tomorrow's premium: pay in soon.")) : null,
      !prepaid && credit.level !== "OK" ? h("p", { class: "problem" }, credit.level === "BLOCKED" ? t("授信已用完，新的打卡不能投保。付款登记后几秒内恢复。", "The credit is used up: new check-ins get no cover. It is back seconds after a payment is recorded.")
        : t("授信快用完了，请尽快付款。", "The credit is nearly used up: pay soon.")) : null,
      sums(
        prepaid || credit.deposit_fen ? [t("预存余额", "Deposit"), booked(credit.deposit_fen)] : null,
        prepaid ? null : [t("额度", "Limit"), credit.limit_fen === null ? t("不限", "none") : booked(credit.limit_fen)],
        [t("已用", "Used"), booked(credit.exposure_fen)],
        left === null ? null : [t("可用", "Left"), booked(left), left < 0 ? "bad" : ""]),
      moneyTable(t("未结清的日子", "Days not settled"), [[t("日期", "Day"), ({ day }) => link(`#/statements/${day}`, day)], [t("金额", "Owed"), ({ owed_fen: fen }) => fen, true], [t("状态", "State"), owedState]],
        credit.days, t("没有未结清的保费。", "Nothing is owed."), t("合计", "Total"))),
    howToPay(company, credit, prepaid),
    movements.length ? panel(t("预存保费明细", "Movements of the deposit"), movementsTable(movements)) : null,
    panel(t("月度", "Month"),
      form(t("查看", "Show"), field(t("月份", "Month"), input("month", { type: "month", value: month, pattern: "20\\d\\d-\\d\\d" })),
        (given) => { go(`#/credit/${given.get("month")}`); }, { label: t("选择月份", "Choose the month"), tone: "", inline: true, keep: false }),
      await monthOf(api, company, month)));
}

/** What to transfer, under which words. The account stands in the contract alone: a page that names one can be forged. */
function howToPay(company, credit, prepaid) {
  const closed = credit.days.filter((owed) => owed.closed && owed.owed_fen > 0);
  const due = sumOf(closed, ({ owed_fen: fen }) => fen);
  const said = h("div", { "aria-live": "polite" });
  const memo = (text) => [h("span", { class: "memo", lang: "zh-CN" }, text), " ", button(t("复制", "Copy"), async () => {
    said.replaceChildren(await copied(text) ? done(t("已复制。", "Copied.")) : t("请长按选中后复制。", "Select it and copy it."));
  }), said];
  const account = t("转账到《日结保合作协议》约定的保费账户。本页不显示账号；有人另给账号时，请先打电话向保险公司核实。",
    "Transfer to the premium account named in your contract. This page never shows one: if anybody gives you another account, call the insurer first.");
  const after = t("到账并由保险公司登记后几秒内生效，本页会显示凭证号。", "It counts seconds after the insurer has recorded it; the reference then shows here.");
  if (prepaid) {
    return panel(t("怎样存入保费", "How to pay in"), h("ol", { class: "pay" },
      h("li", {}, account),
      h("li", {}, t("附言填写：", "Give as the reference: "), memo(`${company} 预存`)),
      h("li", {}, credit.deposit_fen < credit.exposure_fen ? t(`至少存入 ${yuan(credit.exposure_fen - credit.deposit_fen)}，才够已产生的保费；请另加往后几天的。`, `At least ${yuan(credit.exposure_fen - credit.deposit_fen)} for what is owed, and more for the days to come.`)
        : t("金额不限；账单出具后从中扣缴，先出的先扣。", "Any amount: statements are paid from it as they are issued, the oldest first.")),
      h("li", {}, after)));
  }
  return panel(t("怎样付款", "How to pay"), closed.length ? h("ol", { class: "pay" },
    h("li", {}, account),
    h("li", {}, t(`每天的账单单独付款，金额与账单一致；已出账未付 ${closed.length} 天，共 ${booked(due)}。`, `Pay each day's statement by itself, to the fen; ${closed.length} are not paid, ${booked(due)} in all.`)),
    h("li", {}, t("附言填写公司编号和账单日，例如：", "Give the company's number and the day as the reference, for instance: "), memo(`${company} ${closed[0].day}`)),
    h("li", {}, after)) : done(t("没有要付的账单。", "No statement is to be paid.")));
}

async function monthOf(api, company, month) {
  try {
    const figures = await api.get(`/v1/companies/${company}/months/${month}`);
    const { service } = figures;
    return [h("p", { class: "back" }, link(`#/statements/${month}`, t(`${month} 的账单和下载`, `Statements of ${month}, and downloads`))), facts(
      [t("已出账天数", "Days closed"), figures.closed_days],
      [t("人天", "Person-days"), figures.people_days],
      [t("保费", "Premium"), booked(figures.premium_fen)],
      [t("已付赔款", "Claims paid"), booked(figures.claims_paid_fen)],
      [t("已发生赔款", "Claims incurred"), booked(figures.incurred_fen)], [t("未决赔款", "Claims outstanding"), booked(figures.outstanding_fen)],
      [t("赔付率", "Loss ratio"), figures.loss_ratio_bps === null ? "—" : `${(figures.loss_ratio_bps / 100).toFixed(2)}%`],
      service.claims_paid ? [t("两个工作日内支付", "Paid within two working days"), `${service.paid_in_time} / ${service.claims_paid}`] : null)];
  } catch (error) {
    return refusal(error);
  }
}
