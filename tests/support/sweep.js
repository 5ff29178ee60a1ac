// What `sweep.py` asks of a page that stands: each answer lists what is wrong, in words to find it by.

const isOpen = (one) => one.checkVisibility() && !one.matches(":disabled") && one.tabIndex >= 0;
const FOCUSABLE = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";

/** Of a group of radio buttons the tabulator takes one. */
function isStop(one, all) {
  if (one.type !== "radio") return true;
  const group = all.filter(({ type, name, form }) => type === "radio" && name === one.name && form === one.form);
  return one === (group.find(({ checked }) => checked) ?? group[0]);
}

function reachable() {
  const all = [...document.querySelectorAll(FOCUSABLE)].filter(isOpen);
  return all.filter((one) => isStop(one, all));
}

function named(one) {
  const text = one.getAttribute("aria-label") ?? one.labels?.[0]?.textContent ?? one.textContent;
  return `${one.localName}${one.name ? `[${one.name}]` : ""} ${text.trim().slice(0, 30)}`;
}

const textOf = (one) => `${one.localName}.${one.className} ${one.textContent.trim().slice(0, 30)}`;

// ---- by keyboard alone

function hasRing(one) {
  const { outlineStyle, outlineWidth } = getComputedStyle(one);
  return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
}

/** Whether something of it can be seen: nothing that sticks to an edge of the window lies over all of it. */
function isSeen(one) {
  const box = one.getBoundingClientRect();
  const isOver = (top) => top !== null && (one.contains(top) || top.contains(one) || [...(one.labels ?? [])].some((label) => label.contains(top)));
  return [[.5, .5], [.1, .2], [.9, .2], [.1, .8], [.9, .8]].some(([x, y]) => isOver(document.elementFromPoint(box.left + box.width * x, box.top + box.height * y)));
}

let walk = null;

/** Stand at the second stop, so that one step back leads to the first by the keyboard; give how many there are. */
function begin() {
  const [first, second] = reachable();
  walk = null;
  (second ?? first)?.focus();
  walk = { at: [], unmarked: new Set(), covered: new Set() };
  return reachable().length;
}

addEventListener("focusin", ({ target }) => {
  if (walk === null) return;
  walk.at.push(target);
  if (!hasRing(target) && ![...(target.labels ?? [])].some(hasRing)) walk.unmarked.add(named(target));
}, true);
addEventListener("keydown", () => { // by now it was scrolled to
  const one = document.activeElement;
  if (walk?.at.includes(one) && !isSeen(one)) walk.covered.add(named(one));
}, true);

function walked() {
  const wanted = reachable();
  const order = [...new Set(walk.at)].filter((one) => wanted.includes(one));
  return {
    missed: wanted.filter((one) => !order.includes(one)).map(named),
    turned: order.filter((one, place) => place && wanted.indexOf(one) < wanted.indexOf(order[place - 1])).map(named),
    unmarked: [...walk.unmarked], covered: [...walk.covered],
  };
}

// ---- language

const CHINESE = /[\u3000-\u303f\u3400-\u9fff\uff01-\uff60]/;

function foreign(known) {
  const isBinding = (one) => {
    const marked = one.closest("[lang]");
    return marked !== document.documentElement && marked?.lang === "zh-CN";
  };
  const found = new Set();
  const look = (one, text) => {
    if (text && CHINESE.test(known.reduce((left, own) => left.replaceAll(own, ""), text)) && !isBinding(one)) found.add(text.trim().slice(0, 60));
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (!node.parentElement.closest("script, style, noscript")) look(node.parentElement, node.data);
  }
  for (const one of document.querySelectorAll("body *")) {
    for (const name of ["aria-label", "placeholder", "title", "alt"]) look(one, one.getAttribute(name));
  }
  return [...found];
}

// ---- size

/** What a thumb misses: lower than 44 pixels, unless it is a link in a sentence or a region to scroll. */
function small() {
  const isInText = (one) => one.localName === "a" && getComputedStyle(one).display === "inline" && one.parentElement.textContent.trim() !== one.textContent.trim();
  const targetOf = (one) => (["checkbox", "radio"].includes(one.type) ? one.closest("label, .tick, .occupation") : one.closest(".shoot")) ?? one;
  const heightOf = (one) => targetOf(one).getBoundingClientRect().height;
  return reachable().filter((one) => !isInText(one) && !one.matches("[tabindex]") && heightOf(one) < 43.9).map((one) => `${named(one)} ${Math.round(heightOf(one))}`);
}

/** What holds more than it shows, without a way to it. */
function cut() {
  const isCut = (how, whole, part) => ["hidden", "clip"].includes(how) && whole > part + 1;
  return [...document.querySelectorAll("header *, main *")].filter((one) => {
    const { overflowX, overflowY, display } = getComputedStyle(one);
    if (display === "inline" || !one.checkVisibility() || one.closest("svg, input, .scroll, .drawing")) return false; // a field is walked through by its cursor
    return isCut(overflowX, one.scrollWidth, one.clientWidth) || isCut(overflowY, one.scrollHeight, one.clientHeight);
  }).map(textOf);
}

/** What makes the page wider than its window. */
function wide() {
  const edge = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= edge) return [];
  const over = [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > edge + 1);
  return ["the page is too wide", ...over.slice(0, 5).map(textOf)];
}

globalThis.sweep = { begin, walked, foreign, small, cut, wide };
