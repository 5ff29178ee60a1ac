// How a company's people come to the desk: by their company's or provider's account, or from WeChat; invited at first.

import { addressOf, forTab, t } from "./client.js";
import { IssuerRefusedError, leaveForIssuer, returnedFromIssuer } from "./oidc.js";
import { button, field, form, h, input, panel, refresh, refusal, select, title } from "./page.js";

const INVITATION = "daycover.desk.invitation";
const ID = { maxlength: "64", pattern: "[0-9A-Za-z_\\-]+" };
let loginCode = null; // from WeChat, kept until the invited person has said their name; it works once, for five minutes

/** Sign in with what a way of signing in gave. An invitation that was accepted opens its company. */
async function enter(api, session, proof, acceptance) {
  const given = await api.post("/v1/operator-sessions", acceptance ? { ...proof, acceptance } : proof);
  const joined = acceptance?.invitation.split(".")[0];
  forTab.remove(INVITATION);
  const known = given.companies.find(({ company_id: id }) => id === joined) ?? (given.companies.length === 1 ? given.companies[0] : null);
  session.keep({ token: given.access_token, ends: given.expires_at, operator: given.operator_id, companies: given.companies, company: known?.company_id ?? null });
}

/** Take what a sign-in elsewhere handed over in the address, which it leaves at once. Gives the error, or null. */
export async function arrive(api, session) {
  noteInvitation();
  try {
    const code = loginCodeOf();
    if (code && forTab.get(INVITATION)) loginCode = code;
    else if (code) {
      session.end(); // whoever comes anew is not who was here before
      await enter(api, session, { login_code: code });
    }
    const back = returnedFromIssuer("desk");
    if (back) {
      session.end();
      const { whose, acceptance, code: issued, verifier, nonce } = back;
      await enter(api, session, { oidc: { ...whose, code: issued, code_verifier: verifier, nonce, redirect_uri: addressOf("/desk") } }, acceptance);
    }
    return null;
  } catch (error) {
    return error;
  }
}

/** The login code of `wx.login`, with which the mini program opens the desk; an issuer's code comes with a state. */
function loginCodeOf() {
  const address = new URL(location.href);
  const code = address.searchParams.get("code");
  if (!code || address.searchParams.has("state")) return null;
  address.searchParams.delete("code");
  history.replaceState(null, "", address);
  return code;
}

/** Keep an invitation in this tab until it is accepted; it leaves the address, where it could be read over a shoulder. */
function noteInvitation() {
  const found = /^#\/invitation\/([^/]+)$/.exec(location.hash);
  if (!found) return;
  forTab.set(INVITATION, decodeURIComponent(found[1]));
  history.replaceState(null, "", `${location.pathname}${location.search}#/`);
}

/** Whether somebody has opened an invitation here and not accepted it yet. */
export function isInvited() {
  noteInvitation();
  return Boolean(forTab.get(INVITATION));
}

const said = (error) => (error instanceof IssuerRefusedError
  ? h("p", { class: "problem", role: "alert" }, t("登录没有完成，请重试。", "Signing in was not completed. Try again."))
  : error ? refusal(error) : null);

export const signInView = (api, session, error) => (isInvited() ? invitationView(api, session, error)
  : title(t("企业工作台登录", "Company desk"), said(error),
    h("p", { class: "lead" }, t("每个人用自己的账号登录。还不是操作员的，请公司负责人发邀请。", "Everybody signs in as themselves. If you are no operator yet, ask an owner of your company for an invitation.")),
    panel(t("用公司或服务商的统一账号", "By the account of your company or provider"), issuerForm(api, t("登录", "Sign in"))),
    wechatPanel()));

const wechatPanel = () => panel(t("用微信", "By WeChat"),
  h("p", {}, t("请在微信里打开日结保小程序，点“企业工作台”，会直接登录到这一页。", "Open the daycover mini program in WeChat and tap “Company desk”: it signs you in here.")));

/** Leave for the issuer of a company or provider. `acceptance` reads what the invited person typed. */
function issuerForm(api, action, acceptance = () => undefined, more = []) {
  return form(action, [
    more,
    field(t("账号属于", "The account is"), select("owner", [["company_id", t("公司", "my company's")], ["provider_id", t("服务商", "my service provider's")]], "company_id")),
    field(t("公司编号或服务商编号", "Company or provider id"), input("owner_id", ID), t("不知道的，请问公司负责人", "Ask an owner of your company if you do not know it")),
  ], async (given) => {
    const whose = { [given.get("owner")]: given.get("owner_id").trim() };
    const { authorization_endpoint: endpoint, client_id: client } = await api.get(`/v1/operator-sign-in?${new URLSearchParams(whose)}`);
    await leaveForIssuer("desk", { endpoint, client, waiting: { whose, acceptance: acceptance(given) } });
  });
}

/** An invited person says their name and proves who they are, in one of two ways. */
export function invitationView(api, session, error) {
  const invitation = forTab.get(INVITATION);
  const nameField = () => field(t("您的姓名", "Your name"), input("name", { maxlength: "64", autocomplete: "name" }), t("同事在操作员列表和操作记录里看到的名字", "As your colleagues see it among the operators and in the trail"));
  const acceptance = (given) => ({ invitation, name: given.get("name").trim() });
  return title(t("邀请您使用企业工作台", "You are invited to the company desk"), said(error),
    h("p", { class: "lead" }, t("填写姓名，再用您自己的账号登录一次，即接受邀请。邀请七天内有效，只能用一次。", "State your name and sign in once with your own account: that accepts the invitation. It works once, within seven days.")),
    loginCode ? panel(t("用微信接受", "Accept by WeChat"), form(t("用微信接受邀请", "Accept by WeChat"), nameField(), async (given) => {
      await enter(api, session, { login_code: loginCode }, acceptance(given));
      loginCode = null; // it works once
      await refresh();
    })) : null,
    panel(t("用公司或服务商的统一账号接受", "Accept by the account of your company or provider"), issuerForm(api, t("登录并接受邀请", "Sign in and accept"), acceptance, nameField())),
    loginCode ? null : panel(t("用微信接受", "Accept by WeChat"),
      h("p", {}, t("请在微信里打开这个邀请链接，从日结保小程序进入，再填写姓名。", "Open this invitation's link in WeChat: the daycover mini program brings you back here, then state your name."))),
    button(t("不用邀请", "Leave the invitation"), () => { forTab.remove(INVITATION); return refresh(); }));
}
