// What the company's and the insurer's finance pages share: sums, tables of amounts with totals, sheets to keep.

import { booked } from "./client.js";
import { empty, h } from "./page.js";

/** Amounts that a page is about, in large figures: [label, text, tone] each. */
export const sums = (...ones) => h("dl", { class: "sums" }, ones.filter(Boolean).map(([label, text, tone]) => h("div", { class: tone }, h("dt", {}, label), h("dd", {}, text))));

/** A table whose columns of amounts stand right and are summed: columns are [title, cell of a row, isMoney]. */
export function moneyTable(caption, columns, rows, none, total) {
  if (!rows.length) return empty(none);
  const cell = (tag, isMoney, content, attributes = {}) => h(tag, { class: isMoney ? "money" : null, ...attributes }, content);
  return h("div", { class: "scroll money-table", tabindex: "0", role: "region", "aria-label": caption },
    h("table", {}, h("caption", {}, caption),
      h("thead", {}, h("tr", {}, columns.map(([name, , isMoney]) => cell("th", isMoney, name, { scope: "col" })))),
      h("tbody", {}, rows.map((row) => h("tr", {}, columns.map(([, of, isMoney]) => cell("td", isMoney, isMoney ? booked(of(row)) : of(row)))))),
      total && rows.length > 1 ? h("tfoot", {}, h("tr", {}, columns.map(([, of, isMoney], place) =>
        cell("td", isMoney, place === 0 ? total : isMoney ? booked(rows.reduce((sum, row) => sum + of(row), 0)) : null)))) : null));
}
