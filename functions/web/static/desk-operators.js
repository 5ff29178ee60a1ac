// Who works at the desk of a company: the owner invites, changes roles and removes; owner and auditor read the trail.

import { invitationLink, listed, moment, optionsOf, t, until, word } from "./client.js";
import { paged, shownOnce } from "./once.js";
import { button, form, h, link, panel, refresh, table, tag, tick, title } from "./page.js";
import { ACTOR, DEED, OPERATOR_ROLE, ROLE_MEANS, SIGN_IN_WAY } from "./words.js";

const rolesIn = (roles) => listed(roles.map((role) => word(OPERATOR_ROLE, role)));
const nameOf = (operator) => operator.name ?? operator.operator_id;

const tabs = (here) => h("nav", { class: "tabs", "aria-label": t("操作员", "Operators") },
  [["#/operators", t("操作员", "Operators")], ["#/operators/deeds", t("操作记录", "Trail")]].map(([hash, text]) =>
    link(hash, text, { "aria-current": hash === here ? "page" : null })));

/** Boxes of the roles. At least one must be ticked, which the browser can't ask of boxes. */
const roleBoxes = (chosen) => h("fieldset", {}, h("legend", {}, t("岗位（可多选）", "Roles, one or more")),
  optionsOf(OPERATOR_ROLE).map(([role, text]) => tick("roles", role, `${text}${t("：", ": ")}${word(ROLE_MEANS, role)}`, { checked: chosen.includes(role) })));

/** Send the ticked roles, or say that one is needed. */
const withRoles = (send) => async (given, answer) => {
  const roles = given.getAll("roles");
  if (roles.length) await send(roles);
  else answer.replaceChildren(h("p", { class: "problem", role: "alert" }, t("请至少选一个岗位。", "Choose one role at least.")));
};

export async function operatorsView(api, me) {
  const path = `/v1/companies/${me.company}`;
  const { operators, invitations } = await api.get(`${path}/operators`);
  const names = new Map(operators.map((one) => [one.operator_id, nameOf(one)]));
  const here = operators.filter((one) => !one.removed_at);
  const gone = operators.filter((one) => one.removed_at);
  return title(t("操作员", "Operators"), tabs("#/operators"),
    h("p", { class: "lead" }, t("每个人用自己的账号登录，做了什么都有记录。离职的请立即移除。", "Everybody signs in as themselves, and what they do is noted. Remove at once whoever leaves.")),
    me.may("inviteOperator") ? invitePanel(api, path) : null,
    invitations.length ? panel(t("未接受的邀请", "Open invitations"), table(t("未接受的邀请", "Open invitations"),
      [t("岗位", "Roles"), t("邀请人", "Invited by"), t("有效至", "Valid until"), t("操作", "Act")],
      invitations.map((one) => [rolesIn(one.roles), names.get(one.invited_by) ?? t("保险公司", "the insurer"), `${moment(one.ends_at)} · ${until(one.ends_at)}`,
        me.may("withdrawInvitation") ? button(t("撤回邀请", "Take it back"), () => api.post(`${path}/invitations/${one.invitation_id}/withdrawal`).then(refresh),
          { sure: t("撤回后，这个链接不能再用。", "The link no longer works once it is taken back.") }) : "—"]))) : null,
    here.map((one) => operatorPanel(api, path, me, one)),
    gone.length ? panel(t("已移除", "Removed"), table(t("已移除", "Removed"), [t("姓名", "Name"), t("岗位", "Roles"), t("加入", "Joined"), t("移除", "Removed"), t("由谁", "By")],
      gone.map((one) => [nameOf(one), rolesIn(one.roles), moment(one.joined_at), moment(one.removed_at), names.get(one.removed_by) ?? one.removed_by]))) : null);
}

function operatorPanel(api, path, me, one) {
  const isMe = one.operator_id === me.id;
  const own = `${path}/operators/${one.operator_id}`;
  return panel(nameOf(one),
    h("p", {}, one.roles.map((role) => [tag(word(OPERATOR_ROLE, role), role === "OWNER" ? "good" : ""), " "]),
      `${word(SIGN_IN_WAY, one.way)}${one.vouched_by ? ` · ${t("服务商", "provider")} ${one.vouched_by}` : ""} · ${t("加入", "joined")} ${moment(one.joined_at)}`),
    isMe ? h("p", { class: "hint" }, t("这是您自己。您的岗位由另一位负责人更改。", "This is you. Another owner changes your roles.")) : null,
    !isMe && me.may("changeOperatorRoles") ? h("details", { class: "later" }, h("summary", {}, t("更改岗位", "Change roles")),
      form(t("保存岗位", "Save the roles"), roleBoxes(one.roles), withRoles(async (roles) => {
        await api.post(`${own}/roles`, { roles });
        await refresh();
      }), { label: t(`岗位：${nameOf(one)}`, `Roles: ${nameOf(one)}`) })) : null,
    !isMe && me.may("removeOperator") ? button(t("移除", "Remove"), () => api.post(`${own}/removal`).then(refresh),
      { tone: "danger", sure: t(`移除 ${nameOf(one)} 后，其下一次操作即被拒绝。要恢复须重新邀请。`, `${nameOf(one)} is out with their next request. To come back they are invited anew.`) }) : null);
}

function invitePanel(api, path) {
  const box = h("div", {});
  const made = h("details", { class: "later" }, h("summary", {}, t("邀请操作员", "Invite an operator")),
    form(t("生成邀请链接", "Make the link"), roleBoxes(["OPERATOR"]), withRoles(async (roles) => {
      const { invitation, token } = await api.post(`${path}/invitations`, { roles });
      box.replaceChildren(shownOnce(t("邀请链接", "Invitation"), t("链接", "Link"), invitationLink(token),
        h("p", {}, t(`岗位：${rolesIn(invitation.roles)}。有效至 ${moment(invitation.ends_at)}，只能用一次。拿到链接的人就能接受，请只发给本人。`,
          `Roles: ${rolesIn(invitation.roles)}. Valid until ${moment(invitation.ends_at)}, once. Whoever holds the link may accept it: send it to the person alone.`))));
    })));
  return [made, box];
}

// ---- the trail

export async function deedsView(api, me) {
  const path = `/v1/companies/${me.company}`;
  const { operators } = await api.get(`${path}/operators`);
  const names = new Map(operators.map((one) => [one.operator_id, nameOf(one)]));
  const who = (deed) => (deed.role === "operator" ? names.get(deed.subject) ?? deed.subject
    : `${word(ACTOR, deed.role)} ${deed.provider_id ?? deed.subject}`);
  const about = (deed) => Object.entries(deed.about).map(([, id]) => h("span", { class: "number" }, names.get(id) ?? id, " "));
  return title(t("操作记录", "Trail"), tabs("#/operators/deeds"),
    h("p", { class: "lead" }, t("谁在什么时候以公司名义提交了什么，最新的在前，不能修改或删除。是否办成，以相应页面为准。", "Who asked for what in the company's name, the newest first; it can't be changed. What came of it stands on its own page.")),
    await paged(api, `${path}/deeds`, ({ deeds }) => (deeds.length ? [table(t("操作记录", "Trail"), [t("时间", "When"), t("谁", "Who"), t("做了什么", "What"), t("对象", "About")],
      deeds.map((deed) => [moment(deed.at), who(deed), word(DEED, deed.operation), about(deed)]))] : []), t("还没有记录。", "Nothing yet.")));
}
