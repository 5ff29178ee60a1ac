// The gate board: every project that runs now, who is there uninsured and why, and who waits to be seen in person.
// Written for a phone in one hand: the search is the first thing, and what it finds can be acted on.

import { Problem, moment, t, word } from "./client.js";
import { button, empty, every, h, link, refusal, tag, title } from "./page.js";
import { askAgain, asked, isSoundOn, setSound, uninsuredOf, watchGate } from "./desk-gate-watch.js";
import { answerButtons, documentOf, nameOf, tickLeft, timeLeft } from "./desk-referrals.js";
import { PROJECT_STATUS, REFERRAL_REASON, WHY } from "./words.js";

const FIRST = 5; // people of a project that are shown before somebody asks for all
const FOUND = 50; // that a search shows; whoever finds more types on
const ROWS = 200;
const MOST_COVERED = 5_000; // lines looked through for one name
const TYPING_MS = 150;

/** `GET …/gate`, drawn again whenever it is asked; what is typed, open and focused stays. */
export async function gateView(api, me) {
  const state = { api, me, board: null, failed: null, typed: "", open: new Set(), whole: new Set(), covered: null };
  const search = h("input", { type: "search", id: "gate-search", autocomplete: "off", enterkeyhint: "search", maxlength: "40", placeholder: t("姓名，或手机号任意几位", "Name, or any digits of the phone") });
  const parts = {
    figures: h("div", { class: "figures gate-figures" }), live: h("p", { class: "hint", role: "status" }), bell: h("div", { class: "sr", role: "status" }),
    waiting: h("div", {}), found: h("div", {}), projects: h("div", { class: "gates" }),
  };
  let timer;
  search.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => { [state.typed, state.covered] = [search.value.trim(), null]; drawFound(state, parts); }, TYPING_MS);
  });
  const draw = (board, failed) => {
    if (board) announce(state, board, parts);
    [state.board, state.failed] = [board ?? state.board, failed];
    drawAll(state, parts);
  };
  const known = watchGate(api, me.company, draw);
  if (known) void askAgain(api, me.company).catch(() => {}); // the watch asks again by itself
  draw(known, null);
  every(1, tickLeft);
  return title(t("门岗看板", "Gate board"), h("p", { class: "lead" }, me.name),
    h("div", { class: "gate-tools" },
      h("div", { class: "field" }, h("label", { for: search.id }, t("找人（所有项目）", "Find somebody (all projects)")), search),
      soundSwitch()),
    parts.live, parts.bell, parts.found, parts.figures, parts.waiting, parts.projects);
}

function soundSwitch() {
  const text = () => (isSoundOn() ? t("提示音：开", "Sound: on") : t("提示音：关", "Sound: off"));
  const made = h("button", { type: "button", role: "switch", "aria-checked": String(isSoundOn()), class: "sound" }, text());
  made.addEventListener("click", () => {
    setSound(!isSoundOn());
    made.setAttribute("aria-checked", String(isSoundOn()));
    made.textContent = text();
  });
  return made;
}

// ---- drawing

function drawAll(state, parts) {
  const { board, failed } = state;
  parts.live.replaceChildren(liveWords(board, failed));
  parts.live.classList.toggle("stale", failed !== null);
  if (!board) return;
  const { projects } = board;
  const sum = (of) => projects.reduce((all, project) => all + of(project), 0);
  keep(parts.figures, () => parts.figures.replaceChildren(
    figure(uninsuredOf(board), t("在场未投保", "on site uninsured"), uninsuredOf(board) ? "bad" : "past"),
    figure(asked(board).length, t("待现场确认", "to be seen in person"), asked(board).length ? "warn" : "past"),
    figure(sum(({ covered }) => covered), t(`在保 / 计划 ${sum(({ headcount }) => headcount)}`, `covered of ${sum(({ headcount }) => headcount)} planned`), "good")));
  keep(parts.waiting, () => parts.waiting.replaceChildren(...waitingPart(state)));
  drawFound(state, parts);
  const order = [...projects].sort((a, b) => b.uninsured_count - a.uninsured_count || Number(b.on_shift) - Number(a.on_shift) || a.name.localeCompare(b.name, "zh", { numeric: true }));
  keep(parts.projects, () => settle(parts.projects, state, order));
  if (!order.length) parts.projects.replaceChildren(empty(t("现在没有进行中的项目。", "No project runs now.")), h("div", { class: "row" },
    state.me.may("createProject") ? link("#/new", t("新建项目", "New project"), { class: "button main" }) : null, link("#/projects", t("看全部项目", "All projects"), { class: "button" })));
}

const liveWords = (board, failed) => {
  if (failed instanceof Problem && failed.status < 500) return failed.title; // not the network's: the API says what it is
  if (!board) return failed ? t("连接不上，恢复后会自动更新。", "No connection; this goes on by itself once it is back.") : t("正在读取…", "Loading…");
  const at = moment(board.at).slice(11);
  if (failed) return t(`连接断了，以下是 ${at} 的情况；恢复后会自动更新。`, `The connection is lost: this is how it stood at ${at}. It goes on by itself once it is back.`);
  return board.projects.length < board.count
    ? t(`${at} 更新，自动刷新。项目太多，只显示前 ${board.projects.length} 个（共 ${board.count} 个）。`, `As of ${at}, by itself. Only the first ${board.projects.length} of ${board.count} projects are shown.`)
    : t(`${at} 更新，自动刷新。`, `As of ${at}; it goes on by itself.`);
};

const figure = (number, text, tone) => h("div", { class: `figure ${tone}` }, h("strong", {}, number), h("span", {}, text));

/** Redraw a part and leave the cursor where it was: each thing that can hold it has a key. */
function keep(part, draw) {
  const key = part.contains(document.activeElement) ? document.activeElement.closest("[data-key]")?.dataset.key : null;
  draw();
  if (key) part.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus?.({ preventScroll: true });
}

/** One card a project; a card that says the same stays the same element. */
function settle(place, state, projects) {
  const standing = new Map([...place.children].map((card) => [card.dataset.project, card]));
  const cards = projects.map((project) => {
    const look = JSON.stringify([project, state.whole.has(project.project_id), [...state.open]]);
    const old = standing.get(project.project_id);
    if (old && old.look === look) return old;
    const made = projectCard(state, project);
    made.look = look;
    return made;
  });
  if (cards.length !== place.children.length || cards.some((card, nth) => card !== place.children[nth])) place.replaceChildren(...cards);
}

// ---- who waits

function waitingPart(state) {
  const { api, me, board } = state;
  const all = asked(board);
  const staff = board.projects.flatMap(({ referrals }) => referrals).filter(({ status }) => status === "CONFIRMED").length;
  if (!all.length && !staff) return [];
  const card = ({ project, referral }) => h("li", { class: "waiting-one" },
    h("div", {}, h("b", { class: "who" }, nameOf(referral)), " ", timeLeft(referral.answer_by),
      h("small", {}, [project.name, documentOf(referral), word(REFERRAL_REASON, referral.reason)].join(" · "))),
    h("div", { class: "answers" }, answerButtons(api, me, pathOf(me, project), referral, () => askAgain(api, me.company))));
  return [h("section", { class: "panel urgent" }, h("h2", {}, t("请当面核对本人和证件", "To be seen in person, with the document")),
    all.length ? h("ul", { class: "plain" }, all.sort((a, b) => a.referral.answer_by.localeCompare(b.referral.answer_by)).map(card)) : null,
    staff ? h("p", { class: "hint" }, t(`另有 ${staff} 人已确认，等核保员决定。`, `${staff} more are confirmed and wait for an underwriter.`)) : null)];
}

const pathOf = (me, project) => `/v1/companies/${me.company}/projects/${project.project_id}`;

/** Say who has come since the last answer, for whoever hears the page. */
function announce(state, board, parts) {
  if (!state.board) return;
  const known = new Set(asked(state.board).map(({ referral }) => referral.referral_id));
  const come = asked(board).filter(({ referral }) => !known.has(referral.referral_id));
  if (come.length) parts.bell.textContent = t(`新的人工核验：${come.map(({ referral }) => nameOf(referral)).join("、")}`, `New referral: ${come.map(({ referral }) => nameOf(referral)).join(", ")}`);
}

// ---- projects

function projectCard(state, project) {
  const { me } = state;
  const hash = `#/projects/${project.project_id}`;
  const isWhole = state.whole.has(project.project_id);
  const people = isWhole ? project.uninsured : project.uninsured.slice(0, FIRST);
  const lacking = Math.max(0, project.headcount - project.covered);
  return h("section", { class: "panel gate", "data-project": project.project_id },
    h("div", { class: "gate-head" }, h("h2", {}, link(hash, project.name, { "data-key": hash })),
      project.status === "OPEN" ? null : tag(word(PROJECT_STATUS, project.status), "warn"),
      h("span", { class: "heads" }, h("b", {}, project.covered), t(` 在保 / 计划 ${project.headcount}`, ` covered of ${project.headcount}`))),
    project.cover_blocked ? h("p", { class: "problem" }, t("授信已用完：新的打卡不再出单。请结清保费。", "Credit used up: new check-ins get no cover. Settle the premiums.")) : null,
    project.on_shift && lacking ? h("p", { class: "hint lacking" }, t(`班次进行中，还差 ${lacking} 人`, `On shift: ${lacking} fewer than planned`)) : null,
    project.refusals.length ? h("p", { class: "reasons" }, project.refusals.map(({ why, people: count }) => tag(`${word(WHY, why)} ${count}`, "bad"))) : null,
    people.length ? h("ul", { class: "plain people-out" }, people.map((person) => personRow(state, project, person))) : null,
    project.uninsured.length > FIRST && !isWhole ? h("button", { type: "button", "data-key": `all-${project.project_id}`, on: { click: () => {
      state.whole.add(project.project_id);
      document.querySelector(`[data-project="${CSS.escape(project.project_id)}"]`)?.replaceWith(projectCard(state, project));
    } } }, t(`显示全部 ${project.uninsured.length} 人`, `Show all ${project.uninsured.length}`)) : null,
    project.is_truncated && isWhole ? h("p", { class: "hint" }, t(`只列出 ${project.uninsured.length} 人，共 ${project.uninsured_count} 人；其余请打开项目查看。`, `Only ${project.uninsured.length} of ${project.uninsured_count} are listed; open the project for the rest.`)) : null,
    h("div", { class: "quietly" }, people.length ? null : h("p", { class: "hint" }, t("没有人在场未投保。", "Nobody on site is uninsured.")),
      me.may("readQrCode") ? link(`${hash}/code`, t("出示二维码", "Show the code"), { class: "button", "data-key": `${hash}/code` }) : null));
}

const keyOfPerson = (project, person) => `${project.project_id} ${person.last_seen} ${nameOf(person)} ${person.why}`;

/** One press opens what can be done about a person; the name is in clear for whoever may find them. */
function personRow(state, project, person, where = null) {
  const key = keyOfPerson(project, person);
  const step = state.board.reasons[person.why];
  const row = h("details", { open: state.open.has(key) },
    h("summary", { "data-key": key }, h("b", { class: "who" }, nameOf(person)), person.phone_end ? h("span", { class: "ends" }, t(`尾号 ${person.phone_end}`, `…${person.phone_end}`)) : null,
      tag(word(WHY, person.why), "bad"), h("small", {}, [where, awayWords(person), t(`${moment(person.last_seen).slice(11)} 出现`, `seen ${moment(person.last_seen).slice(11)}`)].filter(Boolean).join(" · "))),
    h("p", {}, step ? t(step.next_step_zh, step.next_step_en) : null),
    h("div", { class: "row" }, reachWays(state, project, person)));
  row.addEventListener("toggle", () => (row.open ? state.open.add(key) : state.open.delete(key)));
  return h("li", {}, row);
}

const awayWords = ({ distance_m: metres }) => (metres === null ? null : t(`${metres} 米外`, `${metres} m away`));

const TURNED_AWAY = ["AGE_REFUSED"]; // no code and no referral changes that

function reachWays({ me }, project, person) {
  const hash = `#/projects/${project.project_id}`;
  const code = me.may("readQrCode") ? link(`${hash}/code`, t("出示二维码", "Show the code"), { class: "button" }) : null;
  if (TURNED_AWAY.includes(person.why)) return person.phone ? link(`tel:${person.phone}`, t(`打电话 ${person.phone}`, `Call ${person.phone}`), { class: "button" }) : null;
  if (person.phone) return [link(`tel:${person.phone}`, t(`打电话 ${person.phone}`, `Call ${person.phone}`), { class: "button main" }), code];
  return [
    h("p", { class: "hint" }, person.phone_end
      ? t(`只知道手机尾号 ${person.phone_end}，不能直接拨打。请当面让本人扫码，扫码不成的可申请人工核验。`, `Only the last digits are known (${person.phone_end}), so nobody can be called. Have them scan here; where that fails, ask for a referral.`)
      : t("没有留手机号。请当面让本人扫码，扫码不成的可申请人工核验。", "They left no phone. Have them scan here; where that fails, ask for a referral.")),
    code, link(`${hash}/referrals`, t("人工核验", "Referrals"), { class: "button" })];
}

// ---- finding somebody

/** Half-width, without spaces and dots between the parts of a name, in one case. */
const plain = (text) => text.normalize("NFKC").replace(/[\s·.•]/g, "").toLowerCase();

const isMatch = (wanted, person) => plain(nameOf(person)).includes(wanted) || (/^\d+$/.test(wanted) && `${person.phone ?? person.phone_end ?? ""}`.includes(wanted));

function drawFound(state, parts) {
  const wanted = plain(state.typed);
  if (!wanted || !state.board) return parts.found.replaceChildren();
  const out = state.board.projects.flatMap((project) => project.uninsured.filter((person) => isMatch(wanted, person)).map((person) => [project, person]));
  const waiting = asked(state.board).filter(({ referral }) => isMatch(wanted, referral));
  const shown = out.slice(0, FOUND);
  keep(parts.found, () => parts.found.replaceChildren(h("section", { class: "panel found-people" },
    h("h2", { role: "status" }, out.length || waiting.length ? t(`找到 ${out.length + waiting.length} 人`, `${out.length + waiting.length} found`) : t("未投保的人中没有找到", "Nobody uninsured of that name")),
    waiting.map(({ project, referral }) => h("p", {}, h("b", { class: "who" }, nameOf(referral)), t(` 待现场确认 · ${project.name} `, ` to be seen in person · ${project.name} `), timeLeft(referral.answer_by))),
    shown.length ? h("ul", { class: "plain people-out" }, shown.map(([project, person]) => personRow(state, project, person, project.name))) : null,
    out.length > shown.length ? h("p", { class: "hint" }, t(`只显示前 ${FOUND} 人，请再多输入几个字。`, `The first ${FOUND} are shown: type more.`)) : null,
    coveredPart(state, parts, wanted))));
}

/** The covered are looked through only when somebody asks: it reads the roster of every project. */
function coveredPart(state, parts, wanted) {
  if (state.covered?.wanted === wanted) {
    const { found, left, error } = state.covered;
    if (error) return refusal(error);
    return h("div", {}, found.length ? h("ul", { class: "plain" }, found.map(([project, line]) => h("li", {}, h("b", { class: "who" }, nameOfLine(line)), " ", tag(t("在保", "covered"), "good"),
      h("small", {}, ` ${project.name} · ${t("至", "until")} ${moment(line.end)}`)))) : h("p", { class: "hint" }, t("在保的人中也没有找到。", "Nobody covered of that name either.")),
    left ? h("p", { class: "hint" }, t("在保人数太多，没有全部查完；请打开项目查看。", "There are more covered people than were looked through: open the project.")) : null);
  }
  return button(t("也在已投保的人里找", "Look among the covered too"), async () => {
    state.covered = { wanted, ...await coveredOf(state, wanted) };
    drawFound(state, parts);
  });
}

const nameOfLine = (line) => line.full_name ?? line.insured_name;

async function coveredOf({ api, me, board }, wanted) {
  const found = [];
  let read = 0;
  for (const project of board.projects.filter(({ covered }) => covered)) {
    for (let page = ""; page !== null && read < MOST_COVERED;) {
      const roster = await api.get(`${pathOf(me, project)}/roster?rows=${ROWS}${page ? `&page=${encodeURIComponent(page)}` : ""}`);
      read += roster.in_force.length;
      found.push(...roster.in_force.filter((line) => plain(nameOfLine(line)).includes(wanted)).map((line) => [project, line]));
      page = roster.next;
    }
  }
  return { found, left: read >= MOST_COVERED };
}
