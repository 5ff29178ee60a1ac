// The way to the API: one session a face, problem documents as errors.

import { forTab } from "./browser.js";
import { speaks } from "./format.js";
import { addressOf } from "./site.js";

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

let last = null;

/** The number of the last request that was answered, by which the logs can be searched; null before the first. */
export const lastRequest = () => last;

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

  /** A picture as a data: URL, because an <img> cannot send a token. */
  async picture(path) {
    const answer = await asked(this.session, "GET", path);
    if (!answer.ok) throw await problemOf(answer);
    const reader = new FileReader();
    const read = new Promise((resolve) => reader.addEventListener("load", () => resolve(reader.result)));
    reader.readAsDataURL(await answered(answer.blob()));
    return read;
  }

  /** Ask and give status, headers and body. Raises Problem, NoConnectionError; 401 ends the session. */
  async send(method, path, content, headers = {}) {
    for (let again = 0; ; again += 1) {
      const answer = await asked(this.session, method, path, content, headers);
      if (answer.ok) return { status: answer.status, headers: answer.headers, body: await bodyOf(answer) };
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
  return answer;
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
