// Keys of the console: a letter does what its button does. Never while somebody types, nor together with Ctrl, Alt or ⌘.

import { t } from "./client.js";
import { h } from "./page.js";

let present = null; // the keys of one view, and the address at which they count

const TYPED_IN = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";

/** Let keys act while this view is the one that is open: `acts` by `KeyboardEvent.key`; what gives false leaves the key alone. */
export function keysHere(acts) {
  present = { hash: location.hash, acts };
}

addEventListener("keydown", (event) => {
  if (present?.hash !== location.hash || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest(TYPED_IN) || document.querySelector("dialog[open]")) return;
  const act = present.acts[event.key];
  if (!act || act(event) === false) return;
  event.preventDefault();
});

/** What the keys do: pairs of a key, or several, and its words. */
export const legend = (...pairs) => h("p", { class: "keys", role: "note", "aria-label": t("快捷键", "Keys") },
  pairs.map(([keys, text]) => h("span", {}, [keys].flat().map((key) => h("kbd", {}, key)), " ", text)));
