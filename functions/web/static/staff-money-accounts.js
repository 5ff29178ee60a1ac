// Finance: the accounts of all companies, and their unpaid statements, of which one bank transfer may pay several.

import { levelTag } from "./account.js";
import { Batch } from "./batch.js";
import { AMOUNT, booked, fenOf, optionsOf, t, today, word } from "./client.js";
import { moneyColumn, sums } from "./money.js";
import { button, confirmed, field, h, input, link, point, refresh, refusal, title } from "./page.js";
import { tabs } from "./staff-money.js";
import { DataTable } from "./table.js";
import { BILLING, CREDIT_LEVEL } from "./words.js";

const LEVELS = Object.keys(CREDIT_LEVEL);
const totalOf = (rows, fen) => rows.reduce((sum, row) => sum + fen(row), 0);
const byText = (of) => (a, b) => of(a).localeCompare(of(b), "zh-CN");
const orUnlimited = (fen) => (fen === null ? t("不限额", "no limit") : booked(fen));
const search = () => ({ label: t("公司名称或编号", "Company's name or id"), textOf: ({ name, company_id: id, day = "" }) => `${name} ${id} ${day}` });
const levelFilter = () => ({ name: "level", label: t("状态", "State"), options: optionsOf(CREDIT_LEVEL), of: ({ level }) => level });
const billingFilter = () => ({ name: "billing", label: t("收费方式", "Billing"), options: optionsOf(BILLING), of: ({ billing }) => billing });

const companyColumn = (me) => ({ key: "company", name: t("公司", "Company"), order: byText(({ name }) => name),
  cell: ({ company_id: id, name }) => [me.may("readEnrolledCompany") ? link(`#/enrolment/companies/${id}`, name) : name, h("small", { class: "source number" }, id)] });
const billingColumn = () => ({ key: "billing", name: t("收费方式", "Billing"), cell: ({ billing }) => word(BILLING, billing), order: byText(({ billing }) => billing) });

/** Every page of accounts, one after another while what it says of that stands in the page. */
class Accounts {
  constructor(api) {
    this.api = api;
    this.read = 0;
    this.next = "";
    this.told = h("div", { role: "status" });
  }

  async page() {
    const { accounts, next_page: next } = await this.api.get(`/v1/staff/accounts${this.next && `?page=${encodeURIComponent(this.next)}`}`);
    this.next = next;
    this.read += accounts.length;
    return accounts;
  }

  /** Read what is left; a failure is said, and what came before it stays. */
  async rest(take) {
    while (this.next) {
      this.told.replaceChildren(h("p", { class: "waiting" }, t(`已读取 ${this.read} 家公司，还在读取其余公司…`, `${this.read} companies are read, the others are being read…`)));
      try {
        const accounts = await this.page();
        if (!this.told.isConnected) return; // the person has gone elsewhere
        take(accounts);
      } catch (error) {
        if (error.status === 401) return refresh();
        this.told.replaceChildren(h("p", { class: "problem" }, t(`只读取了 ${this.read} 家公司，其余公司没有读到，合计不完整。`, `Only ${this.read} companies are read: the others are missing, and the sums are not complete.`)),
          refusal(error), button(t("继续读取", "Read on"), () => this.rest(take)));
        return;
      }
    }
    this.told.replaceChildren(h("p", { class: "hint" }, t(`共 ${this.read} 家公司，已全部读取。`, `All ${this.read} companies are read.`)));
  }
}

// ---- the accounts

const limitOf = ({ billing, limit_fen: limit }) => (billing === "PREPAID" ? -1 : limit); // a limit has no effect beside a deposit
const leftOf = ({ allowance_fen: allowance, exposure_fen: owed }) => (allowance === null ? null : allowance - owed);
const oldestOf = ({ days }) => days.find(({ closed }) => closed)?.day ?? null; // they come by day

export async function accountsView(api, me) {
  const accounts = new Accounts(api);
  const first = await accounts.page();
  const told = h("div");
  const list = new DataTable({
    caption: t("公司账户", "Accounts of companies"), tone: "money-table", rows: first, idOf: ({ company_id: id }) => id, search: search(), filters: [levelFilter(), billingFilter()],
    columns: [
      companyColumn(me), billingColumn(),
      { key: "level", name: t("状态", "State"), cell: levelTag, order: (a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level) },
      moneyColumn("limit", t("授信额度", "Credit limit"), limitOf, (fen) => (fen < 0 ? "—" : orUnlimited(fen))),
      moneyColumn("deposit", t("预存余额", "Deposit"), ({ deposit_fen: fen }) => fen), moneyColumn("owed", t("未结保费", "Owed"), ({ exposure_fen: fen }) => fen),
      moneyColumn("left", t("可用", "Left"), leftOf, orUnlimited),
      { key: "oldest", name: t("最早未付账单", "Oldest unpaid"), cell: (account) => oldestOf(account) ?? "—", order: byText((account) => oldestOf(account) ?? "~") },
    ],
    none: t("还没有劳务公司。", "No companies yet."), noneFits: t("没有符合条件的公司。", "No company fits."),
    drawn: (shown) => {
      const blocked = shown.filter(({ level }) => level === "BLOCKED").length;
      told.replaceChildren(sums([t("公司数", "Companies"), String(shown.length)], [t("未结保费", "Owed"), booked(totalOf(shown, ({ exposure_fen: fen }) => fen))],
        [t("预存余额", "Deposit"), booked(totalOf(shown, ({ deposit_fen: fen }) => fen))], [t("超出", "Above the allowance"), booked(totalOf(shown, ({ overshoot_fen: fen }) => fen))],
        [word(CREDIT_LEVEL, "BLOCKED"), String(blocked), blocked ? "bad" : ""]));
    },
  });
  void accounts.rest((more) => list.add(more));
  return title(t("公司账户", "Accounts of companies"), tabs(me, "accounts", today(-1)), h("div", { "data-key": "accounts" }, told, accounts.told, list.tools, list.place));
}

// ---- unpaid statements

/** The closed days of accounts: a running one has no statement to pay. */
const statementsOf = (accounts) => accounts.flatMap(({ days, ...account }) => days.filter(({ closed }) => closed).map(({ day, owed_fen: owed }) => ({ ...account, day, owed_fen: owed })));
const owedOf = (statements) => totalOf(statements, ({ owed_fen: fen }) => fen);
const companiesOf = (statements) => new Set(statements.map(({ company_id: id }) => id)).size;

export async function unpaidView(api, me) {
  const accounts = new Accounts(api);
  const first = statementsOf(await accounts.page());
  const told = h("div");
  const batch = me.may("recordPayment") ? paying(api, () => list) : null;
  const list = new DataTable({
    caption: t("未付账单", "Unpaid statements"), tone: "money-table", rows: first, idOf: ({ company_id: id, day }) => `${id} ${day}`, search: { ...search(), label: t("公司名称、编号或日期", "Company's name, id or day") }, filters: [billingFilter(), levelFilter()],
    columns: [
      companyColumn(me), { key: "day", name: t("账单日", "Day"), cell: ({ day }) => day, order: byText(({ day }) => day) },
      moneyColumn("owed", t("未结保费", "Owed"), ({ owed_fen: fen }) => fen), billingColumn(),
    ],
    tie: (a, b) => a.company_id.localeCompare(b.company_id) || a.day.localeCompare(b.day),
    picks: batch ? ({ name, day }) => t(`选择 ${name} ${day}`, `Pick ${name} ${day}`) : null,
    none: t("没有未付的账单。", "No statement is unpaid."), noneFits: t("没有符合条件的账单。", "No statement fits."),
    drawn: (shown, picked) => {
      told.replaceChildren(sums([t("账单数", "Statements"), String(shown.length)], [t("公司数", "Companies"), String(companiesOf(shown))], [t("未结保费", "Owed"), booked(owedOf(shown))]));
      batch?.tell(picked);
    },
  });
  void accounts.rest((more) => list.add(statementsOf(more)));
  return title(t("未付账单", "Unpaid statements"), tabs(me, "unpaid", today(-1)), h("div", { "data-key": "unpaid" }, told, accounts.told, list.tools, list.place, batch?.panel));
}

/** One bank transfer for all that are picked: recorded where it is what they come to. */
function paying(api, list) {
  const recorded = new Map(); // by reference: what this page has recorded under it, in fen
  const amount = input("amount", { inputmode: "decimal", pattern: AMOUNT });
  const referenceOf = (given) => given.get("reference").trim();
  const batch = new Batch({
    list, label: t("登记一笔汇款", "Record one transfer"), action: t("登记付款", "Record the payment"),
    fields: [
      field(t("银行凭证号", "Bank reference"), input("reference", { maxlength: "64" }), t("同一凭证号再次登记不会重复记账", "The same reference again changes nothing")),
      field(t("到账金额（元）", "Amount that arrived (yuan)"), amount, t("须等于所选账单的合计；重新载入页面后，只填尚未登记部分的金额", "What the picked statements come to; after the page was loaded again, the part that is not recorded yet")),
    ],
    says: (picked) => (picked.length ? t(`已选 ${picked.length} 张账单，${companiesOf(picked)} 家公司，合计 ${booked(owedOf(picked))}`, `${picked.length} picked, of ${companiesOf(picked)} companies: ${booked(owedOf(picked))} in all`)
      : t("勾选这笔汇款支付的账单，可以是几家公司的。", "Tick the statements that the transfer pays; they may be of several companies.")),
    none: t("请先勾选账单。", "Tick some statements first."), passed: (number) => t(`已登记 ${number} 张账单的付款。`, `${number} recorded as paid.`), nameOf: ({ name, day }) => `${name} ${day}`,
    before: async (picked, given, answer) => {
      const [reference, arrived, before, owed] = [referenceOf(given), fenOf(given.get("amount")), recorded.get(referenceOf(given)) ?? 0, owedOf(picked)];
      const difference = arrived - before - owed;
      if (difference) {
        const beside = before ? t(`该凭证号已登记 ${booked(before)}，`, `${booked(before)} is recorded under this reference already; `) : "";
        point(batch.form, answer, [[amount, beside + t(`所选账单合计 ${booked(owed)}，到账${difference > 0 ? "多" : "少"} ${booked(Math.abs(difference))}。`, `what is picked comes to ${booked(owed)}, and ${booked(Math.abs(difference))} ${difference > 0 ? "more" : "less"} arrived.`)]]);
        return false;
      }
      return confirmed(t(`以凭证号 ${reference} 登记 ${picked.length} 张账单的付款，涉及 ${companiesOf(picked)} 家公司，合计 ${booked(owed)}？`,
        `Record ${picked.length} statements of ${companiesOf(picked)} companies as paid under ${reference}, ${booked(owed)} in all?`), t("登记付款", "Record the payment"), "main");
    },
    send: ({ company_id: id, day, owed_fen: fen }, given) => api.post(`/v1/staff/companies/${id}/statements/${day}/payment`, { amount_fen: fen, reference: referenceOf(given) }),
    after: (paid, given, isAll) => {
      recorded.set(referenceOf(given), (recorded.get(referenceOf(given)) ?? 0) + owedOf(paid));
      if (isAll) batch.form.reset(); // the next transfer has a reference of its own
    },
  });
  return batch;
}
