// One claim file (案卷) on one page. A button stands where duty and status allow it; a conflict is shown, never hidden.

import { listed, moment, t, word, yuan } from "./format.js";
import { button, facts, field, form, h, panel, refresh, select, table, tag, tick, title, words } from "./page.js";
import { acknowledgementPanel, decided, decisionPanel, given, metBy, movedNotice, reason } from "./staff-decide.js";
import { familyPanel, filingPanel } from "./staff-family.js";
import { beneficiariesPanel, goesToBeneficiaries, identityPanel } from "./staff-payments.js";
import { dueTag, reasons } from "./staff-queues.js";
import { advancePanel, breachOf, roundsPanel } from "./staff-rounds.js";
import { ATTENTION, CLAIM_EVENT, CLAIM_STATUS, CLAIM_TYPE, CLOCK, DECISION, DOCUMENT_STATUS, DOCUMENT_TYPE, IDENTITY_DOCUMENT, OUTCOME, POLICY_STATUS, QUEUE, REASON, REFERRED_FOR, TRANSFER_REASON } from "./words.js";

const NOT_STANDING = "POLICY_NOT_STANDING";
const JUDGED = ["AWAITING_DOCS", "IN_REVIEW", "AWAITING_SUPPLEMENT", "INVESTIGATING"];

export async function claimFileView(api, me, claimNo) {
  const path = `/v1/staff/claims/${claimNo}`;
  const claim = await api.get(path);
  const recorded = goesToBeneficiaries(claim) ? await api.get(`${path}/beneficiaries`) : null;
  const met = metBy(claimNo);
  const act = (route, body) => api.post(`${path}/${route}`, body).then(refresh);
  const send = (route, body) => decided(api, claimNo, `${path}/${route}`, body);
  const look = (file) => api.get(`${path}/documents/${file.document_id}/file`).then(({ url }) => window.open(url, "_blank", "noopener"));
  return title(t("赔案", "Claim"),
    h("p", { class: "lead" }, h("span", { class: "number" }, claim.claim_no), " ", tag(word(CLAIM_STATUS, claim.status)),
      claim.decision === "PENDING" ? null : tag(word(DECISION, claim.decision)),
      claim.queue ? tag(word(QUEUE, claim.queue), "warn") : null, dueTag(claim.due_at)),
    policyNotice(claim),
    claim.attention && claim.attention !== NOT_STANDING ? h("p", { class: "notice" }, word(ATTENTION, claim.attention)) : null,
    h("div", { class: "columns file" },
      h("div", {}, met ? movedNotice(met) : null, actions(act, send, me, claim, met?.typed), familyPanel(act, me, claim), filingPanel(api, act, me, claim), identityPanel(act, me, claim, recorded), beneficiariesPanel(act, me, claim, recorded), advancePanel(act, me, claim, recorded),
        roundsPanel(act, me, claim, recorded), policyPanel(claim), accidentPanel(claim), assessmentPanel(claim), documentsPanel(act, look, me, claim)),
      h("div", {}, clocksPanel(claim), signalsPanel(claim), historyPanel(claim), notePanel(act, me, claim))));
}

/** A policy that does not stand is the first thing to see: the claim holds a copy that still looks whole. */
function policyNotice(claim) {
  const signal = claim.signals.find(({ rule }) => rule === NOT_STANDING);
  if (claim.attention !== NOT_STANDING && !signal) return null;
  const status = signal ? listed(signal.evidence.map((code) => word(POLICY_STATUS, code))) : null;
  return h("div", { class: "problem conflict", role: "alert" }, h("b", {}, status ? t(`保单${status}`, `The policy is: ${status}`) : word(ATTENTION, NOT_STANDING)),
    h("p", {}, claim.attention === NOT_STANDING
      ? t("有一笔赔款在保单失效时已在支付途中或已停止，请核实后处理。", "A payment was under way, or was stopped, when the policy ended: look into it.")
      : t("请核实：作废、取消的保单不能赔付；终止的保单只赔终止之前的事故。", "Look into it: nothing is paid on a policy that was voided or cancelled; one that was terminated pays for accidents before that.")));
}

// ---- what may be done

function actions(act, send, me, claim, typed) {
  const isUndecided = claim.status === "IN_REVIEW" && claim.referred_for.length > 0;
  return [
    isUndecided && me.may("decideClaim") ? decisionPanel(send, claim, typed) : null,
    claim.status === "DECIDED" && me.may("acknowledgeDecision") ? acknowledgementPanel(send, me, claim) : null,
    isUndecided && me.may("requestSupplement") ? h("details", { class: "panel" }, h("summary", {}, t("要求补充材料", "Ask for more documents")), supplementForm(act, claim)) : null,
    isUndecided && me.may("investigateClaim") ? h("details", { class: "panel" }, h("summary", {}, t("开始调查", "Open an investigation")),
      form(t("开始调查", "Open an investigation"), reason(["FACTS_UNCLEAR"]), (form_) => act("investigation", { action: "OPEN", ...given(form_) }), { tone: "" })) : null,
    claim.status === "INVESTIGATING" && me.may("investigateClaim") ? panel(t("调查中", "Under investigation"),
      form(t("结束调查", "Close the investigation"), reason(["FACTS_CLEAR", "FACTS_UNCLEAR"]), (form_) => act("investigation", { action: "CLOSE", ...given(form_) }))) : null,
    ["CLOSED", "WITHDRAWN"].includes(claim.status) && me.may("reopenClaim") ? h("details", { class: "panel" }, h("summary", {}, t("重新开案", "Reopen")),
      form(t("重新开案", "Reopen"), reason(["NEW_EVIDENCE"]), (form_) => act("reopening", given(form_)), { tone: "" })) : null,
  ];
}

function supplementForm(act, claim) {
  const asked = claim.documents.filter((line) => line.need !== "AUTOMATIC" && !["RECEIVED", "ACCEPTED"].includes(line.status));
  return form(t("一次性告知", "Ask once for everything"), [
    h("p", { class: "hint" }, t("每轮审核只能要求一次；清单上缺的会一并告知，30 天时限暂停。", "Once a round of review; what the checklist misses is added, and the 30 days pause.")),
    h("fieldset", {}, h("legend", {}, t("材料", "Documents")), asked.map((line) => tick("documents", line.doc_type, word(DOCUMENT_TYPE, line.doc_type)))),
    field(t("给被保险人的说明", "What the insured is told"), words("reason")),
  ], (form_) => act("supplement", { documents: form_.getAll("documents"), reason: form_.get("reason") }), { tone: "" });
}

// ---- what is known

const policyPanel = ({ policy }) => panel(t("保单", "Policy"), facts(
  [t("保单号", "Policy number"), h("span", { class: "number" }, policy.policy_no), true],
  [t("被保险人", "Insured"), policy.insured_name], [t("计划", "Plan"), t(`${policy.plan_id} · ${policy.occupation_class} 类`, `${policy.plan_id} · class ${policy.occupation_class}`)],
  [t("保障期间", "Cover"), `${moment(policy.starts_at)} – ${moment(policy.ends_at)}`, true],
  [t("保险金额", "Sum insured"), yuan(policy.sum_insured_fen)], [t("公司", "Company"), policy.company_id], [t("项目", "Project"), h("span", { class: "number" }, policy.project_id)]));

const accidentPanel = (claim) => panel(t("事故", "Accident"), facts(
  [t("责任", "Benefits"), listed(claim.claim_types.map((type) => word(CLAIM_TYPE, type))), true],
  [t("发生", "When"), moment(claim.occurred_at)], [t("报案", "Reported"), moment(claim.reported_at)],
  [t("地点", "Where"), claim.accident.place], [t("伤情", "Injury"), claim.accident.injury],
  [t("经过", "What happened"), claim.accident.description, true],
  claim.reporters.length ? [t("其他报案人", "Also reported by"), claim.reporters.join(", "), true] : null));

function assessmentPanel(claim) {
  if (!claim.assessment) return panel(t("理算", "Assessment"), h("p", { class: "empty" }, t("尚未理算。", "Not computed yet.")));
  return panel(t("理算", "Assessment"),
    h("ul", { class: "lines" }, claim.assessment.lines.map((line) => h("li", {}, h("b", {}, word(CLAIM_TYPE, line.claim_type)), h("strong", {}, yuan(line.amount_fen)), h("p", { lang: "zh-CN" }, line.explanation)))),
    h("p", { class: "total" }, t("合计 ", "Total "), h("strong", {}, yuan(claim.assessment.total_fen)), h("small", {}, ` ${t("公式", "formula")} ${claim.assessment.formula_version}`)),
    heldBefore(claim) ? h("p", {}, t(`此前各轮已占用 ${yuan(heldBefore(claim))}，本轮付其余部分。`, `Earlier rounds hold ${yuan(heldBefore(claim))} of it; this one pays the rest.`)) : null);
}

const heldBefore = ({ rounds }) => rounds.slice(0, -1).flatMap(({ held }) => Object.values(held)).reduce((sum, fen) => sum + fen, 0);

function documentsPanel(act, look, me, claim) {
  const mayLook = me.may("openDocument");
  const mayJudge = me.may("judgeDocument") && JUDGED.includes(claim.status);
  const missing = claim.missing.map((type) => tag(word(DOCUMENT_TYPE, type), "warn"));
  return panel(t("材料", "Documents"), missing.length ? h("p", {}, t("还缺：", "Missing: "), missing) : null,
    claim.files.length ? h("ul", { class: "checklist" }, claim.files.map((file) => h("li", {},
      h("div", { class: "row" }, h("b", {}, word(DOCUMENT_TYPE, file.doc_type)), tag(word(DOCUMENT_STATUS, file.status), { RECEIVED: "past", ACCEPTED: "good", REJECTED: "bad" }[file.status] ?? "past")),
      h("small", {}, `${moment(file.received_at)} · ${file.content_type} · ${Math.ceil(file.size / 1024)} KB`),
      file.facts ? h("p", {}, told(file.facts)) : null,
      file.duplicate_of ? tag(t(`发票重复：${file.duplicate_of}`, `Invoice also in ${file.duplicate_of}`), "bad") : null,
      file.same_file_as ? tag(t(`同一文件：${file.same_file_as}`, `Same file as ${file.same_file_as}`), "warn") : null,
      unreadable(file) ? tag(unreadable(file), "warn") : null,
      mayLook && file.status !== "REQUIRED" ? button(t("查看文件", "Open the file"), () => look(file)) : null,
      mayJudge && file.status !== "REQUIRED" ? h("details", {}, h("summary", {}, t("审核", "Judge")), verdictForm(act, file)) : null)))
      : h("p", { class: "empty" }, t("还没有材料。", "No documents yet.")));
}

const FILE_KIND = { "image/jpeg": "JPEG", "image/png": "PNG", "application/pdf": "PDF" };

/** What is wrong with a received file; a person who accepted it has read it. */
const unreadable = ({ status, content_type, file_kind }) => (status !== "RECEIVED" || file_kind === FILE_KIND[content_type] ? null
  : file_kind ? t(`实为 ${file_kind} 文件`, `Is a ${file_kind} file`) : t("不是可识读的图片或 PDF", "No readable picture or PDF"));

const told = (facts_) => (facts_.lines
  ? `${t("发票", "Invoice")} ${facts_.invoice_no}${t("：", ": ")}${listed(facts_.lines.map((line) => `${line.item} ${yuan(line.amount_fen)}`))}`
  : t(`${facts_.days} 天`, `${facts_.days} days`));

const verdictForm = (act, file) => form(t("提交", "Send"), [
  field(t("结论", "Verdict"), select("status", [["ACCEPTED", t("认可", "Accept")], ["REJECTED", t("不认可", "Reject")], ["WAIVED", t("免提交", "Waive")]], "ACCEPTED")),
  reason(["WITHIN_TERMS", "UNREADABLE", "WRONG_DOCUMENT", "KNOWN_OTHERWISE"]),
], (form_) => act(`documents/${file.document_id}/verdict`, { status: form_.get("status"), ...given(form_) }), { label: t(`审核${word(DOCUMENT_TYPE, file.doc_type)}`, `Judge: ${word(DOCUMENT_TYPE, file.doc_type)}`), tone: "" });

function clocksPanel({ clocks }) {
  const clock = (name, due) => (due ? [word(CLOCK, name), [moment(due), " ", dueTag(due)], true] : null);
  return panel(t("时限", "Clocks"), facts(
    clock("SERVICE_LEVEL", clocks.service_level_due_at), clock("ADJUDICATION", clocks.adjudication_due_at), clock("REFUSAL_NOTICE", clocks.refusal_notice_due_at),
    clock("PAYMENT", clocks.payment_due_at), clock("ADVANCE", clocks.advance_due_at), clock("INVESTIGATION", clocks.investigation_due_at),
    [t("诉讼时效", "Limitation"), moment(clocks.limitation_ends_at), true]),
  clocks.adjudication_paused ? h("p", { class: "hint" }, t("等待材料，30 天时限暂停。", "Waiting for documents: the 30 days pause.")) : null,
  clocks.breached.length ? h("p", { class: "problem" }, t("已超时：", "Passed: "), listed(clocks.breached.map(breachOf))) : null);
}

/** Evidence is ids and instants. */
const plain = (evidence) => (POLICY_STATUS[evidence] ? word(POLICY_STATUS, evidence) : /^\d{4}-\d\d-\d\dT/.test(evidence) ? moment(evidence) : evidence);

const signalsPanel = (claim) => panel(t("转人工原因和信号", "Why people decide, and signals"),
  claim.referred_for.length ? h("p", {}, reasons(claim.referred_for)) : null,
  table(t("信号", "Signals"), [t("信号", "Signal"), t("分量", "Weight"), t("依据", "Evidence")],
    claim.signals.map((signal) => [word(REFERRED_FOR, signal.rule), tag(signal.weight === "REVIEW" ? t("须审核", "review") : t("提示", "note"), signal.weight === "REVIEW" ? "warn" : "past"), listed(signal.evidence.map(plain))]),
    t("没有信号。", "No signals.")));

const CODES = { ...POLICY_STATUS, ...REFERRED_FOR, ...TRANSFER_REASON, ...OUTCOME, ...ATTENTION, ...DOCUMENT_STATUS, ...IDENTITY_DOCUMENT, ...REASON };

/** "ACCEPTED:WITHIN_TERMS", "PAYMENT:2026-12-04T…" or one word of any table. */
const reasonOf = (code) => (CLOCK[code.split(":")[0]] ? breachOf(code) : code.split(":").map((part) => word(CODES, part)).join(t("：", ": ")));

const historyPanel = (claim) => panel(t("历史", "History"), h("ol", { class: "timeline" }, [...claim.history].reverse().map((line) => h("li", {},
  h("time", { datetime: line.at }, moment(line.at)), h("b", {}, word(CLAIM_EVENT, line.event)), h("small", {}, ` ${line.by}`),
  line.advance || line.obligation || line.moved_fen ? h("p", {}, [
    line.advance ? t(`先予支付 ${line.advance}`, `Advance ${line.advance}`) : null, line.obligation ? t(`应付第 ${line.obligation} 笔`, `Obligation ${line.obligation}`) : null,
    line.moved_fen ? yuan(line.moved_fen) : null].filter(Boolean).join(" · ")) : null,
  line.reason_code || line.reason ? h("p", {}, [line.reason_code ? reasonOf(line.reason_code) : null, line.reason].filter(Boolean).join(t("：", ": "))) : null))));

function notePanel(act, me, claim) {
  if (!me.may("noteClaim")) return null;
  return h("details", { class: "panel" }, h("summary", {}, t("备注", "Add a note")),
    form(t("保存", "Save"), [field(t("内容", "Text"), words("text")),
      claim.complained_at ? tick("answers_complaint", "yes", t("这是对投诉的答复（被保险人会看到）", "This answers the complaint (the insured reads it)")) : null],
    (form_) => act("notes", { text: form_.get("text"), answers_complaint: form_.get("answers_complaint") === "yes" }), { tone: "" }));
}
