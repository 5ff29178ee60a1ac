// Finance: the insurer's book of a day, what is settled with the insurer, and one company's account.

import { levelTag, movementsTable, owedState } from "./account.js";
import { AMOUNT, booked, fenOf, moment, t, today, word } from "./client.js";
import { keepFile } from "./downloads.js";
import { moneyTable, sums } from "./money.js";
import { button, facts, field, form, go, h, input, link, panel, refresh, refusal, table, tag, title } from "./page.js";
import { BILLING, POSITION, SETTLEMENT_STATUS } from "./words.js";

const number = (text) => h("span", { class: "number" }, text);
const referenceField = () => field(t("银行凭证号", "Bank reference"), input("reference", { maxlength: "64" }), t("同一凭证号再次登记不会重复记账", "The same reference again changes nothing"));
const amountField = (fen) => field(t("金额（元）", "Amount (yuan)"), input("amount", { inputmode: "decimal", pattern: AMOUNT, value: fen ? (Math.abs(fen) / 100).toFixed(2) : "" }));

export function tabs(me, here, day) {
  const names = [["book", t("业务日报", "Book"), me.may("readBook"), `#/book/${day}`], ["trends", t("走势", "Trends"), me.may("readBook"), "#/trends"], ["settlements", t("保险公司结算", "Settlement with the insurer"), me.may("readSettlements"), `#/settlements/${day}`],
    ["accounts", t("账户", "Accounts"), me.may("listCompanyAccounts"), "#/accounts"], ["unpaid", t("未付账单", "Unpaid statements"), me.may("listCompanyAccounts"), "#/accounts/unpaid"]];
  return h("nav", { class: "tabs", "aria-label": t("业务日报", "Book") }, names.filter(([, , may]) => may).map(([name, text, , hash]) =>
    link(hash, text, { "aria-current": name === here ? "page" : null })));
}

const chooseDay = (name, day) => form(t("查看", "Show"), field(t("日期", "Day"), input("day", { type: "date", value: day, max: today() })),
  (given) => { go(`#/${name}/${given.get("day")}`); }, { label: t("选择日期", "Choose the day"), tone: "", inline: true });

// ---- the book

export async function bookView(api, me, day = today(-1)) {
  const choose = form(t("查看", "Show"), field(t("日期", "Day"), input("day", { type: "date", value: day, max: today() })),
    (given) => { go(`#/book/${given.get("day")}`); }, { label: t("选择日期", "Choose the day"), tone: "", inline: true });
  let book;
  try {
    book = await api.get(`/v1/staff/book/${day}`);
  } catch (error) {
    return title(t("业务日报", "Book"), tabs(me, "book", day), choose, refusal(error));
  }
  return title(t("业务日报", "Book"), tabs(me, "book", day), choose,
    facts([t("公司数", "Companies"), book.companies], [t("保单数", "Policies"), book.policies], [t("保费", "Premium"), booked(book.premium_fen)], [t("已付赔款", "Claims paid"), booked(book.claims_paid_fen)],
      [t("已发生赔款", "Claims incurred"), booked(book.incurred_fen)], [t("未决赔款", "Claims outstanding"), booked(book.outstanding_fen)]),
    book.below_three.length ? panel(t("名单不足三人的公司", "Companies with fewer than three insured"),
      h("p", { class: "notice" }, t("总保单下当日名单不足三人（保监发〔2015〕14号），请核对是否属于团体保险；保障有效，不拦截出单。",
        "The day's list under the master policy names fewer than three people (保监发〔2015〕14号): see whether it is group insurance. The cover stands and nothing is blocked.")),
      h("ul", {}, book.below_three.map((company) => h("li", { class: "number" }, company)))) : null,
    table(t("按类别", "By class"), [t("职业类别", "Class"), t("计划", "Plan"), t("保单数", "Policies"), t("保费", "Premium")],
      book.classes.map((line) => [line.occupation_class, line.plan_id, line.policies, booked(line.premium_fen)]), t("没有保单。", "No policies.")),
    table(t("赔款", "Claims"), [t("职业类别", "Class"), t("计划", "Plan"), t("已付", "Paid"), t("已发生", "Incurred"), t("未决", "Outstanding")],
      book.claims.map((line) => [line.occupation_class ?? "—", line.plan_id ?? "—", booked(line.paid_fen), booked(line.incurred_fen), booked(line.outstanding_fen)]), t("没有赔款。", "No claims.")));
}

// ---- settlement with the insurer

export async function settlementsView(api, me, day = today(-1)) {
  const top = [tabs(me, "settlements", day), chooseDay("settlements", day)];
  let read;
  try {
    read = await api.get(`/v1/staff/settlements/${day}`);
  } catch (error) {
    return title(t("保险公司结算", "Settlement with the insurer"), ...top, refusal(error));
  }
  return title(t("保险公司结算", "Settlement with the insurer"), ...top,
    read.missing.length ? h("p", { class: "problem" }, t(`还有 ${read.missing.length} 家公司没有该日账单，金额仍可能变动，不能登记：`, `${read.missing.length} companies have no statement of the day; amounts may change and nothing can be recorded: `),
      read.missing.slice(0, 20).map((company) => [" ", number(company)])) : null,
    read.settlements.map((one) => settlementPanel(api, me, one)));
}

function settlementPanel(api, me, one) {
  const tone = { OPEN: "warn", DUE: "warn", SETTLED: "good" }[one.status];
  const premium = one.position === "PREMIUM";
  const record = () => form(premium ? t("登记解付", "Record the remittance") : t("登记拨付", "Record the funding"), [
    h("div", { class: "columns" }, amountField(one.open_fen), referenceField()),
  ], (given) => api.post(`/v1/staff/settlements/${one.day}/${one.position}/transfers`,
    { amount_fen: Math.sign(one.open_fen) * fenOf(given.get("amount")), reference: given.get("reference").trim() }).then(refresh),
  { label: word(POSITION, one.position) });
  return panel(word(POSITION, one.position), h("p", {}, tag(word(SETTLEMENT_STATUS, one.status), tone)),
    sums([t("应结", "Due"), booked(one.due_fen)], [t("已结", "Settled"), booked(one.settled_fen)], [t("未结", "Left"), booked(one.open_fen), one.open_fen && one.status === "DUE" ? "bad" : ""]),
    one.shares.length ? moneyTable(t("按公司", "By company"), [
      [t("公司", "Company"), (share) => [share.company_name, share.company_name ? h("br") : null, number(share.company_id)]],
      ...(premium ? [[t("收到保费", "Collected"), (share) => share.collected_fen, true], [t("佣金", "Commission"), (share) => share.commission_fen, true], [t("应解付", "Due"), (share) => share.due_fen, true]]
        : [[t("支付赔款", "Claims paid"), (share) => share.due_fen, true]])], one.shares, "", t("合计", "Total")) : null,
    one.shares.length && me.may("downloadSettlement") ? h("div", { class: "row" }, ["xlsx", "csv"].map((format) => button(t(`下载 ${format.toUpperCase()}`, `Download ${format.toUpperCase()}`),
      () => keepFile(api, `/v1/staff/settlements/${one.day}/${one.position}?format=${format}`, `daycover-${one.position}-${one.day}.${format}`)))) : null,
    one.transfers.length ? table(t("已登记的款项", "Transfers"), [t("凭证号", "Reference"), t("金额", "Amount"), t("登记人", "Recorded by"), t("时间", "At")],
      one.transfers.map((transfer) => [number(transfer.reference), booked(transfer.amount_fen), transfer.recorded_by, moment(transfer.at)])) : null,
    one.status === "DUE" && me.may("recordTransfer") ? record() : null);
}

// ---- a company's account

/** What a company owes and paid in, and what finance records of it. */
export async function accountPanel(api, me, company) {
  const path = `/v1/staff/companies/${company}`;
  const [credit, { movements }] = await Promise.all([api.get(`${path}/credit`), me.may("readCompanyDeposit") ? api.get(`${path}/deposit`) : { movements: [] }]);
  const prepaid = credit.billing === "PREPAID";
  const pay = (owed) => form(t("登记付款", "Record the payment"), [amountField(owed.owed_fen), referenceField()],
    (given) => api.post(`${path}/statements/${owed.day}/payment`, { amount_fen: Math.sign(owed.owed_fen) * fenOf(given.get("amount")), reference: given.get("reference").trim() }).then(refresh),
    { label: t(`${owed.day} 的付款`, `Payment of ${owed.day}`), tone: "" });
  const money = (name, text, label) => h("details", { class: "later" }, h("summary", {}, text), form(text, [amountField(), referenceField()],
    (given) => api.post(`${path}/${name}`, { amount_fen: fenOf(given.get("amount")), reference: given.get("reference").trim() }).then(refresh), { label }));
  return panel(t("账户", "Account"), h("p", {}, tag(word(BILLING, credit.billing), ""), " ", levelTag(credit)),
    facts(
      [t("授信额度", "Credit limit"), prepaid ? null : credit.limit_fen === null ? t("不限额", "no limit") : booked(credit.limit_fen)],
      [t("预存余额", "Deposit"), prepaid || credit.deposit_fen ? booked(credit.deposit_fen) : null],
      [t("未结保费", "Owed"), booked(credit.exposure_fen)],
      [t("超出", "Above the allowance"), credit.overshoot_fen ? booked(credit.overshoot_fen) : null]),
    table(t("未结清的日子", "Days not settled"), [t("日期", "Day"), t("金额", "Owed"), t("状态", "State"), t("登记", "Record")],
      credit.days.map((owed) => [owed.day, booked(owed.owed_fen), owedState(owed),
        owed.closed && me.may("recordPayment") ? pay(owed) : "—"]), t("没有未结清的保费。", "Nothing is owed.")),
    movementsTable(movements),
    !prepaid && me.may("setCreditLimit") ? limitForm(api, path, credit) : null,
    prepaid && me.may("payInDeposit") ? money("deposits", t("登记存入", "Record a deposit"), t("存入", "Paid in")) : null,
    credit.deposit_fen && me.may("refundDeposit") ? money("deposit-refunds", t("登记退回", "Record a refund"), t("退回", "Refunded")) : null);
}

function limitForm(api, path, credit) {
  const amount = input("limit", { required: false, inputmode: "decimal", pattern: AMOUNT, value: credit.limit_fen === null ? "" : (credit.limit_fen / 100).toFixed(2) });
  return h("details", { class: "later" }, h("summary", {}, t("变更授信额度", "Change the credit limit")), form(t("变更授信额度", "Change the credit limit"),
    [field(t("授信额度（元）", "Credit limit (yuan)"), amount, t("留空为不限额", "Empty for no limit"))],
    (given) => api.post(`${path}/credit-limit`, { limit_fen: given.get("limit").trim() ? fenOf(given.get("limit")) : null }).then(refresh), { label: t("授信额度", "Credit limit") }));
}
