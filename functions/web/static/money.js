// What the company's and the insurer's finance pages share: sums, and tables of amounts with totals.

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

/** A column of amounts of a DataTable: `of(row)` in fen, null for more than any; `says` shows it. */
export const moneyColumn = (key, name, of, says = booked) => ({ key, name, class: "money", cell: (row) => says(of(row), row), sum: of,
  order: (a, b) => (of(a) === of(b) ? 0 : (of(a) ?? Infinity) - (of(b) ?? Infinity)) });
