// The papers of a claim as staff judge them: each page, each bill with its platform's answer, and the verdict.

import { AMOUNT, fenOf, listed, moment, optionsOf, t, word, yuan } from "./client.js";
import { button, field, form, h, input, panel, redrawn, select, table, tag } from "./page.js";
import { given, reason } from "./staff-decide.js";
import { BILL_FAULT, BILL_STATE, DOCUMENT_STATUS, DOCUMENT_TYPE, LEGAL_GROUND, REASON } from "./words.js";

export const JUDGED = ["AWAITING_DOCS", "IN_REVIEW", "AWAITING_SUPPLEMENT", "INVESTIGATING"];
export const CUTS = ["OVER_SOCIAL_STANDARD", "NOT_OF_THE_ACCIDENT", "NOT_NECESSARY", "PAID_ELSEWHERE", "NOT_PROVEN"];
const FILE_KIND = { "image/jpeg": "JPEG", "image/png": "PNG", "application/pdf": "PDF", "application/ofd": "OFD", "application/xml": "XML" };
const TONE = { ACCEPTED: "good", REJECTED: "bad" };

export function documentsPanel(api, me, claim) {
  const missing = claim.missing.map((type) => tag(word(DOCUMENT_TYPE, type), "warn"));
  const isOpen = JUDGED.includes(claim.status);
  const files = [...claim.files].sort((one, other) => (one.received_at ?? "9").localeCompare(other.received_at ?? "9"));
  const hasBills = claim.files.some(({ doc_type: type, status }) => type === "INVOICE" && status !== "REQUIRED");
  const check = () => api.post(`/v1/staff/claims/${claim.claim_no}/bills/check`).then(redrawn);
  return panel(t("材料", "Documents"), missing.length ? h("p", {}, t("还缺：", "Missing: "), missing) : null,
    isOpen && hasBills && me.may("recheckBills") ? h("p", {}, button(t("重新查验全部票据", "Ask the platforms again for every bill"), check)) : null,
    files.length ? h("ul", { class: "checklist" }, files.map((file, place) => documentItem(api, me, claim, file, labelOf(files, file, place))))
      : h("p", { class: "empty" }, t("还没有材料。", "No documents yet.")));
}

/** "发票 2": documents of a kind are told apart by their place among them. */
function labelOf(files, file, place) {
  const ofKind = files.filter(({ doc_type: type }) => type === file.doc_type);
  const number = files.slice(0, place + 1).filter(({ doc_type: type }) => type === file.doc_type).length;
  return ofKind.length > 1 ? `${word(DOCUMENT_TYPE, file.doc_type)} ${number}` : word(DOCUMENT_TYPE, file.doc_type);
}

function documentItem(api, me, claim, file, label) {
  const isThere = file.status !== "REQUIRED";
  const isJudged = isThere && file.status !== "REPLACED" && me.may("judgeDocument") && JUDGED.includes(claim.status);
  return h("li", {},
    h("div", { class: "row" }, h("b", {}, label), tag(word(DOCUMENT_STATUS, file.status), TONE[file.status] ?? "past")),
    h("small", {}, `${moment(file.received_at)} · ${file.file_kind ?? file.content_type} · ${Math.ceil(file.size / 1024)} KB${file.pages > 1 ? ` · ${t(`${file.pages} 页`, `${file.pages} pages`)}` : ""}`),
    file.facts ? h("p", {}, t("本人填写：", "As its claimant reads it: "), told(file.facts)) : null,
    file.faults.map((fault) => h("p", { class: fault === "HOSTILE" ? "problem fault" : "notice fault" }, t("文件", "The file: "), word(BILL_FAULT, fault))),
    billsOf(claim, file),
    file.duplicate_of ? tag(t(`发票重复：${file.duplicate_of}`, `Invoice also in ${file.duplicate_of}`), "bad") : null,
    file.same_file_as ? tag(t(`同一文件：${file.same_file_as}`, `Same file as ${file.same_file_as}`), "warn") : null,
    unreadable(file) ? tag(unreadable(file), "warn") : null,
    isThere && me.may("openDocument") ? pagesOf(api, claim, file, label) : null,
    isJudged ? h("details", {}, h("summary", {}, t("审核", "Judge")), verdictForm(api, claim, file, label)) : null);
}

function billsOf(claim, file) {
  if (file.doc_type !== "INVOICE" || file.status === "REQUIRED") return null;
  if (!file.checked_at) return h("p", {}, tag(t("尚未查验", "Not checked yet"), "past"));
  if (!file.bills.length) return h("p", {}, tag(t("没有读出票据，须人工核对", "No bill was read: a person looks"), "warn"));
  return table(t("平台查验", "What the platform says"), [t("票据", "Bill"), t("平台查验", "Platform"), t("患者", "Patient"), t("金额", "Total")], file.bills.map((bill) => [
    h("span", { class: "number" }, bill.bill_no), [tag(word(BILL_STATE, bill.state), bill.state === "GENUINE" ? "good" : "bad"), bill.related_no ? h("small", {}, t(`关联 ${bill.related_no}`, `see ${bill.related_no}`)) : null, bill.state === "GENUINE" && !claim.sheet.bills.some(({ bill_no: known }) => known === bill.bill_no) ? tag(t("未计入损失清单", "Not in the loss sheet"), "warn") : null],
    [bill.patient ?? "—", claim.signals.some(({ rule, evidence }) => rule === "BILL_OTHER_PATIENT" && evidence?.includes(bill.bill_no)) ? [" ", tag(t("不是被保险人", "Not the insured"), "bad")] : null], bill.state === "GENUINE" || bill.total_fen ? yuan(bill.total_fen) : "—"]), "");
}

/** Once the consent to use health data is withdrawn, a paper opens for a duty of law that is named. */
const pagesOf = (api, claim, file, label) => (claim.consents.some(({ kind, withdrawn_at: at }) => kind === "HEALTH_DATA" && at)
  ? h("details", {}, h("summary", {}, t("同意已撤回：依法查阅", "Consent withdrawn: open for a duty of law")),
    form(t("查看文件", "Open the file"), field(t("法定依据", "Ground"), select("ground", optionsOf(LEGAL_GROUND), "COURT")),
      async (given_) => { for (let page = 1; page <= file.pages; page += 1) await openPage(api, pathOf(claim, file), { page, legal_ground: given_.get("ground") }); }, { tone: "" }))
  : pageButtons(api, claim, file, label));

const pathOf = (claim, file) => `/v1/staff/claims/${claim.claim_no}/documents/${file.document_id}`;

/** Open a page of the document that stands at `path`. */
export const openPage = (api, path, query) => api.get(`${path}/file?${new URLSearchParams(query)}`).then(({ url }) => window.open(url, "_blank", "noopener"));

/** Each page by itself: a link is good for a minute, and each look is recorded. */
const pageButtons = (api, claim, file, label) => h("div", { class: "row papers", role: "group", "aria-label": t(`查看${label}`, `Open: ${label}`) }, Array.from({ length: file.pages }, (_, place) => {
  const look = () => openPage(api, pathOf(claim, file), { page: place + 1 });
  return button(file.pages > 1 ? t(`第 ${place + 1} 页`, `Page ${place + 1}`) : t("查看文件", "Open the file"), look, file.faults.includes("HOSTILE") ? { sure: t("这个文件含有攻击内容。仍要打开？", "This file was made to do harm. Open it all the same?") } : {});
}));

/** What is wrong with a received file; a person who accepted it has read it. */
const unreadable = ({ status, content_type: said, file_kind: kind }) => (status !== "RECEIVED" || (kind && (kind === FILE_KIND[said] || !FILE_KIND[said])) ? null
  : kind ? t(`实为 ${kind} 文件`, `Is a ${kind} file`) : t("不是可识读的图片或 PDF", "No readable picture or PDF"));

export const told = (facts_) => (facts_.lines
  ? `${t("票据", "Bill")} ${facts_.code ?? ""}${facts_.invoice_no}${facts_.issued_on ? ` · ${facts_.issued_on}` : ""}${t("：", ": ")}${listed(facts_.lines.map((line) => `${line.item} ${yuan(line.amount_fen)}`))}`
  : `${facts_.first_day ? t(`${facts_.first_day} 起 `, `from ${facts_.first_day}, `) : ""}${t(`${facts_.days} 天`, `${facts_.days} days`)}`);

/** The lines that a verdict may cut: those that stand in the sheet, else those that were typed. */
function linesOf(claim, file) {
  const entered = claim.sheet.bills.filter(({ source }) => source.document_id === file.document_id);
  if (entered.length === 1) return entered[0].lines.map(({ item, billed_fen: fen }) => ({ item, fen }));
  return entered.length ? [] : (file.facts?.lines ?? []).map(({ item, amount_fen: fen }) => ({ item, fen }));
}

function verdictForm(api, claim, file, label) {
  const lines = linesOf(claim, file);
  const cuts = lines.length ? h("details", {}, h("summary", {}, t("逐项认定（全额认可可不填）", "Line by line (empty: all of it)")), lines.map(({ item, fen }, place) => h("div", { class: "cut" },
    field(t(`${item}，票面 ${yuan(fen)}，认可（元）`, `${item}, billed ${yuan(fen)}, accepted (CNY)`), input(`accepted-${place}`, { required: false, inputmode: "decimal", pattern: AMOUNT, "data-most": fen })),
    field(t("不予认可的原因", "Why not all of it"), select(`cut-${place}`, CUTS.map((code) => [code, word(REASON, code)]), CUTS[0]))))) : null;
  return form(t("提交", "Send"), [
    field(t("结论", "Verdict"), select("status", [["ACCEPTED", t("认可", "Accept")], ["REJECTED", t("不认可", "Reject")], ["WAIVED", t("免提交", "Waive")]], "ACCEPTED")),
    reason(["WITHIN_TERMS", "UNREADABLE", "WRONG_DOCUMENT", "KNOWN_OTHERWISE"]), cuts,
  ], async (form_, answer) => {
    const body = { status: form_.get("status"), ...given(form_) };
    const cut = lines.flatMap(({ fen }, line) => (form_.get(`accepted-${line}`) ? [{ line, fen, accepted_fen: fenOf(form_.get(`accepted-${line}`)), reason_code: form_.get(`cut-${line}`) }] : []));
    const over = cut.find(({ accepted_fen: accepted, fen }) => accepted > fen);
    if (over) {
      answer.replaceChildren(h("p", { class: "problem", role: "alert" }, t(`“${lines[over.line].item}”认可的金额超过票面 ${yuan(over.fen)}。`, `More of "${lines[over.line].item}" is accepted than the ${yuan(over.fen)} billed.`)));
      return;
    }
    if (cut.length && body.status === "ACCEPTED") body.lines = cut.map(({ line, accepted_fen, reason_code }) => ({ line, accepted_fen, reason_code }));
    await api.post(`/v1/staff/claims/${claim.claim_no}/documents/${file.document_id}/verdict`, body);
    await redrawn();
  }, { label: t(`审核${label}`, `Judge: ${label}`), tone: "" });
}
