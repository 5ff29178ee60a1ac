// Whom the insured designates to receive the death benefit: read, stated as a whole, withdrawn.

import { Problem, moment, optionsOf, t, word } from "./client.js";
import { partsOf } from "./shares.js";
import { button, empty, facts, field, form, h, input, panel, refresh, select, title } from "./page.js";
import { IDENTITY_DOCUMENT, RELATION } from "./words.js";

const MOST = 9;
const RELATIVES = Object.keys(RELATION).filter((code) => code !== "OTHER"); // the employer bought the cover: close relatives alone
/** By the fault that the API tells: the field that it is said at, and what is said. */
const FAULT = {
  SHARES: ["parts", "份额合计须为一", "The shares must sum to one"],
  NOT_CLOSE_RELATIVE: ["relation", "须为您的近亲属", "They must be close relatives"],
  SAME_PERSON_TWICE: ["document_number", "同一个人只能填写一次", "Name each person once"],
  INSURED: ["document_number", "不能指定您本人", "You can't name yourself"],
  COMPANY: ["name", "只能指定个人，不能是单位", "A person, never a company"],
};

export async function beneficiariesView(api) {
  const known = await api.get("/v1/designation");
  return title(t("身故受益人", "Beneficiaries"),
    h("p", {}, t("如果您因意外身故或猝死，保险金付给这里指定的人；没有指定的，付给您的法定继承人。伤残、医疗和津贴始终付给您本人。只能指定近亲属，劳务公司看不到。",
      "Should you die, the benefit goes to the people named here; with nobody named, to your legal heirs. All else is always paid to you. Close relatives only; the labour company does not see it.")),
    panel(t("现在的指定", "Designated now"), known.people.length ? standing(api, known) : empty(t("没有指定，由法定继承人领取。", "Nobody: the legal heirs receive it."))),
    panel(known.people.length ? t("更改指定", "Change it") : t("指定受益人", "Designate"), stating(api, known)));
}

function standing(api, { version, people, stated_at: statedAt }) {
  const withdraw = () => api.post("/v1/designation", { version, people: [] }).then(refresh);
  return [
    people.map((person) => facts(
      [t("姓名", "Name"), person.name],
      [t("关系", "Relation"), word(RELATION, person.relation)],
      [word(IDENTITY_DOCUMENT, person.document_type), h("span", { class: "number" }, person.document_number)],
      [t("份额", "Share"), share(person.share)])),
    h("p", { class: "hint" }, t(`${moment(statedAt)} 起有效`, `Stands since ${moment(statedAt)}`)),
    button(t("撤销指定", "Withdraw it"), withdraw, { sure: t("撤销后由法定继承人领取。确定撤销？", "The legal heirs receive it then. Withdraw?") }),
  ];
}

/** A whole is written as such, a part as fraction and percent. */
function share(fraction) {
  const [part, whole] = fraction.split("/").map(Number);
  return part === whole ? t("全部", "all") : `${fraction}（${Math.round((part / whole) * 1000) / 10}%）`;
}

/** The whole is stated anew: what stands keeps its names, and no number of a document ever comes back to a page. */
function stating(api, { version, people }) {
  const rows = h("div", { class: "people" });
  const add = (person, parts) => { rows.append(personFields(person, parts, rows)); renumber(rows); };
  const parts = partsOf(people.map((person) => person.share));
  if (people.length) people.forEach((person, place) => add(person, parts[place]));
  else add();
  const more = h("button", { type: "button", on: { click: () => { if (rows.children.length < MOST) add(); } } }, t("再加一人", "Add a person"));
  return form(t("确认指定", "State it"), [
    people.length ? h("p", { class: "hint" }, t("以下整体替换现在的指定，证件号码请重新填写。", "This replaces what stands as a whole; please state the document numbers again.")) : null,
    rows, more,
  ], async () => {
    try {
      await api.post("/v1/designation", { version, people: stated(rows) });
    } catch (error) {
      if (error instanceof Problem) error.errors.push(...faults(rows.children.length, error));
      throw error;
    }
    refresh();
  }, { label: t("指定受益人", "Designate") });
}

function personFields(person, parts = 1, rows) {
  const row = h("fieldset", {}, h("legend", {}),
    field(t("姓名", "Name"), input("name", { maxlength: "64", value: person?.name ?? "" })),
    field(t("是您的", "Relation to you"), select("relation", RELATIVES.map((code) => [code, word(RELATION, code)]), person?.relation)),
    field(t("证件类型", "Document"), select("document_type", optionsOf(IDENTITY_DOCUMENT), person?.document_type ?? "RESIDENT_ID")),
    field(t("证件号码", "Document number"), input("document_number", { "data-unkept": true, minlength: "4", maxlength: "40" }), person ? t(`现为 ${person.document_number}`, `now ${person.document_number}`) : null),
    field(t("份数", "Parts"), input("parts", { "data-member": "share", type: "number", min: "1", max: "1000", step: "1", value: parts, inputmode: "numeric" }),
      t("按份数分配：都填 1 就是平分", "Shared by parts: 1 for each is equal")),
    h("button", { type: "button", class: "quiet", on: { click: () => { row.remove(); renumber(rows); } } }, t("去掉此人", "Leave out")));
  return row;
}

function renumber(rows) {
  [...rows.children].forEach((row, place) => {
    row.querySelector("legend").textContent = t(`受益人 ${place + 1}`, `Beneficiary ${place + 1}`);
    row.querySelector("button").hidden = rows.children.length === 1;
  });
}

const control = (row, name) => row.querySelector(`[name=${name}]`);

function stated(rows) {
  const parts = [...rows.children].map((row) => Number(control(row, "parts").value));
  const whole = parts.reduce((sum, part) => sum + part, 0);
  return [...rows.children].map((row, place) => ({
    name: control(row, "name").value,
    document_type: control(row, "document_type").value,
    document_number: control(row, "document_number").value,
    relation: control(row, "relation").value,
    share: `${parts[place]}/${whole}`,
  }));
}

/** The fields that a rule of the law is about; the API names the rule alone. */
function faults(people, { status, errors, detail, facts: { fault } }) {
  if (errors.length) return [];
  if (status === 422 && !fault && people === 1) return [{ pointer: "/people/0/document_number", detail }];
  const [name, ...said] = FAULT[fault] ?? [];
  return name ? Array.from({ length: people }, (_, place) => ({ pointer: `/people/${place}/${name}`, detail: t(...said) })) : [];
}
