// The arithmetic of a claim: every number with its source, and what was decided beside what was assessed.

import { t, word, yuan } from "./client.js";
import { h, link, panel, table } from "./page.js";
import { CLAIM_TYPE, INPUT } from "./words.js";

/** An entry of the sheet, or where else a number is from, in words. `bill 1106…` is a bill by its number. */
export function sourceOf(source) {
  const [, entry, place] = /^(bill|stay|sick leave) (.+)$/.exec(source) ?? [];
  const names = {
    bill: t(`票据 ${place}`, `bill ${place}`), stay: t(`第 ${place} 次住院`, `stay ${place}`), "sick leave": t(`第 ${place} 段病休`, `sick leave ${place}`),
    policy: t("保单", "the policy"), "paid before": t("此前赔付", "paid before"), formula: t("公式", "the formula"), sheet: t("损失清单", "the loss sheet"),
    appraisal: t("伤残鉴定", "the appraisal"), death: t("身故", "the death"), causation: t("原因力", "the causation"),
  };
  return names[entry ?? source] ?? source;
}

/** 358000 of `…_fen` is money, 10000 of `…_bps` a whole, all else a count. */
const amountOf = (name, value) => (name.endsWith("_fen") ? yuan(value) : name.endsWith("_bps") ? `${value / 100}%` : name === "grade" ? t(`${value} 级`, `grade ${value}`) : t(`${value} 天`, `${value} days`));

const isOfSheet = (source) => !["policy", "paid before", "formula"].includes(source);

export function assessmentPanel(claim) {
  if (!claim.assessment) return panel(t("理算", "Assessment"), h("p", { class: "empty" }, t("尚未理算。", "Not computed yet.")));
  const { lines, total_fen: total, formula_version: formula, sheet } = claim.assessment;
  return panel(t("理算", "Assessment"),
    sheet === claim.sheet.version ? null : h("p", { class: "notice" }, t(`按损失清单第 ${sheet} 版理算，清单现为第 ${claim.sheet.version} 版。`, `Computed from version ${sheet} of the loss sheet, which is at ${claim.sheet.version} now.`)),
    h("ul", { class: "lines" }, lines.map((line) => h("li", {}, h("b", {}, word(CLAIM_TYPE, line.claim_type)), h("strong", {}, yuan(line.amount_fen)), h("p", { lang: "zh-CN" }, line.explanation), inputs(line)))),
    h("p", { class: "total" }, t("合计 ", "Total "), h("strong", {}, yuan(total)), h("small", {}, ` ${t("公式", "formula")} ${formula}`)),
    benefits(claim),
    heldBefore(claim) ? h("p", {}, t(`此前各轮已占用 ${yuan(heldBefore(claim))}，本轮付其余部分。`, `Earlier rounds hold ${yuan(heldBefore(claim))} of it; this one pays the rest.`)) : null);
}

function inputs(line) {
  const name = word(CLAIM_TYPE, line.claim_type);
  return h("details", {}, h("summary", {}, t(`${name}：每个数的来源`, `${name}: where each number is from`)),
    table(t(`${name}的数`, `Numbers: ${name}`), [t("数", "Number"), t("值", "Value"), t("来源", "Source")], Object.entries(line.inputs).map(([input, value]) => [
      word(INPUT, input), h("span", { class: "whole" }, amountOf(input, value)), h("span", { class: "why" }, separated((line.sources[input] ?? []).map((source) => (isOfSheet(source)
        ? link(location.hash, sourceOf(source), { class: "to-sheet", on: { click: toSheet } }) : sourceOf(source))))),
    ]), ""));
}

const separated = (several) => several.flatMap((one, place) => (place ? [t("、", ", "), one] : [one]));

function toSheet(event) {
  event.preventDefault();
  document.querySelector("main .loss h2")?.scrollIntoView();
}

function benefits({ benefits: found }) {
  if (!found.length || found.every(({ decided_fen: decided }) => decided === null)) return null;
  return table(t("理算与核定", "Assessed and decided"), [t("责任", "Benefit"), t("理算", "Assessed"), t("核定", "Decided"), ""], found.map(({ claim_type: type, assessed_fen: assessed, decided_fen: decided }) => [
    word(CLAIM_TYPE, type), yuan(assessed), yuan(decided), decided === null || decided === assessed ? "" : h("b", { class: "moved-by" }, t(`差 ${yuan(decided - assessed)}`, `${yuan(decided - assessed)}`))]), "");
}

const heldBefore = ({ rounds }) => rounds.slice(0, -1).flatMap(({ held }) => Object.values(held)).reduce((sum, fen) => sum + fen, 0);
