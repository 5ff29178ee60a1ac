// Money, instants and language as people read them. The API speaks fen and UTC; people yuan and +08:00.

import { forTab } from "./browser.js";

const LANGUAGE = "daycover.language";
let language = forTab.get(LANGUAGE) === "en" ? "en" : "zh";

export const speaks = () => language;

export function speak(chosen) {
  language = chosen;
  forTab.set(LANGUAGE, chosen);
}

/** The text in the page's language. */
export const t = (zh, en) => (language === "en" ? en : zh);

/** One word of a table in words.js; a code that the table does not know stands for itself. */
export const word = (table, code) => (table[code] ? t(...table[code]) : String(code ?? "—"));

/** Every word of a table, for a `select` to offer. */
export const optionsOf = (table) => Object.keys(table).map((code) => [code, word(table, code)]);

/** Several words in a row. */
export const listed = (several) => several.join(t("、", ", "));

/** 358000 → "3,580 元", 70 → "0.70 元". Fen are integers, so no rounding happens. */
export const yuan = (fen) => money(fen, fen % 100 !== 0 || fen === 0);

/** 358000 → "3,580.00 元": for columns of a book. */
export const booked = (fen) => money(fen, true);

function money(fen, hasCents) {
  if (fen === null || fen === undefined) return "—";
  const whole = Math.floor(Math.abs(fen) / 100).toLocaleString("en-US");
  const amount = `${fen < 0 ? "-" : ""}${whole}${hasCents ? `.${String(Math.abs(fen) % 100).padStart(2, "0")}` : ""}`;
  return t(`${amount} 元`, `CNY ${amount}`);
}

/** What `fenOf` reads, and the digits of a bank account in groups: for `pattern`, held against `plainNumber`. */
export const AMOUNT = "[0-9]{1,8}(\\.[0-9]{1,2})?";
export const ACCOUNT = "([0-9]-*){12,32}";

/** A number as it is pasted or a Chinese keyboard gives it, in half-width and without spaces: "１,２３４．５" → "1234.5". */
export function plainNumber(text) {
  const plain = text.normalize("NFKC").replace(/[\s\p{Cf}]/gu, "").replace(/[\p{Pd}\u2212]/gu, "-").replace(/([0-9])。(?=[0-9])/g, "$1.");
  return /^[0-9]{1,3}(,[0-9]{3})+(\.|$)/.test(plain) ? plain.replace(/,/g, "") : plain;
}

/** "12.34" → 1234, null for anything that is no amount. By digits, because 0.29 * 100 is not 29. */
export function fenOf(text) {
  const parts = /^(\d{1,8})(?:\.(\d{1,2}))?$/.exec(text.trim());
  return parts ? Number(parts[1]) * 100 + Number((parts[2] ?? "").padEnd(2, "0")) : null;
}

const SHARE_PARTS = 10_000n; // numerator and denominator at most

const divisor = (a, b) => (b ? divisor(b, a % b) : a);
const lowest = ([above, below]) => { const by = divisor(above, below); return [above / by, below / by]; };
const isFraction = ([above, below]) => above > 0n && below > 0n && above <= SHARE_PARTS && below <= SHARE_PARTS;

/** "1/3", "50%" or "0.25" → [1n, 3n], null for anything that is no share. By digits, as for money. */
export function shareOf(text) {
  const typed = text.normalize("NFKC").trim().replace(/\s*([/%\u2044\u2215])\s*/g, "$1").replace(/[\u2044\u2215]/g, "/"); // ½, １／３ and 50％ too
  const fraction = /^([0-9]{1,5})\/([0-9]{1,5})$/.exec(typed);
  if (fraction) {
    const parts = [BigInt(fraction[1]), BigInt(fraction[2])];
    return isFraction(parts) && parts[0] <= parts[1] ? lowest(parts) : null;
  }
  const decimal = /^([0-9]{1,3})(?:\.([0-9]{1,8}))?(%?)$/.exec(typed);
  if (!decimal) return null;
  const [, whole, places = "", percent] = decimal;
  const parts = lowest([BigInt(whole + places), 10n ** BigInt(places.length + (percent ? 2 : 0))]);
  return isFraction(parts) && parts[0] <= parts[1] ? parts : null;
}

/** [1n, 3n] → "1/3". */
export const fractionOf = ([above, below]) => `${above}/${below}`;

/** Shares as parts of one whole: ["1/2", "1/4", "1/4"] → [2, 1, 1]. */
export function partsOf(shares) {
  const fractions = shares.map(shareOf);
  const whole = fractions.reduce((sum, [, below]) => (sum * below) / divisor(sum, below), 1n);
  return fractions.map(([above, below]) => Number((above * whole) / below));
}

/** What shares lack of the whole: [0n, 1n] for nothing, [-1n, 3n] for a third too much. */
export function lacking(shares) {
  const [above, below] = shares.reduce(([a, b], [c, d]) => [a * d - c * b, b * d], [1n, 1n]);
  const [size, by] = lowest([above < 0n ? -above : above, below]);
  return [above < 0n ? -size : size, by];
}

const CHINA_MS = 8 * 3_600_000; // ahead of UTC all the year; what a browser knows of zones and languages differs

/** An instant on the clock of +08:00, wherever the browser is, as 2026-11-24 08:30. */
export const moment = (instant) => (instant ? new Date(new Date(instant).getTime() + CHINA_MS).toISOString().slice(0, 16).replace("T", " ") : "—");

/** Today in +08:00, as 2026-11-24. */
export const today = (offsetDays = 0) => moment(Date.now() + offsetDays * 86_400_000).slice(0, 10);

/** What an <input type="datetime-local"> holds, read and shown on the clock of +08:00. */
export const instantOf = (local) => `${local}:00+08:00`;
export const localOf = (instant) => moment(instant).replace(" ", "T");

/** How long until an instant, roughly: "3 小时", or "已超时 2 天". */
export function until(instant) {
  const minutes = Math.round((new Date(instant) - Date.now()) / 60_000);
  const size = Math.abs(minutes);
  const span = size < 120 ? t(`${size} 分钟`, `${size} min`)
    : size < 2880 ? t(`${Math.round(size / 60)} 小时`, `${Math.round(size / 60)} h`)
      : t(`${Math.round(size / 1440)} 天`, `${Math.round(size / 1440)} days`);
  return minutes < 0 ? t(`已超时 ${span}`, `${span} late`) : t(`剩 ${span}`, `${span} left`);
}
