// One claim file (案卷) on one page. A button stands where duty and status allow it; a conflict is shown, never hidden.

import { listed, moment, t, word, yuan } from "./client.js";
import { button, facts, field, form, go, h, link, panel, redrawn, table, tag, tick, title, words } from "./page.js";
import { assessmentPanel } from "./staff-assessment.js";
import { acknowledgementPanel, decided, decisionPanel, given, metBy, movedNotice, reason } from "./staff-decide.js";
import { documentKeys, documentsPanel, mayJudge, papersOf } from "./staff-documents.js";
import { familyPanel, filingPanel } from "./staff-family.js";
import { heldPanel, insuredOf, insuredPanel } from "./staff-insured.js";
import { keysHere, legend } from "./staff-keys.js";
import { beneficiariesPanel, goesToBeneficiaries, identityPanel } from "./staff-payments.js";
import { deliveriesPanel } from "./staff-notices.js";
import { assignmentPanel, toNext } from "./staff-queue.js";
import { dueTag, reasons, shown } from "./staff-queues.js";
import { advancePanel, breachOf, roundsPanel } from "./staff-rounds.js";
import { sheetPanel } from "./staff-sheet.js";
import { viewerKeys, viewerOf } from "./staff-viewer.js";
import { ATTENTION, CLAIM_ACTOR, CLAIM_CONSENT, CLAIM_EVENT, CLAIM_STATUS, CLAIM_TYPE, CLOCK, DECISION, DOCUMENT_STATUS, DOCUMENT_TYPE, DUTY, IDENTITY_DOCUMENT, LOOKED_AT, NOTICE_CHANNEL, OUTCOME, POLICY_STATUS, QUEUE, REASON, REFERRED_FOR, TRANSFER_REASON } from "./words.js";

const NOT_STANDING = "POLICY_NOT_STANDING";

/** What is withheld from somebody's duties is null: of lists, nothing. */
function withheldAsEmpty(claim) {
  claim.isWithheld = claim.sheet.bills === null;
  for (const name of ["bills", "stays", "sick_leaves"]) claim.sheet[name] ??= [];
  for (const line of claim.assessment?.lines ?? []) Object.assign(line, { inputs: line.inputs ?? {}, sources: line.sources ?? {} });
  return claim;
}

export async function claimFileView(api, me, claimNo, from) {
  const path = `/v1/staff/claims/${claimNo}`;
  const [answer, insured] = await Promise.all([api.get(path), insuredOf(api, claimNo)]);
  const claim = withheldAsEmpty(answer);
  const recorded = goesToBeneficiaries(claim) ? await api.get(`${path}/beneficiaries`) : null;
  const met = metBy(claimNo);
  const act = (route, body) => api.post(`${path}/${route}`, body).then(redrawn);
  const send = (route, body, goesOn) => decided(api, me, claimNo, `${path}/${route}`, body, goesOn ? from : null);
  const viewer = me.may("openDocument") ? viewerOf(api, claimNo, papersOf(claim), keyLegend(me, claim, from), marked) : null;
  if (viewer && !viewer.shown && mayJudge(me, claim)) {
    const first = claim.files.find(({ status }) => status === "RECEIVED");
    if (first) void viewer.open(first.document_id);
  }
  const decides = claim.status === "IN_REVIEW" && claim.referred_for.length > 0 && me.may("decideClaim");
  const acts = h("div", { class: "decide" }, met ? movedNotice(met) : null, actions(act, send, me, claim, met?.typed, from));
  const papers = documentsPanel(api, me, claim, viewer);
  const work = [insuredPanel(claim, insured), accidentPanel(claim)];
  const computed = [claim.isWithheld ? null : sheetPanel(api, me, claim), assessmentPanel(claim)];
  const right = decides ? [work, papers, computed, acts] : [acts, work, papers, computed];
  const part = (name, ...children) => h("div", { class: name, "data-parts": true, "data-key": name }, children);
  const file = part("columns file",
    part("file-left", viewer ? null : right, familyPanel(act, me, claim), filingPanel(api, act, me, claim), identityPanel(act, me, claim, recorded), beneficiariesPanel(act, me, claim, recorded), advancePanel(act, me, claim, recorded),
      roundsPanel(act, me, claim, recorded), historyPanel(claim, insured)),
    part("file-right", assignmentPanel(act, me, claim), clocksPanel(claim), signalsPanel(claim), heldPanel(insured), deliveriesPanel(act, me, claim), consentsPanel(act, me, claim), policyPanel(claim, insured), notePanel(act, me, claim), looksPanel(api, me, path)));
  keysHere({ ...(viewer ? { ...viewerKeys(viewer), ...documentKeys(viewer) } : {}), d: toDecision, n: () => void toNext(api, me, from, claimNo), "/": () => go("#/") });
  return [
    h("div", { class: "file-head" }, from ? link(`#/queues/${from}`, `‹ ${word(QUEUE, from)}`) : null,
      title(t("赔案", "Claim")), h("span", { class: "number" }, claim.claim_no), tag(word(CLAIM_STATUS, claim.status)),
      claim.decision === "PENDING" ? null : tag(word(DECISION, claim.decision)),
      claim.queue ? tag(word(QUEUE, claim.queue), "warn") : null, dueTag(claim.due_at),
      claim.assignee ? tag(claim.assignee === me.id ? t("由您处理", "Yours") : t(`由 ${claim.assignee} 处理`, `${claim.assignee} has it`), claim.assignee === me.id ? "good" : "bad") : null,
      from ? button(t("下一件 ›", "Next ›"), () => toNext(api, me, from, claimNo)) : null),
    policyNotice(claim),
    claim.attention && claim.attention !== NOT_STANDING ? h("p", { class: "notice" }, word(ATTENTION, claim.attention)) : null,
    viewer ? [viewer.element, part("bench-right", right)] : null,
    file,
  ];
}

const keyLegend = (me, claim, from) => legend([["j", "k"], t("材料", "document")], [["[", "]"], t("翻页", "page")], [["+", "−"], t("缩放", "size")], [["t"], t("旋转", "turn")],
  ...(mayJudge(me, claim) ? [["a", t("认可", "accept")], ["r", t("不认可", "reject")]] : []), ["d", t("去核定", "to the decision")], ...(from ? [["n", t("下一件", "next file")]] : []));

/** Tell the list which paper is shown. */
function marked(paper) {
  for (const item of document.querySelectorAll("main [data-document]")) {
    if (item.getAttribute("data-document") === paper?.id) item.setAttribute("aria-current", "true");
    else item.removeAttribute("aria-current");
  }
}

function toDecision() {
  const place = document.querySelector("main .decide");
  place?.scrollIntoView();
  (place?.querySelector("form [name=reason]") ?? place?.querySelector("button"))?.focus();
}

/** A policy that does not stand is the first thing to see: the claim holds a copy that still looks whole. */
function policyNotice(claim) {
  const signal = claim.signals.find(({ rule }) => rule === NOT_STANDING);
  if (claim.attention !== NOT_STANDING && !signal) return null;
  const status = signal ? listed((signal.evidence ?? []).map((code) => word(POLICY_STATUS, code))) : null;
  return h("div", { class: "problem conflict", role: "alert" }, h("b", {}, status ? t(`保单${status}`, `The policy is: ${status}`) : word(ATTENTION, NOT_STANDING)),
    h("p", {}, claim.attention === NOT_STANDING
      ? t("有一笔赔款在保单失效时已在支付途中或已停止，请核实后处理。", "A payment was under way, or was stopped, when the policy ended: look into it.")
      : t("请核实：作废、取消的保单不能赔付；终止的保单只赔终止之前的事故。", "Look into it: nothing is paid on a policy that was voided or cancelled; one that was terminated pays for accidents before that.")));
}

// ---- what may be done

function actions(act, send, me, claim, typed, from) {
  const isUndecided = claim.status === "IN_REVIEW" && claim.referred_for.length > 0;
  return [
    isUndecided && me.may("decideClaim") ? decisionPanel(send, claim, typed, from) : null,
    claim.status === "DECIDED" && me.may("acknowledgeDecision") ? acknowledgementPanel(send, me, claim, from) : null,
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
    h("p", { class: "hint" }, t("每轮审核只能要求一次；清单上缺的会一并告知，自送达起 30 天时限暂停。", "Once a round of review; what the checklist misses is added, and the 30 days pause from its delivery.")),
    h("fieldset", {}, h("legend", {}, t("材料", "Documents")), asked.map((line) => tick("documents", line.doc_type, word(DOCUMENT_TYPE, line.doc_type)))),
    field(t("给被保险人的说明", "What the insured is told"), words("reason")),
  ], (form_) => act("supplement", { documents: form_.getAll("documents"), reason: form_.get("reason") }), { tone: "" });
}

// ---- what is known

const policyPanel = ({ policy, also_covered: also }, { work }) => panel(t("保单", "Policy"), facts(
  [t("保单号", "Policy number"), h("span", { class: "number" }, policy.policy_no), true],
  [t("计划", "Plan"), t(`${policy.plan_id} · ${policy.occupation_class} 类`, `${policy.plan_id} · class ${policy.occupation_class}`)],
  [t("保障期间", "Cover"), `${moment(policy.starts_at)} – ${moment(policy.ends_at)}`, true],
  [t("保险金额", "Sum insured"), yuan(policy.sum_insured_fen)], [t("投保人", "Policyholder"), work?.company_name ?? policy.company_id],
  also.length ? [t("同时保障此次事故的其他保单", "Other policies that cover the accident"), h("span", { class: "number" }, listed(also)), true] : null));

const accidentPanel = (claim) => panel(t("事故", "Accident"), facts(
  [t("责任", "Benefits"), listed(claim.claim_types.map((type) => word(CLAIM_TYPE, type))), true],
  [t("发生", "When"), moment(claim.occurred_at)], [t("报案", "Reported"), moment(claim.reported_at)],
  [t("地点", "Where"), shown(claim.accident.place)], [t("伤情", "Injury"), shown(claim.accident.injury)],
  [t("经过", "What happened"), shown(claim.accident.description), true],
  claim.reporters.length ? [t("其他报案人", "Also reported by"), listed(claim.reporters.map((by) => actorOf(claim, null, by))), true] : null));

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
    claim.signals.map((signal) => [word(REFERRED_FOR, signal.rule), tag(signal.weight === "REVIEW" ? t("须审核", "review") : t("提示", "note"), signal.weight === "REVIEW" ? "warn" : "past"), signal.evidence ? listed(signal.evidence.map(plain)) : shown(null)]),
    t("没有信号。", "No signals.")));

const CODES = { ...POLICY_STATUS, ...REFERRED_FOR, ...TRANSFER_REASON, ...OUTCOME, ...ATTENTION, ...DOCUMENT_STATUS, ...IDENTITY_DOCUMENT, ...NOTICE_CHANNEL, ...REASON, ...CLAIM_CONSENT };

/** "ACCEPTED:WITHIN_TERMS", "PAYMENT:2026-12-04T…" or one word of any table. */
const reasonOf = (code) => (CLOCK[code.split(":")[0]] ? breachOf(code) : code.split(":").map((part) => word(CODES, part)).join(t("：", ": ")));

/** "WORKER:0001…" as people say it; an account that is nobody's here is told by its end. */
function actorOf(claim, insured, by) {
  const [kind, ...rest] = by.split(":");
  const id = rest.join(":");
  if (kind === "SYSTEM") return word(CLAIM_ACTOR, kind);
  if (kind === "WORKER" && id === claim.policy.worker_id) return t("被保险人", "The insured");
  const known = claim.representation.find(({ worker_id: account }) => account === id);
  if (known) return `${word(CLAIM_ACTOR, "REPRESENTATIVE")} ${known.name}`;
  if (kind === "COMPANY" && id === claim.policy.company_id && insured?.work) return `${word(CLAIM_ACTOR, kind)} ${insured.work.company_name}`;
  return kind === "STAFF" ? `${word(CLAIM_ACTOR, kind)} ${id}` : t(`${word(CLAIM_ACTOR, kind)}（尾号 ${id.slice(-4)}）`, `${word(CLAIM_ACTOR, kind)} (…${id.slice(-4)})`);
}

const historyPanel = (claim, insured) => panel(t("历史", "History"), h("ol", { class: "timeline" }, [...claim.history].reverse().map((line) => h("li", {},
  h("time", { datetime: line.at }, moment(line.at)), h("b", {}, word(CLAIM_EVENT, line.event)), h("small", {}, ` ${actorOf(claim, insured, line.by)}`),
  line.advance || line.obligation || line.moved_fen ? h("p", {}, [
    line.advance ? t(`先予支付 ${line.advance}`, `Advance ${line.advance}`) : null, line.obligation ? t(`应付第 ${line.obligation} 笔`, `Obligation ${line.obligation}`) : null,
    line.moved_fen ? yuan(line.moved_fen) : null].filter(Boolean).join(" · ")) : null,
  line.reason_code || line.reason ? h("p", {}, [line.reason_code ? reasonOf(line.reason_code) : null, line.reason].filter(Boolean).join(t("：", ": "))) : null))));

/** What the claimant says on the phone: each text is read out, and ticked when they say yes to it. */
function consentsPanel(act, me, claim) {
  const open = claim.consents.filter((consent) => !consent.given_at);
  const state = facts(...claim.consents.map((consent) => [word(CLAIM_CONSENT, consent.kind), consent.given_at ? moment(consent.given_at) : consent.withdrawn_at ? tag(t("已撤回", "Withdrawn"), "bad") : t("未同意", "Not given")]));
  if (!me.may("recordClaimConsents") || !open.length) return panel(t("单独同意", "Separate consents"), state);
  const readAt = new Date().toISOString();
  return panel(t("单独同意", "Separate consents"), state, h("details", {}, h("summary", {}, t("登记电话同意", "Record consents given by phone")),
    form(t("登记", "Record"), open.map((consent) => h("article", { class: "consent" }, h("h3", {}, word(CLAIM_CONSENT, consent.kind)), h("p", { lang: "zh-CN" }, consent.text),
      tick("claim_consent", consent.kind, t("已逐字朗读，当事人明确同意", "Read out word for word; the claimant said yes")))),
    (given_) => act("consents", { consents: open.filter(({ kind }) => given_.getAll("claim_consent").includes(kind)).map(({ kind, sha256 }) => ({ kind, sha256, shown_at: readAt })) }), { tone: "" })));
}

/** Who was shown the claim's health data, for those who check it. */
function looksPanel(api, me, path) {
  if (!me.may("readLooks")) return null;
  const list = h("div", {});
  const load = async () => {
    const { looks } = await api.get(`${path}/looks`);
    list.replaceChildren(table(t("查阅记录", "Who looked"), [t("时间", "When"), t("人员", "Who"), t("岗位", "Duties"), t("内容", "What")],
      looks.map((look) => [moment(look.at), look.by, listed(look.duties.map((duty) => word(DUTY, duty))), [word(LOOKED_AT, look.what), look.document_id].filter(Boolean).join(" ")]),
      t("没有查阅记录。", "Nobody has looked.")));
  };
  return h("details", { class: "panel" }, h("summary", {}, t("查阅记录", "Who looked")), button(t("显示查阅记录", "Show who looked"), load), list);
}

function notePanel(act, me, claim) {
  if (!me.may("noteClaim")) return null;
  return h("details", { class: "panel" }, h("summary", {}, t("备注", "Add a note")),
    form(t("保存", "Save"), [field(t("内容", "Text"), words("text")),
      claim.complained_at ? tick("answers_complaint", "yes", t("这是对投诉的答复（被保险人会看到）", "This answers the complaint (the insured reads it)")) : null],
    (form_) => act("notes", { text: form_.get("text"), answers_complaint: form_.get("answers_complaint") === "yes" }), { tone: "" }));
}
