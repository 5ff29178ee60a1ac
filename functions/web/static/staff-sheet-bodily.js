// The entries of the loss sheet that are about the body: a disability appraisal with its sites, and a death.

import { t, word } from "./format.js";
import { field, h, input, select } from "./page.js";
import { DEATH_CAUSE, DISABILITY_SCALE } from "./words.js";

const grades = () => Array.from({ length: 10 }, (_, place) => [String(place + 1), t(`${place + 1} 级`, `grade ${place + 1}`)]);

/** What stands in a control of an entry, and the field of a day. */
export const typed = (node, name) => node.querySelector(`[name=${name}]`).value.trim();
export const day = (name, label, value, required = true) => field(label, input(name, { type: "date", value: value ?? "", required }));

/** `paper`: the field that names the paper an entry was read from. */
export function appraisalEditor(api, claim, appraisal, paper) {
  const sites = [];
  const list = h("div", { class: "editors" });
  const add = (site) => {
    const node = h("div", { class: "line" },
      field(t("部位", "Part"), input("part", { value: site.part, maxlength: "100" })), field(t("等级", "Grade"), select("grade", grades(), String(site.grade))),
      field(t("条目代码（可不填）", "Item (optional)"), input("item", { value: site.item ?? "", required: false, maxlength: "40" })),
      h("button", { type: "button", class: "quiet", on: { click: () => { sites.splice(sites.indexOf(node), 1); node.remove(); } } }, t("删除部位", "Remove the site")));
    sites.push(node);
    list.append(node);
  };
  (appraisal.sites.length ? appraisal.sites : [{ part: "", grade: 10, item: null }]).forEach(add);
  const node = h("div", { class: "editor" }, h("div", { class: "grid" },
    day("appraised_on", t("鉴定日期", "Appraised on"), appraisal.appraised_on), field(t("鉴定机构", "By whom"), input("body", { value: appraisal.body, maxlength: "200" })),
    field(t("标准", "Scale"), select("scale", Object.keys(DISABILITY_SCALE).map((code) => [code, word(DISABILITY_SCALE, code)]), appraisal.scale)), paper(claim, appraisal.document_id)),
  h("fieldset", {}, h("legend", {}, t("伤残部位（同一部位只计最重的一处）", "Sites (of one part only the worst counts)")), list,
    h("button", { type: "button", on: { click: () => add({ part: "", grade: 10, item: null }) } }, t("加一个部位", "Add a site")), itemSearch(api, add)));
  const read = () => ({
    appraised_on: typed(node, "appraised_on"), body: typed(node, "body"), scale: typed(node, "scale"), document_id: typed(node, "document_id") || null,
    sites: sites.map((site) => ({ item: typed(site, "item") || null, part: typed(site, "part"), grade: Number(typed(site, "grade")) })),
  });
  return { node, read };
}

/** The items of JR/T 0083, looked up; without an answer part and grade are typed. */
function itemSearch(api, add) {
  const asked = input("item_search", { required: false, type: "search", maxlength: "60" });
  const found = h("div", { class: "found", "aria-live": "polite" });
  const look = async () => {
    if (!asked.value.trim()) return;
    try {
      const { items } = await api.get(`/v1/staff/disability-items?q=${encodeURIComponent(asked.value.trim())}`);
      found.replaceChildren(...(items.length ? items.slice(0, 20).map((item) => h("button", { type: "button", on: { click: () => { add({ part: item.part, grade: item.grade, item: item.code }); found.replaceChildren(); } } },
        t(`${item.code} ${item.text}（${item.part}，${item.grade} 级）`, `${item.code} ${item.text} (${item.part}, grade ${item.grade})`)))
        : [h("p", {}, t("没有找到，请换个词，或直接填部位和等级。", "Nothing found: try another word, or type part and grade."))]));
    } catch {
      found.replaceChildren(h("p", { class: "notice" }, t("条目暂时查不到，请直接填部位和等级。", "The items can't be looked up now: type part and grade.")));
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
    day("died_on", t("身故日期", "Died on"), death.died_on), field(t("死因", "Cause"), select("cause", Object.keys(DEATH_CAUSE).map((code) => [code, word(DEATH_CAUSE, code)]), death.cause)),
    day("onset_on", t("发病日期（猝死填）", "Onset (of a sudden death)"), death.onset_on, false),
    field(t("在工作时间和岗位（猝死填）", "At work (of a sudden death)"), select("at_work", [["", t("不明", "not known")], ["yes", t("是", "yes")], ["no", t("否", "no")]], death.at_work === null ? "" : death.at_work ? "yes" : "no", { required: false })),
    paper(claim, death.document_id));
  const read = () => ({ died_on: typed(node, "died_on"), cause: typed(node, "cause"), onset_on: typed(node, "onset_on") || null, at_work: { yes: true, no: false }[typed(node, "at_work")] ?? null, document_id: typed(node, "document_id") || null });
  return { node, read };
}
