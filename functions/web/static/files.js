// The way of a document to the store: announced with size and hash, posted page by page, then confirmed by its receipt.

import { reached } from "./api.js";
import { TYPES } from "./photos.js";

/** What the API must know of each page before it may be posted. */
export async function announcedPages(pages) {
  const announced = [];
  for (const { blob, kind } of pages) {
    const digest = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
    const sha256 = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    announced.push({ content_type: TYPES[kind], size: blob.size, sha256 });
  }
  return announced;
}

/** Post each page to its form. The store's answer is not readable from here; the receipt is. */
export async function postPages(forms, pages, told) {
  for (const [place, { url, fields }] of forms.entries()) {
    told(place);
    const posted = new FormData();
    for (const [name, value] of Object.entries(fields)) posted.append(name, value);
    posted.append("file", pages[place].blob);
    await reached(fetch(url, { method: "POST", mode: "no-cors", credentials: "omit", body: posted }));
  }
}
