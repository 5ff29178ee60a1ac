// The way of a document to the store: announced with size and hash, posted page by page, then confirmed by its receipt.

import { NoConnectionError, t } from "./client.js";
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

/** Post each page to its form; `answer` shows how many bytes have left. Raises NoConnectionError. */
export async function postPages(forms, pages, answer) {
  const whole = pages.reduce((sum, { blob }) => sum + blob.size, 0);
  const bar = h("progress", { max: whole, value: 0, "aria-label": t("上传进度", "Upload") });
  const left = h("span", {});
  let sent = 0;
  const show = (bytes) => {
    bar.value = Math.min(whole, sent + bytes);
    left.textContent = `${sizeOf(bar.value)} / ${sizeOf(whole)}`;
  };
  answer.replaceChildren(h("p", { class: "done sending", role: "status" }, pages.length > 1 ? t(`正在上传 ${pages.length} 页… `, `Uploading ${pages.length} pages… `) : t("正在上传… ", "Uploading… "), left, bar));
  for (const [place, { url, fields }] of forms.entries()) {
    show(0);
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    form.append("file", pages[place].blob);
    await posted(url, form, show);
    sent += pages[place].blob.size;
  }
  show(0);
}

/** Only this older way of asking tells how many bytes have left. What the store says to it, the receipt says better. */
function posted(url, form, progress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.upload.addEventListener("progress", ({ loaded }) => progress(loaded));
    request.addEventListener("load", resolve);
    request.addEventListener("error", () => reject(new NoConnectionError("no connection")));
    request.send(form);
  });
}

export const sizeOf = (bytes) => (bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`);
