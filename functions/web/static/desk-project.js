// One project on the desk: opening it, its code, its roster, its referrals, an accident on it.

import { moment, optionsOf, t, today, word, yuan } from "./client.js";
import { button, done, empty, every, facts, field, form, go, h, input, link, panel, refresh, select, table, tag, title } from "./page.js";
import { TONE, notCovered } from "./desk-occupations.js";
import { sketch } from "./desk-sketch.js";
import { keepFile } from "./downloads.js";
import { posterName, savePdf, savePng } from "./desk-poster.js";
import { templatesPart } from "./desk-projects.js";
import { nameOf, referralsPart } from "./desk-referrals.js";
import { movePanel, offerOf, siteFields, siteOf, siteWords } from "./desk-site.js";
import { accidentFields, noticeOf } from "./worker-claims.js";
import { ACCEPTANCE, IDENTITY_DOCUMENT, PROJECT_STATUS, SCENE, WHY } from "./words.js";

const SCREEN_SECONDS = 15; // a screen's code lasts this long and as long again
const ROSTER_SECONDS = 5;
const ROSTER_ROWS = 100;
const TYPING_MS = 250;

// ---- a new project

export async function newProjectView(api, company) {
  const trade = h("input", { type: "hidden", name: "occupation_code" });
  const plan = select("plan_id", [["", t("先选工种", "Choose the occupation first")]], "");
  const found = h("div", { class: "found", role: "group", "aria-label": t("工种查询结果", "Occupations found"), "aria-live": "polite" });
  const search = input("query", { type: "search", required: false, maxlength: "40", placeholder: t("如：分拣、开货车、刷墙", "e.g. sorting, truck, painter") });
  const referred = h("p", { class: "notice", role: "status", hidden: true }, t("可以开项目，但每名工人须现场核对、由核保员逐人确认后才有保障。",
    "The project can be opened, but each worker is seen on site and confirmed by an underwriter before they are covered."));
  const asked = h("div", { class: "columns" });
  const choose = (occupation, questions) => {
    trade.value = occupation.code;
    asked.replaceChildren(...questions.filter(({ families }) => families.includes(occupation.family)).map(questionField));
    referred.hidden = occupation.acceptance !== "REFER";
    plan.replaceChildren(...occupation.plans.map(({ plan_id: planId, premium_fen: fen }) => h("option", { value: planId }, `${planId} · ${t(`${yuan(fen)}/人天`, `${yuan(fen)} a day`)}`)));
  };
  followTyping(api, search, found, choose);
  return title(t("新建项目", "New project"), await templatesPart(api, company),
    form(t("创建并开放", "Create and open"), [
      field(t("项目名称", "Project"), input("name", { maxlength: "128" })),
      field(t("用工单位", "Employer"), input("employer_name", { maxlength: "128" })),
      h("fieldset", {}, h("legend", {}, t("做什么工作", "The work")),
        field(t("查工种", "Search the occupation"), search, t("价格和能否承保立即显示，不予承保的会说明原因", "Price and acceptance appear at once; a refusal says why")),
        found, trade, asked, referred,
        field(t("保障计划", "Plan"), plan),
        field(t("场景", "Scene"), select("scene", optionsOf(SCENE), "LOGISTICS"))),
      siteFields(),
      h("fieldset", { class: "columns" }, h("legend", {}, t("什么时候", "When")),
        field(t("开始日期", "First day"), input("starts_on", { type: "date", value: today() })),
        field(t("结束日期", "Last day"), input("ends_on", { type: "date", value: today(30) })),
        field(t("上班", "Shift begins"), input("starts_at", { type: "time", value: "08:00" })),
        field(t("下班", "Shift ends"), input("ends_at", { type: "time", value: "20:00" }), t("早于上班时间即为次日", "Earlier than the beginning means the next day")),
        field(t("计划人数", "Headcount"), input("headcount", { type: "number", min: "1", max: "100000", value: "10" }))),
    ], async (given, answer) => {
      if (!trade.value) {
        answer.replaceChildren(h("p", { class: "problem", role: "alert" }, t("请先查询并选择工种。", "Search and choose the occupation first.")));
        search.focus();
        return;
      }
      const project = await api.post(`/v1/companies/${company}/projects`, wanted(given));
      go(`#/projects/${project.project_id}`);
    }));
}

function wanted(given) {
  const text = Object.fromEntries(given);
  return {
    name: text.name, employer_name: text.employer_name, scene: text.scene,
    occupation_code: text.occupation_code, plan_id: text.plan_id,
    site: siteOf(given),
    shift: { starts_at: text.starts_at, ends_at: text.ends_at },
    starts_on: text.starts_on, ends_on: text.ends_on, headcount: Number(text.headcount),
    answers: Object.fromEntries([...answersTo("choice", text, String), ...answersTo("number", text, Number)]),
  };
}

const answersTo = (kind, text, read) => Object.entries(text).filter(([name]) => name.startsWith(`${kind}:`))
  .map(([name, value]) => [name.slice(kind.length + 1), read(value)]);

/** A question about the work: one of its choices, or a number in its unit. */
function questionField(question) {
  const text = t(question.text_zh, question.text_en);
  if (!question.choices.length) {
    return field(`${text}（${t(question.unit_zh, question.unit_en)}）`, input(`number:${question.code}`, { type: "number", step: "any", min: "0", max: question.at_most }));
  }
  const choices = question.choices.map((choice) => [choice.code, t(choice.name_zh, choice.name_en)]);
  return field(text, select(`choice:${question.code}`, [["", t("请选择", "Choose")], ...choices], ""));
}

function followTyping(api, search, found, choose) {
  let timer;
  let turn = 0;
  search.addEventListener("input", () => {
    clearTimeout(timer);
    turn += 1;
    const mine = turn;
    timer = setTimeout(async () => {
      if (!search.value.trim()) return found.replaceChildren();
      const answer = await api.get(`/v1/occupations?query=${encodeURIComponent(search.value.trim())}`);
      if (mine === turn) found.replaceChildren(...occupations(answer, choose, search.value.trim()));
    }, TYPING_MS);
  });
}

function occupations({ occupations: rows, questions, unlisted }, choose, words) {
  const ask = link(`#/occupations/${encodeURIComponent(words)}`, unlisted ? t("请核保员确认", "Ask an underwriter") : t("都不是：请核保员确认", "None of these: ask an underwriter"), { class: "button" });
  if (unlisted) return [h("p", { class: "notice" }, t(unlisted.reason_zh, unlisted.reason_en)), ask];
  return [
    rows.map((occupation, place) => {
      const accepted = occupation.acceptance !== "REFUSE" && occupation.plans.length > 0;
      const radio = h("input", { type: "radio", name: "occupation", id: `occupation-${place}`, value: occupation.code, disabled: !accepted, on: { change: () => choose(occupation, questions) } });
      const prices = occupation.plans.map(({ plan_id: planId, premium_fen: fen }) => `${planId} ${yuan(fen)}`).join(" · ");
      return h("div", { class: "occupation" }, radio, h("label", { for: radio.id },
        h("b", {}, t(occupation.name_zh, occupation.name_en)), " ", tag(word(ACCEPTANCE, occupation.acceptance), TONE[occupation.acceptance]),
        h("small", {}, [t(`${occupation.occupation_class} 类`, `class ${occupation.occupation_class}`), t(occupation.when_zh, occupation.when_en), prices].filter(Boolean).join(" · ")),
        occupation.exclusions.map((own) => h("small", {}, notCovered(own))),
        occupation.not_offered.length && accepted ? h("small", {}, t(`不能选 ${occupation.not_offered.join("、")}`, `Not offered: ${occupation.not_offered.join(", ")}`)) : null,
        occupation.reason_zh ? h("span", { class: "reason" }, t(occupation.reason_zh, occupation.reason_en)) : null));
    }),
    ask,
  ].flat();
}

// ---- one project

const PARTS = { roster: rosterPart, code: codePart, referrals: referralsPart, accident: accidentPart };

/** The parts of a project that somebody may open: whoever runs no site neither shows its code nor reports for it. */
const partsFor = (me) => Object.keys(PARTS).filter((name) => name === "roster"
  || (name === "code" && me.may("readQrCode")) || (name === "referrals" && me.may("listProjectReferrals"))
  || (name === "accident" && me.may("reportLoss")));

export async function projectView(api, me, projectId, part = "roster") {
  if (!partsFor(me).includes(part)) return title(t("没有这一页", "There is no such page"), link("#/projects", t("回到项目列表", "Back to the projects")));
  const path = `/v1/companies/${me.company}/projects/${projectId}`;
  const project = await api.get(path);
  const offer = h("div", { "aria-live": "polite" }, me.may("moveSite") ? offerOf(api, path, project) : []);
  const names = { roster: t("在保名册", "Roster"), code: t("二维码", "QR code"), referrals: t("人工核验", "Referrals"), accident: t("代工人报案", "Report an accident") };
  return title(project.name,
    h("p", { class: "lead" }, project.employer_name, " ", statusOf(project)),
    facts(
      [t("日期", "Dates"), `${project.starts_on} – ${project.ends_on}`],
      [t("班次", "Shift"), `${project.shift.starts_at}–${project.shift.ends_at}`],
      [t("计划与保费", "Plan and premium"), t(`${project.plan_id} · ${yuan(project.premium_fen)}/人天`, `${project.plan_id} · ${yuan(project.premium_fen)} a day`)],
      [t("工种", "Occupation"), t(`${project.occupation_zh} · ${project.occupation_class} 类`, `${project.occupation_en} · class ${project.occupation_class}`)],
      ...project.answered.map((one) => [t(one.text_zh, one.text_en), t(one.answer_zh, one.answer_en)]),
      project.exclusions.length ? [t("本工种不赔", "Not covered at this work"), project.exclusions.map((own) => h("span", { class: "whole" }, t(own.text_zh, own.text_en))), true] : null,
      [t("位置", "Place"), siteWords(project.site), true]),
    offer,
    project.status === "CLOSED" || !me.may("moveSite") ? null : movePanel(api, path, project.site),
    project.acceptance === "REFER" ? h("p", { class: "notice" }, h("b", {}, t("须人工核保：", "Referred: ")), t(project.reason_zh, project.reason_en),
      t("。工人扫码后申请人工核验，请在“人工核验”里确认。", ". Workers scan and ask for a referral; confirm it under “Referrals”.")) : null,
    me.may("changeProject") ? h("div", { class: "row" }, moves(api, path, project)) : null,
    h("nav", { class: "tabs", "aria-label": t("项目", "Project") }, partsFor(me).map((name) =>
      link(`#/projects/${projectId}/${name}`, names[name], { "aria-current": name === part ? "page" : null }))),
    await PARTS[part](api, path, project, offer, me));
}

const statusOf = (project) => tag(word(PROJECT_STATUS, project.status), { OPEN: "good", PAUSED: "warn" }[project.status] ?? "past");

function moves(api, path, project) {
  const move = (status, text, options) => button(text, () => api.post(`${path}/status`, { status }).then(refresh), options);
  const { status } = project;
  return [
    status === "OPEN" ? move("PAUSED", t("暂停", "Pause"), { sure: t("暂停后不再接受新打卡，已出的保单不受影响。", "No new check-ins while paused; issued policies stand.") }) : null,
    status === "PAUSED" || status === "DRAFT" ? move("OPEN", t("开放", "Open"), { tone: "main" }) : null,
    status !== "CLOSED" ? move("CLOSED", t("关闭项目", "Close the project"), { tone: "danger", sure: t("关闭后不能再开放。已出的保单不受影响。", "A closed project never opens again. Issued policies stand.") }) : null,
  ];
}

// ---- roster

/** The figures are asked for again and again, the lines of the roster when it opens, when the figures say that they
 *  have changed, and page by page when somebody wants more. */
async function rosterPart(api, path, project, offer, me) {
  const figures = h("div", { "aria-live": "polite" });
  const around = h("div", {});
  let drawn = null;
  const rows = h("div", {});
  let [refused, shown, pages] = [0, null, 1];
  const tell = async (roster) => {
    figures.replaceChildren(...figuresOf(roster).filter(Boolean));
    const outside = roster.uninsured.filter(({ why }) => why === "OUTSIDE_SITE").map(({ distance_m: at }) => at);
    const away = outside.length;
    if (drawn !== String(outside)) {
      drawn = String(outside);
      around.replaceChildren(panel(t("项目周围", "Around the site"), sketch(project.site, outside)));
    }
    if (away > refused && me.may("moveSite")) offer.replaceChildren(...offerOf(api, path, await api.get(path)));
    refused = away;
  };
  const open = async () => {
    const roster = await api.get(`${path}/roster?rows=${ROSTER_ROWS}`);
    [shown, pages] = [roster.count, 1];
    rows.replaceChildren(...coveredPanels(roster, more));
    await tell(roster);
  };
  const more = (token) => async () => {
    const roster = await api.get(`${path}/roster?rows=${ROSTER_ROWS}&page=${encodeURIComponent(token)}`);
    pages += 1;
    rows.lastElementChild.replaceWith(...coveredPanels(roster, more));
  };
  const draw = async () => {
    const roster = await api.get(`${path}/roster?rows=0`);
    await tell(roster);
    if (roster.count !== shown && pages === 1) await open();
  };
  await open();
  every(ROSTER_SECONDS, () => void draw().catch(() => {})); // the next round asks again
  return [figures, rows, around];
}

const coveredPanels = (roster, more) => [
  panel(t("在保人员", "Covered"), table(t("在保人员", "Covered"), [t("姓名", "Name"), t("保单号", "Policy"), t("计划", "Plan"), t("开始", "From"), t("结束", "To")],
    roster.in_force.map((line) => [line.full_name ?? line.insured_name, h("span", { class: "number" }, line.policy_no), line.plan_id, moment(line.start), moment(line.end)]),
    t("现在没有人在保。", "Nobody is covered now."))),
  roster.next ? h("div", { class: "row" }, button(t("更多", "More"), more(roster.next))) : null,
].filter(Boolean);

function figuresOf(roster) {
  return [
    h("div", { class: "figures" },
      figure(roster.count, t("在保", "covered"), "good"),
      figure(roster.uninsured_count, t("在场未投保", "on site uninsured"), roster.uninsured_count ? "bad" : "past"),
      figure(roster.uninsured_places, t("计划人数未覆盖", "of the headcount uncovered"), roster.under_insured ? "warn" : "past"),
      figure(roster.headcount, t("计划人数", "headcount"), "past")),
    roster.cover_blocked ? h("p", { class: "problem", role: "alert" }, t("授信已用完：新的打卡不再出单。请结清保费。", "Credit used up: new check-ins get no cover. Settle the premiums.")) : null,
    roster.under_insured ? h("p", { class: "notice" }, t("班次进行中，在保人数少于计划人数。", "The shift is running with fewer policies than planned.")) : null,
    panel(t("在场但没有保障", "On site without cover"), roster.uninsured.length
      ? table(t("未投保人员", "Uninsured"), [t("姓名", "Name"), t("最近出现", "Last seen"), t("原因", "Why"), t("怎么办", "What to do")],
        roster.uninsured.map((visit) => [[h("b", {}, nameOf(visit)), visit.phone ? link(`tel:${visit.phone}`, t(` 打电话 ${visit.phone}`, ` call ${visit.phone}`), { class: "whole call" }) : null], moment(visit.last_seen), [tag(word(WHY, visit.why), "bad"), visit.distance_m === null ? null : h("small", {}, t(` ${visit.distance_m} 米外`, ` ${visit.distance_m} m away`))], t(visit.next_step_zh, visit.next_step_en)]))
      : empty(t("没有。", "Nobody."))),
  ];
}

const figure = (number, text, tone) => h("div", { class: `figure ${tone}` }, h("strong", {}, number), h("span", {}, text));

// ---- code

async function codePart(api, path, project) {
  const change = (action) => () => api.post(`${path}/qr-code`, { action }).then(refresh);
  const revoke = button(t("吊销二维码", "Revoke the code"), change("REVOKE"), { tone: "danger", sure: t("吊销后，已张贴的二维码全部失效。", "Every code on the wall ends at once.") });
  if (project.code_revoked) {
    return panel(t("二维码已吊销", "The code is revoked"),
      h("p", {}, t("已张贴的二维码不再有效。", "The codes on the wall no longer work.")),
      button(t("生成新的二维码", "Make a new code"), change("ROTATE"), { tone: "main" }));
  }
  const picture = h("img", { alt: t("现场屏幕二维码", "QR code for a screen") });
  const left = h("p", { class: "hint" });
  const draw = async () => { picture.src = await api.picture(`${path}/qr-code?form=screen&format=svg`); };
  const [poster, plainPng, sheet] = await Promise.all([api.picture(`${path}/qr-code?form=poster&format=svg`), api.picture(`${path}/qr-code?form=poster&format=png`), api.picture(`${path}/qr-code?form=poster&format=sheet`), draw()]);
  countDown(left, draw);
  return [
    h("div", { class: "codes" },
      panel(t("海报二维码", "Poster"), h("figure", { class: "code" }, h("img", { src: poster, alt: t("海报二维码", "QR code for a poster") })),
        h("div", { class: "row" }, link(plainPng, t("下载 PNG", "Download PNG"), { class: "button", download: `${project.project_id}.png` }),
          link(poster, t("下载 SVG", "Download SVG"), { class: "button", download: `${project.project_id}.svg` }))),
      panel(t("屏幕二维码", "On a screen"), h("figure", { class: "code" }, picture), left,
        h("div", { class: "row" }, button(t("下载 PNG（半分钟内有效）", "Download PNG (lasts half a minute)"), () => keepFile(api, `${path}/qr-code?form=screen&format=png`, `${project.project_id}-screen.png`)))),
      panel(t("打印页（A4）", "Sheet to print (A4)"), h("figure", { class: "sheet" }, h("img", { src: sheet, alt: t("A4 打印页", "A4 sheet") })),
        h("div", { class: "row" }, button(t("打印", "Print"), () => { window.print(); }, { tone: "main" }),
          button(t("下载 PDF", "Download PDF"), () => savePdf(sheet, posterName(project))),
          button(t("下载 PNG 图片", "Download PNG picture"), () => savePng(sheet, posterName(project)))))),
    h("div", { class: "row" },
      button(t("更换二维码", "Rotate the code"), change("ROTATE"), { sure: t("更换后，旧的二维码失效，需要重新张贴。", "The old code ends and a new one must be put up.") }),
      revoke),
  ];
}

function countDown(left, draw) {
  let seconds = SCREEN_SECONDS;
  const tell = () => { left.textContent = t(`${seconds} 秒后更换，拍照转发会很快失效`, `Changes in ${seconds} s: a photo of it soon ends`); };
  tell();
  every(1, () => {
    seconds -= 1;
    if (seconds <= 0) {
      seconds = SCREEN_SECONDS;
      void draw().catch(() => {}); // the next round draws again
    }
    tell();
  });
}

// ---- accident

function accidentPart(api, path) {
  const companyPath = path.replace(/\/projects\/.*$/, "");
  return panel(t("代工人报案", "Report an accident for a worker"),
    h("p", { class: "hint" }, t("赔款只付给工人本人。工人会收到通知，并自己上传材料。", "The money goes to the worker alone, who is told and hands in the documents.")),
    form(t("提交报案", "Send the report"), [
      field(t("证件类型", "Kind of document"), select("document_type", optionsOf(IDENTITY_DOCUMENT), "RESIDENT_ID")),
      field(t("工人证件号码", "Worker's document number"), input("id_number", { "data-unkept": true, minlength: "4", maxlength: "40" })),
      field(t("保单号（如知道）", "Policy number (if known)"), input("policy_no", { required: false, maxlength: "40" })),
      field(t("联系人和电话", "Contact"), input("contact", { required: false, maxlength: "200" })),
      accidentFields(),
    ], async (given, answer) => {
      const notice = { ...noticeOf(given), id_number: given.get("id_number"), document_type: given.get("document_type") };
      if (given.get("contact")) notice.contact = given.get("contact");
      const reported = await api.post(`${companyPath}/loss-notices`, notice);
      answer.replaceChildren(done(reported.claim_no
        ? t(`已立案 ${reported.claim_no}`, `Registered as ${reported.claim_no}`)
        : t(`已收到报案 ${reported.report_no}，理赔人员会核对保单。`, `Report ${reported.report_no} received; staff will match the policy.`)));
    }));
}
