// Enrolment (准入): what was proposed and who decides on it, the providers, the companies with their contracts.

import { invitationLink, listed, moment, optionsOf, t, word, yuan } from "./client.js";
import { shownOnce } from "./once.js";
import { button, done, empty, facts, h, link, panel, refresh, table, tag, title } from "./page.js";
import { authorisationForm, companyForm, contractForm, credentialButton, ownerButton, PEOPLE, providerForm } from "./staff-enrolment-forms.js";
import { accountPanel } from "./staff-money.js";
import { DataTable, eachPage } from "./table.js";
import { BILLING, PROPOSAL_KIND, PROPOSAL_STATUS } from "./words.js";

const BASE = "#/enrolment";
const number = (text) => h("span", { class: "number" }, text);
const percent = (basisPoints) => `${basisPoints / 100}%`;
const issuerOf = (oidc) => (oidc ? [number(oidc.issuer), h("small", {}, ` ${oidc.client_id}`)] : null);
const byName = (a, b) => a.localeCompare(b, "zh");
const limitOf = (fen) => (fen === null ? t("不限额", "no limit") : yuan(fen));
const plansOf = (contract) => (contract.plans ? listed(contract.plans) : t("全部在售计划", "every plan on sale"));

function tabs(me, here) {
  const names = [[BASE, t("申请", "Proposals"), me.may("listProposals")], [`${BASE}/providers`, t("服务商", "Providers"), me.may("listProviders")],
    [`${BASE}/companies`, t("劳务公司", "Companies"), me.may("listEnrolledCompanies")]];
  return h("nav", { class: "tabs", "aria-label": t("准入", "Enrolment") }, names.filter(([, , may]) => may).map(([hash, text]) =>
    link(hash, text, { "aria-current": hash === here ? "page" : null })));
}

// ---- proposals

export async function enrolmentView(api, me) {
  const open = h("div", {});
  const settled = settledList();
  const list = panel(t("已有结果", "Settled"), settled.element);
  const nothing = empty(t("没有申请。", "Nothing was proposed."));
  const more = await eachPage(api, "/v1/staff/proposals", ({ proposals }, isPart) => {
    open.append(...proposals.filter(({ status }) => status === "PROPOSED").map((one) => proposalPanel(api, me, one)));
    settled.add(proposals.filter(({ status }) => status !== "PROPOSED"), isPart);
    list.hidden = !settled.rows.length;
    nothing.hidden = open.children.length > 0 || settled.rows.length > 0;
  });
  return title(t("准入", "Enrolment"), tabs(me, BASE),
    h("p", { class: "lead" }, t("一人提交，另一人批准，批准后立即生效。", "One person proposes, another approves; it takes effect at once.")),
    open, list, nothing, more);
}

const subjectOf = (proposal) => listed([proposal.company?.name ?? proposal.name, proposal.provider_id, proposal.company_id].filter(Boolean));

/** What a proposal asks for, in words. */
const asked = (proposal) => [
  [t("服务商", "Provider"), proposal.provider_id ? [number(proposal.provider_id), proposal.name ? ` ${proposal.name}` : null] : null],
  [t("劳务公司", "Company"), proposal.company_id ? [number(proposal.company_id), proposal.company ? ` ${proposal.company.name}` : null] : null],
  ...(proposal.company ? companyFacts(proposal.company) : []),
  [t("统一登录", "Sign-in"), issuerOf(proposal.oidc ?? proposal.company?.oidc), true],
  ...[proposal.company?.contract ?? proposal.contract].filter(Boolean).flatMap((contract) => contractFacts(contract)),
];

const companyFacts = (company) => [
  [t("统一社会信用代码", "Credit code"), company.credit_code ? number(company.credit_code) : null],
  [t("住所", "Address"), company.address, true],
  [t("微信支付商户号", "WeChat Pay merchant"), number(company.sub_mchid)],
  [t("授信额度", "Credit limit"), limitOf(company.credit_limit_fen)],
];

const peopleOf = ({ partitions }) => t(`最多 ${partitions * PEOPLE} 万人`, `${(partitions * PEOPLE * 10_000).toLocaleString("en")} at most`);

const contractFacts = (contract) => [
  [t("协议生效日", "Contract from"), contract.valid_from],
  [t("承保公司", "Insurer"), contract.insurer],
  [t("可售计划", "Plans"), plansOf(contract)],
  [t("账期", "Due"), t(`出账后 ${contract.due_days} 天`, `${contract.due_days} days after the day`)],
  [t("保费收取", "Premium"), word(BILLING, contract.billing)],
  [t("每日参保人数", "People a day"), peopleOf(contract)],
  [t("佣金", "Commission"), percent(contract.commission_bps)],
];

function proposalPanel(api, me, proposal) {
  const path = `/v1/staff/proposals/${proposal.proposal_id}`;
  const isOwn = proposal.proposed_by === me.id;
  const box = h("div", { class: "row" });
  const state = h("span", {}, tag(word(PROPOSAL_STATUS, proposal.status), "warn"));
  const approve = async () => {
    const approved = await api.post(`${path}/approval`);
    const shown = given(approved);
    if (!shown) return refresh();
    state.replaceChildren(tag(word(PROPOSAL_STATUS, approved.proposal.status), "good"));
    box.replaceChildren(h("div", {}, done(t("已批准，已生效。", "Approved, in effect.")), shown)); // not drawn anew: it would be gone
  };
  box.append(...[
    me.may("approveProposal") && !isOwn ? button(t("批准", "Approve"), approve, { tone: "main", sure: t("批准后立即生效。请先核对上面每一项。", "It takes effect at once. Check every line above first."), sureTone: "main" }) : null,
    me.may("withdrawProposal") ? button(t("撤回", "Withdraw"), () => api.post(`${path}/withdrawal`).then(refresh), { sure: t("撤回后须重新提交。", "Once withdrawn it must be proposed anew.") }) : null,
  ].filter(Boolean));
  return panel(`${word(PROPOSAL_KIND, proposal.kind)}${t("：", ": ")}${subjectOf(proposal)}`,
    h("p", {}, state, " ", t(`${proposal.proposed_by} 提交于 ${moment(proposal.proposed_at)}`, `by ${proposal.proposed_by}, ${moment(proposal.proposed_at)}`)),
    facts(...asked(proposal)),
    isOwn && me.may("approveProposal") ? h("p", { class: "hint" }, t("这是您自己提交的，须由另一人批准。", "You proposed it: another person approves.")) : null,
    box);
}

/** What an approval gave that is shown this once; null for nothing. */
function given({ proposal, client_secret: secret, invitation }) {
  if (secret) {
    return shownOnce(t("接口密钥", "Client secret"), t("密钥", "Secret"), secret,
      facts([t("账号（服务商编号）", "Account (provider id)"), number(proposal.provider_id)]));
  }
  return invitation ? shownOnce(t("负责人邀请链接", "Invitation of an owner"), t("链接", "Link"), invitationLink(invitation),
    h("p", {}, t("七天内有效，只能用一次。拿到链接的人就能成为该公司的负责人，请只发给本人。", "It works once, within seven days. Whoever holds it becomes an owner of the company: send it to the person alone."))) : null;
}

const settledList = () => new DataTable({
  caption: t("已有结果的申请", "Settled proposals"), rows: [], idOf: (one) => one.proposal_id,
  search: { label: t("查找", "Search"), hint: t("对象或账号", "Subject or account"), textOf: (one) => [subjectOf(one), one.proposed_by, one.settled_by].join(" ") },
  filters: [
    { name: "kind", label: t("申请", "Proposal"), options: optionsOf(PROPOSAL_KIND), of: ({ kind }) => kind },
    { name: "outcome", label: t("结果", "Outcome"), options: optionsOf(PROPOSAL_STATUS).filter(([code]) => code !== "PROPOSED"), of: ({ status }) => status },
  ],
  columns: [
    { key: "kind", name: t("申请", "Proposal"), cell: (one) => word(PROPOSAL_KIND, one.kind) },
    { key: "subject", name: t("对象", "About"), cell: subjectOf },
    { key: "outcome", name: t("结果", "Outcome"), cell: (one) => tag(word(PROPOSAL_STATUS, one.status), one.status === "APPROVED" ? "good" : "past") },
    { key: "proposed", name: t("提交", "Proposed"), cell: (one) => `${one.proposed_by} · ${moment(one.proposed_at)}`, order: (a, b) => a.proposed_at.localeCompare(b.proposed_at) },
    { key: "settled", name: t("处理", "Settled"), cell: (one) => `${one.settled_by} · ${moment(one.settled_at)}`, order: (a, b) => a.settled_at.localeCompare(b.settled_at) },
  ],
  none: t("没有。", "None."), noneFits: t("没有符合的申请。", "No proposal like that."),
});

// ---- providers

export async function providersView(api, me) {
  const list = new DataTable({
    caption: t("服务商", "Providers"), rows: [], idOf: (one) => one.provider_id,
    search: { label: t("查找", "Search"), hint: t("名称或编号", "Name or id"), textOf: (one) => `${one.name} ${one.provider_id}` },
    columns: [
      { key: "name", name: t("服务商", "Provider"), cell: (one) => one.name, order: (a, b) => byName(a.name, b.name) },
      { key: "id", name: t("服务商编号", "Provider id"), cell: (one) => number(one.provider_id), order: (a, b) => a.provider_id.localeCompare(b.provider_id) },
      { key: "oidc", name: t("统一登录", "Sign-in"), cell: (one) => issuerOf(one.oidc) ?? t("未登记", "none") },
      { key: "credentials", name: t("接口密钥", "Client secrets"), cell: (one) => credentialsOf(api, me, one) },
      ...(me.may("proposeCredential") ? [{ key: "act", name: t("操作", "Act"), cell: (one) => credentialButton(api, one) }] : []),
    ],
    none: t("还没有服务商。", "No providers yet."), noneFits: t("没有符合的服务商。", "No provider like that."),
  });
  const more = await eachPage(api, "/v1/staff/providers", ({ providers }, isPart) => list.add(providers, isPart));
  return title(t("服务商", "Providers"), tabs(me, `${BASE}/providers`), me.may("proposeProvider") ? providerForm(api) : null, list.element, more);
}

/** The client secrets of a provider, the revoked ones too. */
function credentialsOf(api, me, provider) {
  const revoke = (credential) => button(t("吊销", "Revoke"),
    () => api.post(`/v1/staff/providers/${provider.provider_id}/credentials/${credential.credential_id}/revocation`).then(refresh),
    { tone: "danger", sure: t("吊销后，这个密钥不能再换取令牌，且不能恢复。已取得的令牌最多再用一小时。", "The secret obtains no token any more, for ever. Tokens that it obtained live for an hour at most.") });
  if (!provider.credentials.length) return t("还没有密钥。", "No secret yet.");
  return h("ul", { class: "lines" }, provider.credentials.map((one) => h("li", {},
    h("span", {}, number(one.credential_id), ` ${moment(one.created_at)} `, one.revoked_at ? tag(t(`已吊销 ${moment(one.revoked_at)} · ${one.revoked_by}`, `revoked ${moment(one.revoked_at)} by ${one.revoked_by}`), "past") : tag(t("有效", "in use"), "good")),
    !one.revoked_at && me.may("revokeCredential") ? revoke(one) : null)));
}

// ---- companies

const contractsOf = ({ contracts }) => (contracts.length
  ? t(`${contracts.length} 份，最近自 ${contracts[contracts.length - 1].valid_from}`, `${contracts.length}, last from ${contracts[contracts.length - 1].valid_from}`) : t("没有协议", "none"));

export async function companiesView(api, me) {
  const list = new DataTable({
    caption: t("劳务公司", "Companies"), rows: [], idOf: (one) => one.company_id,
    search: { label: t("查找", "Search"), hint: t("名称、编号或统一社会信用代码", "Name, id or social credit code"), textOf: (one) => [one.name, one.company_id, one.credit_code].join(" ") },
    filters: [{ name: "blocked", label: t("出单", "Cover"), options: [["no", t("可出单", "sold")], ["yes", t("已停止出单", "blocked")]], of: (one) => (one.credit_blocked ? "yes" : "no") }],
    columns: [
      { key: "name", name: t("公司", "Company"), cell: (one) => (me.may("readEnrolledCompany") ? link(`${BASE}/companies/${one.company_id}`, one.name) : one.name), order: (a, b) => byName(a.name, b.name) },
      { key: "id", name: t("编号", "Id"), cell: (one) => number(one.company_id), order: (a, b) => a.company_id.localeCompare(b.company_id) },
      { key: "limit", name: t("授信额度", "Credit limit"), cell: (one) => [limitOf(one.credit_limit_fen), one.credit_blocked ? [" ", tag(t("已停止出单", "blocked"), "bad")] : null], order: (a, b) => (a.credit_limit_fen ?? Infinity) - (b.credit_limit_fen ?? Infinity) || 0 },
      { key: "contracts", name: t("现行及以后的协议", "Contracts"), cell: contractsOf },
    ],
    none: t("还没有劳务公司。", "No companies yet."), noneFits: t("没有符合的公司。", "No company like that."),
  });
  const more = await eachPage(api, "/v1/staff/companies", ({ companies }, isPart) => list.add(companies, isPart));
  return title(t("劳务公司", "Companies"), tabs(me, `${BASE}/companies`), me.may("proposeCompany") ? companyForm(api) : null, list.element, more);
}

export async function companyView(api, me, companyId) {
  const { company, authorisations } = await api.get(`/v1/staff/companies/${companyId}`);
  const withdraw = (one) => button(t("收回授权", "Take back"), () => api.post("/v1/staff/authorisations/withdrawal", { provider_id: one.provider_id, company_id: company.company_id }).then(refresh),
    { tone: "danger", sure: t(`收回后，${one.provider_id} 的下一次请求即被拒绝，用其统一账号登录的操作员也不能再进入。`, `${one.provider_id} is refused from its next request on, and so are operators who sign in by its accounts.`) });
  return title(company.name, tabs(me, `${BASE}/companies`),
    facts([t("公司编号", "Company id"), number(company.company_id)], ...companyFacts(company), [t("统一登录", "Sign-in"), issuerOf(company.oidc) ?? t("未登记", "none"), true]),
    company.credit_blocked ? h("p", { class: "problem" }, t("授信或预存保费已用完，新的打卡不再出单。", "Credit or deposit is used up: new check-ins get no cover.")) : null,
    me.may("readCompanyAccount") ? await accountPanel(api, me, company.company_id) : null,
    panel(t("协议", "Contracts"),
      table(t("协议", "Contracts"), [t("生效日", "From"), t("承保公司", "Insurer"), t("可售计划", "Plans"), t("账期（天）", "Due days"), t("保费收取", "Premium"), t("每日参保人数", "People a day"), t("佣金", "Commission")],
        company.contracts.map((one) => [one.valid_from, one.insurer, plansOf(one), one.due_days, word(BILLING, one.billing), peopleOf(one), percent(one.commission_bps)]), t("没有协议，不能出单。", "No contract: no cover is sold.")),
      me.may("proposeContract") ? contractForm(api, company) : null),
    panel(t("授权的服务商", "Authorised providers"),
      table(t("授权的服务商", "Authorised providers"), [t("服务商", "Provider"), t("授权", "Granted"), t("收回", "Taken back"), t("操作", "Act")],
        authorisations.map((one) => [number(one.provider_id), moment(one.granted_at), one.withdrawn_at ? moment(one.withdrawn_at) : "—",
          !one.withdrawn_at && me.may("withdrawAuthorisation") ? withdraw(one) : "—"]), t("没有。", "None.")),
      me.may("proposeAuthorisation") ? authorisationForm(api, company) : null),
    me.may("proposeOwner") ? panel(t("负责人", "Owner"), h("p", { class: "hint" }, t("负责人再邀请公司的其他人。", "An owner invites everybody else of the company.")), ownerButton(api, company)) : null);
}
