// One queue of claims: how many wait in each, what is filtered, page by page, who has taken what, and the search.

import { moment, optionsOf, t, word, yuan } from "./client.js";
import { button, done, field, form, go, h, input, link, panel, redrawn, select, table, tag, title } from "./page.js";
import { keysHere, legend } from "./staff-keys.js";
import { advanceTag, dueTag, reasons, types } from "./staff-queues.js";
import { ATTENTION, CLAIM_STATUS, CLAIM_TYPE, DUTY, NOTICE_KIND, QUEUE } from "./words.js";

let trail = null; // the queue as it was shown last: what comes next is what stood there next

const pathOf = (queue, wanted) => `/v1/staff/claims?${new URLSearchParams({ queue, ...wanted })}`;
const addressOf = (queue, wanted) => `#/queues/${queue}${Object.keys(wanted).length ? `?${new URLSearchParams(wanted)}` : ""}`;

/** Open what follows a file in its queue as it stands now, leaving out what colleagues have; where nothing is left, the queue. */
export async function toNext(api, me, queue, claimNo) {
  if (!queue) return;
  const { numbers, wanted } = trail?.queue === queue ? trail : { numbers: [], wanted: {} };
  const { claims } = await api.get(pathOf(queue, wanted));
  const waiting = claims.filter((line) => line.claim_no && line.claim_no !== claimNo && (!line.assignee || line.assignee === me.id)).map((line) => line.claim_no);
  const next = numbers.slice(numbers.indexOf(claimNo) + 1).find((number) => waiting.includes(number)) ?? waiting[0];
  go(next ? `#/claims/${next}?from=${queue}` : addressOf(queue, wanted));
}

export async function queueView(api, me, duties, queue = "DECISION", query = "") {
  const wanted = Object.fromEntries(new URLSearchParams(query));
  const found = await api.get(pathOf(queue, wanted));
  trail = { queue, wanted, numbers: found.claims.map((line) => line.claim_no) };
  const counts = found.counts.length ? found.counts : (await api.get(pathOf(queue, {}))).counts;
  keysHere(rowKeys());
  return title(t("待办", "Queues"), h("p", { class: "lead" }, duties.map((duty) => tag(word(DUTY, duty)))),
    searchForm(),
    h("nav", { class: "tabs", "aria-label": t("待办队列", "Queues") }, Object.keys(QUEUE).map((name) => tab(name, queue, counts.find((count) => count.queue === name)))),
    filters(queue, wanted),
    found.matched === found.waiting ? null : done(t(`${found.waiting} 件中有 ${found.matched} 件符合。`, `${found.matched} of ${found.waiting} fit.`)),
    linesTable(api, me, queue, found.claims),
    pager(queue, wanted, found),
    legend([["j", "k"], t("上下移动", "move")], ["Enter", t("打开", "open")], ["/", t("查找", "search")]));
}

const tab = (name, queue, count) => link(`#/queues/${name}`, [word(QUEUE, name), " ", count ? h("span", { class: "count" }, count.waiting) : null,
  count?.overdue ? [" ", tag(t(`超时 ${count.overdue}`, `${count.overdue} late`), "bad")] : null], { "aria-current": name === queue ? "page" : null });

function filters(queue, wanted) {
  const chosen = (name, label, options) => {
    const made = select(name, [["", t("全部", "All")], ...options], wanted[name] ?? "", { required: false, on: { change: () => {
      const { page: _, ...rest } = { ...wanted, [name]: made.value };
      go(addressOf(queue, Object.fromEntries(Object.entries(rest).filter(([, value]) => value))));
    } } });
    return field(label, made);
  };
  return h("div", { class: "filters", role: "group", "aria-label": t("筛选", "Filter") },
    chosen("benefit", t("责任", "Benefit"), optionsOf(CLAIM_TYPE)), chosen("status", t("状态", "Status"), optionsOf(CLAIM_STATUS)),
    chosen("due", t("期限", "Due"), [["PAST", t("已超时", "Late")]]), chosen("whose", t("处理人", "Taken by"), [["MINE", t("我的", "Me")], ["NOBODYS", t("无人领取", "Nobody")]]));
}

function linesTable(api, me, queue, claims) {
  const numberOf = (line) => (line.claim_no ? link(`#/claims/${line.claim_no}${queue ? `?from=${queue}` : ""}`, line.claim_no, { class: "queue-line" }) : link(`#/notices/${line.report_no}`, line.report_no, { class: "queue-line" }));
  return table(queue ? word(QUEUE, queue) : t("查找结果", "Found"), [t("期限", "Due"), t("编号", "Number"), t("被保险人", "Insured"), t("责任", "Benefits"), t("状态", "Status"), t("金额", "Amount"), t("事故时间", "Accident"), t("处理人", "Taken by"), t("原因", "Why")],
    claims.map((line) => [[moment(line.due_at), " ", dueTag(line.due_at)], numberOf(line), line.insured_name ?? "—", types(line.claim_types), word(CLAIM_STATUS, line.status === "UNMATCHED" ? null : line.status),
      line.amount_fen === null ? "—" : yuan(line.amount_fen), moment(line.occurred_at), line.claim_no ? taker(api, me, line) : "—",
      [reasons(line.referred_for), advanceTag(line), line.notice ? tag(word(NOTICE_KIND, line.notice), "warn") : null, line.attention ? tag(word(ATTENTION, line.attention), "bad") : null]]),
    queue ? t("没有等待处理的。", "Nothing waits here.") : t("没有找到。办结的赔案请输入完整的编号。", "Nothing found. For a claim that is over, enter the whole number."));
}

const assign = (api, line, to) => api.post(`/v1/staff/claims/${line.claim_no}/assignment`, { to }).then(redrawn);

function taker(api, me, line) {
  if (!me.may("assignClaim")) return line.assignee ?? "—";
  if (!line.assignee) return button(t("领取", "Take"), () => assign(api, line, me.id));
  return line.assignee === me.id ? [tag(t("我", "Me"), "good"), button(t("退回", "Give back"), () => assign(api, line, null))] : line.assignee;
}

function pager(queue, wanted, { page, pages }) {
  if (pages < 2) return null;
  const to = (number, text) => link(addressOf(queue, { ...wanted, page: number }), text, { class: "button" });
  return h("nav", { class: "row pager", "aria-label": t("翻页", "Pages") }, page > 1 ? to(page - 1, t("‹ 上一页", "‹ Previous")) : null,
    h("span", {}, t(`第 ${page} / ${pages} 页`, `Page ${page} of ${pages}`)), page < pages ? to(page + 1, t("下一页 ›", "Next ›")) : null);
}

/** Rows are walked with j and k, or with the arrows once one of them has the focus; Enter is the link's own. */
function rowKeys() {
  const step = (by) => {
    const lines = [...document.querySelectorAll("main a.queue-line")];
    const at = lines.indexOf(document.activeElement);
    lines[at < 0 ? (by > 0 ? 0 : lines.length - 1) : Math.min(lines.length - 1, Math.max(0, at + by))]?.focus();
  };
  const within = (by) => ({ target }) => (target.matches("a.queue-line") ? step(by) : false);
  return { j: () => step(1), k: () => step(-1), ArrowDown: within(1), ArrowUp: within(-1), "/": () => document.querySelector("main [name=number]")?.focus() };
}

// ---- the search

const searchForm = (number = "") => form(t("查找", "Search"), field(t("赔案号（可只输一部分）或保单号", "Claim number, or part of it, or policy number"), input("number", { type: "search", minlength: "4", maxlength: "60", value: number })),
  (given) => { go(`#/search/${encodeURIComponent(given.get("number").trim())}`); }, { label: t("查找赔案", "Find a claim"), tone: "", inline: true, keep: false });

export async function searchView(api, me, encoded) {
  const number = decodeURIComponent(encoded);
  const { claims } = await api.get(`/v1/staff/claim-search?${new URLSearchParams({ number })}`);
  keysHere(rowKeys());
  return title(t("查找赔案", "Find a claim"), searchForm(number), linesTable(api, me, null, claims));
}

// ---- who works on a claim, on its own page

export function assignmentPanel(act, me, claim) {
  if (!me.may("assignClaim")) return null;
  const to = (staffId) => act("assignment", { to: staffId });
  return panel(t("处理人", "Taken by"), h("p", {}, claim.assignee === me.id ? t("由您处理。", "You have it.") : claim.assignee ? t(`由 ${claim.assignee} 处理。`, `${claim.assignee} has it.`) : t("无人领取。", "Nobody has it.")),
    h("div", { class: "row" }, claim.assignee === me.id ? button(t("退回待办", "Give it back"), () => to(null)) : button(t("领取", "Take it"), () => to(me.id))),
    h("details", {}, h("summary", {}, t("转交同事", "Hand it over")), form(t("转交", "Hand over"), field(t("同事的账号", "The colleague's account"), input("to", { maxlength: "40" })), (given) => to(given.get("to").trim()), { tone: "" })));
}
