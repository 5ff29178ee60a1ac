// Differences between the books: found by machines, resolved by people, many at once where one record settles them.

import { booked, moment, optionsOf, t, word } from "./client.js";
import { sums } from "./money.js";
import { button, done, empty, field, form, h, input, link, refusal, select, tag, title } from "./page.js";
import { BREAK_KIND, BREAK_OWNER, RESOLUTION } from "./words.js";

const LONG_OPEN_HOURS = 24;
const differenceOf = ({ expected_fen: expected, found_fen: found }) => (found ?? 0) - (expected ?? 0);
const sumOf = (breaks) => breaks.reduce((sum, one) => sum + differenceOf(one), 0);

export async function breaksView(api, me, status = "OPEN") {
  const path = `/v1/staff/breaks?status=${status}`;
  const first = await api.get(path);
  const isOpen = status === "OPEN";
  const list = new BreakList(first.breaks, isOpen && me.may("resolveBreak"));
  let next = first.next_page;
  const more = h("div", { class: "row" });
  const offerMore = () => more.replaceChildren(...(next ? [button(t("载入更多", "Load more"), async () => {
    const page = await api.get(`${path}&page=${encodeURIComponent(next)}`);
    next = page.next_page;
    list.add(page.breaks);
    offerMore();
  })] : []));
  offerMore();
  return title(t("对账差异", "Breaks"),
    h("nav", { class: "tabs", "aria-label": t("对账差异", "Breaks") }, [["OPEN", t("未处理", "Open")], ["RESOLVED", t("已处理", "Resolved")]].map(([name, text]) =>
      link(`#/breaks/${name}`, text, { "aria-current": name === status ? "page" : null }))),
    h("div", { "data-key": "breaks" }, list.filters(), list.told, list.table, more, list.mayResolve ? list.batch(api) : null)); // one part: its pieces know each other
}

/** The breaks that were read, those of them that the filters leave, and those that are picked. */
class BreakList {
  constructor(breaks, mayResolve) {
    this.breaks = [...breaks];
    this.mayResolve = mayResolve;
    this.wanted = { kind: "", owner: "", text: "" };
    this.picked = new Set();
    this.told = h("div");
    this.table = h("div");
    this.chosen = h("p", { role: "status" });
    this.together = null; // the panel that resolves them
    this.draw();
  }

  add(breaks) {
    this.breaks.push(...breaks);
    this.draw();
  }

  drop(ids) {
    this.breaks = this.breaks.filter(({ break_id: id }) => !ids.includes(id));
    ids.forEach((id) => this.picked.delete(id));
    this.draw();
  }

  get shown() {
    const { kind, owner, text } = this.wanted;
    return this.breaks.filter((one) => (!kind || one.kind === kind) && (!owner || one.owner === owner)
      && (!text || [one.subject, one.company_id, one.day, one.reference].some((part) => part?.toLowerCase().includes(text))));
  }

  /** What is picked and in sight: nobody resolves what they do not see. */
  get selected() {
    return this.shown.filter(({ break_id: id }) => this.picked.has(id));
  }

  filters() {
    const all = [["", t("全部", "All")]];
    const kinds = optionsOf(BREAK_KIND).filter(([code]) => this.breaks.some(({ kind }) => kind === code));
    const controls = h("div", { class: "form inline filters", role: "search" },
      field(t("类型", "Kind"), select("kind", [...all, ...kinds], "", { required: false })),
      field(t("负责", "Owner"), select("owner", [...all, ...optionsOf(BREAK_OWNER)], "", { required: false })),
      field(t("对象、公司或日期", "Subject, company or day"), input("text", { required: false, type: "search" })));
    controls.addEventListener("input", ({ target }) => {
      this.wanted[target.name] = target.name === "text" ? target.value.trim().toLowerCase() : target.value;
      this.draw();
    });
    return controls;
  }

  draw() {
    const { shown } = this;
    const late = shown.filter(({ age_hours: hours, resolution }) => !resolution && hours >= LONG_OPEN_HOURS).length;
    this.told.replaceChildren(sums([t("项数", "Breaks"), String(shown.length)], [t("差额合计", "Difference in all"), booked(sumOf(shown))],
      this.mayResolve ? [t("超过 24 小时", "Older than 24 hours"), String(late), late ? "bad" : ""] : null));
    this.table.replaceChildren(shown.length ? this.rows(shown) : empty(t("没有差异。", "No breaks.")));
    this.count();
  }

  count() {
    const { selected } = this;
    this.chosen.textContent = selected.length ? t(`已选 ${selected.length} 项，差额合计 ${booked(sumOf(selected))}`, `${selected.length} picked, difference ${booked(sumOf(selected))}`)
      : t("勾选要处理的差异。", "Tick what is to be resolved.");
    this.together?.classList.toggle("picked", selected.length > 0);
    const whole = this.table.querySelector("thead input");
    if (whole) whole.checked = selected.length > 0 && selected.length === this.shown.length;
  }

  pick(ids, isPicked) {
    for (const id of ids) if (isPicked) this.picked.add(id); else this.picked.delete(id);
    this.count();
  }

  rows(shown) {
    const box = (label, attributes, act) => h("label", { class: "pick" }, h("input", { type: "checkbox", ...attributes, on: { change: act } }), h("span", {}, label));
    const everyOne = () => box(t("全选", "Pick all"), {}, ({ target }) => {
      this.table.querySelectorAll("tbody input").forEach((one) => { one.checked = target.checked; });
      this.pick(shown.map(({ break_id: id }) => id), target.checked);
    });
    const one = (found) => box(t(`选择 ${found.subject}`, `Pick ${found.subject}`), { checked: this.picked.has(found.break_id) }, ({ target }) => this.pick([found.break_id], target.checked));
    const columns = [t("类型", "Kind"), t("日期", "Day"), t("公司", "Company"), t("对象", "Subject"), t("应为", "Expected"), t("实为", "Found"), t("差额", "Difference"), t("负责", "Owner"), this.mayResolve ? t("已过小时", "Hours") : t("处理", "Resolution")];
    const money = (fen) => h("td", { class: "money" }, booked(fen));
    const cells = (found) => [
      h("td", {}, word(BREAK_KIND, found.kind), found.detail ? h("small", { class: "source" }, found.detail) : null), h("td", {}, found.day), h("td", {}, h("span", { class: "number" }, found.company_id ?? "—")), h("td", {}, h("span", { class: "number" }, found.subject)),
      money(found.expected_fen), money(found.found_fen), money(differenceOf(found)), h("td", {}, word(BREAK_OWNER, found.owner)),
      h("td", {}, found.resolution ? [word(RESOLUTION, found.resolution), h("small", { class: "source" }, `${found.reference} · ${found.resolved_by} · ${moment(found.resolved_at)}`)]
        : found.age_hours >= LONG_OPEN_HOURS ? tag(String(found.age_hours), "bad") : String(found.age_hours))];
    return h("div", { class: "scroll money-table", tabindex: "0", role: "region", "aria-label": t("对账差异", "Breaks") },
      h("table", {}, h("caption", {}, t("对账差异", "Breaks")),
        h("thead", {}, h("tr", {}, this.mayResolve ? h("td", { class: "picks" }, everyOne()) : null, columns.map((name, place) => h("th", { scope: "col", class: place >= 4 && place <= 6 ? "money" : null }, name)))),
        h("tbody", {}, shown.map((found) => h("tr", {}, this.mayResolve ? h("td", { class: "picks" }, one(found)) : null, cells(found))))));
  }

  /** One resolution for all that are picked, sent one after another; what was refused stays picked and says why. */
  batch(api) {
    const send = async (given, answer) => {
      const { selected } = this;
      if (!selected.length) {
        answer.replaceChildren(h("p", { class: "problem", role: "alert" }, t("请先勾选差异。", "Tick some breaks first.")));
        return;
      }
      const resolved = [];
      const refused = [];
      for (const found of selected) {
        answer.replaceChildren(h("p", { role: "status" }, t(`正在处理 ${resolved.length + refused.length + 1} / ${selected.length}…`, `${resolved.length + refused.length + 1} of ${selected.length}…`)));
        try {
          await api.post(`/v1/staff/breaks/${found.break_id}/resolution`, { resolution: given.get("resolution"), reference: given.get("reference").trim() });
          resolved.push(found.break_id);
        } catch (error) {
          if (error.status === 401) throw error;
          if (error.errors?.length && !resolved.length) throw error; // the same would be wrong in each
          refused.push(h("li", {}, h("span", { class: "number" }, found.subject), refusal(error)));
        }
      }
      this.drop(resolved);
      answer.replaceChildren(resolved.length ? done(t(`已处理 ${resolved.length} 项。`, `${resolved.length} resolved.`)) : "", refused.length ? h("ul", {}, refused) : "");
    };
    this.together = h("section", { class: "panel batch" }, h("h2", {}, t("批量处理", "Resolve together")), this.chosen,
      form(t("处理所选", "Resolve what is picked"), h("div", { class: "dates" }, [
        field(t("处理结果", "Resolution"), select("resolution", optionsOf(RESOLUTION), "CORRECTED")),
        field(t("依据的记录编号", "Record that settles it"), input("reference", { minlength: "3", maxlength: "80", pattern: "[A-Za-z0-9#\\/_.\\-]+", title: t("字母、数字和 # / _ . -", "Letters, digits and # / _ . -") })),
      ]), send, { inline: true, label: t("批量处理", "Resolve together") }));
    return this.together;
  }
}
