// The company desk: projects, codes, who is covered and who is not, and the day's money.

import { Api, Session } from "./api.js";
import { creditView, statementView } from "./desk-money.js";
import { occupationsView } from "./desk-occupations.js";
import { newProjectView, projectView } from "./desk-project.js";
import { t, word, yuan } from "./format.js";
import { field, form, h, input, link, refresh, refusal, run, table, tag, title } from "./page.js";
import { PROJECT_STATUS } from "./words.js";

const session = new Session("desk");
const api = new Api(session);
const company = () => session.facts.company;

function signInView(why) {
  return title(t("企业工作台登录", "Company desk"), why ? refusal(why) : null,
    h("p", { class: "lead" }, t("用服务商开通的接口账号登录，只能看到所填公司的数据。", "Sign in with the account of your service provider; you see the company you name, and no other.")),
    form(t("登录", "Sign in"), [
      field(t("公司编号", "Company id"), input("company_id", { maxlength: "64", pattern: "[0-9A-Za-z_\\-]+" })),
      field(t("账号", "Account"), input("client_id", { maxlength: "64", pattern: "[0-9A-Za-z_\\-]+", autocomplete: "username" })),
      field(t("密钥", "Secret"), input("client_secret", { type: "password", autocomplete: "current-password" })),
    ], async (given) => {
      const body = Object.fromEntries(given);
      const granted = await api.post("/v1/tokens", body);
      session.keep({ token: granted.access_token, ends: granted.expires_at, company: body.company_id });
      await refresh();
    }));
}

export const statusTag = (status) => tag(word(PROJECT_STATUS, status), { OPEN: "good", PAUSED: "warn" }[status] ?? "past");

async function projectsView() {
  const { projects } = await api.get(`/v1/companies/${company()}/projects`);
  return title(t("用工项目", "Projects"),
    h("p", { class: "lead" }, projects[0]?.company_name ?? company()),
    link("#/new", t("新建项目", "New project"), { class: "button main" }),
    table(t("项目", "Projects"),
      [t("项目", "Project"), t("用工单位", "Employer"), t("日期", "Dates"), t("班次", "Shift"), t("计划", "Plan"), t("保费/人天", "Premium a day"), t("计划人数", "Headcount"), t("状态", "Status")],
      projects.map((project) => [
        link(`#/projects/${project.project_id}`, project.name), project.employer_name,
        `${project.starts_on} – ${project.ends_on}`, `${project.shift.starts_at}–${project.shift.ends_at}`,
        project.plan_id, yuan(project.premium_fen), project.headcount, statusTag(project.status)]),
      t("还没有项目。", "No projects yet.")));
}

run({
  session,
  name: () => t("企业工作台", "Company desk"),
  nav: () => [["#/", t("项目", "Projects")], ["#/occupations", t("工种确认", "Occupations")], ["#/statements", t("账单", "Statements")], ["#/credit", t("授信与月度", "Credit and months")]],
  signIn: signInView,
  views: [
    [/^#\/$/, projectsView],
    [/^#\/new$/, () => newProjectView(api, company())],
    [/^#\/occupations(?:\/([^/]*))?$/, (words) => occupationsView(api, company(), words)],
    [/^#\/projects\/([^/]+)(?:\/([^/]+))?$/, (projectId, part) => projectView(api, company(), projectId, part)],
    [/^#\/statements(?:\/([^/]+))?$/, (day) => statementView(api, company(), day)],
    [/^#\/credit(?:\/([^/]+))?$/, (month) => creditView(api, company(), month)],
  ],
});
