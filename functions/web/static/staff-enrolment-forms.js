// What staff propose for enrolment: a provider, a secret, a company, its next contract, an authorisation, an owner.

import { AMOUNT, fenOf, optionsOf, t, today } from "./client.js";
import { button, field, form, go, h, input, select } from "./page.js";
import { BILLING } from "./words.js";

const ID = { maxlength: "64", pattern: "[0-9A-Za-z_\\-]+" };
const PERCENT = "[0-9]{1,2}(\\.[0-9]{1,2})?";
const idHint = () => t("字母、数字、- 和 _，登记后不能更改", "Letters, digits, - and _; it never changes");

/** Send a proposal and go to where it waits for another person. */
async function propose(api, kind, body) {
  await api.post(`/v1/staff/proposals/${kind}`, body);
  go("#/enrolment");
}

const folded = (text, made) => h("details", { class: "later" }, h("summary", {}, text), made);

// ---- fields

const issuerFields = () => h("fieldset", { class: "columns" }, h("legend", {}, t("统一登录（可不填）", "Sign-in at their own issuer, if any")),
  field(t("签发方地址", "Issuer"), input("issuer", { required: false, type: "url", maxlength: "255", placeholder: "https://" }), t("OpenID Connect，https 开头，两项一起填", "OpenID Connect, an https address; fill in both")),
  field(t("我们在那里的 client_id", "Our client id there"), input("oidc_client", { required: false, maxlength: "128" })));

/** Both or neither; the API says what is wrong with one alone. */
function issuerIn(given) {
  const [issuer, client] = [given.get("issuer").trim(), given.get("oidc_client").trim()];
  return issuer || client ? { issuer, client_id: client } : null;
}

export const PEOPLE = 50; // ten thousands of people a day in one partition

function contractFields(firstDay) {
  const plans = input("plans", { maxlength: "400", placeholder: "T1,T2", pattern: "[A-Z0-9_]+([,、][A-Z0-9_]+)*" });
  const named = h("div", { hidden: true }, field(t("计划编号", "Plan ids"), plans, t("用逗号分开", "Separated by commas")));
  plans.disabled = true;
  const which = select("which_plans", [["all", t("全部在售计划", "Every plan on sale")], ["some", t("只限以下计划", "These plans only")]], "all", { on: { change: () => {
    named.hidden = plans.disabled = which.value === "all";
  } } });
  return h("fieldset", { class: "columns" }, h("legend", {}, t("协议", "Contract")),
    field(t("生效日", "First day"), input("valid_from", { type: "date", value: firstDay }), t("北京时间零点起", "From midnight in +08:00")),
    field(t("承保公司编号", "Insurer's id"), input("insurer", ID)),
    field(t("可售计划", "Plans"), which), named,
    field(t("出账后几天内付款", "Days until a statement is due"), input("due_days", { type: "number", min: "0", max: "90", value: "10" })),
    field(t("保费收取", "Premium"), select("billing", optionsOf(BILLING), "CREDIT"), t("预存保费用完即停止出单，授信额度不适用", "Prepaid: no cover once the deposit is used up, and no credit limit applies")),
    field(t("每日参保人数最多（万人）", "People a day at most (in ten thousands)"), input("people", { type: "number", min: "1", max: String(64 * PEOPLE), value: String(PEOPLE) }), t("超过 50 万人的公司，其数据分开存放", "A company of more than 500,000 people a day is stored apart")),
    field(t("佣金（%）", "Commission (%)"), input("commission", { inputmode: "decimal", pattern: PERCENT, maxlength: "6" }), t("0 到 50，最多两位小数", "0 to 50, two decimals at most")));
}

const contractIn = (given) => ({
  valid_from: given.get("valid_from"), insurer: given.get("insurer").trim(),
  plans: given.get("which_plans") === "all" ? null : given.get("plans").split(/[,、]/),
  due_days: Number(given.get("due_days")), partitions: Math.ceil(Number(given.get("people")) / PEOPLE), billing: given.get("billing"), commission_bps: fenOf(given.get("commission")), // 12.5 % is 1250, as 12.5 yuan is 1250 fen
});

function creditFields() {
  const amount = input("credit_limit", { inputmode: "decimal", pattern: AMOUNT, maxlength: "12" });
  const which = select("credit", [["limited", t("有限额", "Limited")], ["none", t("不限额", "No limit")]], "limited", { on: { change: () => {
    amount.disabled = which.value === "none";
  } } });
  return [field(t("授信", "Credit"), which), field(t("授信额度（元）", "Credit limit (yuan)"), amount, t("欠费达到额度后不再出单", "No cover once this much is owed"))];
}

// ---- forms

export const providerForm = (api) => folded(t("登记服务商", "Register a provider"), form(t("提交申请", "Propose"), [
  field(t("服务商编号", "Provider id"), input("provider_id", ID), idHint()),
  field(t("名称", "Name"), input("name", { maxlength: "128" })),
  issuerFields(),
], (given) => propose(api, "providers", { provider_id: given.get("provider_id").trim(), name: given.get("name").trim(), oidc: issuerIn(given) }),
{ label: t("登记服务商", "Register a provider") }));

export const credentialButton = (api, provider) => button(t("申请新的接口密钥", "Propose a new secret"),
  () => propose(api, "credentials", { provider_id: provider.provider_id }),
  { sure: t("批准后密钥只显示一次，由批准人转交。旧密钥继续有效，直到吊销。", "The secret is shown once, to whoever approves. The old one works until it is revoked."), sureTone: "main" });

export const companyForm = (api) => folded(t("登记劳务公司", "Register a company"), form(t("提交申请", "Propose"), [
  field(t("公司编号", "Company id"), input("company_id", ID), idHint()),
  field(t("名称", "Name"), input("name", { maxlength: "128" }), t("与营业执照一致", "As on the licence")),
  field(t("统一社会信用代码", "Unified social credit code"), input("credit_code", { maxlength: "40" }), t("18 位，照营业执照", "18 characters, as on the licence")),
  field(t("住所", "Address"), input("address", { minlength: "4", maxlength: "200" })),
  h("div", { class: "columns" },
    field(t("微信支付商户号（sub_mchid）", "WeChat Pay merchant (sub_mchid)"), input("sub_mchid", { inputmode: "numeric", pattern: "[0-9]{8,10}" })),
    creditFields()),
  contractFields(today()),
  issuerFields(),
], (given) => {
  const text = (name) => given.get(name).trim();
  return propose(api, "companies", {
    company_id: text("company_id"), name: text("name"), credit_code: text("credit_code"), address: text("address"), sub_mchid: text("sub_mchid"),
    credit_limit_fen: given.get("credit") === "none" ? null : fenOf(text("credit_limit")),
    contract: contractIn(given), oidc: issuerIn(given),
  });
}, { label: t("登记劳务公司", "Register a company") }));

export const contractForm = (api, company) => folded(t("提交下一份协议", "Propose the next contract"), form(t("提交申请", "Propose"), [
  h("p", { class: "hint" }, t("最早自明天起，并晚于已有的各份协议。已出保单仍按原协议结算。", "From tomorrow at the earliest, and after every other. What was sold before is settled under its own contract.")),
  contractFields(today(1)),
], (given) => propose(api, "contracts", { company_id: company.company_id, contract: contractIn(given) }), { label: t("下一份协议", "Next contract") }));

export const authorisationForm = (api, company) => folded(t("授权服务商", "Authorise a provider"), form(t("提交申请", "Propose"),
  field(t("服务商编号", "Provider id"), input("provider_id", ID)),
  (given) => propose(api, "authorisations", { provider_id: given.get("provider_id").trim(), company_id: company.company_id }),
  { label: t("授权服务商", "Authorise a provider") }));

export const ownerButton = (api, company) => button(t("申请邀请负责人", "Propose to invite an owner"),
  () => propose(api, "owners", { company_id: company.company_id }),
  { sure: t("批准后，邀请链接只显示一次，由批准人转交给本人。", "Once approved, the link is shown once, to whoever approves, who passes it on."), sureTone: "main" });
