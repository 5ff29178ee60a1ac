// One act for every row that is picked of a list, sent one after another: what went through leaves the list, what was
// refused stays picked and says why.

import { NoConnectionError, t } from "./client.js";
import { done, form, h, refusal } from "./page.js";

export class Batch {
  /**
   * `list()` gives the DataTable. `says(rows)` tells what is picked, `none` that nothing is, `passed(number)` how many went
   * through. `send(row, given)` is the act, `nameOf(row)` what a refusal is about. `before(rows, given, answer)` gives
   * false where it found something in the way and has said so; `after(rows, given, isAll)` gets what went through.
   */
  constructor({ list, label, action, fields, says, none, passed, nameOf, send, before = async () => true, after = () => {} }) {
    Object.assign(this, { list, says, none, passed, nameOf, send, before, after });
    this.chosen = h("p", { role: "status" });
    this.form = form(action, h("div", { class: "dates" }, fields), (given, answer) => this.run(given, answer), { inline: true, label });
    this.panel = h("section", { class: "panel batch" }, h("h2", {}, label), this.chosen, this.form);
  }

  tell(rows) {
    this.chosen.textContent = this.says(rows);
    this.panel.classList.toggle("picked", rows.length > 0);
  }

  /** Gives false where something is still to be sent. */
  async run(given, answer) {
    const list = this.list();
    const rows = list.selected;
    if (!rows.length) answer.replaceChildren(h("p", { class: "problem", role: "alert" }, this.none));
    if (!rows.length || !await this.before(rows, given, answer)) return false;
    const sent = [];
    const refused = [];
    let lost = false;
    try {
      for (const row of rows) {
        const place = sent.length + refused.length + 1;
        answer.replaceChildren(h("p", { role: "status" }, t(`正在处理 ${place} / ${rows.length}…`, `${place} of ${rows.length}…`)));
        try {
          await this.send(row, given);
          sent.push(row);
        } catch (error) {
          if (error.status === 401) throw error;
          if (error.errors?.length && place === 1) throw error; // the same would be wrong in each
          refused.push(h("li", {}, h("span", { class: "number" }, this.nameOf(row)), refusal(error)));
          lost = error instanceof NoConnectionError;
          if (lost) break; // each would wait for the network anew
        }
      }
    } finally {
      list.drop(sent.map(list.idOf));
      this.after(sent, given, sent.length === rows.length);
    }
    answer.replaceChildren(sent.length ? done(this.passed(sent.length)) : "", refused.length ? h("ul", {}, refused) : "",
      lost ? h("p", { class: "notice" }, t("没有收到答复的一项可能已经处理，后面的没有发送，都仍保持勾选。请原样再发一次，不会重复。", "The one that got no answer may have gone through, and what follows was not sent; all stay picked. Send the same again: nothing happens twice.")) : "");
    return sent.length === rows.length;
  }
}
