// The worker's claims: report an accident, hand in each document, follow the claim, answer the amount.

import { fenOf, instantOf, listed, localOf, moment, t, word, yuan } from "./format.js";
import { button, done, empty, every, facts, field, form, go, h, input, link, panel, refresh, select, tag, tick, title, words } from "./page.js";
import { advancesPanel, confirmationPanels, identityPanel, payoutPanel, waitsForConfirmation } from "./worker-payments.js";
import { CLAIM_EVENT, CLAIM_STATUS, CLAIM_TYPE, DOCUMENT_STATUS, DOCUMENT_TYPE, TRANSFER_REASON } from "./words.js";

const LARGEST_BYTES = 20 * 1024 * 1024;
const ACCEPTED = "image/jpeg,image/png,application/pdf";
const REFRESH_SECONDS = 3;

/** Where the claim stands, as the worker needs to know it: an offer waits for them. */
const standing = (claim) => (isOffer(claim) ? tag(t("待您确认金额", "Waiting for your answer"), "warn") : tag(word(CLAIM_STATUS, claim.status), claim.status === "CLOSED" ? "past" : ""));
const isOffer = (claim) => claim.status === "ACKNOWLEDGED" && claim.amount_fen > 0;

export async function claimsView(api) {
  const { claims } = await api.get("/v1/claims");
  return title(t("我的理赔", "My claims"),
    link("#/report", t("报案", "Report an accident"), { class: "button main" }),
    claims.length ? h("ul", { class: "cards" }, claims.map((claim) => h("li", {}, link(`#/claims/${claim.claim_no}`, [
      h("b", {}, listed(claim.claim_types.map((type) => word(CLAIM_TYPE, type)))), standing(claim),
      h("small", {}, `${moment(claim.occurred_at)} · ${claim.claim_no}`),
      claim.amount_fen === null ? null : h("strong", {}, yuan(claim.amount_fen))]))))
      : empty(t("没有赔案。", "No claims.")));
}

// ---- report

/** The fields of a notice, as the worker and those who report for a worker fill them in. */
export function accidentFields() {
  const opened = new Date().toISOString();
  return [
    h("input", { type: "hidden", name: "opened_at", value: opened }),
    field(t("事故时间（北京时间）", "When did it happen? (Beijing time)"), input("occurred_at", { type: "datetime-local", max: localOf(opened), value: localOf(opened) })),
    field(t("地点", "Where?"), input("place", { maxlength: "200" })),
    field(t("经过", "What happened?"), words("description")),
    field(t("伤情", "What is injured?"), input("injury", { maxlength: "200" })),
    field(t("首次就诊时间（如已就诊）", "First treated (if treated)"), input("first_treated_at", { type: "datetime-local", max: localOf(opened), required: false })),
    h("fieldset", {}, h("legend", {}, t("申请哪些保障？", "Which benefits?")),
      Object.keys(CLAIM_TYPE).map((type) => tick("claim_types", type, word(CLAIM_TYPE, type), { checked: type === "MEDICAL" }))),
  ];
}

/** A time left as it was is the very moment the form was opened: its minute may begin before the cover does. */
export function noticeOf(given) {
  const opened = given.get("opened_at");
  const occurred = given.get("occurred_at");
  const notice = {
    accident: {
      occurred_at: occurred === localOf(opened) ? opened : instantOf(occurred),
      place: given.get("place"), description: given.get("description"), injury: given.get("injury"),
    },
    claim_types: given.getAll("claim_types"),
  };
  if (given.get("policy_no")) notice.policy_no = given.get("policy_no");
  if (given.get("first_treated_at")) notice.first_treated_at = instantOf(given.get("first_treated_at"));
  return notice;
}

export async function reportView(api, policyNo) {
  const { policies } = await api.get("/v1/policies");
  const choices = policies.map((policy) => [policy.policy_no, t(`${moment(policy.start)} 起 24 小时`, `24 h from ${moment(policy.start)}`)]);
  const key = crypto.randomUUID(); // the same form sent twice is one claim
  return title(t("报案", "Report an accident"),
    h("p", { class: "lead" }, t("请先救治。材料可以之后再传。", "Get treated first. Documents can follow later.")),
    form(t("提交报案", "Send the report"), [
      field(t("哪一天的保单", "Which policy"), select("policy_no", [["", t("不确定，请按事故时间查找", "Not sure: find it by the time")], ...choices], policyNo ?? "", { required: false })),
      accidentFields(),
    ], async (given, answer) => {
      const reported = await api.post("/v1/claims", noticeOf(given), { "Idempotency-Key": key });
      if (reported.claim_no) go(`#/claims/${reported.claim_no}`);
      else {
        answer.replaceChildren(done(t(`已收到报案 ${reported.report_no}。没有找到对应的保单，理赔人员会核对后联系您。这不是拒赔。`,
          `Report ${reported.report_no} received. No policy was found; staff will look into it. This is not a refusal.`)));
      }
    }));
}

// ---- one claim

export async function claimView(api, claimNo) {
  const claim = await api.get(`/v1/claims/${claimNo}`);
  every(REFRESH_SECONDS, () => {
    const isBusy = document.querySelector("main form :focus, main input[type=file]:focus, dialog[open]")
      || [...document.querySelectorAll("main input[type=file]")].some((chosen) => chosen.files.length);
    if (!isBusy) void follow(api, claim);
  });
  const asked = claim.documents.filter((line) => line.need !== "AUTOMATIC");
  return title(listed(claim.claim_types.map((type) => word(CLAIM_TYPE, type))),
    h("p", { class: "lead" }, waitsForConfirmation(claim) ? tag(t("待您确认收款", "Waits for you to confirm"), "warn") : standing(claim), " ", h("span", { class: "number" }, claim.claim_no)),
    confirmationPanels(claim, () => follow(api, claim)),
    answerPanel(api, claim),
    identityPanel(api, claim),
    payoutPanel(api, claim),
    advancesPanel(claim),
    documentsPanel(api, claim, asked),
    assessmentPanel(claim),
    panel(t("进度", "Progress"), h("ol", { class: "timeline" }, [...claim.timeline].reverse().map((line) => h("li", {},
      h("time", { datetime: line.at }, moment(line.at)), h("b", {}, t(line.text, word(CLAIM_EVENT, line.event))),
      line.reason ? h("p", {}, line.reason) : TRANSFER_REASON[line.reason_code] ? h("p", {}, word(TRANSFER_REASON, line.reason_code)) : null)))),
    panel(t("事故", "Accident"), facts(
      [t("时间", "When"), moment(claim.occurred_at)],
      [t("地点", "Where"), claim.accident.place],
      [t("伤情", "Injury"), claim.accident.injury],
      [t("经过", "What happened"), claim.accident.description, true],
      [t("保单", "Policy"), link(`#/policies/${claim.policy_no}`, claim.policy_no), true])),
    complaintPanel(api, claim));
}

/** Draw the claim again when it has moved. */
async function follow(api, claim) {
  const here = location.hash;
  const now = await api.get(`/v1/claims/${claim.claim_no}`).catch(() => null); // the next round asks again
  const place = ({ status, timeline, payout, advances, identity_wanted: face, payee_wanted: account }) => JSON.stringify([status, timeline.length, payout, advances, face, account]);
  const hasMoved = now && place(now) !== place(claim);
  if (hasMoved && location.hash === here) await refresh();
}

function answerPanel(api, claim) {
  if (!isOffer(claim)) return null;
  const answer = (content) => api.post(`/v1/claims/${claim.claim_no}/answer`, content).then(refresh);
  return h("section", { class: "panel offer" }, h("h2", {}, t("核定金额", "Amount offered")),
    h("p", { class: "amount" }, yuan(claim.amount_fen)),
    claim.advanced_fen ? h("p", {}, t(`其中 ${yuan(claim.advanced_fen)} 已先予支付，同意后付其余部分。`, `${yuan(claim.advanced_fen)} of it was paid in advance; the rest follows once you accept.`)) : null,
    h("p", {}, t("同意后即付到您本人账户。有异议可以提出，会重新审核，不影响您的权利。",
      "Once you accept, it is paid to your own account. If you dispute it, it is reviewed again; your rights stand.")),
    button(t("同意金额", "Accept the amount"), () => answer({ answer: "ACCEPT" }), { tone: "main" }),
    h("details", {}, h("summary", {}, t("对金额有异议", "Dispute the amount")),
      form(t("提出异议", "Dispute"), field(t("理由", "Reason"), words("reason")),
        (given) => answer({ answer: "DISPUTE", reason: given.get("reason") }), { tone: "" })));
}

function assessmentPanel(claim) {
  if (!claim.assessment) return null;
  return panel(t("理算", "How it was computed"), h("ul", { class: "lines" }, claim.assessment.lines.map((line) => h("li", {},
    h("b", {}, word(CLAIM_TYPE, line.claim_type)), h("strong", {}, yuan(line.amount_fen)), h("p", { lang: "zh-CN" }, line.explanation)))),
  h("p", { class: "total" }, t("合计 ", "Total "), h("strong", {}, yuan(claim.assessment.total_fen))));
}

function complaintPanel(api, claim) {
  return h("details", { class: "panel" }, h("summary", {}, t("投诉", "Complain")),
    form(t("提交投诉", "Send the complaint"), field(t("内容", "What is wrong?"), words("reason")),
      (given) => api.post(`/v1/claims/${claim.claim_no}/complaint`, { reason: given.get("reason") }).then(refresh), { tone: "" }));
}

// ---- documents

function documentsPanel(api, claim, asked) {
  const over = ["PAID", "CLOSED", "WITHDRAWN"].includes(claim.status);
  const required = asked.filter((line) => line.need === "REQUIRED" || claim.missing.includes(line.doc_type));
  const more = asked.filter((line) => !required.includes(line));
  const list = (lines) => h("ul", { class: "checklist" }, lines.map((line) => documentLine(api, claim, line, over)));
  return panel(t("材料", "Documents"),
    h("p", { class: "hint" }, claim.missing.length ? t(`还差 ${claim.missing.length} 份`, `${claim.missing.length} still missing`) : t("需要的材料都已收到", "Everything needed has arrived"),
      t("。JPG、PNG 或 PDF，每份不超过 20 MB。", ". JPG, PNG or PDF, 20 MB each at most.")),
    list(required),
    more.length ? h("details", {}, h("summary", {}, t("视情况补充的材料", "Documents for some cases")), list(more)) : null);
}

function documentLine(api, claim, line, over) {
  const name = t(line.name, word(DOCUMENT_TYPE, line.doc_type));
  const tone = { RECEIVED: "good", ACCEPTED: "good", WAIVED: "good", REJECTED: "bad" }[line.status] ?? "past";
  const isOpen = !over && (claim.missing.includes(line.doc_type) || line.status === "REQUIRED" || line.status === "REJECTED");
  return h("li", {}, h("div", { class: "row" }, h("b", {}, name), tag(word(DOCUMENT_STATUS, line.status), tone)),
    line.condition ? h("small", {}, line.condition) : null,
    isOpen ? uploadForm(api, claim, line, name) : null);
}

export function uploadForm(api, claim, line, name, base = "/v1/claims") {
  return form(t("上传", "Upload"), [
    field(t(`${name}：选择文件`, `${name}: choose a file`), input("file", { type: "file", accept: ACCEPTED })),
    factFields(line.doc_type),
  ], async (given, answer) => {
    const file = given.get("file");
    if (file.size > LARGEST_BYTES || !ACCEPTED.split(",").includes(file.type)) {
      answer.replaceChildren(h("p", { class: "problem", role: "alert" }, t("请选择 20 MB 以内的 JPG、PNG 或 PDF。", "Choose a JPG, PNG or PDF of 20 MB at most.")));
      return;
    }
    answer.replaceChildren(done(t("正在上传…", "Uploading…")));
    await upload(api, `${base}/${claim.claim_no}/documents`, line.doc_type, file, factsOf(line.doc_type, given));
    await refresh();
  }, { label: t(`上传${name}`, `Upload: ${name}`), tone: "" });
}

function factFields(docType) {
  if (docType === "INVOICE") {
    return [
      field(t("发票号码", "Invoice number"), input("invoice_no", { maxlength: "40" })),
      field(t("费用项目", "Item"), input("item", { maxlength: "100", value: t("门诊治疗", "Outpatient treatment") })),
      field(t("金额（元）", "Amount (CNY)"), input("amount", { inputmode: "decimal", pattern: "\\d{1,8}(\\.\\d{1,2})?" })),
      field(t("类别", "Kind"), select("kind", [["MEDICAL", t("医疗", "Medical")], ["AMBULANCE", t("救护车", "Ambulance")]], "MEDICAL")),
    ];
  }
  if (docType === "SICK_LEAVE_CERTIFICATE") return field(t("病休天数", "Days off work"), input("days", { type: "number", min: "1", max: "366" }));
  if (docType === "ADMISSION_RECORD") return field(t("住院天数", "Days in hospital"), input("days", { type: "number", min: "1", max: "366" }));
  return [];
}

function factsOf(docType, given) {
  if (docType === "INVOICE") {
    return { invoice_no: given.get("invoice_no"), lines: [{ item: given.get("item"), amount_fen: fenOf(given.get("amount")), kind: given.get("kind") }] };
  }
  return given.get("days") ? { days: Number(given.get("days")) } : undefined;
}

/** Announce, post to the store, have it counted. The store's answer is not readable from here; the receipt is. */
async function upload(api, path, docType, file, facts_) {
  const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  const sha256 = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const announced = await api.post(path, { doc_type: docType, content_type: file.type, size: file.size, sha256, facts: facts_ });
  const posted = new FormData();
  for (const [name, value] of Object.entries(announced.upload.fields)) posted.append(name, value);
  posted.append("file", file);
  await fetch(announced.upload.url, { method: "POST", mode: "no-cors", credentials: "omit", body: posted });
  await api.post(`${path}/${announced.document_id}/receipt`);
}
