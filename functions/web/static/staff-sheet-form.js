// Filling the loss sheet: an adjuster enters what the papers say. The form outlives whatever else redraws the page;
// where the sheet has moved meanwhile, both are put together and nothing typed is lost.

import { AMOUNT, fenOf, listed, moment, optionsOf, t, word, yuan } from "./client.js";
import { field, form, h, input, redrawn, select, tag, tick, unfold, words } from "./page.js";
import { appraisalEditor, day, deathEditor, typed } from "./staff-sheet-bodily.js";
import { CUTS, told } from "./staff-documents.js";
import { contentOf, draftOf, merged } from "./staff-sheet-content.js";
import { BILL_KIND, BILL_STATE, DOCUMENT_TYPE, REASON } from "./words.js";

let editing = null; // { claimNo, node }: one sheet at a time

export const sheetFormOf = (claimNo) => (editing?.claimNo === claimNo ? editing.node : null);

export function openSheetForm(api, claim, content = contentOf(claim.sheet), reason = "", notice = null) {
  editing = { claimNo: claim.claim_no, node: sheetForm(api, claim, content, reason, notice) };
  return editing.node;
}

/** What stands wrong at a control: `send` shows it there. */
class EntryError extends Error {
  constructor(control, text) {
    super(text);
    this.control = control;
  }
}

const yuanOf = (fen) => (fen === null || fen === undefined ? "" : fen % 100 ? (fen / 100).toFixed(2) : String(fen / 100));
const money = (name, label, fen, attributes = {}) => field(label, input(name, { required: false, inputmode: "decimal", pattern: AMOUNT, value: yuanOf(fen), ...attributes }));

function sheetForm(api, claim, content, reason, notice) {
  const base = contentOf(claim.sheet);
  const why = words("reason");
  why.value = reason;
  const bills = group(content.bills, (bill) => billEditor(claim, bill), t("删除这张票据", "Remove this bill"));
  const stays = group(content.stays, (stay) => intervalEditor(claim, stay, true), t("删除这次住院", "Remove this stay"));
  const leaves = group(content.sick_leaves, (leave) => intervalEditor(claim, leave, false), t("删除这段病休", "Remove this leave"));
  const appraisal = group(content.appraisal ? [content.appraisal] : [], (entry) => appraisalEditor(api, claim, entry, paperField), t("删除伤残鉴定", "Remove the appraisal"));
  const death = group(content.death ? [content.death] : [], (entry) => deathEditor(claim, entry, paperField), t("删除身故", "Remove the death"));
  const share = input("causation", { required: false, inputmode: "decimal", pattern: "(100|[0-9]{1,2})(\\.[0-9]{1,2})?", value: content.causation_bps === 10_000 ? "" : String(content.causation_bps / 100) });
  const read = () => ({
    bills: bills.read(), stays: stays.read(), sick_leaves: leaves.read(), appraisal: appraisal.read()[0] ?? null, death: death.read()[0] ?? null,
    causation_bps: share.value.trim() === "" ? 10_000 : fenOf(share.value),
  });
  const into = { bills, stays, sick_leaves: leaves };
  const send = async (_, answer) => {
    let entered;
    try {
      entered = read();
      checkBills(bills.nodes());
    } catch (error) {
      if (!(error instanceof EntryError)) throw error;
      unfold(error.control);
      error.control.focus();
      answer.replaceChildren(h("p", { class: "problem", role: "alert" }, error.message));
      return;
    }
    try {
      await api.post(`/v1/staff/claims/${claim.claim_no}/sheet`, { version: claim.sheet.version, ...entered, reason: why.value });
    } catch (error) {
      if (error.slug !== "sheet-moved") throw error;
      const now = await api.get(`/v1/staff/claims/${claim.claim_no}`);
      const { content: both, conflicts } = merged(base, entered, contentOf(now.sheet));
      openSheetForm(api, now, both, why.value, movedNotice(error, conflicts));
      await redrawn();
      document.querySelector(".sheet-moved")?.focus();
      return;
    }
    editing = null;
    await redrawn();
  };
  const made = form(t("保存为新版本", "Save as a new version"), [
    h("h3", { tabindex: "-1" }, t(`在第 ${claim.sheet.version} 版上修改`, `Changing version ${claim.sheet.version}`)), notice,
    drafts(claim, content, into),
    part(t("票据", "Bills"), bills, t("加一张票据", "Add a bill"), () => draftOf.bill(claim)),
    part(t("住院", "In hospital"), stays, t("加一次住院", "Add a stay"), () => draftOf.interval(claim)),
    part(t("病休", "Sick leave"), leaves, t("加一段病休", "Add a sick leave"), () => draftOf.interval(claim)),
    part(t("伤残鉴定", "Disability appraisal"), appraisal, t("录入伤残鉴定", "Enter an appraisal"), () => draftOf.appraisal(), 1),
    part(t("身故", "Death"), death, t("录入身故", "Enter the death"), () => draftOf.death(), 1),
    h("fieldset", {}, h("legend", {}, t("原因力", "Causation")), field(t("保险事故所占比例（%），全部则不填", "Covered share (%), empty for all of it"), share)),
    field(t("修改说明", "What was changed, and why"), why),
  ], send, { label: t("填写损失清单", "Fill the loss sheet") });
  made.dataset.kept = "";
  made.append(h("button", { type: "button", class: "quiet", on: { click: () => { editing = null; void redrawn(); } } }, t("放弃修改", "Discard the changes")));
  return made;
}

const movedNotice = (error, conflicts) => h("div", { class: "problem conflict sheet-moved", role: "alert", tabindex: "-1" }, h("b", {}, error.title),
  h("p", {}, t(`现为第 ${error.facts.sheet_version} 版。别人的改动已合并到下面，您填的都还在；请核对后再保存。`, `It is at version ${error.facts.sheet_version} now. The others' changes stand below beside yours; look, then save again.`)),
  conflicts.length ? h("p", {}, t(`两边都改过，保留了您的：${listed(conflicts)}`, `Changed by both, yours is kept: ${listed(conflicts)}`)) : null);

// ---- entries that come and go

/** Several entries of a kind: `editor` gives { node, read }. */
function group(contents, editor, removing) {
  const entries = [];
  const list = h("div", { class: "editors" });
  const add = (content, isNew = true) => {
    const entry = editor(content);
    const remove = h("button", { type: "button", class: "quiet", on: { click: () => { entries.splice(entries.indexOf(entry), 1); entry.node.remove(); list.dispatchEvent(new Event("change")); } } }, removing);
    entry.node.append(remove);
    entries.push(entry);
    list.append(entry.node);
    list.dispatchEvent(new Event("change"));
    if (isNew) {
      unfold(entry.node);
      if (entry.node.tagName === "DETAILS") entry.node.open = true;
      entry.node.querySelector("input, select")?.focus();
    }
  };
  contents.forEach((content) => add(content, false));
  return { list, add, read: () => entries.map((entry) => entry.read()), nodes: () => entries.map(({ node }) => node), count: () => entries.length };
}

function part(legend, several, adding, draft, most = Infinity) {
  const more = h("button", { type: "button", on: { click: () => several.add(draft()) } }, adding);
  const limit = () => { more.hidden = several.count() >= most; };
  several.list.addEventListener("change", limit);
  limit();
  return h("fieldset", {}, h("legend", {}, legend), several.list, more);
}

/** What the claimant wrote beside a paper, to be taken over by whoever has looked at it. */
function drafts(claim, content, into) {
  const used = new Set([...content.bills, ...content.stays, ...content.sick_leaves].map(({ document_id: id }) => id));
  const offered = claim.files.filter(({ facts, status, document_id: id }) => facts && ["RECEIVED", "ACCEPTED"].includes(status) && !used.has(id));
  if (!offered.length) return null;
  return h("fieldset", { class: "drafts" }, h("legend", {}, t("本人填写的内容（核对材料后采用）", "As the claimant reads it (look at the paper first)")), offered.map((file) => {
    const [kind, entry] = draftOf.stated(claim, file);
    const take = h("button", { type: "button", on: { click: () => { into[kind].add(entry); line.remove(); } } }, t(`采用${word(DOCUMENT_TYPE, file.doc_type).replace(/（.*）$/, "")}`, `Take over: ${word(DOCUMENT_TYPE, file.doc_type)}`));
    const line = h("p", { class: "row" }, h("span", {}, told(file.facts), " ", file.bills.filter(({ state }) => state !== "GENUINE").map(({ state }) => tag(word(BILL_STATE, state), "bad"))), take);
    return line;
  }));
}

// ---- one entry each

/** Which paper an entry was read from. */
function paperField(claim, chosen) {
  const files = claim.files.filter(({ status }) => status !== "REQUIRED");
  return field(t("依据哪份材料", "From which paper"), select("document_id", [["", t("未指明", "not said")], ...files.map((file) => [file.document_id, `${word(DOCUMENT_TYPE, file.doc_type)} · ${moment(file.received_at)}`])], chosen ?? "", { required: false }));
}

function billEditor(claim, bill) {
  const lines = group(bill.lines, lineEditor, t("删除这一行", "Remove the line"));
  const heading = h("summary", {});
  const node = h("details", { class: "editor" }, heading,
    h("div", { class: "grid" },
      field(t("票据代码和号码（连写）", "Code and number, together"), input("bill_no", { value: bill.bill_no, pattern: "[0-9A-Z]{1,40}", maxlength: "40" })),
      day("dated", t("就诊或入院日期", "Treated or admitted on"), bill.dated),
      field(t("医院", "Hospital"), input("hospital", { value: bill.hospital ?? "", required: false, minlength: "2", maxlength: "100" })),
      field(t("医院等级", "Level"), select("hospital_level", [["", t("不明", "not known")], ["3", t("三级", "3")], ["2", t("二级", "2")], ["1", t("一级", "1")]], bill.hospital_level ? String(bill.hospital_level) : "", { required: false })),
      tick("is_public", "yes", t("公立医院", "Public hospital"), { checked: bill.is_public }), tick("emergency", "yes", t("急诊", "Emergency"), { checked: bill.emergency })),
    h("fieldset", {}, h("legend", {}, t("明细", "Lines")), lines.list, h("button", { type: "button", on: { click: () => lines.add(draftOf.line()) } }, t("加一行", "Add a line"))),
    h("div", { class: "grid" },
      money("self_paid_fen", t("其中自费（元）", "Of it self-paid (CNY)"), bill.self_paid_fen || null), money("social_insurance_paid_fen", t("医保已付（元）", "Social insurance paid (CNY)"), bill.social_insurance_paid_fen || null),
      money("third_party_paid_fen", t("第三方已付（元）", "A third party paid (CNY)"), bill.third_party_paid_fen || null), money("other_insurer_paid_fen", t("其他保险已付（元）", "Another insurer paid (CNY)"), bill.other_insurer_paid_fen || null),
      paperField(claim, bill.document_id)));
  const label = () => { heading.textContent = [typed(node, "bill_no") || t("新票据", "New bill"), typed(node, "dated"), yuan([...node.querySelectorAll("[name=billed_fen]")].reduce((sum, { value }) => sum + (fenOf(value) ?? 0), 0))].filter(Boolean).join(" · "); };
  node.addEventListener("input", label);
  label();
  const read = () => ({
    bill_no: typed(node, "bill_no"), dated: typed(node, "dated"), hospital: typed(node, "hospital") || null, hospital_level: Number(typed(node, "hospital_level")) || null,
    is_public: node.querySelector("[name=is_public]").checked, emergency: node.querySelector("[name=emergency]").checked,
    lines: lines.read(),
    self_paid_fen: fenOf(typed(node, "self_paid_fen")) ?? 0, social_insurance_paid_fen: fenOf(typed(node, "social_insurance_paid_fen")) ?? 0,
    third_party_paid_fen: fenOf(typed(node, "third_party_paid_fen")) ?? 0, other_insurer_paid_fen: fenOf(typed(node, "other_insurer_paid_fen")) ?? 0,
    document_id: typed(node, "document_id") || null,
  });
  return { node, read };
}

function lineEditor(line) {
  const node = h("div", { class: "line" },
    field(t("项目", "Item"), input("item", { value: line.item, maxlength: "100" })),
    field(t("类别", "Kind"), select("kind", optionsOf(BILL_KIND), line.kind)),
    money("billed_fen", t("票面（元）", "Billed (CNY)"), line.billed_fen, { required: true }),
    money("accepted_fen", t("认可（元），全部则不填", "Accepted (CNY), empty for all"), line.accepted_fen),
    field(t("核减原因", "Why less"), select("reason_code", [["", t("没有核减", "nothing is cut")], ...[...new Set([...CUTS, ...(line.reason_code ? [line.reason_code] : [])])].map((code) => [code, word(REASON, code)])], line.reason_code ?? "", { required: false })));
  const read = () => ({ item: typed(node, "item"), kind: typed(node, "kind"), billed_fen: fenOf(typed(node, "billed_fen")), accepted_fen: fenOf(typed(node, "accepted_fen")), reason_code: typed(node, "reason_code") || null });
  return { node, read };
}

function intervalEditor(claim, interval, isStay) {
  const node = h("div", { class: "editor grid" },
    day("first_day", isStay ? t("入院日期", "Admitted") : t("第一天", "First day"), interval.first_day), day("last_day", isStay ? t("出院日期", "Discharged") : t("最后一天", "Last day"), interval.last_day),
    isStay ? field(t("医院", "Hospital"), input("hospital", { value: interval.hospital ?? "", required: false, minlength: "2", maxlength: "100" })) : null, paperField(claim, interval.document_id));
  const read = () => {
    const [first_day, last_day] = [typed(node, "first_day"), typed(node, "last_day")];
    if (last_day < first_day) throw new EntryError(node.querySelector("[name=last_day]"), t(`最后一天 ${last_day} 早于第一天 ${first_day}。`, `The last day, ${last_day}, is before the first, ${first_day}.`));
    return { first_day, last_day, ...(isStay ? { hospital: typed(node, "hospital") || null } : {}), document_id: typed(node, "document_id") || null };
  };
  return { node, read };
}

/** As the sheet itself refuses it: nothing more is accepted, or was paid by others, than was billed; a cut has a reason. */
function checkBills(nodes) {
  const seen = new Set();
  for (const node of nodes) {
    const number = typed(node, "bill_no");
    const at = (name) => node.querySelector(`[name=${name}]`);
    if (seen.has(number)) throw new EntryError(at("bill_no"), t(`票据 ${number} 出现了两次。`, `The bill ${number} stands twice.`));
    seen.add(number);
    const lines = [...node.querySelectorAll(".line")];
    if (!lines.length) throw new EntryError(at("bill_no"), t(`票据 ${number} 至少要有一行明细。`, `The bill ${number} has no line.`));
    let billed = 0;
    for (const line of lines) {
      const [gross, accepted] = [fenOf(typed(line, "billed_fen")), fenOf(typed(line, "accepted_fen"))];
      billed += gross;
      if (accepted !== null && accepted > gross) throw new EntryError(line.querySelector("[name=accepted_fen]"), t(`“${typed(line, "item")}”认可的 ${yuan(accepted)} 超过票面 ${yuan(gross)}。`, `More of "${typed(line, "item")}" is accepted than was billed.`));
      if (accepted !== null && accepted < gross && !typed(line, "reason_code")) throw new EntryError(line.querySelector("[name=reason_code]"), t(`“${typed(line, "item")}”有核减，请选原因。`, `"${typed(line, "item")}" is cut: say why.`));
    }
    const paid = ["social_insurance_paid_fen", "third_party_paid_fen", "other_insurer_paid_fen"].reduce((sum, name) => sum + (fenOf(typed(node, name)) ?? 0), 0);
    if (paid > billed) throw new EntryError(at("third_party_paid_fen"), t(`票据 ${number}：他方已付 ${yuan(paid)}，超过票面 ${yuan(billed)}。`, `Bill ${number}: others paid ${yuan(paid)}, more than was billed.`));
    if ((fenOf(typed(node, "self_paid_fen")) ?? 0) > billed) throw new EntryError(at("self_paid_fen"), t(`票据 ${number}：自费超过票面 ${yuan(billed)}。`, `Bill ${number}: more is self-paid than was billed.`));
  }
}
