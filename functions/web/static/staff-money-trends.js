// How the book and the service run: two weeks of premium, claims and reserves; half a year of how soon claims were paid.

import { bars, lines } from "./chart.js";
import { booked, t, today, word } from "./client.js";
import { moneyTable } from "./money.js";
import { done, h, panel, refusal, table, title } from "./page.js";
import { tabs } from "./staff-money.js";
import { CLOCK } from "./words.js";

const DAYS = 14;
const MONTHS = 6;
const yuanOf = (value) => value.toLocaleString("en-US", { maximumFractionDigits: 2 });
const inYuan = (fen) => (fen === null ? null : fen / 100);
const percent = (bps) => (bps === null ? "—" : `${(bps / 100).toFixed(2)}%`);

// ---- the book of the last days

export async function trendsView(api, me) {
  const heading = t("走势", "Trends");
  const top = tabs(me, "trends", today(-1));
  const names = Array.from({ length: DAYS }, (_, ago) => today(ago - DAYS));
  let books;
  try {
    books = await Promise.all(names.map((day) => api.get(`/v1/staff/book/${day}`)));
  } catch (error) {
    if (error.status === 401) throw error;
    return title(heading, top, refusal(error));
  }
  const labels = names.map((day) => day.slice(5));
  const paid = books.map(({ claims_paid_fen: fen }) => inYuan(fen));
  const incurred = books.map(({ incurred_fen: fen }) => inYuan(fen));
  const outstanding = books.map(({ outstanding_fen: fen }) => inYuan(fen));
  const sum = (of) => books.reduce((total, book) => total + of(book), 0);
  return title(heading, top,
    panel(t(`最近 ${DAYS} 天`, `The last ${DAYS} days`), h("div", { class: "charts" },
      bars({ title: t("每日保费（元）", "Premium by day (CNY)"), says: t(`合计 ${booked(sum((book) => book.premium_fen))}，数字见下表。`, `${booked(sum((book) => book.premium_fen))} in all; the numbers are in the table below.`),
        points: books.map((book) => ({ label: book.day.slice(5), value: book.premium_fen / 100, text: `${book.day} · ${booked(book.premium_fen)}` })), shown: yuanOf }),
      lines({ title: t("赔款（元）", "Claims (CNY)"), says: t(`已付合计 ${booked(sum((book) => book.claims_paid_fen))}，已发生合计 ${booked(sum((book) => book.incurred_fen))}。`, `Paid ${booked(sum((book) => book.claims_paid_fen))}, incurred ${booked(sum((book) => book.incurred_fen))}.`),
        labels, series: [{ name: t("已付", "Paid"), values: paid }, { name: t("已发生", "Incurred"), values: incurred }], shown: yuanOf }),
      outstanding.some((value) => value !== null) ? lines({ title: t("未决赔款准备（元）", "Reserved for open claims (CNY)"), says: t("每日终了时；尚有公司未结账的日子没有数字。", "At the end of each day; a day that is not closed for every company has none."),
        labels, series: [{ name: t("未决", "Outstanding"), values: outstanding }], shown: yuanOf }) : null)),
    moneyTable(heading, [
      [t("日期", "Day"), (book) => h("a", { href: `#/book/${book.day}` }, book.day)], [t("公司数", "Companies"), (book) => book.companies], [t("保单数", "Policies"), (book) => book.policies],
      [t("保费", "Premium"), (book) => book.premium_fen, true], [t("已付赔款", "Claims paid"), (book) => book.claims_paid_fen, true], [t("已发生赔款", "Incurred"), (book) => book.incurred_fen, true],
      [t("未决赔款", "Outstanding"), (book) => booked(book.outstanding_fen)]], [...books].reverse(), "", t("合计", "Total")));
}

// ---- how soon claims are paid

function monthsBack() {
  const [year, month] = today().split("-").map(Number);
  return Array.from({ length: MONTHS }, (_, place) => new Date(Date.UTC(year, month - MONTHS + place, 1)).toISOString().slice(0, 7));
}

export async function serviceLevelsView(api) {
  const heading = t("服务时效", "Service levels");
  let levels;
  try {
    levels = await Promise.all(monthsBack().map((month) => api.get(`/v1/staff/service-levels/${month}`)));
  } catch (error) {
    if (error.status === 401) throw error;
    return title(heading, refusal(error));
  }
  const share = (name) => levels.map((month) => (month[name] === null ? null : month[name] / 100));
  const broken = levels.flatMap(({ month, breaches }) => Object.entries(breaches).filter(([, count]) => count).map(([clock, count]) => [month, word(CLOCK, clock), count]));
  return title(heading,
    h("p", { class: "lead" }, t("材料齐全后两个工作日内支付的比例，和机器自动核定的比例。", "Claims paid within two working days of complete documents, and decisions made by machine.")),
    panel(t("最近六个月", "The last six months"), lines({
      title: t("比例（%）", "Shares (%)"), says: t("数字见下表；没有赔案的月份没有点。", "The numbers are in the table below; a month without claims has no point."),
      labels: levels.map(({ month }) => month), series: [{ name: t("按时支付", "Paid in time"), values: share("in_time_bps") }, { name: t("自动核定", "Decided by machine"), values: share("automatic_bps") }],
      shown: (value) => `${Number(value.toFixed(1))}%`,
    })),
    table(heading, [t("月份", "Month"), t("已付赔案", "Paid claims"), t("按时", "In time"), t("按时比例", "Share in time"), t("中位时长（工作小时）", "Median (working hours)"), t("九成以内", "90% within"), t("核定数", "Decisions"), t("自动", "By machine"), t("自动比例", "Share"), t("后被改变", "Overturned")],
      [...levels].reverse().map((month) => [month.month, month.claims_paid, month.paid_in_time, percent(month.in_time_bps), month.median_hours ?? "—", month.p90_hours ?? "—", month.decisions, month.automatic, percent(month.automatic_bps), month.overturned])),
    panel(t("超过法定或承诺期限", "Clocks that ran out"), broken.length ? table(t("超过法定或承诺期限", "Clocks that ran out"), [t("月份", "Month"), t("期限", "Clock"), t("次数", "Times")], broken) : done(t("六个月内没有。", "None in six months."))));
}
