// The loss sheet (损失清单) as a page to read: what an assessment is computed from, each with its source.

import { moment, t, word, yuan } from "./client.js";
import { button, facts, h, panel, table, tag } from "./page.js";
import { sourceOf } from "./staff-assessment.js";
import { JUDGED } from "./staff-documents.js";
import { openSheetForm, sheetFormOf } from "./staff-sheet-form.js";
import { BILL_KIND, DEATH_CAUSE, DISABILITY_SCALE, DOCUMENT_TYPE, REASON, TERM } from "./words.js";

export function sheetPanel(api, me, claim) {
  const { sheet } = claim;
  const kept = sheetFormOf(claim.claim_no);
  const mayFill = me.may("fillSheet") && JUDGED.includes(claim.status);
  const place = h("div", { class: "fill" }, kept ?? (mayFill
    ? button(isEmpty(sheet) ? t("填写损失清单", "Fill the loss sheet") : t("修改损失清单", "Change the loss sheet"), () => { place.replaceChildren(openSheetForm(api, claim)); place.querySelector("h3").focus(); }) : ""));
  const made = panel(t("损失清单", "Loss sheet"), h("p", { class: "hint" }, sheet.version ? versionLine(claim, sheet.version) : t("还没有内容：没有查验过的票据，也没有人录入。", "Empty: no bill was verified, and nobody entered anything.")),
    findingsNotice(sheet), entries(claim, sheet), place, versions(api, me, claim));
  made.classList.add("loss");
  return made;
}

const isEmpty = (sheet) => !sheet.bills.length && !sheet.stays.length && !sheet.sick_leaves.length && !sheet.appraisal && !sheet.death && !sheet.causation;

function versionLine(claim, version) {
  const line = claim.history.filter((entry) => entry.sheet === version).pop();
  if (!line) return t(`第 ${version} 版`, `Version ${version}`);
  const why = [line.reason_code && REASON[line.reason_code] ? word(REASON, line.reason_code) : null, line.reason].filter(Boolean).join(t("：", ": "));
  return `${t(`第 ${version} 版`, `Version ${version}`)} · ${moment(line.at)} · ${line.by}${why ? ` · ${why}` : ""}`;
}

/** What the dates and places say against the terms: nothing of it refuses by itself. */
function findingsNotice({ findings }) {
  if (!findings.length) return null;
  return h("div", { class: "notice findings", role: "note" }, h("b", {}, t("请对照条款核对", "Compare with the terms")),
    h("ul", {}, findings.map(({ term, entry }) => h("li", {}, `${sourceOf(entry)}${t("：", ": ")}${word(TERM, term)}`))));
}

const found = ({ findings }, entry) => findings.filter((finding) => finding.entry === entry).map(({ term }) => tag(word(TERM, term), "warn"));

/** 平台查验, or who entered it, when, from which paper. */
function sourceLine(claim, { kind, by, at, document_id: id }) {
  const file = claim.files.find(({ document_id: known }) => known === id);
  const paper = file ? t(`，依据${word(DOCUMENT_TYPE, file.doc_type)}`, `, from: ${word(DOCUMENT_TYPE, file.doc_type)}`) : "";
  return h("small", { class: "source" }, kind === "VERIFIED" ? tag(t("平台查验", "Verified by the platform"), "good") : tag(t("人工录入", "Entered"), "past"),
    kind === "VERIFIED" ? "" : `${by}，`, moment(at), paper);
}

/** One version of the sheet. */
function entries(claim, sheet) {
  return h("div", { class: "entries" },
    sheet.bills.map((bill) => billEntry(claim, sheet, bill)),
    intervals(claim, sheet, sheet.stays, "stay", t("住院", "In hospital"), t(`合计住院 ${sheet.inpatient_days} 天`, `${sheet.inpatient_days} days in hospital`)),
    intervals(claim, sheet, sheet.sick_leaves, "sick leave", t("病休", "Sick leave"), t(`合计休息 ${sheet.certified_days} 天（含住院，重叠只算一次）`, `${sheet.certified_days} days off work (with those in hospital, each once)`)),
    appraisalEntry(claim, sheet), deathEntry(claim, sheet),
    sheet.causation ? h("section", { class: "entry" }, h("h3", {}, t("原因力", "Causation")), h("p", {}, t(`保险事故占 ${sheet.causation.bps / 100}%`, `${sheet.causation.bps / 100}% is covered`)), sourceLine(claim, sheet.causation.source)) : null);
}

const LEVEL = { 1: ["一级医院", "level 1"], 2: ["二级医院", "level 2"], 3: ["三级医院", "level 3"] };

function billEntry(claim, sheet, bill) {
  const billed = bill.lines.reduce((sum, line) => sum + line.billed_fen, 0);
  const acceptedOf = (line) => line.accepted_fen ?? line.billed_fen;
  const accepted = bill.lines.reduce((sum, line) => sum + acceptedOf(line), 0);
  const rows = bill.lines.map((line) => [line.item, word(BILL_KIND, line.kind), yuan(line.billed_fen),
    acceptedOf(line) < line.billed_fen ? h("b", { class: "less" }, yuan(acceptedOf(line))) : yuan(acceptedOf(line)), line.reason_code ? word(REASON, line.reason_code) : ""]);
  rows.push([h("b", {}, t("合计", "Sum")), "", h("b", {}, yuan(billed)), h("b", {}, yuan(accepted)), ""]);
  return h("section", { class: "entry" },
    h("h3", {}, t("票据 ", "Bill "), h("span", { class: "number" }, bill.bill_no)),
    h("p", { class: "row" }, h("span", {}, [bill.dated, bill.hospital, bill.hospital_level ? word(LEVEL, bill.hospital_level) : bill.is_public ? null : t("医院等级不明", "level not known"), bill.is_public ? t("公立", "public") : null].filter(Boolean).join(" · ")),
      bill.emergency ? tag(t("急诊", "Emergency")) : null, found(sheet, `bill ${bill.bill_no}`), bill.first_in ? tag(t(`先见于 ${bill.first_in}`, `First in ${bill.first_in}`), "bad") : null),
    table(t(`票据 ${bill.bill_no} 的明细`, `Lines of ${bill.bill_no}`), [t("项目", "Item"), t("类别", "Kind"), t("票面", "Billed"), t("认可", "Accepted"), t("原因", "Why")], rows, ""),
    facts(...[["self_paid_fen", t("其中自费", "Of it self-paid")], ["social_insurance_paid_fen", t("医保已付", "Paid by social insurance")], ["third_party_paid_fen", t("第三方已付", "Paid by a third party")], ["other_insurer_paid_fen", t("其他保险已付", "Paid by another insurer")]]
      .map(([name, label]) => [label, yuan(bill[name])])),
    sourceLine(claim, bill.source));
}

function intervals(claim, sheet, several, kind, heading, sum) {
  if (!several.length) return null;
  return h("section", { class: "entry" }, h("h3", {}, heading), h("p", {}, sum), h("ul", {}, several.map((interval, place) => h("li", {},
    h("span", {}, t(`${interval.first_day} 至 ${interval.last_day}`, `${interval.first_day} to ${interval.last_day}`), interval.hospital ? ` · ${interval.hospital}` : ""), " ", found(sheet, `${kind} ${place + 1}`), sourceLine(claim, interval.source)))));
}

function appraisalEntry(claim, sheet) {
  const { appraisal } = sheet;
  if (!appraisal) return null;
  return h("section", { class: "entry" }, h("h3", {}, t("伤残鉴定", "Disability appraisal")),
    h("p", { class: "row" }, h("span", {}, `${appraisal.appraised_on} · ${appraisal.body} · ${word(DISABILITY_SCALE, appraisal.scale)}`), found(sheet, "appraisal")),
    appraisal.scale === "JRT_0083" ? null : h("p", { class: "notice" }, t("不是 JR/T 0083 标准的等级，不能直接用来理算。", "Not the grades of JR/T 0083: they can't be used as they are.")),
    h("ol", { class: "sites", lang: "zh-CN" }, sheet.site_words.map((words_) => h("li", {}, words_))),
    sourceLine(claim, appraisal.source));
}

function deathEntry(claim, sheet) {
  const { death } = sheet;
  if (!death) return null;
  const yes = (value) => (value === null ? t("不明", "not known") : value ? t("是", "yes") : t("否", "no"));
  return h("section", { class: "entry" }, h("h3", {}, t("身故", "Death")), h("p", { class: "row" }, found(sheet, "death")),
    facts([t("日期", "Day"), death.died_on], [t("死因", "Cause"), word(DEATH_CAUSE, death.cause)],
      death.cause === "SUDDEN" ? [t("发病日期", "Onset"), death.onset_on ?? t("不明", "not known")] : null, death.cause === "SUDDEN" ? [t("在工作时间和岗位", "At work"), yes(death.at_work)] : null),
    sourceLine(claim, death.source));
}

/** Who made which version; an older one is read when somebody asks for it. */
function versions(api, me, claim) {
  const lines = claim.history.filter(({ sheet }) => sheet !== null);
  if (!lines.length) return null;
  const shown = h("div", { "aria-live": "polite" });
  const look = async (version) => {
    const { versions: all } = await api.get(`/v1/staff/claims/${claim.claim_no}/sheet`);
    const older = all.find((sheet) => sheet.version === version);
    shown.replaceChildren(h("h3", { tabindex: "-1" }, t(`第 ${version} 版的内容`, `Version ${version}`)), findingsNotice(older) ?? "", entries(claim, older));
    shown.firstChild.focus();
  };
  return h("details", { class: "versions" }, h("summary", {}, t(`各版本（${lines.length}）`, `Versions (${lines.length})`)),
    h("ol", {}, lines.map(({ sheet }) => h("li", {}, versionLine(claim, sheet), " ", me.may("readSheet") ? button(t(`查看第 ${sheet} 版`, `Version ${sheet}`), () => look(sheet)) : null))), shown);
}
