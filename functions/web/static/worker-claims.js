// The worker's claims: report an accident, hand in each document, follow the claim, answer the amount.

import { instantOf, listed, localOf, moment, randomId, t, word, yuan } from "./client.js";
import { button, done, empty, every, facts, field, form, goOn, h, input, link, panel, redrawn, refresh, select, tag, tick, title, words } from "./page.js";
import { noticesPanel } from "./notices.js";
import { documentsPanel, isHandingIn } from "./worker-documents.js";
import { advancesPanel, confirmationPanels, identityPanel, payoutPanel, waitsForConfirmation } from "./worker-payments.js";
import { readable } from "./worker-cover.js";
import { CLAIM_CONSENT, CLAIM_EVENT, CLAIM_STATUS, CLAIM_TYPE, REASON, REPRESENTATIVE_KIND, REPRESENTATIVE_STATUS, TRANSFER_REASON } from "./words.js";

const REFRESH_SECONDS = 3;

/** Where the claim stands, as the worker needs to know it: an offer waits for them. */
const standing = (claim) => (isOffer(claim) ? tag(t("待您确认金额", "Waiting for your answer"), "warn") : tag(word(CLAIM_STATUS, claim.status), claim.status === "CLOSED" ? "past" : ""));
const isOffer = (claim) => claim.status === "ACKNOWLEDGED" && claim.amount_fen > 0;

export async function claimsView(api) {
  const [{ claims }, { loss_notices: notices }] = await Promise.all([api.get("/v1/claims"), api.get("/v1/loss-notices")]);
  const open = notices.filter((notice) => !notice.claim_no); // the others stand among the claims
  return title(t("我的理赔", "My claims"),
    link("#/report", t("报案", "Report an accident"), { class: "button main" }),
    claims.length ? h("ul", { class: "cards" }, claims.map((claim) => h("li", {}, link(`#/claims/${claim.claim_no}`, [
      h("b", {}, listed(claim.claim_types.map((type) => word(CLAIM_TYPE, type)))), standing(claim),
      h("small", {}, `${moment(claim.occurred_at)} · ${claim.claim_no}`),
      claim.amount_fen === null ? null : h("strong", {}, yuan(claim.amount_fen))]))))
      : open.length ? null : empty(t("没有赔案。", "No claims.")),
    open.length ? panel(t("已报案，正在核对", "Reported, being looked into"), h("ul", { class: "lines" }, open.map((notice) => h("li", {},
      h("b", {}, listed(notice.claim_types.map((type) => word(CLAIM_TYPE, type)))), tag(notice.for_somebody_else ? t("替别人报案", "For somebody else") : t("正在找保单", "Policy being looked for"), "warn"),
      h("p", {}, t(notice.text, NOTICE_TEXT)), h("small", {}, `${notice.report_no} · ${moment(notice.reported_at)}`))))) : null);
}

const NOTICE_TEXT = "Received. Staff look into it and will call you; this is not a refusal.";

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
  const key = randomId(); // the same form sent twice is one claim
  return title(t("报案", "Report an accident"),
    h("p", { class: "lead" }, t("请先救治。材料可以之后再传。", "Get treated first. Documents can follow later.")),
    form(t("提交报案", "Send the report"), [
      field(t("哪一天的保单", "Which policy"), select("policy_no", [["", t("不确定，请按事故时间查找", "Not sure: find it by the time")], ...choices], policyNo ?? "", { required: false })),
      accidentFields(),
      field(t("您的手机号（可不填）", "Your phone (optional)"), input("phone", { type: "tel", maxlength: "20", autocomplete: "tel", required: false, "data-unkept": true }),
        t("找不到保单时，理赔人员打这个电话找您", "If no policy is found at once, staff call you here")),
    ], async (given, answer) => {
      const phone = given.get("phone").trim();
      const reported = await api.post("/v1/claims", { ...noticeOf(given), ...(phone ? { phone } : {}) }, { "Idempotency-Key": key });
      if (reported.claim_no) goOn(`#/claims/${reported.claim_no}`);
      else {
        answer.replaceChildren(done(t(`已收到报案 ${reported.report_no}。没有找到对应的保单，理赔人员会核对后联系您。这不是拒赔。`,
          `Report ${reported.report_no} received. No policy was found; staff will look into it. This is not a refusal.`)),
        link("#/claims", t("在“理赔”里随时查看", "It stands under “Claims”"), { class: "button" }));
      }
    }, { key: "report" }));
}

// ---- one claim

export async function claimView(api, claimNo) {
  const claim = await api.get(`/v1/claims/${claimNo}`);
  every(REFRESH_SECONDS, async () => {
    if (!document.querySelector("dialog[open]") && !isHandingIn()) await follow(api, claim);
  });
  return title(listed(claim.claim_types.map((type) => word(CLAIM_TYPE, type))),
    h("p", { class: "lead" }, waitsForConfirmation(claim) ? tag(t("待您确认收款", "Waits for you to confirm"), "warn") : standing(claim), " ", h("span", { class: "number" }, claim.claim_no)),
    confirmationPanels(claim, () => follow(api, claim)),
    answerPanel(api, claim),
    noticesPanel(api, claim),
    identityPanel(api, claim),
    payoutPanel(api, claim),
    advancesPanel(claim),
    consentsPanel(api, claim),
    documentsPanel(api, claim),
    assessmentPanel(claim),
    panel(t("进度", "Progress"), h("ol", { class: "timeline" }, [...claim.timeline].reverse().map((line) => h("li", {},
      h("time", { datetime: line.at }, moment(line.at)), h("b", {}, t(line.text, word(CLAIM_EVENT, line.event))),
      line.reason ? h("p", {}, line.reason) : REASON[line.reason_code] ? h("p", {}, word(REASON, line.reason_code)) : TRANSFER_REASON[line.reason_code] ? h("p", {}, word(TRANSFER_REASON, line.reason_code)) : null)))),
    panel(t("事故", "Accident"), facts(
      [t("时间", "When"), moment(claim.occurred_at)],
      [t("地点", "Where"), claim.accident.place],
      [t("伤情", "Injury"), claim.accident.injury],
      [t("经过", "What happened"), claim.accident.description, true],
      [t("保单", "Policy"), link(`#/policies/${claim.policy_no}`, claim.policy_no), true])),
    representativesPanel(api, claim),
    complaintPanel(api, claim),
    withdrawalPanel(api, claim));
}

/** Draw the claim again when it has moved. */
async function follow(api, claim) {
  const here = location.hash;
  const now = await api.get(`/v1/claims/${claim.claim_no}`);
  const place = ({ status, timeline, sent, payout, advances, identity_wanted: face, payee_wanted: account }) => JSON.stringify([status, timeline.length, sent, payout, advances, face, account]);
  if (place(now) !== place(claim) && location.hash === here) await redrawn();
}

function answerPanel(api, claim) {
  if (!isOffer(claim)) return null;
  const answer = (content) => api.post(`/v1/claims/${claim.claim_no}/answer`, content).then(refresh);
  return h("section", { class: "panel offer" }, h("h2", {}, t("核定金额", "Amount offered")),
    h("p", { class: "amount" }, yuan(claim.amount_fen)),
    claim.advanced_fen ? h("p", {}, t(`其中 ${yuan(claim.advanced_fen)} 已先予支付，同意后付其余部分。`, `${yuan(claim.advanced_fen)} of it was paid in advance; the rest follows once you accept.`)) : null,
    whyLess(claim),
    h("p", {}, t("同意后即付到您本人账户。有异议可以提出，会重新审核，不影响您的权利。",
      "Once you accept, it is paid to your own account. If you dispute it, it is reviewed again; your rights stand.")),
    button(t("同意金额", "Accept the amount"), () => answer({ answer: "ACCEPT" }), { tone: "main big", sureTone: "main",
      sure: t(`同意赔付 ${yuan(claim.amount_fen)}？同意后马上付款；同意之后不能再对这个金额提出异议。`, `Accept ${yuan(claim.amount_fen)}? It is paid at once, and this amount can't be disputed after that.`) }),
    h("details", {}, h("summary", {}, t("对金额有异议", "Dispute the amount")),
      form(t("提出异议", "Dispute"), field(t("理由", "Reason"), words("reason")),
        (given) => answer({ answer: "DISPUTE", reason: given.get("reason") }), { tone: "" })));
}

/** Why it is less than was asked for, in the words of whoever decided; the sums stand under "How it was computed". */
function whyLess(claim) {
  const line = [...claim.timeline].reverse().find(({ event }) => event === "ACKNOWLEDGED");
  if (claim.decision === "APPROVED" || !line || !(line.reason || line.reason_code)) return null;
  return h("p", { class: "notice" }, h("b", {}, t("为什么是这个金额：", "Why this amount: ")), line.reason ?? word(REASON, line.reason_code));
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

/** Before the decision a claim can be given up. */
function withdrawalPanel(api, claim) {
  if (!["REGISTERED", "AWAITING_DOCS", "AWAITING_SUPPLEMENT", "IN_REVIEW", "INVESTIGATING", "REOPENED"].includes(claim.status)) return null;
  return h("details", { class: "panel" }, h("summary", {}, t("撤销理赔申请", "Give the claim up")),
    form(t("撤销申请", "Give it up"), [h("p", { class: "hint" }, t("撤销后停止审核；两年内仍可以重新报案。", "The review stops; within two years you may report again.")), field(t("原因", "Why"), words("reason"))],
      async (given) => {
        await api.post(`/v1/claims/${claim.claim_no}/withdrawal`, { reason: given.get("reason") });
        await refresh();
      }, { tone: "danger", key: "withdrawal" }));
}

/** Who asked to act for the insured, and the way to end it. */
function representativesPanel(api, claim) {
  const standing_ = claim.representatives.filter(({ status }) => ["REQUESTED", "ACCEPTED"].includes(status));
  if (!standing_.length) return null;
  return panel(t("代您办理的人", "Who acts for you"), standing_.map((known) => h("article", { class: "consent" },
    h("h3", {}, known.name, " ", tag(word(REPRESENTATIVE_STATUS, known.status), known.status === "ACCEPTED" ? "good" : "warn")),
    h("p", {}, word(REPRESENTATIVE_KIND, known.kind)),
    known.kind === "AGENT" || known.status === "REQUESTED" ? button(t("不同意此人代办", "I do not want this"), async () => {
      await api.post(`/v1/claims/${claim.claim_no}/representatives/${known.number}/revocation`, { reason: t("被保险人不同意", "The insured does not want it") });
      await refresh();
    }, { tone: "danger", sure: t(`终止 ${known.name} 的代办？`, `End it for ${known.name}?`) }) : null)));
}

// ---- separate consents, each for itself

const over = (claim) => ["PAID", "CLOSED", "WITHDRAWN"].includes(claim.status);

function consentsPanel(api, claim) {
  const path = `/v1/claims/${claim.claim_no}/consents`;
  const shownAt = new Date().toISOString();
  const open = over(claim) ? [] : claim.consents.filter((consent) => !consent.given_at);
  const given = claim.consents.filter((consent) => consent.given_at);
  const withdraw = (consent) => button(t(`撤回：${word(CLAIM_CONSENT, consent.kind)}`, `Withdraw: ${word(CLAIM_CONSENT, consent.kind)}`),
    () => api.post(`${path}/withdrawal`, { kinds: [consent.kind] }).then(refresh), { tone: "" });
  return [
    open.length ? panel(t("单独同意", "Separate consents"),
      h("p", { class: "hint" }, t("上传医疗材料、填写银行账户、刷脸之前，分别需要您的单独同意。请逐项阅读，自愿勾选；不同意不影响报案。",
        "Medical papers, a bank account and a face check each need a consent of yours. Read each and tick what you agree to; your report stands without any.")),
      form(t("同意所选各项", "Agree to what is ticked"), open.map((consent) => h("article", { class: "consent" },
        h("h3", {}, word(CLAIM_CONSENT, consent.kind)), consent.withdrawn_at ? tag(t("已撤回", "Withdrawn"), "warn") : null, readable(consent),
        tick("claim_consent", consent.kind, t("我已阅读并单独同意", "I have read this and agree to it")))),
      async (ticked) => {
        const kinds = ticked.getAll("claim_consent");
        const consents = open.filter(({ kind }) => kinds.includes(kind)).map(({ kind, sha256 }) => ({ kind, sha256, shown_at: shownAt }));
        if (consents.length) await api.post(path, { consents }).then(refresh);
      })) : null,
    given.length ? h("details", { class: "panel" }, h("summary", {}, t("我的单独同意", "My separate consents")),
      given.map((consent) => h("article", { class: "consent" }, h("h3", {}, word(CLAIM_CONSENT, consent.kind)), readable(consent),
        h("p", { class: "hint" }, moment(consent.given_at)), withdraw(consent)))) : null,
  ];
}
