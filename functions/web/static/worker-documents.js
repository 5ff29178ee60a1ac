// Handing in papers (材料): several documents of a kind, several pages of a document, a better one in the place of
// another, and the word that these are all.

import { AMOUNT, fenOf, listed, moment, t, word } from "./client.js";
import { button, done, field, form, h, input, panel, refresh, select, tag } from "./page.js";
import { announcedPages, postPages, sizeOf } from "./files.js";
import { FileRefusedError, prepared, thumbnail } from "./photos.js";
import { DOCUMENT_STATUS, DOCUMENT_TYPE, REASON } from "./words.js";

const MOST_PAGES = 20;
const OVER = ["PAID", "CLOSED", "WITHDRAWN"];
const COLLECTING = ["REGISTERED", "AWAITING_DOCS", "AWAITING_SUPPLEMENT", "INVESTIGATING", "IN_REVIEW", "DISPUTED", "REOPENED"];
const TONE = { RECEIVED: "good", ACCEPTED: "good", WAIVED: "good", REJECTED: "bad" };
const SENT_STATUS = { REQUIRED: ["没有传完，请再传一次", "Not sent completely: send it again"] };
const PICTURES = "image/*,application/pdf";
const BILLS = `${PICTURES},application/ofd,application/xml,text/xml,.ofd,.xml`;

/** Whether pages stand chosen and not sent: then nothing may draw the page anew. */
export const isHandingIn = () => document.querySelector("main .pages li, main .sending") !== null;

export function documentsPanel(api, claim) {
  const asked = claim.documents.filter((line) => line.need !== "AUTOMATIC");
  const first = asked.filter((line) => line.need === "REQUIRED" || claim.missing.includes(line.doc_type) || sentOf(claim, line).length);
  const more = asked.filter((line) => !first.includes(line));
  const head = h("div", {}, headOf(claim));
  const all = h("div", {}, completion(api, claim));
  /** After one paper was sent: what is typed and chosen elsewhere stays. */
  const sent = async (line, item) => {
    const now = await api.get(`/v1/claims/${claim.claim_no}`);
    if (now.status !== claim.status) {
      if (!isHandingIn()) await refresh(); // else the next look at the claim does it
      return;
    }
    const wasMissing = claim.missing.length;
    Object.assign(claim, now);
    item.replaceWith(documentLine(api, claim, claim.documents.find(({ doc_type: type }) => type === line.doc_type), sent));
    head.replaceChildren(...headOf(claim));
    all.replaceChildren(...completion(api, claim));
    if (wasMissing && !claim.missing.length && !isHandingIn()) all.querySelector("button")?.focus(); // the last one: what comes next is up here
  };
  const list = (lines) => h("ul", { class: "checklist" }, lines.map((line) => documentLine(api, claim, line, sent)));
  return panel(t("材料", "Documents"), head, all, list(first),
    more.length ? h("details", {}, h("summary", {}, t("视情况补充的材料", "Documents for some cases")), list(more)) : null);
}

const sentOf = (claim, line) => claim.sent.filter(({ doc_type: type }) => type === line.doc_type);
const nameOf = (line) => t(line.name, word(DOCUMENT_TYPE, line.doc_type));
const missingNames = (claim) => listed(claim.missing.map((type) => nameOf(claim.documents.find(({ doc_type: known }) => known === type) ?? { name: word(DOCUMENT_TYPE, type), doc_type: type })));

const headOf = (claim) => [h("p", { class: "hint" },
  claim.missing.length ? t(`还差 ${claim.missing.length} 份`, `${claim.missing.length} still missing`) : t("需要的材料都已收到", "Everything needed has arrived"),
  t("。拍照、截图或 PDF 都可以。一份有几页的，一页一页加上来，再一起上传。", ". Photos, screenshots and PDF are all fine. Of several pages add one after another, then send them together."))];

/** "That is all": the review begins. */
function completion(api, claim) {
  if (claim.status !== "AWAITING_DOCS") return [];
  if (claim.missing.length) return [h("p", { class: "notice" }, t(`还差：${missingNames(claim)}。交齐后，这里会出现“材料交齐了”。`, `Still missing: ${missingNames(claim)}. Once they are here you can say that these are all.`))];
  const said = async () => {
    await api.post(`/v1/claims/${claim.claim_no}/documents/completion`);
    await refresh();
  };
  return [h("div", { class: "complete" },
    h("p", {}, t("还有别的发票吗？先一起传上来，再点下面。", "Any other bills? Send them first, then say so here.")),
    button(t("材料交齐了", "These are all papers"), said, { tone: "main big", sure: t("确定材料都交齐了？我们马上开始审核。", "Are these all papers? The review begins at once."), sureTone: "main" }))];
}

function documentLine(api, claim, line, sent) {
  const name = nameOf(line);
  const isBill = line.doc_type === "INVOICE";
  const handed = sentOf(claim, line);
  const isOpen = COLLECTING.includes(claim.status) && !OVER.includes(claim.status);
  const isRejected = handed.some(({ status }) => status === "REJECTED");
  const isWanted = !handed.length || (claim.missing.includes(line.doc_type) && !isRejected);
  const item = h("li", {});
  const compose = (replaced) => composer(api, claim, line, { name, isBill, replaced, sent: () => sent(line, item) });
  item.append(
    h("div", { class: "row" }, h("b", {}, name), tag(word(DOCUMENT_STATUS, line.status), TONE[line.status] ?? "past")),
    ...(line.condition ? [h("small", {}, t(line.condition, line.condition_en))] : []),
    ...(handed.length ? [h("ol", { class: "sent" }, handed.map((document_, place) => sentItem(claim, document_, place, name, isOpen ? compose : null)))] : []),
    ...(isOpen ? [isWanted && line.status !== "WAIVED" ? compose()
      : later(isBill ? t("再传一张发票", "Send another bill") : handed.length ? t(`再传一份${short(name)}`, `Send another: ${name}`) : t("仍要上传", "Send it all the same"), () => compose())] : []));
  return item;
}

/** "发票（纸质原件或电子发票）" → "发票". */
const short = (name) => name.replace(/（.*）$/, "");

/** A form that is made when somebody asks for it. */
function later(text, make, whole = null) {
  const folded = h("details", { class: "later" }, h("summary", { "aria-label": whole }, text));
  folded.addEventListener("toggle", () => { if (folded.open && folded.children.length === 1) folded.append(make()); });
  return folded;
}

function sentItem(claim, document_, place, name, compose) {
  const { doc_type: type, status, pages, received_at: at, reason_code: why, reason: said } = document_;
  const isBad = status === "REJECTED";
  const replace = () => compose(document_);
  return h("li", {},
    h("div", { class: "row" }, h("span", {}, t(`第 ${place + 1} 份`, `No. ${place + 1}`), pages > 1 ? t(`，${pages} 页`, `, ${pages} pages`) : "", at ? ` · ${moment(at).slice(5)}` : ""),
      tag(word({ ...DOCUMENT_STATUS, ...SENT_STATUS }, status), TONE[status] ?? "past")),
    isBad && (why || said) ? h("p", { class: "why" }, t("原因：", "Why: "), why ? word(REASON, why) : null, said ? [why ? t("。", ". ") : null, h("q", {}, said)] : null) : null,
    !compose || !["RECEIVED", "REJECTED"].includes(status) ? null : isBad && claim.missing.includes(type) ? replace()
      : later(t("换一张", "Replace it"), replace, t(`换一张：第 ${place + 1} 份${name}`, `Replace no. ${place + 1}: ${name}`)));
}

/** Pages are taken one after another and stay here until they are sent. */
function composer(api, claim, line, { name, isBill, replaced, sent, base = "/v1/claims" }) {
  const pages = [];
  const list = h("ol", { class: "pages" });
  const wrong = h("div", { class: "answer", "aria-live": "assertive" });
  const chosen = input("file", { type: "file", accept: isBill ? BILLS : PICTURES, multiple: true, required: false });
  const choose = field("", chosen);
  choose.classList.add("shoot");
  const rest = h("div", { class: "form" }, isBill ? billFields() : factFields(line.doc_type));
  const show = () => {
    choose.querySelector("label").textContent = pages.length ? t("再加一页", "Add a page") : replaced ? t(`换一张${short(name)}：拍照或选文件`, `Replace ${name}: photo or file`) : t(`${short(name)}：拍照或选文件`, `${name}: photo or file`);
    rest.hidden = !pages.length;
    list.replaceChildren(...pages.map((page, place) => h("li", {}, page.thumb,
      h("span", {}, t(`第 ${place + 1} 页`, `Page ${place + 1}`), h("small", {}, `${page.kind} · ${sizeOf(page.blob.size)}${page.note ? ` · ${page.note}` : ""}`)),
      h("button", { type: "button", class: "quiet", "aria-label": t(`删除第 ${place + 1} 页`, `Remove page ${place + 1}`), on: { click: () => { pages.splice(place, 1); show(); } } }, t("删除", "Remove")))));
    const action = made.querySelector(":scope > button");
    action.textContent = pages.length > 1 ? t(`上传（${pages.length} 页）`, `Upload (${pages.length} pages)`) : t("上传", "Upload");
    action.classList.add("main");
    action.hidden = !pages.length;
  };
  chosen.addEventListener("change", async () => {
    wrong.replaceChildren(...(chosen.files.length ? [done(t("正在处理…", "One moment…"))] : []));
    const refused = [];
    for (const file of chosen.files) {
      try {
        if (pages.length >= MOST_PAGES) throw new FileRefusedError(t(`一份材料最多 ${MOST_PAGES} 页，其余请另传一份。`, `${MOST_PAGES} pages at most; send the others as another document.`));
        const page = await prepared(file, isBill);
        page.thumb = thumbnail(page);
        page.picture?.close();
        pages.push({ ...page, picture: null });
      } catch (error) {
        if (!(error instanceof FileRefusedError)) throw error;
        refused.push(h("div", { class: "problem", role: "alert" }, h("b", {}, file.name), h("p", {}, error.message)));
      }
    }
    chosen.value = "";
    show();
    wrong.replaceChildren(...refused);
  });
  const made = form(t("上传", "Upload"), [list, choose, wrong, isBill ? h("p", { class: "hint" }, t("电子发票的文件（XML、OFD、PDF），或拍到二维码的照片，不用再填。", "The file of an electronic bill (XML, OFD, PDF), or a photo with its QR code, needs no typing.")) : null, rest], async (given, answer) => {
    const facts = isBill ? billOf(given) : daysOf(given);
    if (facts?.lacking) {
      answer.replaceChildren(h("p", { class: "problem", role: "alert" }, facts.lacking));
      return;
    }
    // where this fails the pages stay chosen, to be sent again
    await upload(api, `${base}/${claim.claim_no}/documents`, { doc_type: line.doc_type, facts, replaces: replaced?.document_id }, pages, answer);
    pages.length = 0;
    show();
    answer.replaceChildren();
    await sent();
  }, { label: replaced ? t(`换一张${name}`, `Replace: ${name}`) : t(`上传${name}`, `Upload: ${name}`), tone: "", key: `document ${line.doc_type} ${replaced?.document_id ?? ""}` });
  show();
  return made;
}

/** For staff, who file a paper of whoever brought it. */
export const filingForm = (api, claim, line, name) => composer(api, claim, line, { name, isBill: line.doc_type === "INVOICE", sent: refresh, base: "/v1/staff/claims" });

// ---- what stands on it

/** An electronic bill and a QR code say all of it; on paper the numbers help, and nobody must type them. */
const billFields = () => [
  h("details", {}, h("summary", {}, t("纸质发票、没有二维码：填写票面信息（可不填）", "A paper bill without a QR code: type what it says (optional)")),
    h("div", { class: "form" },
      field(t("票据代码（没有就不填）", "Code (where it has one)"), input("code", { required: false, inputmode: "numeric", pattern: "[0-9]{8,12}" }), t("8 到 12 位数字", "8 to 12 digits")),
      field(t("票据号码", "Number"), input("invoice_no", { required: false, maxlength: "40" })),
      field(t("校验码（没有就不填）", "Check code (where it has one)"), input("check_code", { required: false, pattern: "[0-9A-Za-z]{4,20}" })),
      field(t("开票日期", "Date of issue"), input("issued_on", { required: false, type: "date" })),
      field(t("合计金额（元）", "Total (CNY)"), input("amount", { required: false, inputmode: "decimal", pattern: AMOUNT })),
      field(t("是什么费用", "What for"), select("kind", [["MEDICAL", t("医疗", "Treatment")], ["AMBULANCE", t("救护车", "Ambulance")]], "MEDICAL")))),
];

function billOf(given) {
  const text = (name) => given.get(name).trim();
  if (!["code", "invoice_no", "check_code", "issued_on", "amount"].some(text)) return undefined;
  const amount_fen = fenOf(text("amount"));
  if (!text("invoice_no") || !amount_fen) return { lacking: t("填了票面信息的，票据号码和合计金额都要填；也可以全部不填。", "Number and total belong together; or leave all of it empty.") };
  const kind = text("kind");
  const item = kind === "AMBULANCE" ? "救护车费" : "医疗费"; // read by staff, as it would stand on the bill
  const more = Object.fromEntries(["code", "check_code", "issued_on"].filter(text).map((name) => [name, text(name)]));
  return { invoice_no: text("invoice_no"), ...more, lines: [{ item, amount_fen, kind }] };
}

function factFields(docType) {
  const asked = { SICK_LEAVE_CERTIFICATE: t("病休天数", "Days off work"), ADMISSION_RECORD: t("住院天数", "Days in hospital") }[docType];
  return asked ? [field(asked, input("days", { type: "number", min: "1", max: "366", inputmode: "numeric" })),
    field(t("从哪天起（不填就是事故当天）", "From which day on (empty: the day of the accident)"), input("first_day", { type: "date", required: false }))] : [];
}

function daysOf(given) {
  if (!given.get("days")) return undefined;
  return { days: Number(given.get("days")), ...(given.get("first_day") ? { first_day: given.get("first_day") } : {}) };
}

// ---- the way to the store

/** Announce, post each page to the store, have it counted. */
async function upload(api, path, announcement, pages, answer) {
  const [front, ...further] = await announcedPages(pages);
  const { document_id: id, upload: form_, further_uploads: forms } = await api.post(path, { ...announcement, ...front, further_pages: further });
  await postPages([form_, ...forms], pages, answer);
  await api.post(`${path}/${id}/receipt`);
}
