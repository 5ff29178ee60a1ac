// The company's projects as a list that can be searched and sorted, with how far each is covered now, and a new one
// made like one that there was.

import { listed, t, today, word, yuan } from "./client.js";
import { facts, field, form, go, h, input, link, tag, title } from "./page.js";
import { askGate } from "./desk-gate-watch.js";
import { siteFields, siteOf, siteWords } from "./desk-site.js";
import { DataTable } from "./table.js";
import { OPERATOR_ROLE, PROJECT_STATUS } from "./words.js";

const NUMBERS = { numeric: true }; // gate 2 before gate 10
const OFFERED = 3; // of the last projects, to begin a new one like them

const statusTag = (status) => tag(word(PROJECT_STATUS, status), { OPEN: "good", PAUSED: "warn" }[status] ?? "past");

const STATES = ["OPEN", "PAUSED", "CLOSED"];
const chosen = { typed: "", status: "", by: "status", down: false }; // while the desk stands open
const byName = (a, b) => a.localeCompare(b, "zh", NUMBERS);

/** Of what runs now the share that is covered; what does not run comes last. */
const shareOf = (project, board) => (board?.has(project.project_id) ? board.get(project.project_id).covered / project.headcount : 2);

export async function projectsView(api, { company, name, roles, may }) {
  const { projects } = await api.get(`/v1/companies/${company}/projects`);
  let board = null; // how far each is covered now, once it is known
  const column = (key, text, cell, order) => ({ key, name: text, cell, order });
  const list = new DataTable({
    caption: t("用工项目", "Projects"), tone: "projects", rows: projects, idOf: ({ project_id: id }) => id, chosen,
    search: { label: t("查找", "Search"), hint: t("项目或用工单位", "Project or employer"), textOf: (project) => project.name + project.employer_name },
    filters: [{ name: "status", label: t("状态", "Status"), options: STATES.map((one) => [one, word(PROJECT_STATUS, one)]), of: ({ status }) => status }],
    columns: [
      column("name", t("项目", "Project"), (project) => link(`#/projects/${project.project_id}`, project.name), (a, b) => byName(a.name, b.name)),
      column("cover", t("在保 / 计划人数", "Covered / headcount"), (project) => coverOf(project, board?.get(project.project_id)), (a, b) => shareOf(a, board) - shareOf(b, board)),
      column("status", t("状态", "Status"), (project) => statusTag(project.status), (a, b) => STATES.indexOf(a.status) - STATES.indexOf(b.status)),
      column("employer", t("用工单位", "Employer"), (project) => project.employer_name, (a, b) => byName(a.employer_name, b.employer_name)),
      column("dates", t("日期", "Dates"), (project) => `${project.starts_on} – ${project.ends_on}`, (a, b) => b.starts_on.localeCompare(a.starts_on) || b.ends_on.localeCompare(a.ends_on)),
      column("shift", t("班次", "Shift"), (project) => `${project.shift.starts_at}–${project.shift.ends_at}`, (a, b) => a.shift.starts_at.localeCompare(b.shift.starts_at)),
      column("plan", t("计划与保费/人天", "Plan, premium a day"), (project) => `${project.plan_id} · ${yuan(project.premium_fen)}`, (a, b) => a.premium_fen - b.premium_fen),
      ...(may("createProject") ? [column("act", t("操作", "Act"), (project) => link(`#/new/${project.project_id}`, t("照此新建", "New like this"), { class: "button" }))] : []),
    ],
    tie: (a, b) => b.starts_on.localeCompare(a.starts_on) || byName(a.name, b.name),
    none: t("还没有项目。", "No projects yet."), noneFits: t("没有符合的项目。", "No project like that."),
  });
  void askGate(api, company).then((now) => {
    board = new Map(now.projects.map((project) => [project.project_id, project]));
    list.draw();
  }).catch(() => {}); // the list stands without it
  return title(t("用工项目", "Projects"),
    h("p", { class: "lead" }, projects[0]?.company_name ?? name, " ", h("small", {}, listed(roles.map((role) => word(OPERATOR_ROLE, role))))),
    may("createProject") ? link("#/new", t("新建项目", "New project"), { class: "button main" }) : null,
    h("div", { "data-key": "projects" }, list.tools, list.count, list.place));
}

const coverOf = (project, now) => (now
  ? [`${now.covered} / ${project.headcount} `, now.uninsured_count ? tag(t(`${now.uninsured_count} 未投保`, `${now.uninsured_count} uninsured`), "bad") : null]
  : `— / ${project.headcount}`);

// ---- a new project like another

/** What a new project may begin from: the last ones, newest first. */
export async function templatesPart(api, company) {
  const { projects } = await api.get(`/v1/companies/${company}/projects`);
  const last = [...projects].sort((a, b) => (a.project_id < b.project_id ? 1 : -1)).slice(0, OFFERED);
  return last.length ? h("section", { class: "panel" }, h("h2", {}, t("照以前的项目新建，只填名称和日期", "Like a project before: only name and dates are asked")),
    h("ul", { class: "plain" }, last.map((project) => h("li", { class: "waiting-one" },
      h("div", {}, h("b", {}, project.name), h("small", {}, [project.employer_name, t(project.occupation_zh, project.occupation_en), `${project.plan_id} · ${yuan(project.premium_fen)}`].join(" · "))),
      link(`#/new/${project.project_id}`, t("照此新建", "New like this"), { class: "button" }))))) : null;
}

export async function copyView(api, company, projectId) {
  const source = await api.get(`/v1/companies/${company}/projects/${projectId}`);
  const days = Math.round((Date.parse(source.ends_on) - Date.parse(source.starts_on)) / 86_400_000);
  return title(t("照此新建项目", "A project like this one"),
    h("p", { class: "lead" }, t(`照“${source.name}”新建`, `Like “${source.name}”`)),
    form(t("创建并开放", "Create and open"), [
      field(t("项目名称", "Project"), input("name", { maxlength: "128", value: source.name })),
      h("div", { class: "columns" },
        field(t("开始日期", "First day"), input("starts_on", { type: "date", value: today() })),
        field(t("结束日期", "Last day"), input("ends_on", { type: "date", value: today(days) }))),
      facts(
        [t("用工单位", "Employer"), source.employer_name],
        [t("工种", "Occupation"), t(`${source.occupation_zh} · ${source.occupation_class} 类`, `${source.occupation_en} · class ${source.occupation_class}`)],
        [t("计划与保费", "Plan and premium"), t(`${source.plan_id} · 现价以创建时为准`, `${source.plan_id}, at the price of the day it is created`)],
        [t("班次", "Shift"), `${source.shift.starts_at}–${source.shift.ends_at}`],
        ...source.answered.map((one) => [t(one.text_zh, one.text_en), t(one.answer_zh, one.answer_en)]),
        [t("位置", "Place"), siteWords(source.site), true]),
      h("details", { class: "later" }, h("summary", {}, t("用工单位、班次、人数或位置不同", "Another employer, shift, headcount or place")),
        field(t("用工单位", "Employer"), input("employer_name", { maxlength: "128", value: source.employer_name })),
        h("div", { class: "columns" },
          field(t("上班", "Shift begins"), input("starts_at", { type: "time", value: source.shift.starts_at })),
          field(t("下班", "Shift ends"), input("ends_at", { type: "time", value: source.shift.ends_at })),
          field(t("计划人数", "Headcount"), input("headcount", { type: "number", min: "1", max: "100000", value: String(source.headcount) }))),
        siteFields(source.site)),
    ], async (given) => {
      const made = await api.post(`/v1/companies/${company}/projects`, {
        name: given.get("name"), employer_name: given.get("employer_name"), scene: source.scene,
        occupation_code: source.occupation_code, plan_id: source.plan_id, site: siteOf(given),
        shift: { starts_at: given.get("starts_at"), ends_at: given.get("ends_at") },
        starts_on: given.get("starts_on"), ends_on: given.get("ends_on"), headcount: Number(given.get("headcount")),
        answers: Object.fromEntries(source.answered.map(({ code, answer }) => [code, answer])),
      });
      go(`#/projects/${made.project_id}`);
    }, { key: `copy ${projectId}` }),
    link("#/new", t("工种或计划不同：从头新建", "Another occupation or plan: begin anew"), { class: "button" }));
}
