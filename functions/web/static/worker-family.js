// For somebody else, each in their own name: report a relative's or a workmate's accident, or ask to act for them.

import { moment, optionsOf, t, word } from "./client.js";
import { done, empty, field, form, h, input, panel, refresh, select, tag, title } from "./page.js";
import { accidentFields, noticeOf } from "./worker-claims.js";
import { IDENTITY_DOCUMENT, REPRESENTATIVE_KIND, REPRESENTATIVE_STATUS } from "./words.js";

const TONE = { ACCEPTED: "good", REFUSED: "bad", REVOKED: "past", REQUESTED: "warn" };

export async function familyView(api) {
  const { representations } = await api.get("/v1/claims");
  return title(t("为家人、工友办理", "For a relative or a workmate"),
    panel(t("替别人报案", "Report somebody's accident"), reportForm(api)),
    panel(t("申请代为办理理赔", "Ask to act on a claim"),
      h("p", { class: "hint" }, t("受伤的人不能自己办，或者已经身故：家属、监护人、受托人可以申请代为办理，理赔人员核实后生效。", "Where the injured can't act, or have died, a relative, guardian or agent may ask to; it holds once staff have verified it.")),
      representForm(api),
      representations.length ? h("ul", { class: "cards" }, representations.map((asked) => h("li", { class: "consent" },
        h("b", {}, h("span", { class: "number" }, asked.claim_no)), " ", word(REPRESENTATIVE_KIND, asked.kind), " ", tag(word(REPRESENTATIVE_STATUS, asked.status), TONE[asked.status]),
        h("small", {}, moment(asked.requested_at))))) : empty(t("还没有申请过。", "Nothing asked so far."))));
}

/** Of a person: name and document, never kept in this browser. */
const personFields = (member) => [
  field(t("姓名", "Name"), input("name", { maxlength: "64", "data-unkept": true })),
  field(t("证件类型", "Document"), select("document_type", optionsOf(IDENTITY_DOCUMENT), "RESIDENT_ID")),
  field(t("证件号码", "Document number"), input("number", { "data-member": member, minlength: "4", maxlength: "40", "data-unkept": true })),
];

const phoneField = () => field(t("您的手机号", "Your phone"), input("phone", { type: "tel", maxlength: "20", autocomplete: "tel", "data-unkept": true }), t("理赔人员会打这个电话", "Staff call this number"));

const reportForm = (api) => form(t("提交报案", "Send the report"), [
  h("fieldset", {}, h("legend", {}, t("谁受伤了", "Who is hurt?")), personFields("id_number")),
  field(t("您和他/她的关系", "You are their"), input("relation", { maxlength: "200" }), t("例如：妻子、工友", "e.g. wife, workmate")),
  phoneField(),
  accidentFields(),
], async (given, answer) => {
  const person = { name: given.get("name"), document_type: given.get("document_type"), id_number: given.get("number"), relation: given.get("relation"), phone: given.get("phone") };
  const { report_no: number } = await api.post("/v1/loss-notices", { ...noticeOf(given), ...person });
  answer.replaceChildren(done(t(`已收到，报案号 ${number}。理赔人员会打电话给您；在“理赔”里也能看到。`, `Received as ${number}. Staff will call you; it also stands under “Claims”.`)));
}, { key: "report-for" });

const representForm = (api) => form(t("申请代为办理", "Ask to act for them"), [
  field(t("赔案号", "Claim number"), input("claim_no", { maxlength: "40" })),
  field(t("您以什么身份办理", "You act as"), select("kind", optionsOf(REPRESENTATIVE_KIND), "HEIR")),
  h("fieldset", {}, h("legend", {}, t("您本人", "You")), personFields("document_number"), field(t("与被保险人的关系", "Relation to the insured"), input("relation", { maxlength: "200" })), phoneField()),
  h("fieldset", {}, h("legend", {}, t("被保险人", "The insured")),
    field(t("证件类型", "Document"), select("insured_document_type", optionsOf(IDENTITY_DOCUMENT), "RESIDENT_ID")),
    field(t("证件号码", "Document number"), input("insured_id_number", { minlength: "4", maxlength: "40", "data-unkept": true }))),
], async (given) => {
  const { claim_no: claimNo, number, ...asked } = Object.fromEntries(given);
  await api.post(`/v1/claims/${encodeURIComponent(claimNo.trim())}/representatives`, { ...asked, document_number: number });
  await refresh();
}, { key: "represent" });
