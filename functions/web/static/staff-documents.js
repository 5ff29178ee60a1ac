// The papers of a claim as staff judge them: each page, each bill with its platform's answer, and the verdict.

import { AMOUNT, fenOf, listed, moment, optionsOf, t, word, yuan } from "./client.js";
import { button, field, form, h, input, panel, redrawn, select, table, tag, unfold } from "./page.js";
import { given, reason } from "./staff-decide.js";
import { BILL_FAULT, BILL_STATE, DOCUMENT_STATUS, DOCUMENT_TYPE, LEGAL_GROUND, REASON } from "./words.js";

export const JUDGED = ["AWAITING_DOCS", "IN_REVIEW", "AWAITING_SUPPLEMENT", "INVESTIGATING"];
export const CUTS = ["OVER_SOCIAL_STANDARD", "NOT_OF_THE_ACCIDENT", "NOT_NECESSARY", "PAID_ELSEWHERE", "NOT_PROVEN"];
const FILE_KIND = { "image/jpeg": "JPEG", "image/png": "PNG", "application/pdf": "PDF", "application/ofd": "OFD", "application/xml": "XML" };
const TONE = { ACCEPTED: "good", REJECTED: "bad" };

export const mayJudge = (me, claim) => me.may("judgeDocument") && JUDGED.includes(claim.status);
const isThere = ({ status }) => status !== "REQUIRED";
const isOpen = ({ status }) => status === "RECEIVED";
const byArrival = (files) => [...files].sort((one, other) => (one.received_at ?? "9").localeCompare(other.received_at ?? "9"));

/** The papers that the viewer shows, in the order of the list. */
export function papersOf(claim) {
  const files = byArrival(claim.files);
  return files.map((file, place) => ({ file, label: labelOf(files, file, place) })).filter(({ file }) => isThere(file))
    .map(({ file, label }) => ({ id: file.document_id, label, path: pathOf(claim, file), pages: file.pages, kinds: file.page_kinds, gate: (open) => gateOf(claim, file, open) }));
}

export function documentsPanel(api, me, claim, shown) {
  const missing = claim.missing.map((type) => tag(word(DOCUMENT_TYPE, type), "warn"));
  const files = byArrival(claim.files);
  const hasBills = claim.files.some(({ doc_type: type, status }) => type === "INVOICE" && status !== "REQUIRED");
  const check = () => api.post(`/v1/staff/claims/${claim.claim_no}/bills/check`).then(redrawn);
  return panel(t("材料", "Documents"), missing.length ? h("p", {}, t("还缺：", "Missing: "), missing) : null,
    JUDGED.includes(claim.status) && hasBills && me.may("recheckBills") ? h("p", {}, button(t("重新查验全部票据", "Ask the platforms again for every bill"), check)) : null,
    mayJudge(me, claim) ? acceptAll(api, claim, files, shown) : null,
    files.length ? h("ul", { class: "checklist documents" }, files.map((file, place) => documentItem(api, me, claim, file, labelOf(files, file, place), shown)))
      : h("p", { class: "empty" }, t("还没有材料。", "No documents yet.")));
}

// ---- verdicts of one press

export const acceptance = () => ({ status: "ACCEPTED", reason_code: "WITHIN_TERMS", reason: t("材料清晰，与本案相符", "Legible, and of this claim") });
const judge = (api, claim, file, body) => api.post(`/v1/staff/claims/${claim.claim_no}/documents/${file.document_id}/verdict`, body);

/** Something about it asks for a second look: it is accepted by itself, never with others. */
const isDoubtful = (claim, file) => Boolean(file.faults.length || file.duplicate_of || file.same_file_as || unreadable(file)
  || file.bills.some(({ state }) => state !== "GENUINE") || claim.signals.some(({ evidence }) => evidence?.includes(file.document_id)));

let isSending = false; // a key that is held down judges one paper, not the next as well

/** Judge, show the next paper that waits, and draw the file as it stands now. */
async function judged(api, claim, file, body, shown) {
  if (isSending) return;
  isSending = true;
  try {
    await judge(api, claim, file, body);
    const waiting = byArrival(claim.files).filter((other) => isOpen(other) && other.document_id !== file.document_id);
    const at = waiting.find((other) => (other.received_at ?? "") > (file.received_at ?? "")) ?? waiting[0];
    if (at && shown) void shown.open(at.document_id);
    await redrawn();
  } finally {
    isSending = false;
  }
}

/** The rest in two presses: the first names them, the second accepts them, one after the other. */
function acceptAll(api, claim, files, shown) {
  const plain = files.filter((file) => isOpen(file) && !isDoubtful(claim, file));
  if (plain.length < 2) return null;
  const names = files.map((file, place) => [file, labelOf(files, file, place)]).filter(([file]) => plain.includes(file)).map(([, label]) => label);
  const doubtful = files.filter((file) => isOpen(file) && isDoubtful(claim, file)).length;
  const send = async () => {
    for (const file of plain) await judge(api, claim, file, acceptance());
    await redrawn();
    if (shown) shown.fit();
  };
  return h("details", { class: "accept-all" }, h("summary", {}, t(`全部认可（${plain.length} 份）`, `Accept all (${plain.length})`)),
    h("p", {}, listed(names), t("。理由：", ". Reason: "), acceptance().reason),
    doubtful ? h("p", { class: "hint" }, t(`另有 ${doubtful} 份有疑点，须逐份审核。`, `${doubtful} more are doubtful and judged one by one.`)) : null,
    button(t("确认全部认可", "Accept them all"), send, { tone: "main" }));
}

/** Keys for the paper that is shown: its own button is pressed, so that a refusal stands where it belongs. */
export const documentKeys = (shown) => {
  const item = () => document.querySelector(`main [data-document="${shown.shown?.id}"]`);
  return {
    a: () => item()?.querySelector(".accept")?.click(),
    r: () => {
      const form_ = item()?.querySelector("form.verdict, .verdict form");
      if (!form_) return;
      unfold(form_);
      form_.elements.status.value = "REJECTED";
      form_.elements.status.dispatchEvent(new Event("change"));
      form_.elements.reason.focus();
    },
  };
};

/** "发票 2": documents of a kind are told apart by their place among them. */
function labelOf(files, file, place) {
  const ofKind = files.filter(({ doc_type: type }) => type === file.doc_type);
  const number = files.slice(0, place + 1).filter(({ doc_type: type }) => type === file.doc_type).length;
  return ofKind.length > 1 ? `${word(DOCUMENT_TYPE, file.doc_type)} ${number}` : word(DOCUMENT_TYPE, file.doc_type);
}

function documentItem(api, me, claim, file, label, shown) {
  const isJudged = isThere(file) && file.status !== "REPLACED" && mayJudge(me, claim);
  const accept = () => judged(api, claim, file, acceptance(), shown);
  const quick = isJudged && isOpen(file) ? button(t("认可", "Accept"), accept, { tone: "accept" }) : null;
  quick?.querySelector("button").setAttribute("aria-label", t(`认可${label}`, `Accept: ${label}`));
  return h("li", { "data-document": file.document_id, "aria-current": shown?.shown?.id === file.document_id ? "true" : null },
    h("div", { class: "row" }, h("b", {}, label), tag(word(DOCUMENT_STATUS, file.status), TONE[file.status] ?? "past")),
    h("small", {}, `${moment(file.received_at)} · ${file.file_kind ?? file.content_type} · ${Math.ceil(file.size / 1024)} KB${file.pages > 1 ? ` · ${t(`${file.pages} 页`, `${file.pages} pages`)}` : ""}`),
    file.facts ? h("p", {}, t("本人填写：", "As its claimant reads it: "), told(file.facts)) : null,
    file.faults.map((fault) => h("p", { class: fault === "HOSTILE" ? "problem fault" : "notice fault" }, t("文件：", "The file: "), word(BILL_FAULT, fault))),
    billsOf(claim, file),
    file.duplicate_of ? tag(t(`发票重复：${file.duplicate_of}`, `Invoice also in ${file.duplicate_of}`), "bad") : null,
    file.same_file_as ? tag(t(`同一文件：${file.same_file_as}`, `Same file as ${file.same_file_as}`), "warn") : null,
    unreadable(file) ? tag(unreadable(file), "warn") : null,
    h("div", { class: "row papers" }, quick, isThere(file) && shown ? pageButtons(file, label, shown) : null),
    isJudged ? h("details", { class: "verdict" }, h("summary", {}, isOpen(file) ? t("审核：不认可、逐项认定…", "Judge: reject, or line by line…") : t("重新审核", "Judge again")), verdictForm(api, claim, file, label, shown)) : null);
}

function billsOf(claim, file) {
  if (file.doc_type !== "INVOICE" || file.status === "REQUIRED") return null;
  if (!file.checked_at) return h("p", {}, tag(t("尚未查验", "Not checked yet"), "past"));
  if (!file.bills.length) return h("p", {}, tag(t("没有读出票据，须人工核对", "No bill was read: a person looks"), "warn"));
  return table(t("平台查验", "What the platform says"), [t("票据", "Bill"), t("平台查验", "Platform"), t("患者", "Patient"), t("金额", "Total")], file.bills.map((bill) => [
    h("span", { class: "number" }, bill.bill_no), [tag(word(BILL_STATE, bill.state), bill.state === "GENUINE" ? "good" : "bad"), bill.related_no ? h("small", {}, t(`关联 ${bill.related_no}`, `see ${bill.related_no}`)) : null, bill.state === "GENUINE" && !claim.sheet.bills.some(({ bill_no: known }) => known === bill.bill_no) ? tag(t("未计入损失清单", "Not in the loss sheet"), "warn") : null],
    [bill.patient ?? "—", claim.signals.some(({ rule, evidence }) => rule === "BILL_OTHER_PATIENT" && evidence?.includes(bill.bill_no)) ? [" ", tag(t("不是被保险人", "Not the insured"), "bad")] : null], bill.state === "GENUINE" || bill.total_fen ? yuan(bill.total_fen) : "—"]), "");
}

const pathOf = (claim, file) => `/v1/staff/claims/${claim.claim_no}/documents/${file.document_id}`;

/** What stands before a paper: once the consent to use health data is withdrawn, a duty of law that is named; before a
 * hostile file, a word of warning. */
function gateOf(claim, file, open) {
  if (claim.consents.some(({ kind, withdrawn_at: at }) => kind === "HEALTH_DATA" && at)) {
    return form(t("查看文件", "Open the file"), [h("p", { class: "notice" }, t("同意已撤回：依法查阅", "Consent withdrawn: open for a duty of law")),
      field(t("法定依据", "Ground"), select("ground", optionsOf(LEGAL_GROUND), "COURT"))],
    (given_) => open({ legal_ground: given_.get("ground") }), { tone: "" });
  }
  return file.faults.includes("HOSTILE") ? [h("p", { class: "problem" }, t("这个文件含有攻击内容。仍要打开？", "This file was made to do harm. Open it all the same?")),
    button(t("仍要打开", "Open it all the same"), () => open(), { tone: "danger" })] : null;
}

/** Each page by itself: a link is good for a minute, and each look is recorded. */
const pageButtons = (file, label, shown) => h("div", { class: "row", role: "group", "aria-label": t(`查看${label}`, `Open: ${label}`) }, Array.from({ length: file.pages }, (_, place) =>
  h("button", { type: "button", on: { click: () => { void shown.open(file.document_id, place + 1); if (innerWidth < 1000) shown.element.scrollIntoView(); } } },
    file.pages > 1 ? t(`第 ${place + 1} 页`, `Page ${place + 1}`) : t("查看文件", "Open the file"))));

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

function verdictForm(api, claim, file, label, shown) {
  const lines = linesOf(claim, file);
  const cuts = lines.length ? h("details", {}, h("summary", {}, t("逐项认定（全额认可可不填）", "Line by line (empty: all of it)")), lines.map(({ item, fen }, place) => h("div", { class: "cut" },
    field(t(`${item}，票面 ${yuan(fen)}，认可（元）`, `${item}, billed ${yuan(fen)}, accepted (CNY)`), input(`accepted-${place}`, { required: false, inputmode: "decimal", pattern: AMOUNT, "data-most": fen })),
    field(t("不予认可的原因", "Why not all of it"), select(`cut-${place}`, CUTS.map((code) => [code, word(REASON, code)]), CUTS[0]))))) : null;
  const status = select("status", [["ACCEPTED", t("认可", "Accept")], ["REJECTED", t("不认可", "Reject")], ["WAIVED", t("免提交", "Waive")]], "ACCEPTED");
  const why = reason(["WITHIN_TERMS", "UNREADABLE", "WRONG_DOCUMENT", "KNOWN_OTHERWISE"]);
  status.addEventListener("change", () => {
    status.form.elements.reason_code.value = { ACCEPTED: "WITHIN_TERMS", REJECTED: "UNREADABLE", WAIVED: "KNOWN_OTHERWISE" }[status.value];
  });
  return form(t("提交", "Send"), [field(t("结论", "Verdict"), status), why, cuts], async (form_, answer) => {
    const body = { status: form_.get("status"), ...given(form_) };
    const cut = lines.flatMap(({ fen }, line) => (form_.get(`accepted-${line}`) ? [{ line, fen, accepted_fen: fenOf(form_.get(`accepted-${line}`)), reason_code: form_.get(`cut-${line}`) }] : []));
    const over = cut.find(({ accepted_fen: accepted, fen }) => accepted > fen);
    if (over) {
      answer.replaceChildren(h("p", { class: "problem", role: "alert" }, t(`“${lines[over.line].item}”认可的金额超过票面 ${yuan(over.fen)}。`, `More of "${lines[over.line].item}" is accepted than the ${yuan(over.fen)} billed.`)));
      return;
    }
    if (cut.length && body.status === "ACCEPTED") body.lines = cut.map(({ line, accepted_fen, reason_code }) => ({ line, accepted_fen, reason_code }));
    await judged(api, claim, file, body, shown);
  }, { label: t(`审核${label}`, `Judge: ${label}`), tone: "" });
}
