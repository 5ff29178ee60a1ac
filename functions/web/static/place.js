// Where a phone is, and what a point copied from a map says. Nothing of it is kept in the page.

import { t } from "./client.js";

const WITHIN_MS = 8000; // a timer of our own: some web views never come to the one that they are given
const WORST_M = 100_000; // what the API takes; a fix by network address may say more, and says nothing either way
const DAY_MS = 86_400_000;
const WHY = { 1: "DENIED", 2: "UNKNOWN", 3: "LATE" }; // codes of GeolocationPositionError

/** Why there is no position, by the code that `locate` gives. */
export const NO_POSITION = {
  SKIPPED: ["您没有等手机给出位置", "You did not wait for the phone's position"],
  LATE: ["手机 8 秒内没有给出位置，请到空旷处、打开定位服务", "The phone gave no position within 8 seconds: switch on location services, go under the open sky"],
  DENIED: ["没有允许定位，请在手机设置里允许微信使用位置", "Positions are not allowed: let WeChat use your location in the phone's settings"],
  UNKNOWN: ["手机没有给出位置，请打开定位服务", "The phone gave no position: switch on location services"],
  NONE: ["这个浏览器没有定位功能，请用微信扫码", "This browser has no positions: scan with WeChat"],
  INSECURE: ["这个网页不是加密连接（https），浏览器不给位置", "This page is not encrypted (https), so the browser gives no position"],
};

/** {place} as the API takes it, or {why}: a code of NO_POSITION. Within 8 seconds, whatever the browser does. */
export function locate() {
  return new Promise((resolve) => {
    const late = setTimeout(() => resolve({ why: "LATE" }), WITHIN_MS);
    const answer = (found) => { clearTimeout(late); resolve(found); };
    if (window.isSecureContext === false) return answer({ why: "INSECURE" });
    try {
      if (!navigator.geolocation) return answer({ why: "NONE" });
      navigator.geolocation.getCurrentPosition(
        (fix) => answer(placeOf(fix)), (error) => answer({ why: WHY[error?.code] ?? "UNKNOWN" }),
        { enableHighAccuracy: true, timeout: WITHIN_MS });
    } catch {
      answer({ why: "UNKNOWN" });
    }
  });
}

function placeOf(fix) {
  const { latitude, longitude, accuracy } = fix?.coords ?? {};
  if (![latitude, longitude, accuracy].every(Number.isFinite) || accuracy < 0 || !isPlace(latitude, longitude)) return { why: "UNKNOWN" };
  const { timestamp } = fix;
  const now = Date.now();
  const fixed = Math.abs(timestamp - now) < DAY_MS ? timestamp : now; // some phones count from another year
  return { place: { datum: "WGS84", latitude, longitude, accuracy_m: Math.min(accuracy, WORST_M), fixed_at: new Date(fixed).toISOString() } };
}

/** On Earth, and not where phones are that know no better. */
const isPlace = (latitude, longitude) => Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 && !(latitude === 0 && longitude === 0);

/**
 * The point in a text that somebody typed or pasted of a map, in whatever order: in China a longitude (73 to 136)
 * is never a latitude (3 to 54). {latitude, longitude}, or {wrong}: what to do.
 */
export function pointOf(text) {
  const typed = text.normalize("NFKC").replace(/(\d)\s*。\s*(?=\d)/g, "$1.").replace(/,(?:[\d.]+z|\d+m)\b/g, ""); // of a map's address: its zoom
  const all = typed.match(/[+-]?\d+(?:\.\d+)?/g) ?? [];
  const decimals = all.filter((number) => number.includes("."));
  const numbers = decimals.length === 2 ? decimals : all;
  if (/\d\s*[′'’分]/.test(typed)) return { wrong: t("请用小数形式的度数，例如 31.230416,121.473701。", "Use decimal degrees, such as 31.230416,121.473701.") };
  if (numbers.length !== 2) return { wrong: t("请填经度和纬度两个数，用逗号隔开，例如 121.473701,31.230416。", "Give longitude and latitude, two numbers with a comma, such as 121.473701,31.230416.") };
  const [one, other] = numbers.map(Number);
  const isElsewhere = /\.\d+\s*°?\s*[SW]\b|\b[SW]\s*\d+\.|南纬|西经/i.test(typed);
  const point = isElsewhere ? null : isChinese(one, other) ? { latitude: one, longitude: other } : isChinese(other, one) ? { latitude: other, longitude: one } : null;
  if (!point) return { wrong: t("这两个数不是中国境内的经纬度，请核对。", "These are not degrees of a place in China. Check them.") };
  if (!numbers.some((number) => /\.\d{3}/.test(number))) return { wrong: t("小数位太少，位置会差一公里。请复制完整的坐标。", "Too few decimals: this may be a kilometre off. Copy the whole pair.") };
  return point;
}

const isChinese = (latitude, longitude) => latitude >= 3 && latitude <= 54 && longitude >= 73 && longitude <= 136;
