// Who acts for the insured (代办人), benefits that are added, and papers that staff file for a family.

import { listed, moment, t, word } from "./client.js";
import { button, facts, field, form, h, panel, select, tag, tick, words } from "./page.js";
import { shown } from "./staff-queues.js";
import { CLAIM_TYPE, DOCUMENT_TYPE, IDENTITY_DOCUMENT, REPRESENTATIVE_KIND, REPRESENTATIVE_STATUS } from "./words.js";
import { filingForm } from "./worker-documents.js";

const UNDECIDED = ["REGISTERED", "AWAITING_DOCS", "IN_REVIEW", "AWAITING_SUPPLEMENT", "INVESTIGATING", "DISPUTED", "REOPENED"];
const PROOF = { HEIR: "RELATION_PROOF", GUARDIAN: "RELATION_PROOF", AGENT: "POWER_OF_ATTORNEY" };
const TONE = { REQUESTED: "warn", ACCEPTED: "good", REFUSED: "bad", REVOKED: "past" };

export const familyPanel = (act, me, claim) => (claim.representation.length
  ? panel(t("代办人", "Who acts for the insured"), claim.representation.map((known) => representative(act, me, claim, known))) : null);

function representative(act, me, claim, known) {
  return h("div", {},
    h("div", { class: "row" }, h("b", {}, known.name), tag(word(REPRESENTATIVE_STATUS, known.status), TONE[known.status]),
      known.status === "ACCEPTED" && !known.in_force ? tag(t("代办权已终止", "Power has ended"), "past") : null),
    facts([t("身份", "As"), word(REPRESENTATIVE_KIND, known.kind)], [t("关系", "Relation"), shown(known.relation)],
      [word(IDENTITY_DOCUMENT, known.document_type), shown(known.document_number)], [t("电话", "Phone"), shown(known.phone)],
      [t("申请", "Asked"), moment(known.requested_at)], known.judged_by ? [t("审核人", "Judged by"), known.judged_by] : null),
    me.may("judgeRepresentative") && ["REQUESTED", "ACCEPTED"].includes(known.status) ? judgementForm(act, claim, known) : null);
}

function judgementForm(act, claim, known) {
  const asked = known.status === "REQUESTED";
  const proofs = claim.files.filter((file) => file.doc_type === PROOF[known.kind] && ["RECEIVED", "ACCEPTED"].includes(file.status));
  const verdicts = asked ? [["ACCEPT", t("认可", "Accept")], ["REFUSE", t("不认可", "Refuse")]] : [["REVOKE", t("终止", "Revoke")]];
  return form(t("提交", "Send"), [
    field(t("结论", "Verdict"), select("judgement", verdicts, verdicts[0][0])),
    asked ? field(t("依据的材料", "On which document"), select("document_id", [["", t("无", "None")], ...proofs.map((file) => [file.document_id, `${word(DOCUMENT_TYPE, file.doc_type)} ${moment(file.received_at)}`])], proofs[0]?.document_id ?? "")) : null,
    asked && known.kind === "HEIR" ? tick("for_all_heirs", "yes", t("其他继承人已书面授权此人（见授权委托书）", "The other heirs authorised this one in writing")) : null,
    field(t("理由", "Reason"), words("reason")),
  ], (form_) => act(`representatives/${known.number}/judgement`, { judgement: form_.get("judgement"), reason: form_.get("reason"),
    document_id: form_.get("judgement") === "ACCEPT" ? form_.get("document_id") || null : null, for_all_heirs: form_.get("for_all_heirs") === "yes" }), { label: t(`审核代办人 ${known.number}`, `Judge representative ${known.number}`), tone: "" });
}

export function filingPanel(api, act, me, claim) {
  const open = UNDECIDED.includes(claim.status);
  const rest = Object.keys(CLAIM_TYPE).filter((type) => !claim.claim_types.includes(type));
  const lines = claim.documents.filter(({ need }) => need !== "AUTOMATIC");
  return [
    open && rest.length && me.may("addBenefitsForClaimant") ? h("details", { class: "panel" }, h("summary", {}, t("增加申请项目", "Add benefits")),
      form(t("增加", "Add"), [h("p", { class: "hint" }, t("现有：", "Claimed now: "), listed(claim.claim_types.map((type) => word(CLAIM_TYPE, type)))),
        rest.map((type) => tick("claim_types", type, word(CLAIM_TYPE, type)))],
      (form_) => act("benefits", { claim_types: form_.getAll("claim_types") }), { tone: "" })) : null,
    open && me.may("fileDocument") && me.may("receiveFiledDocument") ? h("details", { class: "panel" }, h("summary", {}, t("代为提交材料", "File a document for the family")),
      lines.map((line) => h("details", {}, h("summary", {}, word(DOCUMENT_TYPE, line.doc_type)), filingForm(api, claim, line, word(DOCUMENT_TYPE, line.doc_type)))),
      claim.status === "AWAITING_DOCS" && !claim.missing.length && me.may("completeFiledDocuments") ? button(t("材料已交齐", "These are all papers"), () => act("documents/completion"), { tone: "main" }) : null) : null,
  ];
}
