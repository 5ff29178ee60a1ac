// Referrals (人工核保): who waits, and one of them whole: the person in clear, their papers, their work, who saw them.

import { listed, moment, optionsOf, t, word, yuan } from "./client.js";
import { button, done, empty, every, facts, field, form, h, link, panel, redrawn, select, table, tag, tick, title } from "./page.js";
import { heldPolicies, numberOf, workFacts } from "./staff-insured.js";
import { keysHere, legend } from "./staff-keys.js";
import { tellWaiting } from "./staff-referrals-watch.js";
import { dueTag } from "./staff-queues.js";
import { viewerKeys, viewerOf } from "./staff-viewer.js";
import { ACTOR, APPLICATION_DOCUMENT, DUTY, IDENTITY_DOCUMENT, REFERRAL_DECISION, REFERRAL_LOOKED_AT, REFERRAL_REASON, REFERRAL_STATUS } from "./words.js";

const POLL_SECONDS = 15;
const FOR_STAFF = ["CONFIRMED", "ISSUING"];

export async function referralsView(api, me) {
  const { referrals } = await api.get("/v1/staff/referrals");
  tellWaiting(referrals.length);
  every(POLL_SECONDS, redrawn);
  const nameOf = (referral) => (me.may("readReferralFile") || me.may("readReferralLooks")
    ? link(`#/referrals/${referral.referral_id}`, referral.name) : referral.name);
  return title(t("人工核保", "Referrals"),
    h("p", { class: "lead" }, t("现场已核对本人和证件。30 分钟内不决定，自动不通过。", "Person and document were seen on site. Without a decision within 30 minutes they are declined.")),
    table(t("人工核保", "Referrals"), [t("期限", "Answer by"), t("姓名", "Name"), t("证件", "Document"), t("原因", "Why"), t("工种", "Work"), t("状态", "State"), t("材料", "Papers")],
      referrals.map((referral) => [[moment(referral.answer_by), " ", dueTag(referral.answer_by)], nameOf(referral), word(IDENTITY_DOCUMENT, referral.document_type),
        tag(word(REFERRAL_REASON, referral.reason), "warn"), t(`${referral.occupation_class} 类`, `class ${referral.occupation_class}`), word(REFERRAL_STATUS, referral.status), referral.documents.filter((paper) => paper.is_received).length]),
      t("没有等待核保的人。", "Nobody waits.")));
}

export async function referralView(api, me, referralId) {
  const path = `/v1/staff/referrals/${referralId}`;
  const back = h("p", { class: "back" }, link("#/referrals", t("‹ 全部待核保", "‹ All that wait")));
  if (!me.may("readReferralFile")) return title(t("人工核保", "Referrals"), back, looksPanel(api, me, path, true));
  const file = await api.get(path);
  const { referral } = file;
  const papers = referral.documents.filter((paper) => paper.is_received && me.may("openReferralDocument")).map((paper) => ({
    id: paper.document_id, label: word(APPLICATION_DOCUMENT, paper.doc_type), path: `${path}/documents/${paper.document_id}`, pages: paper.page_count, kinds: paper.page_kinds }));
  const shown = viewerOf(api, referralId, papers, [papersMissing(referral), KEYS()]);
  if (!shown.shown && papers.length) void shown.open(papers[0].id);
  keysHere(viewerKeys(shown));
  return [
    h("div", { class: "file-head" }, link("#/referrals", t("‹ 全部待核保", "‹ All that wait")), title(t("人工核保", "Referral")),
      tag(word(REFERRAL_STATUS, referral.status)), tag(word(REFERRAL_REASON, referral.reason), "warn"),
      FOR_STAFF.includes(referral.status) ? [moment(referral.answer_by), dueTag(referral.answer_by)] : null),
    shown.element,
    h("div", { class: "bench-right", "data-parts": true, "data-key": "bench-right" }, personPanel(file), confirmedPanel(file), workPanel(file), decisionPanel(api, me, path, file), earlierPanel(file), looksPanel(api, me, path)),
  ];
}

const KEYS = () => legend([["j", "k"], t("材料", "document")], [["[", "]"], t("翻页", "page")], [["+", "−"], t("缩放", "size")], ["t", t("旋转", "turn")]);

const papersMissing = (referral) => {
  const waiting = referral.documents.filter((paper) => !paper.is_received);
  return waiting.length ? h("p", { class: "notice" }, t("还没有收到：", "Not arrived: "), listed(waiting.map((paper) => word(APPLICATION_DOCUMENT, paper.doc_type)))) : null;
};

const personPanel = (file) => panel(t("投保人员", "The person"), facts(
  [t("姓名", "Name"), h("strong", {}, file.name)], [word(IDENTITY_DOCUMENT, file.document_type), numberOf(file.document_number)],
  [t("出生日期", "Born"), t(`${file.birth_date}（${file.age} 岁）`, `${file.birth_date} (${file.age})`)],
  [t("微工卡实名", "Work card"), file.is_proved ? t("此账号曾通过本人核验", "Proved this person before") : t("从未通过本人核验", "Never proved this person")],
  [t("当日打卡/失败", "Check-ins today/failed"), `${file.referral.attempts} / ${file.referral.failed}`]));

const confirmedPanel = ({ confirmed }) => panel(t("现场确认", "Seen on site"), confirmed
  ? facts([t("确认人", "By"), `${word(ACTOR, confirmed.role)}${confirmed.name ? `${t("：", ": ")}${confirmed.name}` : ""}`], [t("时间", "When"), moment(confirmed.at)])
  : empty(t("现场还没有确认。", "Nobody on site has confirmed.")));

const workPanel = ({ work, referral }) => panel(t("工作", "The work"), facts(
  ...workFacts(work),
  [t("保费/保额", "Premium"), yuan(referral.premium_fen)],
  referral.referred_work ? [t("须核保的原因", "Why an underwriter decides"), t(`${referral.occupation_class} 类：${referral.referred_work.reason_zh}`, `Class ${referral.occupation_class}: ${referral.referred_work.reason_en}`), true] : null,
  ...referral.answered.map((one) => [t(one.text_zh, one.text_en), t(one.answer_zh, one.answer_en)])));

// ---- the decision

function decisionPanel(api, me, path, file) {
  const { referral } = file;
  if (!me.may("decideReferral") || !FOR_STAFF.includes(referral.status)) return outcome(referral);
  const send = (approved, reason) => api.post(`${path}/decision`, { approved, reason }).then(redrawn);
  const isIssuing = referral.status === "ISSUING";
  return panel(t("核保决定", "Decide"),
    isIssuing ? h("p", { class: "notice" }, t("已批准但还没有出单：请再次提交“通过”。", "Approved, but no policy was issued: approve once more.")) : null,
    form(t("提交", "Submit"), [
      h("fieldset", {}, h("legend", {}, t("决定", "Decision")),
        tick("approved", "true", t("通过，立即出单", "Approve: cover from now"), { type: "radio", required: true }),
        isIssuing ? null : tick("approved", "false", t("不通过", "Decline"), { type: "radio", required: true })),
      field(t("理由", "Reason"), select("reason", [["", t("请选择", "Choose")], ...optionsOf(REFERRAL_DECISION)], "")),
    ], (given, answer) => {
      if (given.get("approved") === "false") return send(false, given.get("reason"));
      answer.replaceChildren(h("div", { class: "sure", role: "group", "aria-label": t("再次确认", "Once more") },
        h("p", {}, t(`将为 ${file.name}（${word(IDENTITY_DOCUMENT, file.document_type)} ${file.document_number}）在“${file.work?.name ?? referral.project_id}”立即出单，保障 24 小时。`,
          `${file.name} (${word(IDENTITY_DOCUMENT, file.document_type)} ${file.document_number}) will be insured now for 24 hours on "${file.work?.name ?? referral.project_id}".`)),
        h("div", { class: "row" }, button(t("确认出单", "Insure now"), () => send(true, given.get("reason")), { tone: "main" }),
          h("button", { type: "button", on: { click: () => answer.replaceChildren() } }, t("返回修改", "Change it")))));
      return null;
    }, { label: t("核保决定", "Decide"), tone: "" }));
}

const outcome = (referral) => (referral.policy_no ? panel(t("核保决定", "Decision"), done(t("已出单。", "Insured.")), facts([t("保单号", "Policy number"), h("span", { class: "number" }, referral.policy_no), true]))
  : referral.status === "DECLINED" ? panel(t("核保决定", "Decision"), h("p", { class: "notice" }, t("未通过：", "Declined: "), t(referral.declined_zh, referral.declined_en))) : null);

// ---- beside it

const earlierPanel = ({ earlier, policies }) => h("details", { class: "panel", open: earlier.length > 0 }, h("summary", {}, t(`此前的申请（${earlier.length}）和保单（${policies.length}）`, `Earlier referrals (${earlier.length}) and policies (${policies.length})`)),
  table(t("此前的申请", "Earlier referrals"), [t("时间", "Asked"), t("原因", "Why"), t("结果", "Outcome"), t("理由", "Reason")],
    earlier.map((known) => [moment(known.asked_at), word(REFERRAL_REASON, known.reason), word(REFERRAL_STATUS, known.status), known.declined_for ? t(known.declined_zh, known.declined_en) : "—"]), t("没有其他申请。", "No others.")),
  heldPolicies(policies));

function looksPanel(api, me, path, isOpen = false) {
  if (!me.may("readReferralLooks")) return null;
  const list = h("div", {});
  const load = async () => {
    const { looks } = await api.get(`${path}/looks`);
    list.replaceChildren(table(t("查阅记录", "Who looked"), [t("时间", "When"), t("人员", "Who"), t("岗位", "Duties"), t("内容", "What")],
      looks.map((look) => [moment(look.at), look.by, listed(look.duties.map((duty) => word(DUTY, duty))), word(REFERRAL_LOOKED_AT, look.what)]), t("没有查阅记录。", "Nobody has looked.")));
  };
  return h("details", { class: "panel", open: isOpen }, h("summary", {}, t("查阅记录", "Who looked")), button(t("显示查阅记录", "Show who looked"), load), list);
}
