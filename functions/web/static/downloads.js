// Files that somebody keeps: of the API's answers, which an address alone could not ask for, or made in the page.

import { save } from "./page.js";

const KEPT_MS = 60_000; // a file is saved by then

/** Hand a Blob to the browser to be kept under a name. */
export function keepBlob(blob, name) {
  const url = URL.createObjectURL(blob);
  save(url, name);
  setTimeout(() => URL.revokeObjectURL(url), KEPT_MS);
}

/** Keep what the API answers. Raises as `Api.send`. */
export const keepFile = async (api, path, name) => keepBlob(await api.file(path), name);
