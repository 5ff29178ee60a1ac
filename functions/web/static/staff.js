// The insurer's console: what waits, by due time; one claim file on one page; buttons where the duty allows.

import { Api, Session, claimsOf, t } from "./client.js";
import { MAY } from "./duties.js";
import { IssuerRefusedError } from "./oidc.js";
import { button, h, refusal, run, title } from "./page.js";
import { claimFileView } from "./staff-claim.js";
import { companiesView, companyView, enrolmentView, providersView } from "./staff-enrolment.js";
import { occupationsToAnswerView } from "./staff-occupations.js";
import { bookView, settlementsView } from "./staff-money.js";
import { accountsView, unpaidView } from "./staff-money-accounts.js";
import { breaksView } from "./staff-money-breaks.js";
import { payoutsView } from "./staff-money-payouts.js";
import { serviceLevelsView, trendsView } from "./staff-money-trends.js";
import { queueView, searchView } from "./staff-queue.js";
import { intakeView, noticeView, signalsView } from "./staff-queues.js";
import { referralView, referralsView } from "./staff-referrals.js";
import { referralsBadge, watchReferrals } from "./staff-referrals-watch.js";
import { leaveForStaffIssuer, returnFromStaffIssuer } from "./staff-sign-in.js";

const session = new Session("staff");
const api = new Api(session);

/** Who works here: their duties decide which buttons there are; the API decides all the same. */
const me = () => ({
  id: claimsOf(session.facts.token).sub,
  may: (operation) => MAY[operation].some((duty) => session.facts.roles.includes(duty)),
});

async function arrive() {
  try {
    const proof = await returnFromStaffIssuer();
    if (proof) {
      const given = await api.post("/v1/staff-sessions", proof);
      session.keep({ token: given.access_token, ends: given.expires_at, roles: given.roles });
    }
    return null;
  } catch (error) {
    return error;
  }
}

function signInView(error) {
  const why = error instanceof IssuerRefusedError
    ? h("p", { class: "problem", role: "alert" }, t("登录没有完成，请重试。", "Signing in was not completed. Try again."))
    : error ? refusal(error) : null;
  return title(t("理赔工作台登录", "Claims console"), why,
    h("p", { class: "lead" }, t("用保险公司的统一账号登录。", "Sign in with your account at the insurer.")),
    button(t("登录", "Sign in"), leaveForStaffIssuer, { tone: "main" }));
}

function nav() {
  if (me().may("decideReferral")) watchReferrals(api);
  return [
    ["#/", t("待办", "Queues")],
    ["#/referrals", [t("人工核保", "Referrals"), me().may("decideReferral") ? referralsBadge() : null]],
    ["#/occupations", t("工种确认", "Occupations")],
    ...(me().may("takeLossNotice") ? [["#/intake", t("接报案", "Take a report")]] : []),
    ...(me().may("readSignals") ? [["#/signals", t("打卡信号", "Check-in signals")]] : []),
    ...(me().may("triggerPayout") ? [["#/payouts", t("支付异常", "Payouts")]] : []),
    ...(me().may("listBreaks") ? [["#/breaks", t("对账差异", "Breaks")]] : []),
    ...(me().may("listProposals") ? [["#/enrolment", t("准入", "Enrolment")]] : []),
    ...(me().may("readBook") ? [["#/book", t("业务日报", "Book")]] : []),
    ...(me().may("readServiceLevels") ? [["#/service-levels", t("服务时效", "Service levels")]] : []),
  ];
}

run({
  session,
  arrive,
  name: () => t("理赔工作台", "Claims console"),
  nav,
  signIn: signInView,
  views: [
    [/^#\/$/, () => queueView(api, me(), session.facts.roles)],
    [/^#\/queues\/([A-Z]+)(?:\?(.*))?$/, (queue, query) => queueView(api, me(), session.facts.roles, queue, query)],
    [/^#\/search\/([^/]+)$/, (number) => searchView(api, me(), number)],
    [/^#\/claims\/([^/?]+)(?:\?from=([A-Z]+))?$/, (claimNo, from) => claimFileView(api, me(), claimNo, from)],
    [/^#\/notices\/([^/]+)$/, (reportNo) => noticeView(api, me(), reportNo)],
    [/^#\/referrals$/, () => referralsView(api, me())],
    [/^#\/referrals\/([^/]+)$/, (referralId) => referralView(api, me(), referralId)],
    [/^#\/occupations$/, () => occupationsToAnswerView(api, me())],
    [/^#\/intake$/, () => intakeView(api)],
    [/^#\/signals(?:\/([^/]+))?$/, (projectId) => signalsView(api, projectId)],
    [/^#\/breaks(?:\/(OPEN|RESOLVED))?$/, (status) => breaksView(api, me(), status)],
    [/^#\/enrolment$/, () => enrolmentView(api, me())],
    [/^#\/enrolment\/providers$/, () => providersView(api, me())],
    [/^#\/enrolment\/companies$/, () => companiesView(api, me())],
    [/^#\/enrolment\/companies\/([^/]+)$/, (companyId) => companyView(api, me(), companyId)],
    [/^#\/book(?:\/([^/]+))?$/, (day) => bookView(api, me(), day)],
    [/^#\/accounts$/, () => accountsView(api, me())],
    [/^#\/accounts\/unpaid$/, () => unpaidView(api, me())],
    [/^#\/payouts(?:\/(\d+))?$/, (page) => payoutsView(api, me(), page)],
    [/^#\/trends$/, () => trendsView(api, me())],
    [/^#\/service-levels$/, () => serviceLevelsView(api)],
    [/^#\/settlements(?:\/([^/]+))?$/, (day) => settlementsView(api, me(), day)],
  ],
});
