// What the three faces are built of: elements, forms that show refusals, tables, and one view at a time.
// Text gets into the page as text only, so nothing that a person typed can become markup.

import { NoConnectionError, Problem, ROOT, awake, claimsOf, forTab, hasDialogs, lastRequest, plainNumber, speak, speaks, t, yuan } from "./client.js";

const LONGEST_PAUSE = 60; // seconds between two tries of what keeps failing

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

let sending = null; // the form that is being sent: what it holds is not put back
const sent = new WeakSet(); // forms whose text has arrived: it is no draft any more

/** Open whatever folds an element away. */
export function unfold(element) {
  for (let folded = element.closest("details"); folded; folded = folded.parentElement.closest("details")) folded.open = true;
}

/**
 * A form that sends once at a time and says what is wrong at the field that is wrong. `send` gets the FormData, and gives
 * false where what was typed is still to be sent.
 * `key` tells it from forms with the same fields; `keep: false` for what must not outlive the page.
 */
export function form(action, children, send, { tone = "main", label = action, inline = false, key, keep = true } = {}) {
  const answer = h("div", { class: "answer", "aria-live": "polite" });
  const button = h("button", { class: tone }, action);
  const made = h("form", { class: inline ? "form inline" : "form", "aria-label": label, "data-key": key, "data-unkept": !keep, novalidate: true }, children, button, answer);
  made.addEventListener("submit", async (event) => {
    event.preventDefault();
    made.querySelectorAll(".wrong-here").forEach((note) => note.remove());
    const wrong = [...made.elements].map((control) => [control, faultOf(control)])
      .filter(([control, fault], place, all) => fault && (control.type !== "radio" || all.findIndex(([{ name }]) => name === control.name) === place));
    if (wrong.length) return point(made, answer, wrong);
    sending = made;
    await guarded(button, answer, async () => {
      if (await send(new FormData(made), answer) !== false) sent.add(made);
    }, made);
    sending = null;
    remember();
  });
  made.addEventListener("change", ({ target }) => { // before it is held against its pattern
    if (target.pattern && target.type === "text") target.value = plainNumber(target.value);
  });
  made.addEventListener("input", ({ target }) => { // whoever mends a field need not be told again
    sent.delete(made);
    target.removeAttribute("aria-invalid");
    target.closest(".field, .tick, fieldset")?.querySelectorAll(":scope > .wrong-here").forEach((note) => note.remove());
  });
  return made;
}

/** What a browser finds wrong with a control, in the page's words; null for nothing. */
function faultOf(control) {
  const { validity } = control;
  if (!control.willValidate || validity.valid) return null;
  if (validity.customError) return control.validationMessage;
  if (validity.valueMissing) return isBox(control) ? t("请勾选后再继续", "Tick this to go on") : control.options || control.type === "file" ? t("请选择", "Choose one") : t("请填写", "Fill this in");
  const isTime = /^(date|time)/.test(control.type);
  const shown = (limit) => limit.replace("T", " ");
  if (validity.rangeOverflow) return isTime ? t(`不能晚于 ${shown(control.max)}`, `Not after ${shown(control.max)}`) : t(`最多 ${control.max}`, `At most ${control.max}`);
  if (validity.rangeUnderflow) return isTime ? t(`不能早于 ${shown(control.min)}`, `Not before ${shown(control.min)}`) : t(`至少 ${control.min}`, `At least ${control.min}`);
  if (validity.tooShort) return t(`至少 ${control.minLength} 个字`, `At least ${control.minLength} characters`);
  return control.title || t("格式不对，请核对", "This does not look right: check it");
}

/** Say at each control of a form what is wrong with it ([control, what]), and bring the first one into sight. */
export function point(made, answer, wrong, more = []) {
  for (const [control, fault] of wrong) {
    const place = isBox(control) && made.querySelectorAll(`[name="${control.name}"]`).length > 1 ? control.closest("fieldset") : control.closest(".field, .tick, fieldset");
    const note = h("small", { class: "wrong wrong-here", id: `${control.id}-wrong` }, fault);
    control.setAttribute("aria-invalid", "true");
    control.setAttribute("aria-describedby", [`${control.id}-hint`, note.id].filter((id) => id === note.id || document.getElementById(id)).join(" "));
    (place ?? control.parentElement).append(note);
  }
  const all = [...made.elements];
  const [first] = wrong.map(([control]) => control).sort((one, other) => all.indexOf(one) - all.indexOf(other));
  answer.replaceChildren(h("div", { class: "problem", role: "alert" },
    wrong.length ? h("b", {}, t(`有 ${wrong.length} 处要改，已在旁边说明。`, wrong.length > 1 ? `${wrong.length} fields need a change; each says which.` : "One field needs a change; it says which.")) : null, more));
  if (!first) return;
  unfold(first);
  first.focus({ preventScroll: true });
  (first.closest(".field, .tick") ?? first).scrollIntoView({ block: "center" });
}

/** The control that an error of the API is about: `/accident/place` is `place`, `/amount_fen` is `amount`, `/people/1/name` the second;
 * a control may name its member itself (`data-member`). */
function controlAt(made, pointer) {
  const way = pointer.split("/").filter(Boolean);
  const nth = Number(way.find((step) => /^\d+$/.test(step)) ?? 0);
  for (const step of way.filter((one) => !/^\d+$/.test(one)).reverse()) {
    const found = [...made.elements].filter(({ name, type, dataset }) => type !== "hidden" && (dataset.member === step || name === step || name === step.replace(/_(fen|bps)$/, "") || name.endsWith(`:${step}`)));
    if (found.length) return found[nth] ?? found[0];
  }
  return null;
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

async function guarded(control, answer, act, made = null) {
  control.disabled = true;
  answer.replaceChildren();
  try {
    await act();
  } catch (error) {
    if (error.status === 401 && isSignedIn) await shown(error); // the session is over: sign in anew, and say why
    else if (made && error.errors?.length) refuse(made, answer, error);
    else answer.replaceChildren(refusal(error));
  } finally {
    control.disabled = false;
  }
}

/** Say what the API finds wrong at the fields that it is about; what is about none of them stands below. */
function refuse(made, answer, { errors, detail }) {
  const wrong = [];
  const more = [];
  for (const { pointer, detail: fault } of errors) {
    const control = controlAt(made, pointer);
    if (control && !wrong.some(([known]) => known === control)) wrong.push([control, fault]);
    else if (!control) more.push(h("li", {}, fault));
  }
  point(made, answer, wrong, more.length ? [wrong.length ? null : h("p", {}, detail), h("ul", {}, more)] : []);
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
    error.errors.length ? h("ul", {}, error.errors.map(({ detail }) => h("li", {}, detail))) : null,
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

/** Ask before an act that can't be taken back; false when the person would rather not. */
export function confirmed(question, action, tone = "danger") {
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

// ---- one view at a time: what has changed is drawn anew, what has not stays as it stands

let turn = 0; // which drawing this is: what an earlier one began ends with it
let isSignedIn = false;
let shown = () => {};
let face = null; // {session, leave, drafts}: whose page this is, and under which name its drafts are kept
let standing = null; // the hash whose view stands; null while somebody signs in

/**
 * Repeat while the present view stands. A failure makes the pause longer, up to a minute; a page that nobody sees waits
 * until it is seen, and one without a network until there is one.
 */
export function every(seconds, act) {
  const mine = turn;
  void (async () => {
    for (let wait = seconds; ;) {
      await awake(wait);
      if (mine !== turn) return;
      try {
        await act();
        wait = seconds;
      } catch (error) {
        if (!(error instanceof NoConnectionError || error instanceof Problem)) tell(document.querySelector("main"), error);
        wait = Math.min(wait * 2, LONGEST_PAUSE);
      }
    }
  })();
}

/** Draw the present view anew and begin at its top. */
export const refresh = () => shown();

/** Draw the present view anew where one act changed it: the person stays where they are. */
export const redrawn = () => shown(undefined, true);

const isBox = ({ type }) => type === "checkbox" || type === "radio";
const named = (form_, name) => [...form_.elements].filter((control) => control.name === name);
const formsOf = () => [...document.querySelectorAll("main form:not([data-kept])")];

/** What tells a form in either language: its own key, or the names of its fields. */
const keyOfForm = (form_) => form_.dataset.key ?? [...new Set([...form_.elements].map(({ name }) => name).filter(Boolean))].join();

/** Where a control stands: {form, label, language, place among forms of that key, name, nth}. */
function addressOfControl(control) {
  const form_ = control.form;
  const key = keyOfForm(form_);
  return { form: key, label: form_.getAttribute("aria-label"), language: speaks(), place: formsOf().filter((other) => keyOfForm(other) === key).indexOf(form_),
    name: control.name, nth: named(form_, control.name).indexOf(control) };
}

/** The control at such an address as the page stands now; by label in the same language, by place in the other. */
function controlOf({ form: key, label, language, place, name, nth }) {
  const same = formsOf().filter((form_) => keyOfForm(form_) === key);
  const form_ = language === speaks() ? same.find((one) => one.getAttribute("aria-label") === label) : same[place];
  return form_ ? named(form_, name)[nth] ?? null : null;
}

/** Every control that somebody has changed, in forms that are not being sent. */
const typed = () => formsOf().filter((form_) => form_ !== sending && !sent.has(form_))
  .flatMap((form_) => [...form_.elements].filter((control) => control.name && !["file", "hidden"].includes(control.type) && isChanged(control)))
  .map((control) => ({ ...addressOfControl(control), value: control.value, checked: control.checked, isKept: isKept(control) }));

/** Numbers of documents and accounts, passwords and secrets do not outlive the page. */
const isKept = (control) => !control.form.hasAttribute("data-unkept") && !control.hasAttribute("data-unkept") && control.type !== "password";

function isChanged(control) {
  if (isBox(control)) return control.checked !== control.defaultChecked;
  if (control.options) return !(control.selectedOptions[0]?.defaultSelected ?? true) && (control.selectedIndex > 0 || [...control.options].some(({ defaultSelected }) => defaultSelected));
  return control.value !== control.defaultValue;
}

/** Put back what was typed, unless something else stands there by now. */
function restore(entries) {
  for (const entry of entries) {
    const control = controlOf(entry);
    if (!control || isChanged(control)) continue;
    if (isBox(control)) control.checked = entry.checked;
    else control.value = entry.value;
    unfold(control);
  }
}

// ---- drafts: what was typed and not sent, by view, until the tab is closed or somebody signs out

/** Whose drafts these are: nobody reads what another person typed at the same machine. */
function owner() {
  try {
    return claimsOf(face.session.facts.token).sub ?? "";
  } catch { // no token of ours
    return "";
  }
}

/** The drafts by view of whoever is signed in; those of anybody else go. */
function drafts() {
  const kept = JSON.parse(forTab.get(face.drafts) ?? "null");
  if (kept?.owner === owner()) return kept.views;
  forTab.remove(face.drafts);
  return {};
}

function remember() {
  if (standing === null || !face.session.facts) return;
  const views = drafts();
  const entries = typed().filter((entry) => entry.isKept);
  if (entries.length) views[standing] = entries;
  else delete views[standing];
  forTab.set(face.drafts, JSON.stringify({ owner: owner(), views }));
}

/** What the same person typed at this view before, and has not sent. */
function remembered() {
  const isSent = (entry) => sending !== null && entry.form === keyOfForm(sending) && entry.label === sending.getAttribute("aria-label");
  return (drafts()[standing] ?? []).filter((entry) => !isSent(entry));
}

// ---- what stands

const looks = new WeakMap(); // of each part of a view: how it was drawn, before anybody touched it
const lookOf = (element) => new XMLSerializer().serializeToString(element).replace(/field-\d+/g, "");

/** What a part of a view is called, so that the next drawing finds it. */
const keyOf = (element) => element.dataset.key ?? `${element.localName} ${element.className} ${element.getAttribute("aria-label") ?? element.querySelector("h1, h2, h3, summary, legend")?.textContent ?? ""}`;

/**
 * Whether a part holds what a new one would not: the cursor, a typed text, a chosen file, something unfolded or scrolled.
 * A form that its own module keeps (`data-kept`) is put into the new part by that module.
 */
const isInUse = (element) => element.querySelector("[data-kept]") === null && (element.contains(document.activeElement) || element.querySelector("details[open], .pages li") !== null
  || (element.localName === "details" && element.open)
  || [element, ...element.querySelectorAll(".scroll")].some(({ scrollLeft, scrollTop }) => scrollLeft || scrollTop)
  || [...element.querySelectorAll("input, select, textarea")].some((control) => (control.type === "file" ? control.files.length : control.type !== "hidden" && isChanged(control))));

/**
 * Put the parts of a view in the place of those that stand. A part that looks the same and is in use stays, with all
 * that was done to it; any other gives way to the new one. `data-parts` marks what is looked into.
 */
function settle(parent, wanted) {
  const before = new Map();
  for (const element of parent.children) before.set(keyOf(element), [...(before.get(keyOf(element)) ?? []), element]);
  const chosen = wanted.map((made) => {
    if (!(made instanceof Element)) return made;
    const old = before.get(keyOf(made))?.shift();
    if (old && made.dataset.parts !== undefined && old.dataset.parts !== undefined) {
      settle(old, [...made.childNodes]);
      return old;
    }
    const look = lookOf(made);
    if (old && looks.get(old) === look && isInUse(old)) return old;
    looks.set(made, look);
    if (old) reopen(old, made);
    return made;
  });
  const stays = new Set(chosen);
  [...parent.childNodes].filter((node) => !stays.has(node)).forEach((node) => node.remove());
  let next = parent.firstChild;
  for (const node of chosen) {
    if (node === next) next = next.nextSibling; // never moved: moving takes the cursor away
    else parent.insertBefore(node instanceof Node ? node : document.createTextNode(node), next);
  }
}

/** Unfold in a new part what was unfolded in the old one. */
function reopen(old, made) {
  const summaries = (part) => [...(part.localName === "details" ? [part] : []), ...part.querySelectorAll("details")];
  const open = new Set(summaries(old).filter((one) => one.open).map((one) => one.firstElementChild?.textContent));
  summaries(made).forEach((one) => { if (open.has(one.firstElementChild?.textContent)) one.open = true; });
}

/** Draw parts, with what was typed and where the cursor stood. */
function draw(main, parts, before) {
  const entries = typed();
  const active = document.activeElement;
  const spot = active && !active.form && main.contains(active) ? spotOf(main, active) : null;
  const cursor = active?.form && main.contains(active) && active.name ? { ...addressOfControl(active), from: rangeOf(active) } : null;
  settle(main, parts);
  restore(entries);
  restore(before);
  if (spot && !active.isConnected) likeIn(main, spot.like)[spot.nth]?.focus({ preventScroll: true });
  if (!cursor || active.isConnected) return;
  const control = controlOf(cursor);
  control?.focus({ preventScroll: true });
  if (control && cursor.from) control.setSelectionRange(...cursor.from);
}

/** What else in a view could have the cursor and reads the same: a link, a button, what unfolds. */
const likeIn = (main, { localName, textContent }) => [...main.querySelectorAll(localName)].filter((one) => one.textContent === textContent);
const spotOf = (main, active) => ({ like: active, nth: likeIn(main, active).indexOf(active) });

/** Where the cursor stands in a text; null in what has none. */
const rangeOf = ({ selectionStart, selectionEnd }) => (typeof selectionStart === "number" ? [selectionStart, selectionEnd] : null);

export const go = (hash) => (location.hash === hash ? refresh() : void (location.hash = hash));

/** The same without a step in the history: the way back must not lead to what is over. */
export const goOn = (hash) => {
  history.replaceState(null, "", hash);
  void refresh();
};

/**
 * Run a face: `views` are pairs of a pattern for the address's hash and the view; without a session `signIn` is
 * shown. `name` and `nav` give texts, so that they change with the language. `arrive` comes before the first view:
 * it takes what a sign-in elsewhere handed over, and gives null or the error that `signIn` is to tell. `leave` comes
 * with signing out.
 */
export function run({ name, session, nav, views, signIn, arrive = async () => null, leave = () => {} }) {
  const main = document.querySelector("main");
  face = { session, leave, drafts: `${session.key}.drafts` };
  shown = async (why, isInPlace = false) => {
    turn += 1;
    const mine = turn;
    isSignedIn = Boolean(session.facts);
    frame(name(), session.facts ? nav() : [], session);
    if (!isInPlace) main.setAttribute("aria-busy", "true");
    const content = await view(session, views, signIn, why);
    if (mine !== turn) return;
    main.removeAttribute("aria-busy");
    const here = session.facts ? location.hash || "#/" : null;
    const isNew = here !== standing;
    if (isNew) main.replaceChildren(); // nothing of another view stands in this one
    standing = here;
    draw(main, content.flat(Infinity).filter(Boolean), here === null ? [] : remembered());
    if (isNew || !isInPlace) main.querySelector("h1")?.focus({ preventScroll: false });
    if (isNew) scrollTo(0, 0);
  };
  addEventListener("hashchange", () => shown());
  main.addEventListener("input", remember);
  main.addEventListener("change", remember);
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
    ? h("button", { type: "button", class: "quiet", on: { click: () => { forTab.remove(face.drafts); void face.leave(); session.end(); go("#/"); } } }, t("退出", "Sign out"))
    : null;
  const here = location.hash || "#/";
  settle(document.querySelector("header"), [
    h("a", { class: "brand", href: ROOT }, t("日结保", "daycover"), h("span", {}, name)),
    h("nav", { "aria-label": t("主菜单", "Main menu") }, entries.map(([hash, text]) =>
      link(hash, text, { "aria-current": here === hash || (hash !== "#/" && here.startsWith(hash)) ? "page" : null }))),
    h("div", { class: "tools" }, switcher, leave)]);
}
