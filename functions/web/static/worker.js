// The worker's face: read what is covered, consent, check in, see every policy, and what becomes of a claim.
// A browser cannot open the work card: signing in and the face check happen in WeChat, and the page says so.

import { Api, Problem, ROOT, Session, forBrowser, hereOf, listed, moment, pause, randomId, speaks, t, word, yuan } from "./client.js";
import { done, empty, facts, field, form, go, h, input, link, panel, refusal, run, steps, tag, tick, title } from "./page.js";
import { patiently, steadily } from "./patience.js";
import { locate } from "./place.js";
import { claimView, claimsView, reportView } from "./worker-claims.js";
import { beneficiariesView } from "./worker-designation.js";
import { identityView } from "./worker-payments.js";
import { ask, documentFields, referralView, referralsView, referredNotice, standingReferrals, wayOn } from "./worker-referral.js";
import { CHECK_IN_SIGNAL, CONSENT, NO_POSITION, POLICY_STATUS } from "./words.js";

const DEVICE = "daycover.device";
const FRESH_MS = 60_000; // a second press within this goes on with the position of the first

const session = new Session("worker");
const api = new Api(session);
const qrToken = /^s\/([^/?#]+)/.exec(location.href.slice(ROOT.length))?.[1];
let told = []; // warnings of the check-in or the policy that just came about
let located = null; // {where, at} of a check-in that only lacked a name

// ---- signing in

/** WeChat hands the login code over in the address; it is used once and leaves the address at once. */
async function takeCode() {
  const address = new URL(location.href);
  const code = address.searchParams.get("code");
  if (!code) return null;
  address.searchParams.delete("code");
  history.replaceState(null, "", address);
  try {
    const given = await api.post("/v1/sessions", { login_code: code });
    session.keep({ token: given.access_token, ends: given.expires_at });
    return null;
  } catch (error) {
    return error;
  }
}

const hotline = () => h("p", {}, t("打不开？请联系现场负责人，或拨打 ", "Does not work? Ask the foreman, or call "), link("tel:95511", "95511"));

function signInView(error) {
  const why = error ? refusal(error) : null;
  if (!qrToken) {
    return title(t("请从微信进入", "Please come in from WeChat"), why,
      h("p", { class: "lead" }, t("保单和理赔只给本人看。请在微信里打开日结保小程序，点“我的”，会直接登录到这一页。",
        "Policies and claims are shown to their owner alone. Open the daycover mini program in WeChat and tap “Me”: it signs you in here.")),
      hotline());
  }
  return title(t("请用微信扫码", "Please scan with WeChat"), why,
    h("p", { class: "lead" }, t("您刚扫的是日结保的投保二维码。请打开微信的“扫一扫”再扫一次，会直接进入打卡页面。",
      "This is a daycover insurance code. Open WeChat, tap Scan and scan it again: it takes you straight to the check-in.")),
    steps(
      [t("此刻还没有保障", "You are not covered yet"), t("打卡成功、看到保单号之后才开始保障", "Cover begins when you see a policy number")],
      [t("保障 24 小时", "24 hours of cover"), t("从出单的那一刻起，夜班不受零点影响", "From that moment on, across midnight")],
      [t("不用付钱", "Nothing to pay"), t("保费由劳务公司承担，不从工资中扣除", "The labour company pays, never out of your wages")]),
    hotline());
}

// ---- scan, consent, check in

const percent = (basisPoints) => `${basisPoints / 100}%`;

function benefits(plan) {
  const { benefits: pays } = plan;
  return facts(
    [t("意外身故、伤残", "Death, disability"), yuan(plan.sum_insured_fen)],
    [t("猝死", "Sudden death"), pays.sudden_death_fen ? yuan(pays.sudden_death_fen) : null],
    [t("意外医疗限额", "Medical limit"), yuan(pays.medical_limit_fen)],
    [t("医疗免赔额、比例", "Medical deductible, ratio"), listed([yuan(pays.medical_deductible_fen), percent(pays.medical_ratio_bps)])],
    [t("住院津贴（每天）", "Hospital allowance a day"), pays.hospital_daily_fen ? yuan(pays.hospital_daily_fen) : null],
    [t("误工津贴（每天）", "Lost income a day"), pays.lost_income_daily_fen ? yuan(pays.lost_income_daily_fen) : null],
    [t("津贴免赔天数", "Waiting days"), t(`${pays.waiting_days} 天，每次最多 ${pays.days_per_accident} 天`, `${pays.waiting_days}, at most ${pays.days_per_accident} days`)],
    [t("救护车", "Ambulance"), pays.ambulance_limit_fen ? yuan(pays.ambulance_limit_fen) : null]);
}

/** The whole terms open beside the page, so that what was typed stays. */
const wholeTerms = (terms) => h("p", {}, link(hereOf(terms.link, "/v1/terms/"), t(`阅读完整条款《${terms.name}》`, "Read the whole terms"), { target: "_blank", rel: "noopener" }),
  h("small", {}, ` ${t("版本", "version")} ${terms.version} · ${t("备案号", "filing number")} ${terms.filing_no}`));

const exclusions = (list) => panel(t("这些情况不赔", "Not covered"), h("ul", { class: "exclusions" }, list.map((line) => h("li", {}, line))));

async function scanView() {
  if (!qrToken) return go("#/policies");
  const scan = await api.get(`/v1/scan/${qrToken}`);
  const shownAt = new Date().toISOString();
  const open = scan.consents.filter((consent) => !consent.given);
  const isReferred = scan.acceptance === "REFER";
  const identity = isReferred ? documentFields() : identityFields();
  const action = isReferred
    ? open.length ? t("同意并申请人工核验", "Agree and ask for a referral") : t("申请人工核验", "Ask for a referral")
    : open.length ? t("同意并打卡", "Agree and check in") : t("打卡", "Check in");
  return title(scan.project_name,
    h("p", { class: "lead" }, scan.employer_name),
    h("p", { class: "notice" }, t("此刻还没有保障。看到保单号之前，请勿开工。", "You are not covered yet. Do not start work before you see a policy number.")),
    isReferred ? [referredNotice(scan), await standingReferrals(api, scan)] : null,
    facts(
      [t("保险金额", "Sum insured"), yuan(scan.plan.sum_insured_fen)],
      [t("保障时间", "Cover"), t(`出单起 ${scan.cover_hours} 小时`, `${scan.cover_hours} hours from issue`)],
      [t("班次", "Shift"), `${scan.shift.starts_at}–${scan.shift.ends_at}${scan.shift.crosses_midnight ? t("（次日）", " (next day)") : ""}`],
      [t("保障计划", "Plan"), `${scan.plan.plan_id} · ${t("职业类别", "class")} ${scan.occupation_class}`],
      [t("保费", "Premium"), t(`${yuan(scan.premium_fen)}，由${scan.premium_payer}承担，不从工资中扣除`, `${yuan(scan.premium_fen)}, paid by ${scan.premium_payer}, never out of your wages`), true],
      [t("承保", "Insurer"), [scan.insurer, " ", link(`tel:${scan.hotline}`, scan.hotline)], true]),
    panel(t("保什么", "What is covered"), benefits(scan.plan)),
    exclusions(scan.exclusions),
    wholeTerms(scan.terms),
    form(action, [
      h("h2", {}, t("请逐项阅读并同意", "Read and accept each text")),
      speaks() === "en" ? h("p", { class: "hint" }, "The Chinese text is the binding one. If you cannot read it, have it explained before you accept.") : null,
      scan.consents.map((consent) => consentBox(consent)),
      identity,
      isReferred ? null : h("p", { class: "hint" }, t("打卡时会请您允许定位，用来核对您在项目现场。不允许也能打卡，但会留下记录。",
        "You will be asked for your position, to see that you are on site. You may decline; that is noted.")),
    ], async (given, answer) => {
      await consent(open, shownAt);
      await (isReferred ? ask(api, qrToken, "OCCUPATION_CLASS", given) : checkIn(given, answer, identity));
    }, { label: action }));
}

function consentBox(consent) {
  const name = word(CONSENT, consent.kind);
  return h("article", { class: "consent" }, h("h3", {}, name),
    h("p", { lang: "zh-CN" }, consent.text),
    consent.given ? tag(t("已同意", "Accepted"), "good")
      : tick("consent", consent.kind, t(`我已阅读并同意：${name}`, `I have read and accept: ${name}`), { required: true }));
}

function identityFields() {
  return h("fieldset", { hidden: true, disabled: true },
    h("legend", {}, t("首次打卡，请填写本人信息", "First check-in: please say who you are")),
    field(t("姓名", "Name"), input("name", { maxlength: "64", autocomplete: "name" })),
    field(t("身份证号码", "Resident ID number"), input("id_number", { "data-unkept": true, maxlength: "40", inputmode: "text" }),
      t("只用于核验和投保，加密保存，不会留在这台设备上", "Used to verify and insure you, stored encrypted, never kept on this device")));
}

async function consent(open, shownAt) {
  if (open.every(({ given }) => given)) return;
  const consents = open.map(({ kind, sha256 }) => ({ kind, sha256, shown_at: shownAt }));
  await api.post("/v1/consents", { qr_token: qrToken, consents });
  open.forEach((text) => { text.given = true; });
}

async function checkIn(given, answer, identity) {
  answer.replaceChildren(done(t("正在定位，最多 8 秒…", "Locating, 8 seconds at the most…")));
  const where = located && Date.now() - located.at < FRESH_MS ? located.where : await locate();
  located = null;
  answer.replaceChildren(done(t("正在打卡…", "Checking in…")));
  const body = { qr_token: qrToken };
  if (where.place) body.place = where.place;
  if (!identity.disabled) body.identity = { name: given.get("name"), id_number: given.get("id_number") };
  let begun;
  try {
    begun = await patiently(answer, () => api.post("/v1/check-ins", { ...body, device: { id: device(), time: new Date().toISOString() } }));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (wayOn(error)) return answer.replaceChildren(refusal(error), wayOn(error));
    if (error.slug !== "identity-required" || !identity.disabled) throw error;
    located = { where, at: Date.now() };
    identity.hidden = false;
    identity.disabled = false;
    identity.querySelector("input").focus();
    answer.replaceChildren(done(t("请填写姓名和身份证号码，再点一次。", "State name and ID number, then press once more.")));
    return;
  }
  if (begun.status === "COVERED") go(`#/policies/${begun.policy.policy_no}`);
  else {
    const without = where.why ? [t(`没有定位，已照常打卡，会留下记录。${word(NO_POSITION, where.why)}。`, `Checked in without a position, which is noted. ${word(NO_POSITION, where.why)}.`)] : [];
    told = [...without, ...begun.signals.filter((code) => code !== "NO_POSITION" || !where.why).map((code) => word(CHECK_IN_SIGNAL, code))];
    go(`#/waiting/${begun.check_in_id}`);
  }
}

/** A random number for this browser. Without it every visit would look like another phone of the worker's. */
function device() {
  const known = forBrowser.get(DEVICE) ?? `h5-${randomId()}`;
  forBrowser.set(DEVICE, known);
  return known;
}

function waitingView(checkInId) {
  const answer = h("div", { class: "answer", "aria-live": "polite" }, h("p", { class: "waiting" }, t("等待人脸核验…", "Waiting for the face check…")));
  void wait(checkInId, answer);
  return title(t("还差一步：人脸核验", "One more step: show your face"),
    h("p", { class: "notice" }, t("此刻还没有保障。", "You are not covered yet.")),
    steps(
      [t("打开微工卡", "Open the work card"), t("在微信里搜索“微工卡”，这一页打不开它", "Search for 微工卡 in WeChat; this page cannot open it")],
      [t("完成人脸核验", "Show your face"), t("人脸只在微工卡里核验，我们不保存", "It is checked in the work card; we do not keep it")],
      [t("回到这一页", "Come back here"), t("核验通过后会自动显示保单号", "The policy number appears by itself")]),
    told.length ? h("ul", { class: "hint" }, told.map((text) => h("li", {}, text))) : null,
    answer,
    h("p", { class: "hint" }, t("不愿使用人脸识别，可以由现场和核保员核对证件。", "If you do not want face recognition, the site and an underwriter look at your document instead."), " ",
      link("#/referral/FACE_DECLINED", t("申请人工核验", "Ask for a referral"))));
}

async function wait(checkInId, answer) {
  const here = location.hash;
  try {
    while (location.hash === here && session.facts) {
      const { status, headers, body } = await steadily(answer, () => api.send("POST", `/v1/check-ins/${checkInId}/policy`));
      if (status !== 202) {
        told = body.warnings.map((warning) => t(warning.text_zh, warning.text_en));
        if (location.hash === here) go(`#/policies/${body.policy_no}`);
        return;
      }
      await pause(Number(headers.get("Retry-After")) || 2);
    }
  } catch (error) {
    answer.replaceChildren(...[refusal(error), qrToken ? link("#/", t("重新打卡", "Check in again"), { class: "button" }) : null, qrToken ? wayOn(error) : null].filter(Boolean));
  }
}

// ---- policies

const standing = (policy) => (policy.in_force ? tag(t("保障中", "In force"), "good")
  : policy.status !== "ISSUED" ? tag(word(POLICY_STATUS, policy.status), "bad")
    : Date.parse(policy.start) > Date.now() ? tag(t("尚未开始", "Not begun"), "past") : tag(t("已结束", "Ended"), "past"));

async function policiesView(before) {
  const { policies, next } = await api.get(`/v1/policies${before ? `?before=${before}` : ""}`);
  return title(t("我的保单", "My policies"),
    policies.length ? h("ul", { class: "cards" }, policies.map((policy) => h("li", {},
      link(`#/policies/${policy.policy_no}`, [
        h("b", {}, t(`${moment(policy.start)} 起 24 小时`, `24 h from ${moment(policy.start)}`)), standing(policy),
        h("small", {}, `${policy.policy_no} · ${t("保额", "sum insured")} ${yuan(policy.sum_insured_fen)}`)]))))
      : empty(t("还没有保单。到项目现场扫码打卡后，会显示在这里，永久可查。", "No policy yet. After your first check-in it stands here, for ever.")),
    policies.length ? link("#/beneficiaries", t("身故受益人：指定或变更", "Beneficiaries: designate or change"), { class: "button" }) : null,
    next ? link(`#/policies/before/${next}`, t("更早的保单", "Earlier policies"), { class: "button" }) : null);
}

async function policyView(policyNo) {
  const policy = await api.get(`/v1/policies/${policyNo}`);
  const warned = told;
  told = [];
  const certificate = policy.status === "ISSUED" ? await certificateOf(policyNo) : null;
  return title(policy.in_force ? t("您已在保障中", "You are covered") : t("保单", "Policy"),
    h("section", { class: policy.in_force ? "finding good" : "finding past" },
      h("span", { class: "mark", "aria-hidden": "true" }, policy.in_force ? "✓" : "–"),
      h("p", { class: "period" }, h("span", {}, t(`${moment(policy.start)} 起`, `from ${moment(policy.start)}`)), h("span", {}, t(`${moment(policy.end)} 止`, `to ${moment(policy.end)}`))), standing(policy)),
    warned.map((text) => h("p", { class: "notice", role: "status" }, text)),
    facts(
      [t("保单号", "Policy number"), h("span", { class: "number" }, policy.policy_no), true],
      [t("被保险人", "Insured"), policy.insured_name],
      [t("保险金额", "Sum insured"), yuan(policy.sum_insured_fen)],
      [t("保障计划", "Plan"), policy.plan_id],
      [t("保费（公司承担）", "Premium (paid by the company)"), yuan(policy.premium_fen)],
      policy.ended ? [t("提前结束", "Ended early"), moment(policy.ended.at), true] : null),
    certificate ? panel(t("保险凭证", "Certificate"),
      h("figure", { class: "code" }, h("img", { src: certificate.code, alt: t("保险凭证二维码", "QR code of the certificate") }),
        h("figcaption", {}, t("医院和现场可扫码验真，姓名只显示一个字，没有证件号", "Hospital and site can scan it; it shows a masked name and no ID number"))),
      link(certificate.path, t("打开核验页面", "Open the verification page"), { class: "button" })) : null,
    certificate ? contractPanel(certificate.contract) : null,
    panel(t("发生意外？", "Had an accident?"), h("p", {}, t("请先救治，再报案。", "Get treated first, then report it."), " ", link(`tel:${policy.hotline}`, policy.hotline)),
      link(`#/report/${policy.policy_no}`, t("报案", "Report an accident"), { class: "button main" })),
    panel(t("保什么", "What is covered"), benefits(policy.plan)),
    exclusions(policy.exclusions),
    wholeTerms(policy.terms));
}

async function certificateOf(policyNo) {
  const path = `/v1/policies/${policyNo}/certificate`;
  const [facts_, code] = await Promise.all([api.get(`${path}?format=json`), api.picture(`${path}?format=svg`)]);
  return { path: hereOf(facts_.link, "/c/"), code, contract: facts_.contract };
}

/** What the contract says; shown to the insured alone. Its clauses are Chinese: they are the binding text. */
function contractPanel(contract) {
  const unknown = t("以总保单记载为准", "as the master policy says");
  return panel(t("合同内容", "The contract"), facts(
    [t("保险人", "Insurer"), [contract.insurer, h("small", {}, contract.insurer_address)], true],
    [t("投保人", "Policyholder"), [contract.policyholder ?? unknown, contract.policyholder_credit_code ? h("small", {}, contract.policyholder_credit_code) : null,
      h("small", {}, `${t("住所：", "Address: ")}${contract.policyholder_address ?? unknown}`)], true],
    [t("总保单号", "Master policy"), h("span", { class: "number" }, contract.master_policy_no), true],
    [t("被保险人", "Insured"), contract.insured],
    [t("用工项目", "Work project"), contract.project ?? "—", true],
    [t("工种和职业类别", "Occupation and class"), `${contract.occupation ?? "—"} · ${contract.occupation_class}`],
    [t("保险标的", "Subject"), contract.subject],
    [t("合同订立时间", "Concluded"), moment(contract.concluded_at)],
    [t("身故受益人", "Beneficiaries of the death benefit"), [contract.designated ? t(`已指定 ${contract.designated} 人`, `${contract.designated} designated`) : t("未指定，为法定继承人", "nobody designated: the legal heirs"),
      " ", link("#/beneficiaries", t("指定或变更", "Designate or change"))], true],
    [t("保险费", "Premium"), [yuan(contract.premium_fen), h("small", { lang: "zh-CN" }, contract.premium)], true],
    [t("保险金给付", "Payment of claims"), h("small", { lang: "zh-CN" }, contract.payment), true],
    [t("违约责任和争议处理", "Breach and disputes"), h("small", { lang: "zh-CN" }, contract.disputes), true]));
}

// ---- the face

run({
  session,
  arrive: takeCode,
  name: () => t("工人端", "Worker"),
  nav: () => [
    ...(qrToken ? [["#/", t("打卡", "Check in")]] : []),
    ["#/policies", t("保单", "Policies")],
    ["#/claims", t("理赔", "Claims")],
    ["#/referrals", t("人工核验", "Referrals")],
  ],
  signIn: signInView,
  views: [
    [/^#\/$/, scanView],
    [/^#\/waiting\/([^/]+)$/, waitingView],
    [/^#\/policies$/, () => policiesView()],
    [/^#\/policies\/before\/([^/]+)$/, policiesView],
    [/^#\/policies\/([^/]+)$/, policyView],
    [/^#\/report(?:\/([^/]+))?$/, (policyNo) => reportView(api, policyNo)],
    [/^#\/claims$/, () => claimsView(api)],
    [/^#\/claims\/([^/]+)$/, (claimNo) => claimView(api, claimNo)],
    [/^#\/claims\/([^/]+)\/identity\/([^/]+)$/, (claimNo, checkId) => identityView(api, session, claimNo, checkId)],
    [/^#\/beneficiaries$/, () => beneficiariesView(api)],
    [/^#\/referrals$/, () => referralsView(api, qrToken)],
    [/^#\/referral\/([A-Z_]+)$/, (reason) => referralView(api, qrToken, reason)],
  ],
});
