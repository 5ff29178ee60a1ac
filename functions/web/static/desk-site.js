// Where a project is, on the desk: read from a map whose datum is named, from the phone at the gate, or as offered
// after workers were refused.

import { optionsOf, t, word } from "./client.js";
import { button, field, form, h, input, panel, refresh, select } from "./page.js";
import { NO_POSITION, locate, pointOf } from "./place.js";
import { DATUM, READ_FROM } from "./words.js";

const WELL_FIXED_M = 100; // a site is not set by a worse fix than this

/** Fields of a site: of a new one, or of `site` as it was stated. */
export function siteFields(site) {
  const datum = select("datum", [["", t("请选择", "Choose")], ...optionsOf(READ_FROM)], site?.datum ?? "");
  const point = input("point", { maxlength: "300", inputmode: "text", value: site ? pairOf(site) : null, placeholder: "121.473701,31.230416" });
  const read = h("div", { "aria-live": "polite" });
  const say = (text, tone = "hint") => read.replaceChildren(...(text ? [h("p", { class: tone }, text)] : []));
  const tell = (more = "") => {
    const { wrong, latitude, longitude } = point.value.trim() ? pointOf(point.value) : { wrong: "" };
    point.setCustomValidity(wrong ?? "");
    point.setAttribute("aria-invalid", String(Boolean(wrong)));
    say(wrong ?? t(`北纬 ${latitude}°，东经 ${longitude}°${more}`, `${latitude}° N, ${longitude}° E${more}`), wrong ? "problem" : "hint");
  };
  point.addEventListener("input", () => tell());
  const here = async () => {
    say(t("正在定位…", "Locating…"));
    const { place, why } = await locate();
    if (!place) return say(word(NO_POSITION, why), "problem");
    const off = Math.round(place.accuracy_m);
    if (off > WELL_FIXED_M) {
      return say(t(`手机定位误差约 ${off} 米，不够准。请到空旷处再试，或从地图上复制坐标。`, `Your position is good to about ${off} m only. Try under the open sky, or copy the point from a map.`), "problem");
    }
    point.value = pairOf(place);
    datum.value = "WGS84";
    tell(t(`（手机定位，误差约 ${off} 米）`, ` (your position, good to about ${off} m)`));
  };
  return h("fieldset", {}, h("legend", {}, t("在哪里", "Where")),
    field(t("坐标", "Point"), point, t("从地图复制经纬度粘贴到这里，顺序不限", "Paste longitude and latitude from a map, in any order")),
    read, button(t("我就在现场：用手机定位", "I am at the gate: use my position"), here),
    field(t("这个坐标是从哪里来的？", "From where is this point?"), datum, t("各家地图的坐标不一样，选错会差几百米", "Maps differ by hundreds of metres")),
    field(t("半径（米）", "Radius (m)"), input("radius_m", { type: "number", min: "50", max: "5000", value: String(site?.radius_m ?? 300) })));
}

const pairOf = ({ latitude, longitude }) => `${Number(longitude.toFixed(6))},${Number(latitude.toFixed(6))}`;

/** What siteFields hold, as the API takes it. */
export function siteOf(given) {
  const { latitude, longitude } = pointOf(given.get("point"));
  return { datum: given.get("datum"), latitude, longitude, radius_m: Number(given.get("radius_m")) };
}

/** As it was stated, and as GPS says it. */
export const siteWords = (site) => [
  `${pairOf(site)} · ${word(DATUM, site.datum)} · ${t(`半径 ${site.radius_m} 米`, `radius ${site.radius_m} m`)}`,
  site.datum === "WGS84" ? null : h("small", {}, t(` GPS（WGS-84）：${pairOf(site.wgs84)}`, ` GPS (WGS-84): ${pairOf(site.wgs84)}`)),
];

export const movePanel = (api, path, site) => h("details", { class: "later" }, h("summary", {}, t("更正位置", "Correct the place")),
  form(t("保存位置", "Save the place"), siteFields(site), async (given) => {
    await api.post(`${path}/site`, siteOf(given));
    await refresh();
  }, { label: t("更正位置", "Correct the place") }));

/** Several workers were refused at one place: move the site there by one press. */
export function offerOf(api, path, { site_offer: offer }) {
  if (!offer) return [];
  const { site, workers, distance_m: metres, reason } = offer;
  const take = async () => {
    await api.post(`${path}/site`, site);
    await refresh();
  };
  const map = word(READ_FROM, site.datum);
  return [panel(t("项目位置可能填错了", "The site may be in the wrong place"),
    h("p", {}, t(`${workers} 名工人在离项目位置约 ${metres} 米的同一处打卡被拒。`, `${workers} workers were refused at one place, about ${metres} m from the site.`)),
    h("p", {}, reason === "DATUM"
      ? t(`现在填的坐标如果来自“${map}”，就正好是他们所在的地方。`, `The point fits them exactly if it was read from: ${map}.`)
      : t("如果他们就在现场大门，请把项目位置移到那里。他们不在现场的，请不要移动。", "If that is the gate, move the site there. If they are not at work, leave it.")),
    button(reason === "DATUM" ? t(`是的，坐标来自${map}`, `Yes, it is from: ${map}`) : t(`把项目位置移过去（约 ${metres} 米）`, `Move the site there (about ${metres} m)`), take, { tone: "main" }))];
}
