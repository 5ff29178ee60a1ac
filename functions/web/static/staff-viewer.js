// A paper in the page beside its decision: one page at a time, larger, turned, and the next one.
// Each page that is fetched is a look, and recorded as one; so a page is fetched when it is shown and not before.

import { t } from "./client.js";
import { button, h, link, refusal } from "./page.js";

const ZOOMS = [1, 1.5, 2, 3, 4];
const PICTURES = ["JPEG", "PNG"];
let current = null; // the one viewer: it outlives the drawing of its view, with the page that it shows

/**
 * Give the viewer of `key` (a claim or a referral) for these papers: {id, label, path, pages, kinds, gate}.
 * `gate(open)` gives what stands before a paper that is not opened without more ado, null where there is nothing.
 * `moved` is told the paper that is shown; `foot` stands below it. Its element is a part of the view by itself, never inside
 * another: moved, a PDF would be fetched again by a link that is no longer good.
 */
export function viewerOf(api, key, papers, foot, moved = () => {}) {
  if (current?.key !== key || !current.element.isConnected) current = viewer(api, key);
  current.take(papers, moved, foot);
  return current;
}

function viewer(api, key) {
  let papers = [];
  let moved = () => {};
  const at = { id: null, page: 1, zoom: 0, turn: 0, query: {} };
  let picture = null;
  let asked = 0;
  const name = h("b", { class: "paper-name", "aria-live": "polite" });
  const count = h("span", { class: "paper-page" });
  const frame = h("div", { class: "paper-frame", tabindex: "0", role: "region", "aria-label": t("材料", "Document") });
  const control = (text, label, act) => h("button", { type: "button", title: label, "aria-label": label, on: { click: act } }, text);
  const controls = {
    back: control("‹", t("上一份材料", "Previous document"), () => step(-1)),
    on: control("›", t("下一份材料", "Next document"), () => step(1)),
    before: control("↑", t("上一页", "Previous page"), () => page(-1)),
    after: control("↓", t("下一页", "Next page"), () => page(1)),
    smaller: control("−", t("缩小", "Smaller"), () => zoom(-1)),
    larger: control("+", t("放大", "Larger"), () => zoom(1)),
    turn: control("⟳", t("旋转", "Turn"), () => turn()),
  };
  const bar = h("div", { class: "paper-bar", role: "toolbar", "aria-label": t("看材料", "Look at the document") },
    controls.back, controls.on, name, controls.before, count, controls.after, controls.smaller, controls.larger, controls.turn);
  const below = h("div", {});
  const element = h("section", { class: "viewer", "data-key": "viewer", "aria-label": t("材料原件", "The document itself") }, bar, frame, below);

  const paper = () => papers.find(({ id }) => id === at.id);

  function fit() {
    if (!picture?.naturalWidth || !picture.isConnected) return;
    const wide = (frame.clientWidth - 2) * ZOOMS[at.zoom];
    const lies = at.turn % 180 !== 0;
    const ratio = picture.naturalHeight / picture.naturalWidth;
    const [width, height] = lies ? [wide / ratio, wide] : [wide, wide * ratio];
    Object.assign(picture.style, { width: `${width}px`, height: `${height}px`, transform: `translate(-50%, -50%) rotate(${at.turn}deg)` });
    Object.assign(picture.parentElement.style, { width: `${wide}px`, height: `${lies ? width : height}px` });
  }

  function label() {
    const shown = paper();
    const place = papers.indexOf(shown);
    name.replaceChildren(shown ? shown.label : t("没有打开的材料", "No document is open"));
    count.replaceChildren(shown && shown.pages > 1 ? t(`第 ${at.page}/${shown.pages} 页`, `page ${at.page}/${shown.pages}`) : "");
    const isPicture = Boolean(picture);
    for (const [control_, off] of [[controls.back, place <= 0], [controls.on, place >= papers.length - 1], [controls.before, !shown || at.page <= 1],
      [controls.after, !shown || at.page >= shown.pages], [controls.smaller, !isPicture || at.zoom === 0], [controls.larger, !isPicture || at.zoom === ZOOMS.length - 1], [controls.turn, !isPicture]]) {
      control_.disabled = off;
    }
    for (const control_ of [controls.before, controls.after]) control_.hidden = !shown || shown.pages < 2;
  }

  async function load() {
    const shown = paper();
    picture = null;
    asked += 1;
    const mine = asked;
    label();
    moved(shown);
    if (!shown) return;
    frame.replaceChildren(h("p", { class: "hint" }, t("正在打开…", "Opening…")));
    try {
      const { url } = await api.get(`${shown.path}/file?${new URLSearchParams({ ...at.query, page: at.page })}`);
      if (mine === asked) show(shown, url);
    } catch (error) {
      if (mine === asked) frame.replaceChildren(refusal(error), button(t("重试", "Try again"), load));
    }
    label();
  }

  function show(shown, url) {
    const kind = shown.kinds[at.page - 1];
    const elsewhere = link(url, t("在新窗口打开", "Open in a new window"), { target: "_blank", rel: "noopener noreferrer", class: "paper-away" });
    if (PICTURES.includes(kind)) {
      picture = h("img", { src: url, alt: t(`${shown.label}，第 ${at.page} 页`, `${shown.label}, page ${at.page}`), on: {
        load: fit,
        error: () => { picture = null; label(); frame.replaceChildren(h("p", { class: "notice" }, t("图片打不开，链接可能已过期。", "The picture does not open; its link may have expired.")), button(t("重新打开", "Open again"), () => load())); },
      } });
      frame.replaceChildren(h("div", { class: "paper-sheet" }, picture));
    } else if (kind === "PDF") {
      frame.replaceChildren(h("iframe", { src: url, title: shown.label, referrerpolicy: "no-referrer" }), elsewhere);
    } else {
      frame.replaceChildren(h("p", { class: "notice" }, t("这种文件不能在页面里显示。", "A file of this kind is not shown in the page.")), elsewhere);
    }
    frame.scrollTo(0, 0);
  }

  /** Show a paper, where its gate lets it through. */
  function open(id, page_ = 1) {
    Object.assign(at, { id, page: page_, zoom: 0, turn: 0, query: {} });
    const gate = paper()?.gate?.((query = {}) => { at.query = query; return load(); });
    if (!gate) return load();
    picture = null;
    asked += 1;
    label();
    moved(paper());
    frame.replaceChildren(...[gate].flat());
    return null;
  }

  function step(by) {
    const next = papers[papers.indexOf(paper()) + by];
    if (next) void open(next.id);
  }

  function page(by) {
    const shown = paper();
    if (!shown || at.page + by < 1 || at.page + by > shown.pages) return;
    at.page += by;
    void load();
  }

  function zoom(by) {
    at.zoom = Math.min(ZOOMS.length - 1, Math.max(0, at.zoom + by));
    fit();
    label();
  }

  function turn() {
    at.turn = (at.turn + 90) % 360;
    fit();
  }

  return {
    key,
    element,
    open,
    step,
    page,
    zoom,
    turn,
    fit,
    get shown() { return paper(); },
    take(given, told, foot) {
      papers = given;
      moved = told;
      below.replaceChildren(...[foot].flat().filter(Boolean));
      if (!paper()) {
        at.id = null;
        frame.replaceChildren(h("p", { class: "hint" }, papers.length ? t("点一份材料，在这里看原件。", "Choose a document to see it here.") : t("还没有可看的材料。", "There is no document to look at.")));
      }
      label();
    },
  };
}

addEventListener("resize", () => current?.fit());

/** The keys of the viewer, beside those of its view. */
export const viewerKeys = (shown) => ({
  j: () => shown.step(1), k: () => shown.step(-1), "[": () => shown.page(-1), "]": () => shown.page(1),
  "+": () => shown.zoom(1), "=": () => shown.zoom(1), "-": () => shown.zoom(-1), t: () => shown.turn(),
});
