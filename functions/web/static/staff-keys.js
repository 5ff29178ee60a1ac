// Keys of the console: a letter does what its button does. Never while somebody types, nor together with Ctrl, Alt or ⌘.

import { t } from "./format.js";
import { h } from "./page.js";

let present = null; // whose keys count, while it stands in the page

const TYPED_IN = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";

/** Let keys act while `anchor` stands in the page: `acts` by `KeyboardEvent.key`. One view has keys at a time. */
export function keysFor(anchor, acts) {
  present = { anchor, acts };
}

addEventListener("keydown", (event) => {
  if (!present?.anchor.isConnected || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest(TYPED_IN) || document.querySelector("dialog[open]")) return;
  const act = present.acts[event.key];
  if (!act || act(event) === false) return;
  event.preventDefault();
});

/** What the keys do: pairs of a key, or several, and its words. */
export const legend = (...pairs) => h("p", { class: "legend", "aria-label": t("快捷键", "Keys") },
  pairs.map(([keys, text]) => h("span", {}, [keys].flat().map((key) => h("kbd", {}, key)), " ", text)));
