// The worker's face: how one stands, what is covered, consent and check-in. Everything else is fetched when it is
// opened: a phone at the gate gets no more than it needs to check in.
// A browser cannot open the work card: signing in and the face check happen in WeChat, and the page says so.

import { Api, ROOT, Session, forBrowser, forTab, now, speaks, t, word, yuan } from "./client.js";
import { button, facts, field, form, h, input, link, panel, refresh, refusal, run, steps, tick, title } from "./page.js";
import { CONSENT, KEPT_POLICIES, benefits, consentText, countdown, coverCard, exclusions, statusCard, wholeTerms } from "./worker-cover.js";

const PENDING = "daycover.check-in"; // {token, id, ends} of a check-in that waits for the face

const READING_MS = 2000; // before that the network is the page's own

const session = new Session("worker");
const api = new Api(session);
const qrToken = /^s\/([^/?#]+)/.exec(location.href.slice(ROOT.length))?.[1];

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

async function signInView(error) {
  const why = error ? refusal(error) : null;
  const kept = forBrowser.get(KEPT_POLICIES) ? (await import("./worker-policies.js")).keptPolicies() : null;
  if (!qrToken) {
    return title(t("请从微信进入", "Please come in from WeChat"), why,
      h("p", { class: "lead" }, t("保单和理赔只给本人看。请在微信里打开日结保小程序，点“我的”，会直接登录到这一页。",
        "Policies and claims are shown to their owner alone. Open the daycover mini program in WeChat and tap “Me”: it signs you in here.")),
      kept, hotline());
  }
  return title(t("请用微信扫码", "Please scan with WeChat"), why,
    h("p", { class: "lead" }, t("您刚扫的是日结保的投保二维码。请打开微信的“扫一扫”再扫一次，会直接进入打卡页面。",
      "This is a daycover insurance code. Open WeChat, tap Scan and scan it again: it takes you straight to the check-in.")),
    steps(
      [t("此刻还没有保障", "You are not covered yet"), t("打卡成功、看到保单号之后才开始保障", "Cover begins when you see a policy number")],
      [t("保障 24 小时", "24 hours of cover"), t("从出单的那一刻起，夜班不受零点影响", "From that moment on, across midnight")],
      [t("不用付钱", "Nothing to pay"), t("保费由劳务公司承担，不从工资中扣除", "The labour company pays, never out of your wages")]),
    kept, hotline());
}

// ---- how one stands

/** A check-in of this tab that waits for the face; null when there is none, or its time is over. */
function pendingCheckIn() {
  const kept = JSON.parse(forTab.get(PENDING) ?? "null");
  return kept && kept.token === qrToken && Date.parse(kept.ends) > now() ? kept : null;
}

const pending = {
  keep: (checkIn) => forTab.set(PENDING, JSON.stringify({ token: qrToken, id: checkIn.check_in_id, ends: checkIn.expires_at })),
  get: pendingCheckIn,
  end: () => forTab.remove(PENDING),
};

function scanStatus(scan) {
  if (scan.cover) {
    return coverCard(scan.cover, scan.cover.renewable ? h("p", {}, t("保障快到期了。要继续干活，请现在打卡续保 24 小时，中间不断保。", "Your cover ends soon. To work on, check in now: the next 24 hours follow without a gap.")) : null);
  }
  const waits = pending.get();
  if (waits) {
    return statusCard("warn", t("还差人脸核验", "Your face check is open"), h("p", {}, t("此刻还没有保障。还剩 ", "You are not covered yet. Left: "), countdown(waits.ends)),
      link(`#/waiting/${waits.id}`, t("去完成人脸核验", "Go on to the face check"), { class: "button main" }));
  }
  return statusCard("warn", t("此刻还没有保障", "You are not covered yet"), h("p", {}, t("看到保单号之前，请勿开工。", "Do not start work before you see a policy number.")));
}

// ---- scan, consent, check in

const scanFacts = (scan) => facts(
  [t("保险金额", "Sum insured"), yuan(scan.plan.sum_insured_fen)],
  [t("保障时间", "Cover"), t(`出单起 ${scan.cover_hours} 小时`, `${scan.cover_hours} hours from issue`)],
  [t("班次", "Shift"), `${scan.shift.starts_at}–${scan.shift.ends_at}${scan.shift.crosses_midnight ? t("（次日）", " (next day)") : ""}`],
  [t("保障计划", "Plan"), `${scan.plan.plan_id} · ${t("职业类别", "class")} ${scan.occupation_class}`],
  [t("保费", "Premium"), t(`${yuan(scan.premium_fen)}，由${scan.premium_payer}承担，不从工资中扣除`, `${yuan(scan.premium_fen)}, paid by ${scan.premium_payer}, never out of your wages`), true],
  [t("承保", "Insurer"), [scan.insurer, " ", link(`tel:${scan.hotline}`, scan.hotline)], true]);

async function scanView() {
  if (!qrToken) return (await import("./worker-home.js")).homeView(api);
  const scan = await api.get(`/v1/scan/${qrToken}`);
  const shownAt = new Date().toISOString();
  const open = scan.consents.filter((consent) => !consent.given);
  const isReferred = scan.acceptance === "REFER";
  const referral = isReferred ? await import("./worker-referral.js") : null;
  const isDone = scan.cover && !scan.cover.renewable;
  const cover = [panel(t("保什么", "What is covered"), benefits(scan.plan)), exclusions(t(scan.exclusions, scan.exclusions_en ?? scan.exclusions)), wholeTerms(scan.terms)];
  const texts = scan.consents.filter(({ given }) => given).map(consentText);
  const folded = (heading, ...content) => (content.flat().length ? h("details", { class: "panel" }, h("summary", {}, heading), content) : null);
  if (!isDone) prefetch();
  return title(scan.project_name,
    h("p", { class: "lead" }, scan.employer_name),
    isReferred && !scan.cover ? [referral.referredNotice(scan), await referral.standingReferrals(api, scan)] : null,
    scanStatus(scan),
    isDone ? null : open.length ? [scanFacts(scan), cover] : null,
    isDone ? null : checkInForm(scan, { open, shownAt, referral }),
    open.length && !isDone ? null : [scanFacts(scan), folded(t("保什么、不保什么", "What is covered, and what is not"), cover)],
    folded(t("我同意过的内容", "What I agreed to"), texts, texts.length ? withdrawal(scan) : []));
}

function checkInForm(scan, { open, shownAt, referral }) {
  const identity = referral ? referral.documentFields() : identityFields();
  const action = referral
    ? open.length ? t("同意并申请人工核验", "Agree and ask for a referral") : t("申请人工核验", "Ask for a referral")
    : scan.cover ? t("打卡续保", "Check in for the next 24 hours") : open.length ? t("同意并打卡", "Agree and check in") : t("打卡", "Check in");
  return form(action, [
    open.length ? [h("h2", {}, t("请逐项阅读并同意", "Read and accept each text")),
      speaks() === "en" ? h("p", { class: "hint" }, "The English explains; the Chinese text below each is the binding one.") : null,
      open.map((consent) => consentText(consent, tick("consent", consent.kind, t(`我已阅读并同意：${word(CONSENT, consent.kind)}`, `I have read and accept: ${word(CONSENT, consent.kind)}`), { required: true })))] : null,
    identity,
    referral ? null : h("p", { class: "hint" }, t("打卡时会请您允许定位，用来核对您在项目现场。不允许也能打卡，但会留下记录。",
      "You will be asked for your position, to see that you are on site. You may decline; that is noted.")),
  ], async (given, answer) => {
    await consent(open, shownAt);
    if (referral) return referral.ask(api, qrToken, "OCCUPATION_CLASS", given);
    const { checkIn } = await import("./worker-check-in.js");
    return checkIn(api, { qrToken, pending }, given, answer, identity);
  }, { label: action, key: "check-in", tone: "main big sticky" });
}

/** As near as the consent itself. */
const withdrawal = (scan) => h("div", {}, h("p", { class: "hint" }, t("同意可以随时撤回。撤回后在这个项目不再有保障，之前的保单和理赔不受影响。", "You may withdraw it at any time. It ends your cover on this project; earlier policies and claims stand.")),
  button(t("撤回我在这个项目的同意", "Withdraw what I agreed to here"), async () => {
    await api.post("/v1/consents/withdrawal", { project_id: scan.project_id, kinds: scan.consents.map(({ kind }) => kind) });
    await refresh();
  }, { tone: "danger", sure: t("撤回后，您在这个项目的保障立即结束。确定撤回？", "Your cover on this project ends at once. Withdraw?") }));

function identityFields() {
  return h("fieldset", { hidden: true, disabled: true },
    h("legend", {}, t("首次打卡，请填写本人信息", "First check-in: please say who you are")),
    field(t("姓名", "Name"), input("name", { maxlength: "64", autocomplete: "name", "data-unkept": true })),
    field(t("身份证号码", "Resident ID number"), input("id_number", { maxlength: "40", inputmode: "text", "data-unkept": true }),
      t("只用于核验和投保，加密保存，不会留在这台设备上", "Used to verify and insure you, stored encrypted, never kept on this device")),
    field(t("手机号（可不填）", "Phone (optional)"), input("phone", { type: "tel", maxlength: "20", autocomplete: "tel", required: false, "data-unkept": true }),
      t("还没有保障时，现场负责人可以打给您", "The foreman may call it while you are not covered")));
}

async function consent(open, shownAt) {
  if (open.every(({ given }) => given)) return;
  const consents = open.map(({ kind, sha256 }) => ({ kind, sha256, shown_at: shownAt }));
  await api.post("/v1/consents", { qr_token: qrToken, consents });
  open.forEach((text) => { text.given = true; });
}

/** What the next tap needs, fetched while the person reads. */
function prefetch() {
  setTimeout(() => void import("./worker-check-in.js").catch(() => {}), READING_MS); // the tap itself asks again
}

// ---- the face

const later = (file, draw) => async (...words) => draw(await import(file), ...words);

run({
  session,
  arrive: takeCode,
  name: () => t("工人端", "Worker"),
  nav: () => [
    ["#/", qrToken ? t("打卡", "Check in") : t("首页", "Home")],
    ["#/policies", t("保单", "Policies")],
    ["#/claims", t("理赔", "Claims")],
    ["#/me", t("我的", "Me")],
  ],
  signIn: signInView,
  leave: async () => (await import("./worker-policies.js")).forgetPolicies(),
  views: [
    [/^#\/$/, scanView],
    [/^#\/waiting\/([^/]+)$/, later("./worker-check-in.js", ({ waitingView }, id) => waitingView(api, session, { qrToken, pending }, id))],
    [/^#\/policies$/, later("./worker-policies.js", ({ policiesView }) => policiesView(api))],
    [/^#\/policies\/before\/([^/]+)$/, later("./worker-policies.js", ({ policiesView }, before) => policiesView(api, before))],
    [/^#\/policies\/([^/]+)$/, later("./worker-policies.js", ({ policyView }, policyNo) => policyView(api, policyNo))],
    [/^#\/report(?:\/([^/]+))?$/, later("./worker-claims.js", ({ reportView }, policyNo) => reportView(api, policyNo))],
    [/^#\/claims$/, later("./worker-claims.js", ({ claimsView }) => claimsView(api))],
    [/^#\/claims\/([^/]+)$/, later("./worker-claims.js", ({ claimView }, claimNo) => claimView(api, claimNo))],
    [/^#\/claims\/([^/]+)\/identity\/([^/]+)$/, later("./worker-payments.js", ({ identityView }, claimNo, checkId) => identityView(api, session, claimNo, checkId))],
    [/^#\/family$/, later("./worker-family.js", ({ familyView }) => familyView(api))],
    [/^#\/me$/, later("./worker-home.js", ({ meView }) => meView(api))],
    [/^#\/beneficiaries$/, later("./worker-designation.js", ({ beneficiariesView }) => beneficiariesView(api))],
    [/^#\/referrals$/, later("./worker-referral.js", ({ referralsView }) => referralsView(api, qrToken))],
    [/^#\/referral\/([A-Z_]+)$/, later("./worker-referral.js", ({ referralView }, reason) => referralView(api, qrToken, reason))],
  ],
});
