// The sheet for the gate as files to print: this browser draws the server's picture, because it has the letters and the
// server has none. PNG at 300 dots an inch, and the same as a page of PDF.

import { NoConnectionError, t } from "./client.js";
import { keepBlob } from "./downloads.js";
import { blobOf, onWhite } from "./photos.js";

const [WIDE, HIGH] = [2480, 3508]; // A4 at 300 dots an inch
const [PAGE_W, PAGE_H] = [595.28, 841.89]; // points

/** Draw a picture (a data: URL) at a size, on white. */
async function drawn(picture, wide, high) {
  const image = new Image();
  await new Promise((resolve, reject) => {
    image.addEventListener("load", resolve);
    image.addEventListener("error", () => reject(new NoConnectionError("no picture")));
    image.src = picture;
  });
  return onWhite(image, wide, high);
}

export async function savePng(picture, name) {
  keepBlob(await blobOf(await drawn(picture, WIDE, HIGH), "image/png"), `${name}.png`);
}

export async function savePdf(picture, name) {
  const page = await blobOf(await drawn(picture, WIDE, HIGH), "image/jpeg", 0.92);
  keepBlob(pdfOf(new Uint8Array(await page.arrayBuffer())), `${name}.pdf`);
}

/** One A4 page that is one JPEG (PDF 1.4: catalogue, pages, page, content, picture, and where each begins). */
function pdfOf(jpeg) {
  const text = new TextEncoder();
  const content = `q ${PAGE_W} 0 0 ${PAGE_H} 0 0 cm /P Do Q`;
  const objects = [
    ["<< /Type /Catalog /Pages 2 0 R >>"],
    ["<< /Type /Pages /Kids [3 0 R] /Count 1 >>"],
    [`<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${PAGE_W} ${PAGE_H}] /Resources << /XObject << /P 5 0 R >> >> /Contents 4 0 R >>`],
    [`<< /Length ${content.length} >>\nstream\n${content}\nendstream`],
    [`<< /Type /XObject /Subtype /Image /Width ${WIDE} /Height ${HIGH} /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /DCTDecode /Length ${jpeg.length} >>\nstream\n`, jpeg, "\nendstream"],
  ];
  const parts = [text.encode("%PDF-1.4\n%\u00e2\u00e3\n")];
  const size = () => parts.reduce((sum, { length }) => sum + length, 0);
  const begins = objects.map((pieces, nth) => {
    const begin = size();
    parts.push(text.encode(`${nth + 1} 0 obj\n`), ...pieces.map((piece) => (typeof piece === "string" ? text.encode(piece) : piece)), text.encode("\nendobj\n"));
    return begin;
  });
  const table = size();
  parts.push(text.encode(`xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${begins.map((begin) => `${String(begin).padStart(10, "0")} 00000 n \n`).join("")}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${table}\n%%EOF\n`));
  return new Blob(parts, { type: "application/pdf" });
}

export const posterName = (project) => `${project.name} ${t("投保海报", "insurance poster")}`.replace(/[\\/:*?"<>|]/g, " ");
