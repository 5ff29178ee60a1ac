// A list that is searched, filtered, sorted, picked from and shown a piece at a time, all in the page: for what an answer
// holds whole, or what its pages have brought so far. What the API filters and counts itself is a plain `table` of page.js.

import { booked, t } from "./client.js";
import { button, empty, h } from "./page.js";

const PIECE = 100; // rows shown until somebody asks for more

/** Rows that come page by page: give each answer to `take`, and a button that fetches the next one while there is one. */
export async function eachPage(api, path, take) {
  const more = h("div", { class: "row" });
  const next = async (page) => {
    const answer = await api.get(page ? `${path}${path.includes("?") ? "&" : "?"}page=${encodeURIComponent(page)}` : path);
    const following = answer.next_page ?? answer.next ?? null;
    take(answer, following !== null);
    more.replaceChildren(...(following === null ? [] : [button(t("载入更多", "Load more"), () => next(following))]));
  };
  await next();
  return more;
}

/** As people type it: width, spaces and case say nothing. */
const plain = (text) => String(text ?? "").normalize("NFKC").replace(/\s/g, "").toLowerCase();

let tables = 0;

export class DataTable {
  /**
   * `columns`: {key, name, cell(row), order(a, b), class, sum(row)}; one with an `order` can be sorted by, the `sum` of
   * what is shown, in fen, stands below under the name `total`. `search`: {label, hint,
   * textOf(row)}. `filters`: {name, label, options, of(row)}. `picks(row)` names the box of a row that may be picked.
   * `chosen`: {typed, by, down, …filters}, kept by whoever gives it. `tie` orders what is equal, `drawn` is told what is
   * shown, `none` and `noneFits` are said of an empty list.
   */
  constructor({ caption, columns, rows, idOf, search, filters = [], picks = null, chosen = {}, tie = () => 0, drawn = () => {}, none, noneFits = none, tone = "", total = null }) {
    tables += 1;
    Object.assign(this, { caption, columns, rows: [...rows], idOf, search, filters, picks, chosen, tie, drawn, none, noneFits, tone, total });
    this.isPart = false; // more can be loaded
    this.id = `table-${tables}`;
    this.piece = PIECE;
    this.picked = new Set();
    this.tools = h("div", { class: "form inline filters", role: "search" }, this.controls());
    this.count = h("p", { class: "hint", role: "status" });
    this.place = h("div");
    this.draw();
  }

  /** What is found, in its order. */
  get shown() {
    const wanted = plain(this.chosen.typed);
    const column = this.columns.find(({ key, order }) => order && key === this.chosen.by);
    const found = this.rows.filter((row) => this.filters.every(({ name, of }) => !this.chosen[name] || of(row) === this.chosen[name])
      && (!wanted || plain(this.search.textOf(row)).includes(wanted)));
    return column ? found.sort((a, b) => (this.chosen.down ? -1 : 1) * column.order(a, b) || this.tie(a, b)) : found;
  }

  /** What is picked and in sight: nobody acts on what they do not see. */
  get selected() {
    return this.shown.filter((row) => this.picked.has(this.idOf(row)));
  }

  /** The whole of it, to be put into a view. */
  get element() {
    return h("div", { "data-key": this.caption }, this.tools, this.count, this.place);
  }

  add(rows, isPart = false) {
    this.rows.push(...rows);
    this.isPart = isPart;
    this.draw(true);
  }

  drop(ids) {
    this.rows = this.rows.filter((row) => !ids.includes(this.idOf(row)));
    ids.forEach((id) => this.picked.delete(id));
    this.draw(true);
  }

  controls() {
    const change = (name) => ({ target }) => {
      this.chosen[name] = target.value;
      this.piece = PIECE;
      this.draw();
    };
    const labelled = (label, control, narrow) => h("div", { class: narrow ? "field narrow" : "field" }, h("label", { for: control.id }, label), control);
    return [
      this.search ? labelled(this.search.label, h("input", { type: "search", id: `${this.id}-search`, autocomplete: "off", maxlength: "80", value: this.chosen.typed ?? "", placeholder: this.search.hint, on: { input: change("typed") } })) : null,
      this.filters.map(({ name, label, options }) => labelled(label, h("select", { id: `${this.id}-${name}`, name, on: { change: change(name) } },
        [["", t("全部", "All")], ...options].map(([value, text]) => h("option", { value, selected: value === (this.chosen[name] ?? "") }, text))), true)),
    ];
  }

  /** `isInPlace` where the person did not ask for another order or part: they stay where they have scrolled to. */
  draw(isInPlace = false) {
    const { shown } = this;
    const focused = this.place.contains(document.activeElement) ? document.activeElement.dataset.by : null;
    const { scrollTop, scrollLeft } = (isInPlace && this.place.firstElementChild) || { scrollTop: 0, scrollLeft: 0 };
    const all = this.rows.length;
    const whole = this.isPart ? t(`已载入 ${all} 个`, `${all} loaded`) : t(`共 ${all} 个`, `${all} in all`);
    this.tools.hidden = this.count.hidden = all === 0; // nothing to look through
    this.count.textContent = shown.length === all ? whole : t(`${shown.length} 个，${whole}`, `${shown.length} of ${whole}`);
    this.place.replaceChildren(shown.length ? this.whole(shown) : empty(all ? this.noneFits : this.none),
      shown.length > this.piece ? h("button", { type: "button", on: { click: () => { this.piece += PIECE; this.draw(); } } }, t("更多", "More")) : "");
    this.place.firstElementChild.scrollTo(scrollLeft, scrollTop);
    if (focused) this.place.querySelector(`[data-by="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
    this.told();
  }

  /** After anything was picked or drawn. */
  told() {
    const whole = this.place.querySelector("thead input");
    if (whole) whole.checked = this.selected.length > 0 && this.selected.length === this.shown.length;
    this.drawn(this.shown, this.selected);
  }

  whole(shown) {
    const heads = this.columns.map((column) => this.head(column));
    const body = shown.slice(0, this.piece).map((row) => h("tr", {}, this.picks ? h("td", { class: "picks" }, this.box(this.picks(row), `row ${this.idOf(row)}`, [row])) : null,
      this.columns.map(({ cell, class: kind }) => h("td", { class: kind }, cell(row)))));
    return h("div", { class: `scroll listed ${this.tone}`, tabindex: "0", role: "region", "aria-label": this.caption },
      h("table", {}, h("caption", {}, this.caption),
        h("thead", {}, h("tr", {}, this.picks ? h("td", { class: "picks" }, this.box(t("全选", "Pick all"), "all rows", shown)) : null, heads)), h("tbody", {}, body), this.foot(shown)));
  }

  foot(shown) {
    if (!this.total || shown.length < 2) return null;
    return h("tfoot", {}, h("tr", {}, this.picks ? h("td") : null, this.columns.map(({ class: kind, sum }, place) =>
      h("td", { class: kind }, place === 0 ? this.total : sum ? booked(shown.reduce((all, row) => all + sum(row), 0)) : null))));
  }

  head({ key, name, order, class: kind }) {
    if (!order) return h("th", { scope: "col", class: kind }, name);
    const { by, down } = this.chosen;
    const press = () => {
      [this.chosen.down, this.chosen.by] = [by === key && !down, key];
      this.draw();
    };
    return h("th", { scope: "col", class: kind, "aria-sort": by === key ? (down ? "descending" : "ascending") : "none" },
      h("button", { type: "button", class: "sort", "data-by": key, on: { click: press } }, name, h("span", { "aria-hidden": "true" }, by === key ? (down ? " ▼" : " ▲") : "")));
  }

  box(label, by, rows) {
    const isRow = by.startsWith("row ");
    const change = ({ target }) => {
      for (const row of rows) if (target.checked) this.picked.add(this.idOf(row)); else this.picked.delete(this.idOf(row));
      if (!isRow) this.place.querySelectorAll("tbody input").forEach((one) => { one.checked = target.checked; });
      this.told();
    };
    return h("label", { class: "pick" }, h("input", { type: "checkbox", "data-by": by, checked: isRow && this.picked.has(this.idOf(rows[0])), on: { change } }), h("span", {}, label));
  }
}
