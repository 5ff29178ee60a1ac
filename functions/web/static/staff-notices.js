// The notices (通知书) of a claim before staff: what waits to be delivered, how it was, and the form that says so.

import { instantOf, localOf, moment, t, word } from "./client.js";
import { lines } from "./notices.js";
import { field, form, h, input, panel, select, tag } from "./page.js";
import { dueTag, shown } from "./staff-queues.js";
import { MESSAGE_OUTCOME, NOTICE_CHANNEL, NOTICE_KIND } from "./words.js";

const BY_STAFF = ["CALL", "LETTER", "IN_PERSON"];
const reached = ({ delivery }) => (delivery ? tag(`${word(NOTICE_CHANNEL, delivery.channel)} · ${moment(delivery.at)}`, "good") : null);

export function deliveriesPanel(act, me, claim) {
  if (!claim.notices.length) return null;
  return panel(t("通知书", "Notices"), claim.notices.map((notice) => h("section", {},
    h("p", {}, h("b", {}, word(NOTICE_KIND, notice.kind)), " ", h("span", { class: "number" }, notice.number), " ", reached(notice),
      notice.due_at ? [tag(t("待送达", "To be delivered"), "warn"), dueTag(notice.due_at)] : null,
      notice.due_at && claim.notice_message ? tag(word(MESSAGE_OUTCOME, claim.notice_message), "bad") : null),
    h("details", {}, h("summary", {}, t("通知书全文", "The whole text")), notice.text === null ? shown(null) : lines(notice)),
    !notice.delivery && me.may("deliverNotice") ? h("details", {}, h("summary", {}, t("登记送达", "Record the delivery")), deliveryForm(act, notice)) : null)));
}

function deliveryForm(act, notice) {
  const now = localOf(Date.now());
  return form(t("登记送达", "Record the delivery"), [
    field(t("方式", "How"), select("channel", BY_STAFF.map((code) => [code, word(NOTICE_CHANNEL, code)]), "CALL")),
    field(notice.kind === "REFUSAL" ? t("寄出或告知的时间（北京时间）", "Posted or told (Beijing time)") : t("到达的时间（北京时间）", "When it reached them (Beijing time)"),
      input("at", { type: "datetime-local", max: now, value: now })),
    field(t("挂号信号、电话号码或地点", "Letter number, telephone number or place"), input("reference", { minlength: "3", maxlength: "80" })),
    field(t("与谁通话、由谁签收", "Who was spoken with, or signed"), input("note", { maxlength: "200", required: false })),
  ], (given) => {
    const told = { channel: given.get("channel"), reference: given.get("reference") };
    if (given.get("at") !== now) told.at = instantOf(given.get("at")); // left as it was it means now
    if (given.get("note")) told.note = given.get("note");
    return act(`notices/${notice.number}/delivery`, told);
  }, { label: t(`登记${word(NOTICE_KIND, notice.kind)}的送达`, `Record the delivery: ${word(NOTICE_KIND, notice.kind)}`), tone: "" });
}
