// Whom the money of a claim goes to: the beneficiaries of a death benefit, and who the payee is.

import { ACCOUNT, moment, optionsOf, t, word, yuan } from "./client.js";
import { fractionOf, lacking, shareOf } from "./shares.js";
import { button, facts, field, form, h, input, panel, select, table, words } from "./page.js";
import { BASIS, CLAIM_EVENT, HOLDER, IDENTITY_DOCUMENT, LOSS_OF_RIGHT, PAYOUT_STATE, RELATION } from "./words.js";

const OVER = ["PAID", "CLOSED", "WITHDRAWN"];
const DEATH = ["DEATH", "SUDDEN_DEATH"];
const MOST = 9;

export const goesToBeneficiaries = (claim) => claim.claim_types.some((type) => DEATH.includes(type));

// ---- beneficiaries

export function beneficiariesPanel(act, me, claim, recorded) {
  if (!recorded) return null;
  const isOpen = !OVER.includes(claim.status);
  const mayRecord = isOpen && me.may("stateBeneficiaries");
  return panel(t("身故受益人", "Beneficiaries"),
    designatedBy(recorded),
    table(t("受益人", "Beneficiaries"), [t("编号", "No."), t("姓名", "Name"), t("证件", "Document"), t("关系", "Relation"), t("份额", "Share"), t("账户", "Account"), t("支付", "Payout")],
      recorded.beneficiaries.map((person) => [person.payee, person.name,
        [h("span", { class: "number" }, person.document_number), h("small", {}, ` ${word(IDENTITY_DOCUMENT, person.document_type)}`)], h("span", { class: "whole" }, word(RELATION, person.relation)), person.share,
        person.loses ? h("span", { class: "whole" }, word(LOSS_OF_RIGHT, person.loses)) : [h("span", { class: "number" }, person.account_no), h("small", {}, ` ${person.bank_name}`),
          person.guardian ? h("small", {}, t(` 监护人 ${person.guardian}，户名：${word(HOLDER, person.holder)}`, ` guardian ${person.guardian}, account of: ${word(HOLDER, person.holder)}`)) : null],
        person.payout_state ? `${yuan(person.amount_fen)} · ${word(PAYOUT_STATE, person.payout_state)}` : "—"]),
      t("还没有登记受益人。未确认之前不会付款。", "None recorded. Nothing is paid before they are confirmed.")),
    recorded.version ? facts([t("依据", "Basis"), word(BASIS, recorded.basis), true],
      recorded.departs_because ? [t("与指定不一致的理由", "Why it departs from the designation"), recorded.departs_because, true] : null,
      [t("登记", "Recorded"), `${recorded.stated_by} · ${moment(recorded.stated_at)}`, true],
      [t("确认", "Confirmed"), recorded.confirmed_by ? `${recorded.confirmed_by} · ${moment(recorded.confirmed_at)}` : t("待另一人确认", "By another person, not yet"), true]) : null,
    isOpen && recorded.version && !recorded.confirmed_by && me.may("confirmBeneficiaries") ? confirmation(act, me, recorded) : null,
    mayRecord ? h("details", {}, h("summary", {}, recorded.version ? t("重新登记受益人", "Record them anew") : t("登记受益人", "Record the beneficiaries")), recordForm(act, recorded)) : null);
}

const confirmation = (act, me, recorded) => (recorded.stated_by === me.id
  ? h("p", { class: "notice" }, t("这是您自己登记的，须由另一人确认。", "You recorded them, so another person must confirm."))
  : button(t("确认受益人", "Confirm the beneficiaries"), () => act("beneficiaries/confirmation", { version: recorded.version }), {
    tone: "main", sure: t("已核对关系证明、份额和账户？确认后按份额分别付款。", "Have you checked the proof, shares and accounts? Each is then paid apart."),
  }));

/** Whom the insured named themselves: before the accident it stands, after it people weigh it. */
function designatedBy({ designated, designated_later: later, designated_later_at: at }) {
  const columns = [t("姓名", "Name"), t("证件", "Document"), t("关系", "Relation"), t("份额", "Share")];
  const lines = (people) => people.map((person) => [person.name, h("span", { class: "number" }, person.document_number), h("span", { class: "whole" }, word(RELATION, person.relation)), person.share]);
  const list = (heading, people, none) => [h("h3", {}, heading), table(heading, columns, lines(people), none)];
  return [
    list(t("被保险人事故前的指定", "Designated by the insured before the accident"), designated, t("没有指定：由法定继承人领取。", "Nobody: the legal heirs receive it.")),
    later ? list(t(`事故后（${moment(at)}）的变更，须核实是否本人意愿`, `Changed after the accident (${moment(at)}): find out whether it was their own will`), later,
      t("撤销了指定。", "The designation was withdrawn.")) : null,
    h("h3", {}, t("登记的受益人", "Beneficiaries on record")),
  ];
}

function recordForm(act, { designated, designated_later: later }) {
  const isDesignated = designated.length > 0 || Boolean(later?.length);
  const people = h("div", { class: "people" });
  const sum = h("p", { class: "hint", role: "status" });
  const tell = () => { sum.textContent = sumOf(sharesIn(people)); };
  const add = () => { if (people.children.length < MOST) people.append(personFields(people.children.length + 1)); tell(); };
  const drop = () => { if (people.children.length > 1) people.lastChild.remove(); tell(); };
  people.addEventListener("input", tell);
  add();
  return form(t("登记", "Record"), [
    h("p", { class: "hint" }, t("须先认可“与被保险人的关系证明”。一次登记全部受益人，各人账户须为本人或其监护人所有。",
      "The proof of relation must be accepted first. Record all of them at once, each with an account of their own or their guardian's.")),
    field(t("依据", "Basis"), select("basis", optionsOf(BASIS), isDesignated ? "DESIGNATED" : "STATUTORY")),
    people, sum,
    h("div", { class: "row" }, h("button", { type: "button", on: { click: add } }, t("增加一人", "One more")), h("button", { type: "button", on: { click: drop } }, t("减少一人", "One fewer"))),
    isDesignated || later ? field(t("与被保险人的指定不一致的，写明理由", "Why, where it departs from what the insured designated"), words("departs_because", { required: false })) : null,
  ], (given, answer) => {
    if (lacking(sharesIn(people))[0] !== 0n) {
      answer.replaceChildren(h("p", { class: "problem", role: "alert" }, sum.textContent));
      return null;
    }
    return act("beneficiaries", { basis: given.get("basis"), departs_because: given.get("departs_because") || null, beneficiaries: peopleOf(given) });
  }, { label: t("登记受益人", "Record the beneficiaries"), tone: "" });
}

/** The shares as typed; what is no share counts nothing. */
const sharesIn = (people) => [...people.querySelectorAll("[name=share]")].map(({ value }) => shareOf(value)).filter(Boolean);

function sumOf(shares) {
  const [above, below] = lacking(shares);
  if (above === 0n) return t("份额合计正好为 1", "The shares sum to 1");
  return above > 0n
    ? t(`份额合计还差 ${fractionOf([above, below])}，必须正好为 1`, `The shares lack ${fractionOf([above, below])}; they must sum to 1`)
    : t(`份额合计多出 ${fractionOf([-above, below])}，必须正好为 1`, `The shares are ${fractionOf([-above, below])} too much; they must sum to 1`);
}

/** One field for a share. What is wrong stands below it once it is left, and goes as soon as it is right. */
function shareField() {
  const wrong = t("请填 1/3、50% 或 0.25 这样的份额，大于 0、不超过 1；除不尽的写成分数，分子、分母不超过 10000。",
    "Write a share as 1/3, 50% or 0.25: above 0, at most 1; as a fraction where it does not come out even, of numbers up to 10,000.");
  const share = input("share", { maxlength: "16", placeholder: t("1/3、50%、0.25", "1/3, 50%, 0.25") });
  const made = field(t("份额", "Share"), share);
  const note = h("small", { class: "wrong", id: `${share.id}-wrong`, role: "alert" });
  share.setAttribute("aria-describedby", note.id);
  const judge = (isLeft) => {
    const isWrong = share.value !== "" && !shareOf(share.value);
    share.setCustomValidity(isWrong ? wrong : "");
    if (isLeft || !isWrong) {
      note.textContent = isWrong ? wrong : "";
      share.setAttribute("aria-invalid", String(isWrong));
    }
  };
  share.addEventListener("input", () => judge(false));
  share.addEventListener("change", () => judge(true));
  share.addEventListener("invalid", () => judge(true));
  made.append(note);
  return made;
}

/** The document's kind and number. The API says what is wrong with a number: it knows the forms and goes by the number. */
const documentFields = (of = "", whose = ["", ""], attributes = {}) => [
  field(t(`${whose[0]}证件类型`, `${whose[1]}Kind of document`),
    select(`${of}document_type`, optionsOf(IDENTITY_DOCUMENT), "RESIDENT_ID")),
  field(t(`${whose[0]}证件号码`, `${whose[1]}Document number`), input(`${of}document_number`, { minlength: "4", maxlength: "40", ...attributes })),
];

const GUARDIAN = "guardian_";
const optional = (attributes) => ({ required: false, ...attributes });

/** What few have: a guardian, a birth date that no number tells, a reason to take nothing. */
const fewHave = () => [
  h("details", {}, h("summary", {}, t("未成年人：监护人", "A minor: the guardian")),
    field(t("监护人姓名", "Guardian's name"), input(`${GUARDIAN}name`, optional({ maxlength: "64" }))),
    documentFields(GUARDIAN, ["监护人", "Guardian: "], optional({})),
    field(t("监护人与受益人的关系", "The guardian's relation to the beneficiary"), input(`${GUARDIAN}relation`, optional({ maxlength: "200" }))),
    field(t("账户户名", "Account in the name of"), select("holder", optionsOf(HOLDER), "OWN"))),
  h("details", {}, h("summary", {}, t("出生日期（护照、通行证）", "Date of birth (passport, permit)")),
    field(t("出生日期", "Date of birth"), input("born", optional({ type: "date" })))),
  h("details", {}, h("summary", {}, t("丧失或放弃受益权", "Takes nothing")),
    field(t("情形", "Why"), select("loses", [["", "—"], ...optionsOf(LOSS_OF_RIGHT)], "", { required: false })),
    field(t("依据的材料和理由", "On what evidence"), words("loses_reason", optional({})))),
];

const personFields = (place) => h("fieldset", { class: "columns" }, h("legend", {}, t(`受益人 ${place}`, `Beneficiary ${place}`)),
  field(t("姓名", "Name"), input("name", { maxlength: "64" })),
  documentFields(),
  field(t("与被保险人的关系", "Relation to the insured"), select("relation", optionsOf(RELATION), "SPOUSE")),
  shareField(),
  field(t("银行账号（本人或监护人）", "Account number (theirs, or the guardian's)"), input("account_no", { "data-unkept": true, inputmode: "numeric", pattern: ACCOUNT })),
  field(t("开户银行", "Bank"), input("bank_name", { minlength: "2", maxlength: "64" })),
  fewHave());

function peopleOf(given) {
  const of = (place, ...names) => Object.fromEntries(names.map((name) => [name, given.getAll(name)[place] || null]));
  return given.getAll("name").map((_, place) => {
    const guardian = of(place, ...["name", "document_type", "document_number", "relation"].map((name) => GUARDIAN + name));
    return {
      ...of(place, "name", "document_type", "document_number", "relation", "account_no", "bank_name", "born", "holder", "loses", "loses_reason"),
      share: fractionOf(shareOf(given.getAll("share")[place])),
      guardian: guardian.guardian_name ? Object.fromEntries(Object.entries(guardian).map(([name, value]) => [name.slice(GUARDIAN.length), value])) : null,
    };
  });
}

// ---- the payee's identity

export function identityPanel(act, me, claim, recorded) {
  const payees = payeesAsked(claim, recorded);
  if (!payees.length) return null;
  const seen = claim.history.filter((line) => ["IDENTITY_SEEN", "IDENTITY_PROVED"].includes(line.event)).pop();
  const isKnown = seen?.event === "IDENTITY_SEEN" ? h("p", {}, `${word(CLAIM_EVENT, seen.event)}${t("：", ": ")}${seen.by} · ${word(IDENTITY_DOCUMENT, seen.reason_code)} · ${moment(seen.at)}`) : null;
  return panel(t("收款人身份", "The payee's identity"),
    h("p", {}, recorded
      ? t("一万元以上的赔款，付款前须由两名理赔人员当面核对受益人本人和证件。", "From 10,000 yuan on two members of staff see each beneficiary with their document before it is paid.")
      : t("一万元以上的赔款，付款前须确认收款人本人：被保险人在微信刷脸，或由两名理赔人员当面核对本人和证件。",
        "From 10,000 yuan on the insured proves who they are before it is paid: by face in WeChat, or before two members of staff with their document.")),
    isKnown, me.may("confirmIdentity") ? seeing(act, me, claim, payees) : null);
}

/** Who is waited for: the insured, or the beneficiaries that the machine asked for and that are not paid yet. */
function payeesAsked(claim, recorded) {
  if (OVER.includes(claim.status)) return [];
  if (!recorded) return claim.identity_wanted ? [["INSURED", claim.policy.insured_name]] : [];
  const asked = new Set(claim.history.filter((line) => line.event === "IDENTITY_REQUESTED").map((line) => line.reason_code));
  return recorded.beneficiaries.filter((person) => asked.has(person.payee) && person.payout_state !== "SUCCEEDED")
    .map((person) => [person.payee, `${person.payee} ${person.name}`]);
}

function seeing(act, me, claim, payees) {
  if ([claim.decided_by, claim.acknowledged_by].includes(me.id)) {
    return h("p", { class: "notice" }, t("您参与了核定或复核，不能为收款人作证。", "You decided or acknowledged this claim, so you may not vouch for its payee."));
  }
  return form(t("已见本人和证件", "Seen in person"), [
    field(t("收款人", "Payee"), select("payee", payees, payees[0][0])),
    field(t("证件", "Document"), select("document_type", optionsOf(IDENTITY_DOCUMENT), "RESIDENT_ID")),
  ], (given) => act("identity-confirmation", { payee: given.get("payee"), document_type: given.get("document_type") }));
}
