// A picture of a site that claims no more than is known: the circle in which a check-in is taken, to scale, and how far
// away people were refused. Nobody's map is asked, and a direction that is not known is not drawn.

import { t } from "./client.js";
import { h } from "./page.js";

const SIZE = 320;
const MIDDLE = SIZE / 2;
const REACH = 136; // of the farthest that is drawn, in units of the picture
const MOST_RINGS = 4;
const FAR_M = 20_000; // whoever is farther away is told of, not drawn: the circle would be a dot
const BARS = [10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000];

function draw(tag, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

const metres = (m) => (m >= 1_000 ? t(`${(m / 1_000).toFixed(1)} 公里`, `${(m / 1_000).toFixed(1)} km`) : t(`${m} 米`, `${m} m`));

/** Distances that differ by less than a tenth are one ring: [{at, people}], the nearest first. */
function ringsOf(distances) {
  const rings = [];
  for (const at of [...distances].sort((a, b) => a - b)) {
    const last = rings[rings.length - 1];
    if (last && at - last.at <= Math.max(20, last.at / 10)) last.people += 1;
    else rings.push({ at, people: 1 });
  }
  return rings;
}

/** A site and `distances` in metres of those who were refused for the place. */
export function sketch({ radius_m: radius }, distances) {
  const all = ringsOf(distances.filter((at) => at !== null));
  const near = all.filter(({ at }) => at <= FAR_M);
  const rings = [...near].sort((a, b) => b.people - a.people).slice(0, MOST_RINGS).sort((a, b) => a.at - b.at);
  const farthest = Math.max(radius, ...rings.map(({ at }) => at));
  const scale = REACH / farthest;
  const bar = [...BARS].reverse().find((one) => one * scale <= SIZE / 3) ?? BARS[0];
  const words = [t(`半径 ${metres(radius)} 内可以打卡。`, `A check-in is taken within ${metres(radius)}.`),
    ...rings.map(({ at, people }) => t(`${people} 人在约 ${metres(at)} 处被拒。`, `${people} refused at about ${metres(at)}.`))].join("");
  const left = all.reduce((sum, { people }) => sum + people, 0) - rings.reduce((sum, { people }) => sum + people, 0);
  const ring = ({ at, people }, nth) => [
    draw("circle", { cx: MIDDLE, cy: MIDDLE, r: (at * scale).toFixed(1), class: "ring" }),
    draw("text", { x: MIDDLE, y: (MIDDLE + (nth % 2 ? 1 : -1) * at * scale + (nth % 2 ? 14 : -5)).toFixed(1), class: "ring-name" }, t(`${people} 人 · ${metres(at)}`, `${people} · ${metres(at)}`)),
  ];
  return h("figure", { class: "sketch" },
    draw("svg", { viewBox: `0 0 ${SIZE} ${SIZE + 26}`, role: "img", "aria-label": words },
      draw("circle", { cx: MIDDLE, cy: MIDDLE, r: (radius * scale).toFixed(1), class: "site" }),
      draw("circle", { cx: MIDDLE, cy: MIDDLE, r: 3, class: "point" }),
      ...rings.flatMap(ring),
      draw("path", { d: `M12 ${SIZE + 8} v6 h${(bar * scale).toFixed(1)} v-6`, class: "bar" }),
      draw("text", { x: (20 + bar * scale).toFixed(1), y: SIZE + 16, class: "bar-name" }, metres(bar))),
    h("figcaption", { class: "hint" }, t("按比例的示意图：绿圈内可以打卡，虚线是被拒的人离项目多远（方向不明，只画距离）。", "To scale: check-ins are taken within the green circle; a broken line is how far away somebody was refused (only the distance is known, not where).")
      + (left ? t(`另有 ${left} 人没有画出。`, ` ${left} more are not drawn.`) : "")));
}
