// Charts as SVG: bars of one series, lines of several. Each says in words what it shows; its numbers stand in a table
// beside it, which is what a screen reader reads on. Colours are classes of money.css.

import { h } from "./page.js";

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 640;
const HEIGHT = 220;
const LEFT = 64;
const BOTTOM = 28;
const TOP = 12;
const STEPS = 4;
const MOST_LABELS = 12;

let charts = 0;

function s(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== null) element.setAttribute(name, value);
  element.append(...children.flat(Infinity).filter((child) => child !== null));
  return element;
}

/** A round number at or above: 1, 2 or 5 by a power of ten, of which the steps of the axis are parts. */
function roundUp(value) {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 2.5, 5, 10].map((one) => one * power).find((one) => one >= value * (1 - 1e-9));
}

/** The axis of values: from and to, both round, and where its lines stand. */
function scaleOf(values) {
  const step = roundUp(Math.max(...values, 0, -Math.min(...values, 0)) / STEPS);
  const from = Math.floor(Math.min(...values, 0) / step) * step;
  const to = Math.max(Math.ceil(Math.max(...values, 0) / step), 1) * step;
  const marks = Array.from({ length: Math.round((to - from) / step) + 1 }, (_, nth) => from + nth * step);
  return { marks, yOf: (value) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - (value - from) / (to - from)) };
}

const xOf = (place, count) => LEFT + ((WIDTH - LEFT - 8) * (place + 0.5)) / count;

/** Title, description, axis and labels; `draw` gives what stands between them. */
function figure({ title, says, labels, values, shown, legend = [] }, draw) {
  charts += 1;
  const names = [`chart-${charts}-title`, `chart-${charts}-says`];
  const scale = scaleOf(values);
  const every = Math.ceil(labels.length / MOST_LABELS);
  return h("figure", { class: "chart", "data-key": `chart ${title}` },
    h("figcaption", {}, h("b", {}, title), legend.length > 1 ? h("span", { class: "legend" }, legend.map((name, nth) => h("span", { class: `series-${nth + 1}` }, name))) : null),
    h("div", { class: "drawing", tabindex: "0", role: "region", "aria-label": title },
      s("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-labelledby": names.join(" ") },
        s("title", { id: names[0] }, title), s("desc", { id: names[1] }, says),
        scale.marks.map((mark) => [
          s("line", { class: mark === 0 ? "zero" : "mark", x1: LEFT, x2: WIDTH - 8, y1: scale.yOf(mark), y2: scale.yOf(mark) }),
          s("text", { class: "value", x: LEFT - 8, y: scale.yOf(mark) + 4 }, shown(mark))]),
        labels.map((label, place) => (place % every ? null : s("text", { class: "label", x: xOf(place, labels.length), y: HEIGHT - 8 }, label))),
        draw(scale.yOf))));
}

/**
 * Bars, one for each point {label, value, text, tone}; `text` is what a pointer that rests on it is told, `tone` one of
 * good, warn, bad. `shown` writes a value of the axis.
 */
export function bars({ title, says, points, shown }) {
  const values = points.map(({ value }) => value);
  const width = Math.min(36, ((WIDTH - LEFT - 8) / points.length) * 0.7);
  return figure({ title, says, labels: points.map(({ label }) => label), values, shown }, (yOf) => points.map(({ value, text, tone }, place) => s("rect", {
    class: `bar ${tone ?? ""}`, x: xOf(place, points.length) - width / 2, width, y: Math.min(yOf(value), yOf(0)), height: Math.abs(yOf(value) - yOf(0)), rx: 2,
  }, s("title", {}, text))));
}

/** Lines of several series {name, values}; null leaves a gap. `labels` stand under their places. */
export function lines({ title, says, labels, series, shown }) {
  const values = series.flatMap((one) => one.values).filter((value) => value !== null);
  return figure({ title, says, labels, values, shown, legend: series.map(({ name }) => name) }, (yOf) => series.map((one, nth) => {
    const at = (place) => [xOf(place, labels.length), yOf(one.values[place])];
    const known = labels.map((_, place) => place).filter((place) => one.values[place] !== null);
    const way = known.map((place) => `${known.includes(place - 1) ? "L" : "M"}${at(place).join(" ")}`).join("");
    return [s("path", { class: `line series-${nth + 1}`, d: way }),
      known.map((place) => s("circle", { class: `point series-${nth + 1}`, cx: at(place)[0], cy: at(place)[1], r: 3.5 },
        s("title", {}, `${one.name} · ${labels[place]} · ${shown(one.values[place])}`)))];
  }));
}
