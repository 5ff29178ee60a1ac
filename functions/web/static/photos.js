// What a chosen file is, told by its bytes: phones name and type files as they please. A photo that few could open,
// or that is larger than anybody needs to read it, becomes a JPEG here, before anything is sent.

import { t } from "./client.js";

export const LARGEST_BYTES = 20 * 1024 * 1024;
const LONG_SIDE = 2400; // pixels: an A4 page at 200 dots an inch, as a fax machine's fine print
const SHORT_SIDE = 1600; // and no narrower than this, so that a till receipt of a metre keeps its letters
const MOST_PIXELS = 16_000_000; // what a canvas of an iPhone holds
const ENOUGH_BYTES = 400 * 1000; // a picture that is no larger stays as it is: 8 seconds at 400 kbit/s
const LEAST_SIDE = 300; // pixels: below it nobody reads a paper (as at the receipt)
const QUALITIES = [0.82, 0.72, 0.62, 0.52]; // tried in turn: text stays sharp down to the last
const SMALLER = [1, 0.85, 0.72]; // and then on fewer pixels, down to 145 dots an inch of an A4 page
const TAIL = 65_557; // bytes in which a ZIP's directory begins, at the least

export const TYPES = { JPEG: "image/jpeg", PNG: "image/png", PDF: "application/pdf", OFD: "application/ofd", XML: "application/xml" };
const PICTURES = ["JPEG", "PNG"];
const APPLE = ["heic", "heix", "hevc", "hevx", "heim", "heis", "hevm", "hevs", "mif1", "msf1"];

/** A file that can't be sent; the text says what to do instead. */
export class FileRefusedError extends Error {}

/** "JPEG", "PNG", "PDF", "OFD", "XML", "HEIC", "ZIP", "OTHER_PICTURE", or null for what is none of these. */
export async function kindOf(file) {
  const head = new Uint8Array(await file.slice(0, 1024).arrayBuffer());
  const text = String.fromCharCode(...head);
  if (text.startsWith("\xff\xd8\xff")) return "JPEG";
  if (text.startsWith("\x89PNG\r\n\x1a\n")) return "PNG";
  if (text.slice(4, 8) === "ftyp") return APPLE.includes(text.slice(8, 12)) ? "HEIC" : "OTHER_PICTURE";
  if (text.startsWith("RIFF") && text.slice(8, 12) === "WEBP") return "OTHER_PICTURE";
  if (text.startsWith("GIF8") || text.startsWith("BM")) return "OTHER_PICTURE";
  if (text.includes("%PDF-")) return "PDF";
  if (text.startsWith("PK\x03\x04")) return (await endOf(file)).includes("OFD.xml") ? "OFD" : "ZIP";
  return /^(\xef\xbb\xbf|\xff\xfe|\xfe\xff)?\s*\0?<\0?[?A-Za-z\u0080-\u00ff]/.test(text) && !/^[^<]*<!?(doctype )?html/i.test(text) ? "XML" : null;
}

async function endOf(file) {
  const tail = new Uint8Array(await file.slice(Math.max(0, file.size - TAIL)).arrayBuffer());
  return new TextDecoder("latin1").decode(tail);
}

/**
 * One page, ready to be sent: {blob, kind, picture, note}. `picture` is the decoded one, to be shown small; `note`
 * says what was done to it. `isBill`: XML and OFD are as good as a picture. Raises FileRefusedError.
 */
export async function prepared(file, isBill) {
  const kind = await kindOf(file);
  if (!file.size || kind === null) throw new FileRefusedError(t("这个文件不是照片，也不是 PDF，我们打不开。请拍照或截图后再传。", "This is neither a photo nor a PDF, so nobody could open it. Take a photo or a screenshot of it."));
  if (kind === "ZIP") throw new FileRefusedError(t("这是压缩包。请先解压，再传里面的文件。", "This is a ZIP. Unpack it, and send the files in it."));
  if (!isBill && ["OFD", "XML"].includes(kind)) throw new FileRefusedError(t("这类材料请传照片或 PDF。", "Send a photo or a PDF of this paper."));
  const isWhole = ["PDF", "OFD", "XML"].includes(kind);
  const page = isWhole ? { blob: file, kind, picture: null, note: null } : await photo(file, kind);
  if (page.blob.size > LARGEST_BYTES) throw new FileRefusedError(t("文件超过 20 MB。请分成几页，或拍照后再传。", "Larger than 20 MB. Send it page by page, or take photos of it."));
  return page;
}

async function photo(file, kind) {
  // named for what it is, because a browser that is told "" or "image/jpg" may not look
  const named = file.slice(0, file.size, kind === "HEIC" ? "image/heic" : TYPES[kind] ?? file.type);
  const picture = await decoded(named);
  if (!picture) {
    if (PICTURES.includes(kind)) return { blob: file, kind, picture: null, note: null }; // judged again at the receipt
    throw new FileRefusedError(kind === "HEIC"
      ? t("这张照片是苹果手机的 HEIC 格式，这里打不开。请在 iPhone 的 设置 - 相机 - 格式 里选“兼容性最佳”后重拍；或者把照片截图，传截图。",
        "This photo is in Apple's HEIC format, which can't be opened here. On the iPhone choose Settings, Camera, Formats, Most Compatible and take it again; or send a screenshot of it.")
      : t("这种图片格式这里打不开。请截图后传截图。", "This kind of picture can't be opened here. Send a screenshot of it."));
  }
  const { width, height } = picture;
  if (Math.min(width, height) < LEAST_SIDE) throw new FileRefusedError(t("这张图片太小，看不清字。请传原图或重拍。", "This picture is too small to be read. Send the original, or take it again."));
  if (PICTURES.includes(kind) && file.size <= ENOUGH_BYTES) return { blob: file, kind, picture, note: null };
  const blob = await shrunk(picture, scaleOf(width, height));
  if (!blob || (PICTURES.includes(kind) && blob.size >= file.size)) return { blob: file, kind, picture, note: null };
  return { blob, kind: "JPEG", picture, note: PICTURES.includes(kind) ? t("已缩小，字迹不受影响", "Made smaller, still legible") : t("已转成 JPEG", "Turned into a JPEG") };
}

/** The largest JPEG of a picture that is small enough to be sent from a site, or the smallest that can still be read. */
async function shrunk(picture, scale) {
  let blob = null;
  for (const smaller of SMALLER) {
    for (const quality of smaller === 1 ? QUALITIES : QUALITIES.slice(-1)) {
      blob = await drawn(picture, Math.round(picture.width * scale * smaller), Math.round(picture.height * scale * smaller), quality);
      if (!blob || blob.size <= ENOUGH_BYTES) return blob;
    }
  }
  return blob;
}

/** The picture, or null where this browser can't open it. */
const decoded = async (named) => (typeof createImageBitmap === "function" ? createImageBitmap(named).catch(() => null) : null);

/** How far a picture may be made smaller and still be read: 1 for not at all. */
export function scaleOf(width, height) {
  const legible = Math.min(1, Math.max(LONG_SIDE / Math.max(width, height), SHORT_SIDE / Math.min(width, height)));
  return Math.min(legible, Math.sqrt(MOST_PIXELS / (width * height)));
}

/** A picture at a size, on white: a JPEG and a printed sheet know no transparency. */
export function onWhite(picture, width, height) {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, height);
  context.drawImage(picture, 0, 0, width, height);
  return canvas;
}

export const blobOf = (canvas, type, quality) => new Promise((resolve) => { canvas.toBlob(resolve, type, quality); });

const drawn = (picture, width, height, quality) => blobOf(onWhite(picture, width, height), TYPES.JPEG, quality);

/** A small picture of a page, drawn here: a policy of the page allows no picture from elsewhere. */
export function thumbnail({ picture, kind }) {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: 96, height: 96 });
  const context = canvas.getContext("2d");
  context.fillStyle = "#eef2f7";
  context.fillRect(0, 0, 96, 96);
  if (picture) {
    const side = Math.min(picture.width, picture.height);
    context.drawImage(picture, (picture.width - side) / 2, (picture.height - side) / 2, side, side, 0, 0, 96, 96);
  } else {
    context.fillStyle = "#33415c";
    context.font = "600 24px system-ui, sans-serif";
    context.textAlign = "center";
    context.fillText(kind, 48, 57);
  }
  canvas.setAttribute("aria-hidden", "true");
  return canvas;
}
