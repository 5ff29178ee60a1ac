// What every face stands on: where the site is, what the browser keeps, how people read money and time, and the way to
// the API. Nothing here makes an element: that is page.js.

// ---- where the site stands: at a domain's root, or under a path, as the address of this script says

const FILES = "/static/";

/** The address of the site with a slash at its end; every address of ours begins with it. */
export const ROOT = import.meta.url.slice(0, import.meta.url.lastIndexOf(FILES) + 1);

/** The address of a path of ours: `/v1/claims` is under the site, wherever that is. */
export const addressOf = (path) => ROOT + path.slice(1);

/** A link of the API leads to its public address; the same here, whichever of its addresses this page was opened at. */
export const hereOf = (link, path) => addressOf(link.slice(link.indexOf(path)));

/** What an invited person opens. */
export const invitationLink = (token) => addressOf(`/desk#/invitation/${encodeURIComponent(token)}`);

// ---- what a browser may lack, or throw at: random numbers, stores, dialogs

/**
 * 122 random bits as a UUID. Older web views, and pages without TLS, have no `randomUUID`. It tells one phone and one
 * form from others and is no secret, so that plain random numbers do where there are no better ones.
 */
export function randomId() {
  const source = typeof crypto === "undefined" ? {} : crypto ?? {};
  if (typeof source.randomUUID === "function") return source.randomUUID();
  const bytes = new Uint8Array(16);
  if (typeof source.getRandomValues === "function") source.getRandomValues(bytes);
  else bytes.forEach((_, place) => { bytes[place] = Math.floor(Math.random() * 256); });
  bytes[6] = (bytes[6] & 0x0f) | 0x40; // version and variant of RFC 9562
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** One of the browser's stores; the page's own memory where it is switched off, forbidden or full. */
function keeping(open) {
  const own = new Map();
  const tried = (act, otherwise) => {
    try {
      return act(open());
    } catch {
      return otherwise?.() ?? null;
    }
  };
  return {
    get: (key) => (own.has(key) ? own.get(key) : tried((store) => store.getItem(key))),
    set: (key, value) => void tried((store) => { store.setItem(key, value); own.delete(key); }, () => own.set(key, value)),
    remove: (key) => { own.delete(key); tried((store) => store.removeItem(key)); },
  };
}

/** Until the tab is closed. */
export const forTab = keeping(() => sessionStorage);
/** Until the browser is emptied. */
export const forBrowser = keeping(() => localStorage);

/** Whether a dialog of ours can be shown (not before iOS 15.4); else the browser's own asks. */
export const hasDialogs = () => typeof HTMLDialogElement !== "undefined";

/** Put a text where it can be pasted from; false where the browser does not let us (without TLS, in older web views). */
export async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

// ---- money, instants and language: the API speaks fen and UTC; people yuan and +08:00

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

// ---- the way to the API: one session a face, problem documents as errors

const PATIENCE = 2; // how often a read is repeated when the API says to come back
const LONGEST_WAIT = 10; // seconds; for longer nobody waits without being told
const ANSWERS_WITHIN_MS = 60_000; // the API answers within 30 s; over a connection that died unseen nothing ever comes

/** A refusal. `title` and `detail` come from the API in the page's language; `facts` are what it adds, by name;
 * `wait` is its `Retry-After` in seconds, 0 without one. */
export class Problem extends Error {
  constructor(status, { title, detail, errors, instance, type, ...facts }, wait) {
    super(title);
    this.status = status;
    this.title = title;
    this.detail = detail ?? "";
    this.errors = errors ?? [];
    this.instance = instance;
    this.slug = (type ?? "").split("/").pop();
    this.facts = facts;
    this.wait = wait;
  }
}

/** Nothing was exchanged, or the answer broke off. No other error is the network's. */
export class NoConnectionError extends Error {}

/** What the network does, with its failure told from every other. */
export const reached = (exchange) => exchange.catch((error) => { throw new NoConnectionError("no connection", { cause: error }); });

/** The same for what is waited for no longer than the API may take: a button must not stay pressed for ever. */
export async function answered(exchange) {
  let late;
  const silence = new Promise((_, reject) => { late = setTimeout(() => reject(new Error("no answer")), ANSWERS_WITHIN_MS); });
  try {
    return await reached(Promise.race([exchange, silence]));
  } finally {
    clearTimeout(late);
  }
}

let ahead = 0; // milliseconds that the API's clock is ahead of this one's: phones at a gate count from yesterday or tomorrow

/** The time as the API has it, in milliseconds. */
export const now = () => Date.now() + ahead;

let last = null;

/** The number of the last request that was answered, by which the logs can be searched; null before the first. */
export const lastRequest = () => last;

/** What a token says of whoever carries it. Raises an error for what is no token. */
export const claimsOf = (jwt) => JSON.parse(atob(jwt.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")));

/** What a sign-in gave, in this tab alone: token, end, and roles or company. Nothing about a person. */
export class Session {
  constructor(face) {
    this.key = `daycover.${face}`;
  }

  get facts() {
    const kept = JSON.parse(forTab.get(this.key) ?? "null");
    return kept && Date.parse(kept.ends) > Date.now() ? kept : null;
  }

  keep(facts) {
    forTab.set(this.key, JSON.stringify(facts));
  }

  end() {
    forTab.remove(this.key);
  }
}

export class Api {
  constructor(session) {
    this.session = session;
  }

  get = (path) => this.send("GET", path).then(({ body }) => body);
  post = (path, content, headers) => this.send("POST", path, content, headers).then(({ body }) => body);

  /** What the API answers, as a Blob. Raises as `send`. */
  file = (path) => this.granted("GET", path).then((answer) => answered(answer.blob()));

  /** A picture as a data: URL, because an <img> cannot send a token. Raises as `send`. */
  async picture(path) {
    const reader = new FileReader();
    const read = new Promise((resolve) => reader.addEventListener("load", () => resolve(reader.result)));
    reader.readAsDataURL(await this.file(path));
    return read;
  }

  /** Ask and give status, headers and body. Raises Problem, NoConnectionError; 401 ends the session. */
  async send(method, path, content, headers = {}) {
    const answer = await this.granted(method, path, content, headers);
    return { status: answer.status, headers: answer.headers, body: await bodyOf(answer) };
  }

  /** The answer to what was not refused; a read is repeated when the API says to come back soon. */
  async granted(method, path, content, headers = {}) {
    for (let again = 0; ; again += 1) {
      const answer = await asked(this.session, method, path, content, headers);
      if (answer.ok) return answer;
      const problem = await problemOf(answer);
      if (answer.status === 401) this.session.end();
      if (method !== "GET" || !problem.wait || problem.wait > LONGEST_WAIT || again >= PATIENCE) throw problem;
      await pause(problem.wait);
    }
  }
}

async function asked(session, method, path, content, headers = {}) {
  const sent = { Accept: "*/*", "Accept-Language": speaks(), ...headers };
  const token = session.facts?.token;
  if (token) sent.Authorization = `Bearer ${token}`;
  if (content !== undefined) sent["Content-Type"] = "application/json";
  const body = content === undefined ? undefined : JSON.stringify(content);
  const request = new Request(addressOf(path), { method, headers: sent, body, cache: "no-store" }); // what is wrong in it is ours
  const answer = await answered(fetch(request));
  last = answer.headers.get("x-amzn-requestid") ?? last;
  const stamped = Date.parse(answer.headers.get("Date"));
  if (stamped) ahead = stamped - Date.now();
  return answer;
}

/** Wait for so many seconds; less when the network comes back or the page is seen again, and on while nobody sees it. */
export function awake(seconds) {
  return new Promise((resolve) => {
    const go = () => {
      clearTimeout(late);
      removeEventListener("online", go);
      document.removeEventListener("visibilitychange", seen);
      resolve();
    };
    const seen = () => { if (!document.hidden) go(); };
    const late = setTimeout(() => { if (!document.hidden) go(); }, seconds * 1000);
    addEventListener("online", go);
    document.addEventListener("visibilitychange", seen);
  });
}

export const pause = (seconds) => new Promise((resolve) => { setTimeout(resolve, seconds * 1000); });

const isJson = (answer) => answer.headers.get("Content-Type")?.includes("json");

async function bodyOf(answer) {
  const text = await answered(answer.text());
  return isJson(answer) ? JSON.parse(text) : text;
}

async function problemOf(answer) {
  const document = isJson(answer) ? await bodyOf(answer) : {};
  last = document.instance ?? last;
  return new Problem(answer.status, { title: `${answer.status}`, ...document }, Number(answer.headers.get("Retry-After")) || 0);
}
