// The company desk: projects, codes, who is covered and who is not, the day's money, and who works here.

import { Api, Session, listed, t, word } from "./client.js";
import { creditView, statementView } from "./desk-money.js";
import { gateView } from "./desk-gate.js";
import { gateBadge, leaveBoard, markGate, watchGate } from "./desk-gate-watch.js";
import { occupationsView } from "./desk-occupations.js";
import { deedsView, operatorsView } from "./desk-operators.js";
import { newProjectView, projectView } from "./desk-project.js";
import { copyView, projectsView } from "./desk-projects.js";
import { arrive, invitationView, isInvited, signInView } from "./desk-sign-in.js";
import { button, go, h, panel, refresh, run, title } from "./page.js";
import { ROLE_MAY } from "./roles.js";
import { OPERATOR_ROLE } from "./words.js";

const session = new Session("desk");
const api = new Api(session);

/** Who works here, and for which company. Their roles decide which buttons there are; the API decides all the same. */
function me() {
  const { operator, company, companies } = session.facts;
  const { roles = [], company_name: name = company } = companies.find(({ company_id: id }) => id === company) ?? {};
  return { id: operator, company, name, roles, may: (operation) => ROLE_MAY[operation].some((role) => roles.includes(role)) };
}

// ---- which company

async function choose(company) {
  session.keep({ ...session.facts, company });
  if (location.hash === "#/" || !location.hash) await refresh();
  else go("#/");
}

const rolesOf = (roles) => listed(roles.map((role) => word(OPERATOR_ROLE, role)));

const companiesView = () => title(t("选择公司", "Choose the company"),
  h("p", { class: "lead" }, t("您是这些公司的操作员。", "You are an operator of these companies.")),
  session.facts.companies.map((one) => panel(one.company_name, h("p", {}, rolesOf(one.roles)),
    button(t(`打开 ${one.company_name}`, `Open ${one.company_name}`), () => choose(one.company_id), { tone: "main" }))));

/** A view for somebody who is at a company; before it they accept an invitation or choose. */
const at = (draw) => (...words) => (isInvited() ? invitationView(api, session) : session.facts.company ? draw(me(), ...words) : companiesView());

const notYours = () => title(t("您的岗位不能打开这一页", "Your role does not open this page"), h("p", {}, t("请公司负责人办理或调整您的岗位。", "Ask an owner of the company.")));

/** A view for those who may do an operation. */
const whoMay = (operation, draw) => at((who, ...words) => (who.may(operation) ? draw(who, ...words) : notYours()));

/** Whoever runs the sites begins at the board of all gates; whoever keeps the books at the list of projects. */
const runsSites = (may) => may("readGate") && may("confirmReferral");
const homeView = (who) => (runsSites(who.may) ? gateView(api, who) : projectsView(api, who));

function nav() {
  const { companies, company } = session.facts;
  const change = companies.length > 1 && company ? [["#/companies", t("换公司", "Change company")]] : [];
  if (!company || isInvited()) return change;
  const { may } = me();
  leaveBoard(); // the view that comes now says whether it shows the board
  if (runsSites(may)) watchGate(api, company);
  queueMicrotask(markGate); // the frame is drawn with what this gives, and then the title is set
  return [
    ...(may("readGate") ? [[runsSites(may) && location.hash !== "#/gate" ? "#/" : "#/gate", [t("门岗", "Gate"), gateBadge()]]] : []),
    ["#/projects", t("项目", "Projects")],
    ...(may("referOccupation") ? [["#/occupations", t("工种确认", "Occupations")]] : []),
    ...(may("readStatement") ? [["#/statements", t("账单", "Statements")]] : []),
    ...(may("readCredit") ? [["#/credit", t("授信与月度", "Credit and months")]] : []),
    ...(may("listOperators") ? [["#/operators", t("操作员", "Operators")]] : []),
    ...change,
  ];
}

run({
  session,
  arrive: () => arrive(api, session),
  name: () => t("企业工作台", "Company desk"),
  nav,
  signIn: (error) => signInView(api, session, error),
  views: [
    [/^#\/$/, at(homeView)],
    [/^#\/gate$/, whoMay("readGate", (who) => gateView(api, who))],
    [/^#\/projects$/, at((who) => projectsView(api, who))],
    [/^#\/invitation\/[^/]+$/, at(homeView)],
    [/^#\/companies$/, companiesView],
    [/^#\/new$/, whoMay("createProject", ({ company }) => newProjectView(api, company))],
    [/^#\/new\/([^/]+)$/, whoMay("createProject", ({ company }, projectId) => copyView(api, company, projectId))],
    [/^#\/occupations(?:\/([^/]*))?$/, at((who, words) => occupationsView(api, who, words))],
    [/^#\/projects\/([^/]+)(?:\/([^/]+))?$/, at((who, projectId, part) => projectView(api, who, projectId, part))],
    [/^#\/statements(?:\/([^/]+))?$/, whoMay("readStatement", ({ company }, day) => statementView(api, company, day))],
    [/^#\/credit(?:\/([^/]+))?$/, whoMay("readCredit", ({ company }, month) => creditView(api, company, month))],
    [/^#\/operators$/, whoMay("listOperators", (who) => operatorsView(api, who))],
    [/^#\/operators\/deeds$/, whoMay("listDeeds", (who) => deedsView(api, who))],
  ],
});
