// Counts of what waits for somebody, in the menu and in the tab's title, on whichever page they are.

import { h } from "./page.js";

/** `counts`: {number, said, short, tone}: what follows the number for who hears the page, and the words of the title. */
export const badge = (counts) => h("span", { class: "badges" }, made(counts));

const made = (counts) => counts.filter(({ number }) => number).map(({ number, said, tone = "" }) => h("b", { class: `badge ${tone}`.trim() }, number, h("span", { class: "sr" }, said)));

/** Put them where they stand: the frame of the page is drawn before they are known. */
export function mark(counts) {
  document.querySelectorAll("header nav .badges").forEach((place) => place.replaceChildren(...made(counts)));
  const shorts = counts.filter(({ number }) => number).map(({ short }) => short);
  document.title = `${shorts.length ? `(${shorts.join(" · ")}) ` : ""}${document.title.replace(/^\([^)]*\) /, "")}`;
}
