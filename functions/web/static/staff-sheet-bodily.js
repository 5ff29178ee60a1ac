// The entries of the loss sheet that are about the body: a disability appraisal with its sites, and a death.

import { optionsOf, t } from "./client.js";
import { field, h, input, select } from "./page.js";
import { DEATH_CAUSE, DISABILITY_SCALE } from "./words.js";

const grades = () => Array.from({ length: 10 }, (_, place) => [String(place + 1), t(`${place + 1} 级`, `grade ${place + 1}`)]);

/** What stands in a control of an entry, and the field of a day. */
export const typed = (node, name) => node.querySelector(`[name=${name}]`).value.trim();
export const day = (name, label, value, required = true) => field(label, input(name, { type: "date", value: value ?? "", required }));

const SITE = { part: "", side: null, grade: 10, item: null, worsened_from: null };
const sides = () => [["", t("不分左右", "no sides")], ["LEFT", t("左", "left")], ["RIGHT", t("右", "right")], ["BOTH", t("双侧", "both")]];

/** `paper`: the field that names the paper an entry was read from. */
export function appraisalEditor(api, claim, appraisal, paper) {
  const sites = [];
  const list = h("div", { class: "editors" });
  /** Every part that a site may be of, by code; nothing where it can't be looked up now. */
  const parts = api.get("/v1/staff/disability-items?q=").then((answer) => answer.parts, () => []);
  const add = (site) => {
    const part = select("part", [[site.part, site.part]], site.part);
    parts.then((known) => {
      if (!known.length) return;
      part.replaceChildren(...known.map(({ code, name_zh: zh, name_en: en }) => h("option", { value: code }, t(zh, en))));
      part.value = site.part || known[0].code;
    });
    const node = h("div", { class: "line" },
      field(t("部位", "Part"), part), field(t("左右", "Side"), select("side", sides(), site.side ?? "", { required: false })),
      field(t("等级", "Grade"), select("grade", grades(), String(site.grade))),
      field(t("此前等级（加重时填）", "Grade before (where it worsened)"), select("worsened_from", [["", "—"], ...grades()], site.worsened_from ? String(site.worsened_from) : "", { required: false })),
      field(t("条目代码（可不填）", "Item (optional)"), input("item", { value: site.item ?? "", required: false, maxlength: "8", placeholder: "7.5-16" })),
      h("button", { type: "button", class: "quiet", on: { click: () => { sites.splice(sites.indexOf(node), 1); node.remove(); } } }, t("删除部位", "Remove the site")));
    sites.push(node);
    list.append(node);
  };
  (appraisal.sites.length ? appraisal.sites : [SITE]).forEach(add);
  const node = h("div", { class: "editor" }, h("div", { class: "grid" },
    day("appraised_on", t("鉴定日期", "Appraised on"), appraisal.appraised_on), field(t("鉴定机构", "By whom"), input("body", { value: appraisal.body, maxlength: "200" })),
    field(t("标准", "Scale"), select("scale", optionsOf(DISABILITY_SCALE), appraisal.scale)), paper(claim, appraisal.document_id)),
  h("fieldset", {}, h("legend", {}, t("伤残部位（同一部位只计最重的一处）", "Sites (of one part only the worst counts)")), list,
    h("button", { type: "button", on: { click: () => add(SITE) } }, t("加一个部位", "Add a site")), itemSearch(api, add)));
  const read = () => ({
    appraised_on: typed(node, "appraised_on"), body: typed(node, "body"), scale: typed(node, "scale"), document_id: typed(node, "document_id") || null,
    sites: sites.map((site) => ({ item: typed(site, "item") || null, part: typed(site, "part"), side: typed(site, "side") || null, grade: Number(typed(site, "grade")), worsened_from: Number(typed(site, "worsened_from")) || null })),
  });
  return { node, read };
}

/** The items of JR/T 0083, looked up; an appraisal may name part and grade alone. */
function itemSearch(api, add) {
  const asked = input("item_search", { required: false, type: "search", maxlength: "40" });
  const found = h("div", { class: "found", "aria-live": "polite" });
  const look = async () => {
    if (!asked.value.trim()) return;
    try {
      const { items, parts } = await api.get(`/v1/staff/disability-items?q=${encodeURIComponent(asked.value.trim())}`);
      const name = (code) => { const part = parts.find((known) => known.code === code); return part ? t(part.name_zh, part.name_en) : code; };
      found.replaceChildren(...(items.length ? items.slice(0, 20).map((item) => h("button", { type: "button", on: { click: () => { add({ ...SITE, part: item.parts[0], side: item.extent === "BOTH" ? "BOTH" : null, grade: item.grade, item: item.code }); found.replaceChildren(); } } },
        t(`${item.code} ${item.text_zh}（${item.parts.map(name).join("、")}，${item.grade} 级）`, `${item.code} ${item.text_zh} (${item.parts.map(name).join(", ")}, grade ${item.grade})`)))
        : [h("p", {}, t("没有找到，请换个词，或直接选部位和等级。", "Nothing found: try another word, or choose part and grade."))]));
    } catch {
      found.replaceChildren(h("p", { class: "notice" }, t("条目暂时查不到，请稍后再试。", "The items can't be looked up now: try again later.")));
    }
  };
  asked.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault(); // the form is not sent
    void look();
  });
  return h("div", { class: "search" }, field(t("查 JR/T 0083 条目（如“拇指 缺失”）", "Look up an item of JR/T 0083"), asked), h("button", { type: "button", on: { click: look } }, t("查找条目", "Look up")), found);
}

export function deathEditor(claim, death, paper) {
  const node = h("div", { class: "editor grid" },
    day("died_on", t("身故日期", "Died on"), death.died_on), field(t("死因", "Cause"), select("cause", optionsOf(DEATH_CAUSE), death.cause)),
    day("onset_on", t("发病日期（猝死填）", "Onset (of a sudden death)"), death.onset_on, false),
    field(t("在工作时间和岗位（猝死填）", "At work (of a sudden death)"), select("at_work", [["", t("不明", "not known")], ["yes", t("是", "yes")], ["no", t("否", "no")]], death.at_work === null ? "" : death.at_work ? "yes" : "no", { required: false })),
    paper(claim, death.document_id));
  const read = () => ({ died_on: typed(node, "died_on"), cause: typed(node, "cause"), onset_on: typed(node, "onset_on") || null, at_work: { yes: true, no: false }[typed(node, "at_work")] ?? null, document_id: typed(node, "document_id") || null });
  return { node, read };
}
