// When the machine may not insure somebody: the worker asks, the site confirms, an underwriter decides.

import { moment, optionsOf, t, word } from "./client.js";
import { empty, every, facts, field, form, go, h, input, link, panel, redrawn, refresh, select, tag, title } from "./page.js";
import { announcedPages, postPages } from "./files.js";
import { FileRefusedError, prepared } from "./photos.js";
import { APPLICATION_DOCUMENT, IDENTITY_DOCUMENT, REFERRAL_REASON, REFERRAL_STATUS } from "./words.js";

const REFRESH_SECONDS = 3;
const BORN_IN_NUMBER = ["RESIDENT_ID", "HK_MO_TW_RESIDENCE_PERMIT", "FOREIGNER_PERMANENT_RESIDENCE"];

export function documentFields(type = "RESIDENT_ID") {
  const born = input("birth_date", { type: "date", autocomplete: "bday" });
  const bornField = field(t("出生日期", "Birth date"), born);
  const ask = (kind) => { bornField.hidden = born.disabled = BORN_IN_NUMBER.includes(kind); };
  const kinds = select("type", optionsOf(IDENTITY_DOCUMENT), type,
    { on: { change: () => ask(kinds.value) } });
  ask(type);
  return h("fieldset", {}, h("legend", {}, t("您在现场出示的证件", "The document you show on site")),
    field(t("证件类型", "Document"), kinds),
    field(t("姓名", "Name"), input("name", { maxlength: "64", autocomplete: "name" })),
    field(t("证件号码", "Document number"), input("number", { "data-unkept": true, minlength: "4", maxlength: "40" }),
      t("只用于核验和投保，加密保存，不会留在这台设备上", "Used to verify and insure you, stored encrypted, never kept on this device")),
    bornField);
}

export async function ask(api, qrToken, reason, given) {
  const document = { type: given.get("type"), name: given.get("name"), number: given.get("number"), birth_date: given.get("birth_date") || null };
  await api.post("/v1/referrals", { qr_token: qrToken, reason, document });
  go("#/referrals");
}

/** Why every worker of this project is referred, before anything is asked of them. */
export const referredNotice = (scan) => h("section", { class: "panel referred" },
  h("h2", {}, t("本项目须人工核保", "An underwriter decides about each worker here")),
  h("p", {}, t(scan.reason_zh, scan.reason_en)),
  h("p", {}, t("不能刷脸打卡出单。请阅读条款后申请人工核验：现场负责人核对您和证件，核保员决定后才有保障。",
    "Checking in brings no cover here. Read the texts and ask for a referral: the site sees you and your document, an underwriter decides, and only then you are covered.")));

export function referralView(api, qrToken, reason) {
  if (!qrToken) return go("#/referrals");
  return title(t("申请人工核验", "Ask for a referral"),
    h("p", { class: "notice" }, t("批准并看到保单号之前没有保障，请勿开工。", "You are not covered before it is approved and you see a policy number. Do not start work.")),
    form(t("提交申请", "Ask"), [
      field(t("为什么", "Why"), select("reason", optionsOf(REFERRAL_REASON), reason)),
      documentFields(reason === "DOCUMENT_TYPE" ? "PASSPORT" : "RESIDENT_ID"),
    ], (given) => ask(api, qrToken, given.get("reason"), given)));
}

const isOpen = (referral) => ["ASKED", "CONFIRMED", "ISSUING"].includes(referral.status);
const isUndecided = (referral) => ["ASKED", "CONFIRMED"].includes(referral.status);

/** The papers of a referral, and a way to send one more while nobody has decided. */
function papers(api, referral) {
  const sent = referral.documents.map((paper) => h("li", {}, word(APPLICATION_DOCUMENT, paper.doc_type), " ",
    tag(paper.is_received ? t("已收到", "Arrived") : t("未传完，请重传", "Not complete: send it again"), paper.is_received ? "good" : "warn")));
  const list = sent.length ? h("ul", { class: "papers" }, sent) : null;
  if (!isUndecided(referral)) return list;
  const wanted = referral.referred_work ? "OPERATION_CERTIFICATE" : "ID_DOCUMENT";
  const chosen = input("files", { type: "file", accept: "image/*,application/pdf", multiple: true });
  return [list, form(t("上传材料", "Send a paper"), [
    field(t("哪种证件或材料", "Which paper"), select("doc_type", optionsOf(APPLICATION_DOCUMENT), wanted)),
    field(t("照片或 PDF（正反面一起选）", "Photos or a PDF (choose both sides)"), chosen),
  ], async (given, answer) => {
    const pages = [];
    try {
      for (const file of chosen.files) {
        const page = await prepared(file, false);
        page.picture?.close();
        pages.push(page);
      }
    } catch (error) {
      if (!(error instanceof FileRefusedError)) throw error;
      answer.replaceChildren(h("p", { class: "problem", role: "alert" }, error.message));
      return;
    }
    const path = `/v1/referrals/${referral.referral_id}/documents`;
    const { document_id: id, uploads } = await api.post(path, { doc_type: given.get("doc_type"), pages: await announcedPages(pages) });
    await postPages(uploads, pages, answer);
    await api.post(`${path}/${id}/receipt`);
    await refresh();
  }, { tone: "" })];
}

const NEXT = {
  ASKED: ["请现场负责人当面核对您和证件，并在企业工作台确认。", "Have the site see you and your document and confirm it on the desk."],
  CONFIRMED: ["现场已确认，核保员正在决定。", "The site has confirmed; an underwriter is deciding."],
  ISSUING: ["已批准，正在出单。看到保单号之前还没有保障。", "Approved, the policy is being issued. No cover before you see its number."],
};

export async function referralsView(api, qrToken) {
  const { referrals } = await api.get("/v1/referrals");
  if (referrals.some(isOpen)) every(REFRESH_SECONDS, () => follow(api, referrals));
  return title(t("人工核验", "Referrals"),
    referrals.length ? referrals.map((referral) => referralPanel(referral, papers(api, referral))) : empty(t("没有申请过人工核验。", "You have not asked for a referral.")),
    qrToken ? link("#/", t("回到打卡", "Back to the check-in"), { class: "button" }) : null);
}

const referralPanel = (referral, papersOf = null) => panel(word(REFERRAL_REASON, referral.reason),
  h("p", {}, tag(word(REFERRAL_STATUS, referral.status), { APPROVED: "good", DECLINED: "bad" }[referral.status] ?? "warn")),
  referral.referred_work ? h("p", {}, t(referral.referred_work.reason_zh, referral.referred_work.reason_en)) : null,
  isOpen(referral) ? h("p", { class: "notice" }, t(...NEXT[referral.status])) : null,
  referral.declined_zh ? h("p", { class: "problem" }, t(referral.declined_zh, referral.declined_en)) : null,
  facts([t("姓名", "Name"), referral.name], [t("证件", "Document"), word(IDENTITY_DOCUMENT, referral.document_type)],
    [t("申请时间", "Asked"), moment(referral.asked_at)], isUndecided(referral) ? [t("答复期限", "Answer by"), moment(referral.answer_by)] : null),
  papersOf,
  referral.policy_no ? link(`#/policies/${referral.policy_no}`, t("查看保单", "Show the policy"), { class: "button main" }) : null);

/** What the worker has asked for on this project and need not ask again. */
export async function standingReferrals(api, scan) {
  const { referrals } = await api.get("/v1/referrals");
  const dayBefore = Date.now() - 86_400_000;
  return referrals.filter((referral) => referral.project_id === scan.project_id && (isOpen(referral) || (referral.policy_no && Date.parse(referral.asked_at) > dayBefore)))
    .map((referral) => referralPanel(referral));
}

/** Draw the list again when one of them has moved; not under a paper that is chosen and can still be sent. */
async function follow(api, before) {
  const here = location.hash;
  const now = await api.get("/v1/referrals");
  if (location.hash !== here || JSON.stringify(now.referrals) === JSON.stringify(before)) return;
  if (!isChosen() || !now.referrals.some(isUndecided)) await redrawn();
}

const isChosen = () => [...document.querySelectorAll("main input[type=file]")].some((chosen) => chosen.files.length);
