// Differences between the books: found by machines, resolved by people, many at once where one record settles them.

import { Batch } from "./batch.js";
import { booked, moment, optionsOf, t, word } from "./client.js";
import { moneyColumn, sums } from "./money.js";
import { field, h, input, link, select, tag, title } from "./page.js";
import { DataTable, eachPage } from "./table.js";
import { BREAK_KIND, BREAK_OWNER, RESOLUTION } from "./words.js";

const LONG_OPEN_HOURS = 24;
const differenceOf = ({ expected_fen: expected, found_fen: found }) => (found ?? 0) - (expected ?? 0);
const sumOf = (breaks) => breaks.reduce((sum, one) => sum + differenceOf(one), 0);

export async function breaksView(api, me, status = "OPEN") {
  let list = null;
  const more = await eachPage(api, `/v1/staff/breaks?status=${status}`, ({ breaks }) => {
    if (list) list.list.add(breaks);
    else list = new BreakList(api, breaks, status === "OPEN" && me.may("resolveBreak"));
  });
  return title(t("对账差异", "Breaks"),
    h("nav", { class: "tabs", "aria-label": t("对账差异", "Breaks") }, [["OPEN", t("未处理", "Open")], ["RESOLVED", t("已处理", "Resolved")]].map(([name, text]) =>
      link(`#/breaks/${name}`, text, { "aria-current": name === status ? "page" : null }))),
    h("div", { "data-key": "breaks" }, list.list.tools, list.told, list.list.place, more, list.batch?.panel)); // one part: its pieces know each other
}

const number = (text) => h("span", { class: "number" }, text);

function columnsOf(mayResolve) {
  const known = (key, name, fen) => moneyColumn(key, name, (found) => fen(found) ?? 0, (_, found) => booked(fen(found))); // what is missing counts as nothing
  return [
    { key: "kind", name: t("类型", "Kind"), cell: (found) => [word(BREAK_KIND, found.kind), found.detail ? h("small", { class: "source" }, found.detail) : ""] },
    { key: "day", name: t("日期", "Day"), cell: ({ day }) => day, order: (a, b) => a.day.localeCompare(b.day) },
    { key: "company", name: t("公司", "Company"), cell: ({ company_id: id }) => number(id ?? "—") },
    { key: "subject", name: t("对象", "Subject"), cell: ({ subject }) => number(subject) },
    known("expected", t("应为", "Expected"), ({ expected_fen: fen }) => fen), known("found", t("实为", "Found"), ({ found_fen: fen }) => fen), moneyColumn("difference", t("差额", "Difference"), differenceOf),
    { key: "owner", name: t("负责", "Owner"), cell: ({ owner }) => word(BREAK_OWNER, owner) },
    mayResolve ? { key: "age", name: t("已过小时", "Hours"), cell: ageOf, order: (a, b) => a.age_hours - b.age_hours }
      : { key: "resolution", name: t("处理", "Resolution"), cell: (found) => (found.resolution ? [word(RESOLUTION, found.resolution), h("small", { class: "source" }, `${found.reference} · ${found.resolved_by} · ${moment(found.resolved_at)}`)] : ageOf(found)) },
  ];
}

const ageOf = ({ age_hours: hours }) => (hours >= LONG_OPEN_HOURS ? tag(String(hours), "bad") : String(hours));

/** The breaks that were read, what they come to, and what resolves those that are picked. */
class BreakList {
  constructor(api, breaks, mayResolve) {
    this.told = h("div");
    this.batch = mayResolve ? this.resolving(api) : null;
    const kinds = optionsOf(BREAK_KIND).filter(([code]) => breaks.some(({ kind }) => kind === code));
    this.list = new DataTable({
      caption: t("对账差异", "Breaks"), tone: "money-table", rows: breaks, idOf: ({ break_id: id }) => id, columns: columnsOf(mayResolve),
      search: { label: t("对象、公司或日期", "Subject, company or day"), textOf: (one) => [one.subject, one.company_id, one.day, one.reference].filter(Boolean).join(" ") },
      filters: [{ name: "kind", label: t("类型", "Kind"), options: kinds, of: ({ kind }) => kind }, { name: "owner", label: t("负责", "Owner"), options: optionsOf(BREAK_OWNER), of: ({ owner }) => owner }],
      picks: mayResolve ? (found) => t(`选择 ${found.subject}`, `Pick ${found.subject}`) : null,
      none: t("没有差异。", "No breaks."), drawn: (shown, selected) => this.tell(shown, selected),
    });
  }

  tell(shown, selected) {
    const late = shown.filter(({ age_hours: hours, resolution }) => !resolution && hours >= LONG_OPEN_HOURS).length;
    this.told.replaceChildren(sums([t("项数", "Breaks"), String(shown.length)], [t("差额合计", "Difference in all"), booked(sumOf(shown))],
      this.batch ? [t("超过 24 小时", "Older than 24 hours"), String(late), late ? "bad" : ""] : null));
    this.batch?.tell(selected);
  }

  /** One resolution for all that are picked. */
  resolving(api) {
    return new Batch({
      list: () => this.list, label: t("批量处理", "Resolve together"), action: t("处理所选", "Resolve what is picked"),
      fields: [
        field(t("处理结果", "Resolution"), select("resolution", optionsOf(RESOLUTION), "CORRECTED")),
        field(t("依据的记录编号", "Record that settles it"), input("reference", { minlength: "3", maxlength: "80", pattern: "[A-Za-z0-9#\\/_.\\-]+", title: t("字母、数字和 # / _ . -", "Letters, digits and # / _ . -") })),
      ],
      says: (picked) => (picked.length ? t(`已选 ${picked.length} 项，差额合计 ${booked(sumOf(picked))}`, `${picked.length} picked, difference ${booked(sumOf(picked))}`) : t("勾选要处理的差异。", "Tick what is to be resolved.")),
      none: t("请先勾选差异。", "Tick some breaks first."), passed: (number) => t(`已处理 ${number} 项。`, `${number} resolved.`), nameOf: ({ subject }) => subject,
      send: (found, given) => api.post(`/v1/staff/breaks/${found.break_id}/resolution`, { resolution: given.get("resolution"), reference: given.get("reference").trim() }),
    });
  }
}
