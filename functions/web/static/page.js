// What the three faces are built of: elements, forms that show refusals, tables, and one view at a time.
// Text gets into the page as text only, so nothing that a person typed can become markup.

import { NoConnectionError, Problem, ROOT, hasDialogs, lastRequest, plainNumber, speak, speaks, t, yuan } from "./client.js";

/** Make an element: attributes by name, `on: {event: act}`, children as nodes, texts or lists of them. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") {
      for (const [event, act] of Object.entries(value)) element.addEventListener(event, act);
    } else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export const title = (text, ...more) => [h("h1", { tabindex: "-1" }, text), ...more];
export const panel = (heading, ...children) => h("section", { class: "panel" }, h("h2", {}, heading), children);
export const link = (href, text, attributes = {}) => h("a", { href, ...attributes }, text);
export const empty = (text) => h("p", { class: "empty" }, text);
export const tag = (text, tone = "") => h("span", { class: `tag ${tone}` }, text);


/** What to do, in order: pairs of a step and what it means. */
export const steps = (...texts) => h("ol", { class: "steps" }, texts.map(([bold, rest]) => h("li", {}, h("b", {}, bold), rest)));

/** Facts as a list of terms: pairs of label and value, those without a value left out. */
export const facts = (...pairs) =>
  h("dl", { class: "facts" }, pairs.filter((pair) => pair && pair[1] !== null && pair[1] !== undefined)
    .map(([label, value, wide]) => h("div", { class: wide ? "wide" : null }, h("dt", {}, label), h("dd", {}, value))));

/** Let the browser keep what stands at an address, under a name if the server gives none. */
export function save(url, name = true) {
  const anchor = h("a", { href: url, download: name, rel: "noreferrer", hidden: true });
  document.body.append(anchor);
  anchor.click();
  anchor.remove();
}

export function table(caption, columns, rows, none) {
  if (!rows.length) return empty(none);
  const head = h("tr", {}, columns.map((name) => h("th", { scope: "col" }, name)));
  const body = rows.map((cells) => h("tr", {}, cells.map((cell) => h("td", {}, cell))));
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    h("table", {}, h("caption", {}, caption), h("thead", {}, head), h("tbody", {}, body)));
}

// ---- forms

let fields = 0;

/** An input with its label. `hint` is read with it. */
export function field(label, input, hint) {
  fields += 1;
  input.id = `field-${fields}`;
  const note = hint ? h("small", { id: `${input.id}-hint` }, hint) : null;
  if (note) input.setAttribute("aria-describedby", note.id);
  return h("div", { class: "field" }, h("label", { for: input.id }, label), input, note);
}

export const input = (name, attributes = {}) => h("input", { name, required: true, autocomplete: "off", ...attributes });
export const words = (name, attributes = {}) => h("textarea", { name, required: true, rows: "3", maxlength: "1000", ...attributes });
export const select = (name, options, chosen, attributes = {}) =>
  h("select", { name, required: true, ...attributes },
    options.map(([value, text]) => h("option", { value, selected: value === chosen }, text)));

/** A box to tick, with its text beside it. */
export function tick(name, value, text, attributes = {}) {
  fields += 1;
  const box = h("input", { type: "checkbox", name, value, id: `field-${fields}`, ...attributes });
  return h("div", { class: "tick" }, box, h("label", { for: box.id }, text));
}

let sending = null; // the form that is being sent: what it holds is not kept for later

/** Open whatever folds an element away. */
export function unfold(element) {
  for (let folded = element.closest("details"); folded; folded = folded.parentElement.closest("details")) folded.open = true;
}

/** A form that sends once at a time and shows a refusal beside its button. `send` gets the FormData. */
export function form(action, children, send, attributes = {}) {
  const answer = h("div", { class: "answer", "aria-live": "polite" });
  const button = h("button", { class: attributes.tone ?? "main" }, action);
  const made = h("form", { class: attributes.inline ? "form inline" : "form", "aria-label": attributes.label ?? action }, children, button, answer);
  made.addEventListener("submit", async (event) => {
    event.preventDefault();
    sending = made;
    await guarded(button, answer, () => send(new FormData(made), answer));
    sending = null;
  });
  made.addEventListener("change", ({ target }) => { // before the browser holds it against its pattern
    if (target.pattern && target.type === "text") target.value = plainNumber(target.value);
  });
  made.addEventListener("invalid", ({ target }) => unfold(target), true); // else the browser can't show what is wrong
  return made;
}

/** A button for one act; a refusal appears below it. `sure`: the question to ask first, in `sureTone`. */
export function button(text, act, { tone = "", sure, sureTone = "danger" } = {}) {
  const answer = h("div", { class: "answer", "aria-live": "polite" });
  const made = h("button", { type: "button", class: tone }, text);
  made.addEventListener("click", async () => {
    if (!sure || await confirmed(sure, text, sureTone)) await guarded(made, answer, act);
  });
  return h("span", { class: "act" }, made, answer);
}

async function guarded(control, answer, act) {
  control.disabled = true;
  answer.replaceChildren();
  try {
    await act();
  } catch (error) {
    if (error.status === 401 && isSignedIn) await shown(error); // the session is over: sign in anew, and say why
    else answer.replaceChildren(refusal(error));
  } finally {
    control.disabled = false;
  }
}

/** A refusal as its problem document says it. Whatever else went wrong is ours, and said without details. */
export function refusal(error) {
  if (error instanceof NoConnectionError) {
    return h("div", { class: "problem", role: "alert" }, h("b", {}, t("连接不上", "No connection")),
      h("p", {}, t("请检查网络后重试。", "Check the network and try again.")));
  }
  if (!(error instanceof Problem)) return fault(error);
  const isConflict = error.status === 409;
  return h("div", { class: isConflict ? "problem conflict" : "problem", role: "alert" },
    h("b", {}, error.title), error.detail && error.detail !== error.title ? h("p", {}, error.detail) : null,
    error.status === 503 && error.wait ? h("p", {}, error.wait < 100
      ? t(`请 ${error.wait} 秒后再试。`, `Try again in ${error.wait} s.`)
      : t(`请 ${Math.ceil(error.wait / 60)} 分钟后再试。`, `Try again in ${Math.ceil(error.wait / 60)} min.`)) : null,
    error.facts.maximum_fen === undefined ? null : h("p", {}, t(`最多 ${yuan(error.facts.maximum_fen)}。`, `At most ${yuan(error.facts.maximum_fen)}.`)),
    error.errors.length ? h("ul", {}, error.errors.map(({ pointer, detail }) => h("li", {}, `${pointer} ${detail}`))) : null,
    isConflict ? h("button", { type: "button", on: { click: refresh } }, t("重新载入", "Load again")) : null,
    error.status >= 500 && error.instance ? h("small", {}, t("编号 ", "Number "), error.instance) : null);
}

/** An error of the page itself. What it was stays in the console, for whoever mends it. */
function fault(error) {
  console.error(error);
  return h("div", { class: "problem fault", role: "alert" }, h("b", {}, t("页面出错了", "This page has failed")),
    h("p", {}, t("不是您的网络问题。请重新载入后再试；还不行，请联系现场负责人，或拨打 95511，并告诉对方编号。", "It is not your network. Load the page again; if that does not help, ask the foreman or call 95511, and tell them the number.")),
    h("button", { type: "button", on: { click: () => location.reload() } }, t("重新载入页面", "Load the page again")),
    lastRequest() ? h("p", {}, t(`编号 ${lastRequest()}`, `Number ${lastRequest()}`)) : null);
}

const isOurs = (error) => error instanceof Error && String(error.stack).includes("/static/"); // WeChat puts scripts into our pages too

/** What nobody caught is shown on top of whatever stands there. */
function tell(main, error) {
  if (!isOurs(error)) return;
  main.querySelectorAll(".told, .fault").forEach((before) => before.remove());
  main.prepend(h("div", { class: "told" }, refusal(error)));
}

export const done = (text) => h("p", { class: "done", role: "status" }, text);

function confirmed(question, action, tone) {
  if (!hasDialogs()) return Promise.resolve(confirm(question));
  return new Promise((resolve) => {
    const close = (answer) => { box.close(); box.remove(); resolve(answer); };
    const box = h("dialog", { "aria-label": question, on: { cancel: () => close(false) } }, h("p", {}, question),
      h("div", { class: "row" },
        h("button", { type: "button", class: tone, on: { click: () => close(true) } }, action),
        h("button", { type: "button", on: { click: () => close(false) } }, t("取消", "Cancel"))));
    document.body.append(box);
    box.showModal();
  });
}

// ---- one view at a time

let timers = [];
let isSignedIn = false;
let shown = () => {};

/** Repeat while the present view stands. */
export function every(seconds, act) {
  timers.push(setInterval(act, seconds * 1000));
}

/** Draw the present view anew. */
export const refresh = () => shown();

/** Draw the present view anew where one act changed it: what is typed in other forms stays, and so does the place. */
export async function redrawn() {
  const place = scrollY;
  const typed = dirty();
  await shown();
  for (const { label, name, nth, value, checked } of typed) {
    const control = labelled(label).flatMap((form_) => named(form_, name))[nth];
    if (!control) continue;
    if (isBox(control)) control.checked = checked;
    else control.value = value;
    unfold(control);
  }
  scrollTo(0, place);
}

const isBox = ({ type }) => type === "checkbox" || type === "radio";
const labelled = (label) => [...document.querySelectorAll("main form:not([data-kept])")].filter((form_) => form_.getAttribute("aria-label") === label);
const named = (form_, name) => [...form_.elements].filter((control) => control.name === name);

/** Every control that somebody has changed, in forms that are not being sent. */
const dirty = () => [...document.querySelectorAll("main form:not([data-kept])")].filter((form_) => form_ !== sending)
  .flatMap((form_) => [...form_.elements].filter((control) => control.name && !["file", "hidden"].includes(control.type) && isChanged(control))
    .map((control) => ({ label: form_.getAttribute("aria-label"), name: control.name, value: control.value, checked: control.checked, nth: named(form_, control.name).indexOf(control) })));

function isChanged(control) {
  if (isBox(control)) return control.checked !== control.defaultChecked;
  if (control.options) return !(control.selectedOptions[0]?.defaultSelected ?? true) && (control.selectedIndex > 0 || [...control.options].some(({ defaultSelected }) => defaultSelected));
  return control.value !== control.defaultValue;
}

export const go = (hash) => (location.hash === hash ? refresh() : void (location.hash = hash));

/**
 * Run a face: `views` are pairs of a pattern for the address's hash and the view; without a session `signIn` is
 * shown. `name` and `nav` give texts, so that they change with the language. `arrive` comes before the first view:
 * it takes what a sign-in elsewhere handed over, and gives null or the error that `signIn` is to tell.
 */
export function run({ name, session, nav, views, signIn, arrive = async () => null }) {
  let turn = 0;
  const main = document.querySelector("main");
  shown = async (why) => {
    turn += 1;
    const mine = turn;
    isSignedIn = Boolean(session.facts);
    timers.forEach(clearInterval);
    timers = [];
    frame(name(), session.facts ? nav() : [], session);
    main.setAttribute("aria-busy", "true");
    const content = await view(session, views, signIn, why);
    if (mine !== turn) return;
    main.removeAttribute("aria-busy");
    main.replaceChildren(...content.flat(Infinity).filter(Boolean));
    main.querySelector("h1")?.focus({ preventScroll: false });
  };
  addEventListener("hashchange", () => shown());
  addEventListener("error", ({ error }) => tell(main, error));
  addEventListener("unhandledrejection", ({ reason }) => tell(main, reason));
  void arrive().then((why) => shown(why));
}

async function view(session, views, signIn, why) {
  try {
    if (session.facts) {
      for (const [pattern, draw] of views) {
        const match = pattern.exec(location.hash || "#/");
        if (match) return [await draw(...match.slice(1))]; // still percent-encoded, so that it stays one segment of a path
      }
      return title(t("没有这一页", "There is no such page"));
    }
    return [await signIn(why)];
  } catch (error) {
    if (error.status === 401) {
      isSignedIn = false;
      return [await signIn(error)];
    }
    return [title(t("打不开这一页", "This page cannot be shown")), refusal(error), button(t("重试", "Try again"), refresh)];
  }
}

function frame(name, entries, session) {
  document.documentElement.lang = speaks() === "en" ? "en" : "zh-CN";
  document.title = `${name} · ${t("日结保", "daycover")}`;
  const other = speaks() === "en" ? "zh" : "en";
  const switcher = h("button", {
    type: "button", class: "quiet", lang: other === "en" ? "en" : "zh-CN",
    on: { click: () => { speak(other); refresh(); } },
  }, other === "en" ? "English" : "中文");
  const leave = session.facts
    ? h("button", { type: "button", class: "quiet", on: { click: () => { session.end(); go("#/"); } } }, t("退出", "Sign out"))
    : null;
  const here = location.hash || "#/";
  document.querySelector("header").replaceChildren(
    h("a", { class: "brand", href: ROOT }, t("日结保", "daycover"), h("span", {}, name)),
    h("nav", { "aria-label": t("主菜单", "Main menu") }, entries.map(([hash, text]) =>
      link(hash, text, { "aria-current": here === hash || (hash !== "#/" && here.startsWith(hash)) ? "page" : null }))),
    h("div", { class: "tools" }, switcher, leave));
}
