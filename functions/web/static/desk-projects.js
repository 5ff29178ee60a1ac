// The company's projects as a list that can be searched and sorted, with how far each is covered now, and a new one
// made like one that there was.

import { listed, t, today, word, yuan } from "./client.js";
import { empty, facts, field, form, go, h, input, link, select, tag, title } from "./page.js";
import { askGate } from "./desk-gate-watch.js";
import { siteFields, siteOf, siteWords } from "./desk-site.js";
import { OPERATOR_ROLE, PROJECT_STATUS } from "./words.js";

const PAGE = 100; // rows shown until somebody asks for more
const NUMBERS = { numeric: true }; // gate 2 before gate 10
const OFFERED = 3; // of the last projects, to begin a new one like them

const statusTag = (status) => tag(word(PROJECT_STATUS, status), { OPEN: "good", PAUSED: "warn" }[status] ?? "past");

const COLUMNS = [
  ["name", () => t("项目", "Project"), (a, b) => a.name.localeCompare(b.name, "zh", NUMBERS)],
  ["cover", () => t("在保 / 计划人数", "Covered / headcount"), (a, b, board) => shareOf(a, board) - shareOf(b, board)],
  ["status", () => t("状态", "Status"), (a, b) => STATES.indexOf(a.status) - STATES.indexOf(b.status)],
  ["employer", () => t("用工单位", "Employer"), (a, b) => a.employer_name.localeCompare(b.employer_name, "zh", NUMBERS)],
  ["dates", () => t("日期", "Dates"), (a, b) => b.starts_on.localeCompare(a.starts_on) || b.ends_on.localeCompare(a.ends_on)],
  ["shift", () => t("班次", "Shift"), (a, b) => a.shift.starts_at.localeCompare(b.shift.starts_at)],
  ["plan", () => t("计划与保费/人天", "Plan, premium a day"), (a, b) => a.premium_fen - b.premium_fen],
];
const STATES = ["OPEN", "PAUSED", "CLOSED"];
const chosen = { typed: "", status: "", by: "status", down: false }; // while the desk stands open

/** Of what runs now the share that is covered; what does not run comes last. */
const shareOf = (project, board) => (board?.has(project.project_id) ? board.get(project.project_id).covered / project.headcount : 2);

export async function projectsView(api, { company, name, roles, may }) {
  const { projects } = await api.get(`/v1/companies/${company}/projects`);
  const rows = h("div", {});
  const state = { projects, board: null, shown: PAGE, may };
  const draw = () => drawRows(rows, state, draw);
  const search = h("input", { type: "search", id: "projects-search", autocomplete: "off", maxlength: "80", value: chosen.typed, placeholder: t("项目或用工单位", "Project or employer") });
  search.addEventListener("input", () => { [chosen.typed, state.shown] = [search.value, PAGE]; draw(); });
  const status = h("select", { id: "projects-status" }, [["", t("全部", "All")], ...STATES.map((one) => [one, word(PROJECT_STATUS, one)])].map(([value, text]) => h("option", { value, selected: value === chosen.status }, text)));
  status.addEventListener("change", () => { [chosen.status, state.shown] = [status.value, PAGE]; draw(); });
  draw();
  void askGate(api, company).then((board) => {
    state.board = new Map(board.projects.map((project) => [project.project_id, project]));
    draw();
  }).catch(() => {}); // the list stands without it
  return title(t("用工项目", "Projects"),
    h("p", { class: "lead" }, projects[0]?.company_name ?? name, " ", h("small", {}, listed(roles.map((role) => word(OPERATOR_ROLE, role))))),
    may("createProject") ? link("#/new", t("新建项目", "New project"), { class: "button main" }) : null,
    h("div", { class: "gate-tools" },
      h("div", { class: "field" }, h("label", { for: search.id }, t("查找", "Search")), search),
      h("div", { class: "field narrow" }, h("label", { for: status.id }, t("状态", "Status")), status)),
    rows);
}

const plain = (text) => text.normalize("NFKC").replace(/\s/g, "").toLowerCase();

function drawRows(place, state, draw) {
  const wanted = plain(chosen.typed);
  const [, , order] = COLUMNS.find(([key]) => key === chosen.by);
  const found = state.projects
    .filter((project) => (!chosen.status || project.status === chosen.status) && plain(project.name + project.employer_name).includes(wanted))
    .sort((a, b) => (chosen.down ? -1 : 1) * order(a, b, state.board) || b.starts_on.localeCompare(a.starts_on) || a.name.localeCompare(b.name, "zh", NUMBERS));
  const focused = place.contains(document.activeElement) ? document.activeElement.dataset.by : null;
  const heads = COLUMNS.map(([key, text]) => h("th", { scope: "col", "aria-sort": chosen.by === key ? (chosen.down ? "descending" : "ascending") : "none" },
    h("button", { type: "button", class: "sort", "data-by": key, on: { click: () => {
      [chosen.down, chosen.by] = [chosen.by === key && !chosen.down, key];
      draw();
    } } }, text(), h("span", { "aria-hidden": "true" }, chosen.by === key ? (chosen.down ? " ▼" : " ▲") : ""))));
  const body = found.slice(0, state.shown).map((project) => rowOf(project, state));
  const caption = t(`用工项目：${found.length} 个`, `Projects: ${found.length}`);
  place.replaceChildren(h("p", { class: "hint", role: "status" }, found.length === state.projects.length ? caption : t(`${found.length} 个，共 ${state.projects.length} 个`, `${found.length} of ${state.projects.length}`)),
    found.length ? h("div", { class: "scroll projects", tabindex: "0", role: "region", "aria-label": t("项目", "Projects") },
      h("table", {}, h("caption", {}, caption), h("thead", {}, h("tr", {}, heads, state.may("createProject") ? h("th", { scope: "col" }, t("操作", "Act")) : null)), h("tbody", {}, body)))
      : empty(state.projects.length ? t("没有符合的项目。", "No project like that.") : t("还没有项目。", "No projects yet.")),
    found.length > state.shown ? h("button", { type: "button", on: { click: () => { state.shown += PAGE; draw(); } } }, t("更多", "More")) : "");
  if (focused) place.querySelector(`[data-by="${focused}"]`)?.focus({ preventScroll: true });
}

const rowOf = (project, { board, may }) => h("tr", {}, [
  link(`#/projects/${project.project_id}`, project.name), coverOf(project, board?.get(project.project_id)), statusTag(project.status),
  project.employer_name, `${project.starts_on} – ${project.ends_on}`, `${project.shift.starts_at}–${project.shift.ends_at}`,
  `${project.plan_id} · ${yuan(project.premium_fen)}`,
  ...(may("createProject") ? [link(`#/new/${project.project_id}`, t("照此新建", "New like this"), { class: "button" })] : [])].map((cell) => h("td", {}, cell)));

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
