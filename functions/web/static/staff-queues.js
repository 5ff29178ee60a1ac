// What waits for staff beside the queues: reports, check-in signals, breaks.

import { listed, moment, optionsOf, t, until, word, yuan } from "./client.js";
import { done, facts, field, form, go, h, input, link, panel, select, tag, title } from "./page.js";
import { DataTable, eachPage } from "./table.js";
import { accidentFields, noticeOf } from "./worker-claims.js";
import { ADVANCE_STATE, CLAIM_TYPE, IDENTITY_DOCUMENT, REFERRED_FOR } from "./words.js";

export const types = (list) => listed(list.map((type) => word(CLAIM_TYPE, type)));
export const reasons = (list) => list.map((code) => tag(word(REFERRED_FOR, code), "warn"));
export const dueTag = (due) => (due ? tag(until(due), Date.parse(due) < Date.now() ? "bad" : "past") : null);

/** What the answer leaves out: health text is for those whose duty needs it. */
export const shown = (text) => text ?? t("不在您的职责范围内，未显示", "Not shown: outside your duties");

/** How far the last advance of a claim is. */
export const advanceTag = ({ advances }) => advances.slice(-1).map(({ amount_fen: fen, state }) => tag(`${yuan(fen)} · ${word(ADVANCE_STATE, state)}`, "warn"));

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

// ---- check-in signals of a project

export async function signalsView(api, projectId) {
  const search = form(t("查看", "Show"), field(t("项目编号", "Project id"), input("project_id", { maxlength: "40", value: projectId ?? "" })),
    (given) => { go(`#/signals/${encodeURIComponent(given.get("project_id").trim())}`); }, { label: t("按项目查看", "By project"), tone: "", inline: true });
  if (!projectId) return title(t("打卡信号", "Check-in signals"), search);
  const list = new DataTable({
    caption: t("打卡信号", "Check-in signals"), rows: [], idOf: (line) => line.check_in_id,
    search: { label: t("查找", "Search"), hint: t("姓名或保单号", "Name or policy number"), textOf: (line) => `${line.insured_name} ${line.policy_no ?? ""}` },
    columns: [
      { key: "at", name: t("时间", "When"), cell: (line) => moment(line.at), order: (a, b) => a.at.localeCompare(b.at) },
      { key: "name", name: t("姓名", "Name"), cell: (line) => line.insured_name },
      { key: "policy", name: t("保单", "Policy"), cell: (line) => line.policy_no ?? "—" },
      { key: "distance", name: t("距离（米）", "Distance (m)"), cell: (line) => line.distance_m ?? "—", order: (a, b) => (a.distance_m ?? -1) - (b.distance_m ?? -1) },
      { key: "score", name: t("分值", "Score"), cell: (line) => line.score, order: (a, b) => a.score - b.score },
      { key: "signals", name: t("信号", "Signals"), cell: (line) => line.signals.map((signal) => tag(t(signal.what_zh, signal.what_en), signal.weight === "HARD" ? "bad" : "warn")) },
    ],
    none: t("没有信号。", "No signals."), noneFits: t("没有符合的打卡。", "No check-in like that."),
  });
  const more = await eachPage(api, `/v1/staff/projects/${projectId}/signals`, ({ check_ins: lines }, isPart) => list.add(lines, isPart));
  return title(t("打卡信号", "Check-in signals"), search, list.element, more);
}
