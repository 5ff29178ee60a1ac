// The way of a document to the store: announced with size and hash, posted page by page, then confirmed by its receipt.

import { reached, t } from "./client.js";
import { h } from "./page.js";
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

/** Post each page to its form; `answer` shows which. The store's answer is not readable from here; the receipt is. */
export async function postPages(forms, pages, answer) {
  for (const [place, { url, fields }] of forms.entries()) {
    answer.replaceChildren(h("p", { class: "done sending", role: "status" }, pages.length > 1
      ? t(`正在上传第 ${place + 1} 页，共 ${pages.length} 页…`, `Uploading page ${place + 1} of ${pages.length}…`) : t("正在上传…", "Uploading…")));
    const posted = new FormData();
    for (const [name, value] of Object.entries(fields)) posted.append(name, value);
    posted.append("file", pages[place].blob);
    await reached(fetch(url, { method: "POST", mode: "no-cors", credentials: "omit", body: posted }));
  }
}
