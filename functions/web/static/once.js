// A secret or an invitation that the API shows this once and keeps nowhere, and lists that come page by page.

import { copied, t } from "./client.js";
import { button, done, empty, field, h, panel } from "./page.js";

/** Show a text once: it is in this box alone, and gone with it. `more` says what it is for. */
export function shownOnce(heading, label, text, ...more) {
  const box = h("input", { type: "text", readonly: true, class: "number", value: text, autocomplete: "off", spellcheck: "false" });
  const said = h("div", { "aria-live": "polite" });
  const copy = async () => {
    box.select();
    said.replaceChildren(await copied(text) ? done(t("已复制。", "Copied."))
      : h("p", { class: "hint" }, t("浏览器不允许自动复制，已为您选中，请手动复制。", "This browser does not copy by itself: the text is selected, copy it yourself.")));
  };
  return panel(heading, more,
    h("p", { class: "notice", role: "status" }, t("只显示这一次，离开或刷新后再也看不到，请现在复制并妥善转交。", "It is shown this once and never again: copy it now and pass it on safely.")),
    field(label, box), button(t("复制", "Copy"), copy, { tone: "main" }), said);
}

/** A list whose pages come one after the other. `draw` gives the elements of a page's answer, none for an empty one. */
export async function paged(api, path, draw, none) {
  const box = h("div", {});
  const next = async (page) => {
    const answer = await api.get(page ? `${path}?page=${encodeURIComponent(page)}` : path);
    box.querySelector(":scope > .act")?.remove();
    box.append(...draw(answer).flat(Infinity).filter(Boolean));
    if (answer.next_page) box.append(button(t("显示更多", "Show more"), () => next(answer.next_page)));
  };
  await next();
  if (!box.children.length) box.append(empty(none));
  return box;
}
