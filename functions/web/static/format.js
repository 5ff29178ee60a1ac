// Money, instants and language as people read them. The API speaks fen and UTC; people yuan and +08:00.

const LANGUAGE = "daycover.language";
let language = sessionStorage.getItem(LANGUAGE) === "en" ? "en" : "zh";

export const speaks = () => language;

export function speak(chosen) {
  language = chosen;
  sessionStorage.setItem(LANGUAGE, chosen);
}

/** The text in the page's language. */
export const t = (zh, en) => (language === "en" ? en : zh);

/** One word of a table in words.js; a code that the table does not know stands for itself. */
export const word = (table, code) => (table[code] ? t(...table[code]) : String(code ?? "—"));

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

/** "12.34" → 1234, null for anything that is no amount. By digits, because 0.29 * 100 is not 29. */
export function fenOf(text) {
  const parts = /^(\d{1,8})(?:\.(\d{1,2}))?$/.exec(text.trim());
  return parts ? Number(parts[1]) * 100 + Number((parts[2] ?? "").padEnd(2, "0")) : null;
}

const CLOCK = new Intl.DateTimeFormat("sv-SE", {
  timeZone: "Asia/Shanghai", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit",
});

/** An instant on the clock of +08:00, wherever the browser is. */
export const moment = (instant) => (instant ? CLOCK.format(new Date(instant)) : "—");

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
