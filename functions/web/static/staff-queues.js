// What waits for staff: claims by queue, notices without a policy, referrals, breaks.

import { listed, moment, optionsOf, t, today, until, word, yuan } from "./client.js";
import { button, done, empty, facts, field, form, go, h, input, link, panel, refresh, select, table, tag, title } from "./page.js";
import { openPage } from "./staff-documents.js";
import { accidentFields, noticeOf } from "./worker-claims.js";
import { ADVANCE_STATE, APPLICATION_DOCUMENT, ATTENTION, CLAIM_STATUS, CLAIM_TYPE, IDENTITY_DOCUMENT, NOTICE_KIND, QUEUE, REFERRAL_DECISION, REFERRAL_REASON, REFERRAL_STATUS, REFERRED_FOR } from "./words.js";

const types = (list) => listed(list.map((type) => word(CLAIM_TYPE, type)));
export const reasons = (list) => list.map((code) => tag(word(REFERRED_FOR, code), "warn"));
export const dueTag = (due) => (due ? tag(until(due), Date.parse(due) < Date.now() ? "bad" : "past") : null);

/** What the answer leaves out: health text is for those whose duty needs it. */
export const shown = (text) => text ?? t("不在您的职责范围内，未显示", "Not shown: outside your duties");

/** How far the last advance of a claim is. */
const advanceTag = ({ advances }) => advances.slice(-1).map(({ amount_fen: fen, state }) => tag(`${yuan(fen)} · ${word(ADVANCE_STATE, state)}`, "warn"));

export async function queueView(api, queue) {
  const { claims } = await api.get(`/v1/staff/claims?queue=${queue}`);
  const rows = claims.map((line) => [
    [moment(line.due_at), " ", dueTag(line.due_at)],
    line.claim_no ? link(`#/claims/${line.claim_no}`, line.claim_no) : link(`#/notices/${line.report_no}`, line.report_no),
    types(line.claim_types), word(CLAIM_STATUS, line.status === "UNMATCHED" ? null : line.status),
    line.amount_fen === null ? "—" : yuan(line.amount_fen),
    moment(line.occurred_at), [reasons(line.referred_for), advanceTag(line), line.notice ? tag(word(NOTICE_KIND, line.notice), "warn") : null, line.attention ? tag(word(ATTENTION, line.attention), "bad") : null]]);
  return [
    h("nav", { class: "tabs", "aria-label": t("待办队列", "Queues") }, Object.keys(QUEUE).map((name) =>
      link(`#/queues/${name}`, word(QUEUE, name), { "aria-current": name === queue ? "page" : null }))),
    table(word(QUEUE, queue), [t("期限", "Due"), t("编号", "Number"), t("责任", "Benefits"), t("状态", "Status"), t("金额", "Amount"), t("事故时间", "Accident"), t("原因", "Why")],
      rows, t("没有等待处理的。", "Nothing waits here.")),
  ];
}

// ---- reports by phone

export function intakeView(api) {
  return title(t("接报案", "Take a report"),
    form(t("登记", "Register"), [
      field(t("保单号（如知道）", "Policy number (if known)"), input("policy_no", { required: false, maxlength: "40" })),
      field(t("证件类型", "Kind of document"), select("document_type", optionsOf(IDENTITY_DOCUMENT), "RESIDENT_ID")),
      field(t("证件号码（如知道）", "Document number (if known)"), input("id_number", { "data-unkept": true, required: false, minlength: "4", maxlength: "40" })),
      field(t("联系人和电话", "Contact"), input("contact", { required: false, maxlength: "200" })),
      accidentFields(),
    ], async (given, answer) => {
      const notice = noticeOf(given);
      for (const name of ["id_number", "document_type", "contact"]) if (given.get(name)) notice[name] = given.get(name);
      const reported = await api.post("/v1/staff/loss-notices", notice);
      if (reported.claim_no) go(`#/claims/${reported.claim_no}`);
      else answer.replaceChildren(done(t(`已登记 ${reported.report_no}，在“未匹配报案”中等待匹配。`, `Registered as ${reported.report_no}; it waits among the unmatched notices.`)));
    }));
}

export async function noticeView(api, me, reportNo) {
  const notice = await api.get(`/v1/staff/loss-notices/${reportNo}`);
  return title(t("未匹配的报案", "Unmatched notice"), h("p", { class: "lead" }, h("span", { class: "number" }, notice.report_no), " ", dueTag(notice.due_at)),
    facts(
      [t("责任", "Benefits"), types(notice.claim_types)], [t("事故时间", "Accident"), moment(notice.occurred_at)],
      [t("报案时间", "Reported"), moment(notice.reported_at)], [t("报案人", "Reported by"), notice.reported_by],
      [t("地点", "Where"), shown(notice.accident.place)], [t("伤情", "Injury"), shown(notice.accident.injury)],
      [t("联系方式", "Contact"), notice.contact], [t("经过", "What happened"), shown(notice.accident.description), true]),
    notice.matched_claim_no ? link(`#/claims/${notice.matched_claim_no}`, t("已匹配的赔案", "Matched claim"), { class: "button" })
      : me.may("matchLossNotice") ? panel(t("匹配保单", "Match to a policy"),
        form(t("匹配", "Match"), field(t("保单号", "Policy number"), input("policy_no", { maxlength: "40" })), async (given) => {
          const claim = await api.post(`/v1/staff/loss-notices/${reportNo}/match`, { policy_no: given.get("policy_no") });
          go(`#/claims/${claim.claim_no}`);
        })) : null);
}

// ---- referrals

export async function referralsView(api, me) {
  const { referrals } = await api.get("/v1/staff/referrals");
  const decide = (referral) => form(t("提交", "Decide"), [
    field(t("决定", "Decision"), select("approved", [["true", t("通过，立即出单", "Approve: cover from now")], ...(referral.status === "ISSUING" ? [] : [["false", t("不通过", "Decline")]])], "true")),
    field(t("理由", "Reason"), select("reason", optionsOf(REFERRAL_DECISION), referral.referred_work ? "WORK_SEEN" : "DOCUMENT_SEEN")),
  ], (given) => api.post(`/v1/staff/referrals/${referral.referral_id}/decision`, { approved: given.get("approved") === "true", reason: given.get("reason") }).then(refresh));
  return title(t("人工核保", "Referrals"),
    h("p", { class: "lead" }, t("现场已核对本人和证件。30 分钟内不决定，自动不通过。", "Person and document were seen on site. Without a decision within 30 minutes they are declined.")),
    referrals.length ? referrals.map((referral) => panel(referral.name,
      facts([t("证件", "Document"), word(IDENTITY_DOCUMENT, referral.document_type)], [t("原因", "Why"), word(REFERRAL_REASON, referral.reason)],
        [t("状态", "State"), word(REFERRAL_STATUS, referral.status)],
        referral.referred_work ? [t("工种", "Work"), t(`${referral.occupation_class} 类：${referral.referred_work.reason_zh}`, `Class ${referral.occupation_class}: ${referral.referred_work.reason_en}`), true] : null,
        ...referral.answered.map((one) => [t(one.text_zh, one.text_en), t(one.answer_zh, one.answer_en)]),
        [t("当日打卡/失败", "Check-ins today/failed"), `${referral.attempts} / ${referral.failed}`], [t("期限", "Answer by"), [moment(referral.answer_by), " ", dueTag(referral.answer_by)]]),
      referral.documents.length ? h("ul", { class: "papers" }, referral.documents.map((paper) => h("li", {}, word(APPLICATION_DOCUMENT, paper.doc_type), " ",
        !paper.is_received ? tag(t("未收到", "Not arrived"), "warn") : me.may("openReferralDocument") ? Array.from({ length: paper.page_count }, (_, place) => button(t(`第 ${place + 1} 页`, `Page ${place + 1}`), () => openPage(api, `/v1/staff/referrals/${referral.referral_id}/documents/${paper.document_id}`, { page: place + 1 }))) : tag(t("已收到", "Arrived"), "good")))) : null,
      referral.status === "ISSUING" ? h("p", { class: "notice" }, t("已批准但还没有出单：请再次提交“通过”。", "Approved, but no policy was issued: approve once more.")) : null,
      me.may("decideReferral") ? decide(referral) : null)) : empty(t("没有等待核保的人。", "Nobody waits.")));
}

// ---- check-in signals of a project

export async function signalsView(api, projectId) {
  const search = form(t("查看", "Show"), field(t("项目编号", "Project id"), input("project_id", { maxlength: "40", value: projectId ?? "" })),
    (given) => { go(`#/signals/${encodeURIComponent(given.get("project_id").trim())}`); }, { label: t("按项目查看", "By project"), tone: "", inline: true });
  if (!projectId) return title(t("打卡信号", "Check-in signals"), search);
  const { check_ins: lines } = await api.get(`/v1/staff/projects/${projectId}/signals`);
  return title(t("打卡信号", "Check-in signals"), search,
    table(t("打卡信号", "Check-in signals"), [t("时间", "When"), t("姓名", "Name"), t("保单", "Policy"), t("距离（米）", "Distance (m)"), t("分值", "Score"), t("信号", "Signals")],
      lines.map((line) => [moment(line.at), line.insured_name, line.policy_no ?? "—", line.distance_m ?? "—", line.score,
        line.signals.map((signal) => tag(t(signal.what_zh, signal.what_en), signal.weight === "HARD" ? "bad" : "warn"))]),
      t("没有信号。", "No signals.")));
}
