// Where the worker stands without a code in hand: what covers them now, what a claim needs of them, and their rights.

import { listed, moment, now, t, word } from "./client.js";
import { button, done, empty, facts, h, link, panel, tag, title } from "./page.js";
import { CONSENT, coverCard, statusCard } from "./worker-cover.js";
import { forgetPolicies } from "./worker-policies.js";
import { CLAIM_STATUS, CLAIM_TYPE, REFERRAL_STATUS } from "./words.js";

/** What a claim waits for its owner to do, by its status; any other goes on by itself. */
const WAITS_FOR = {
  AWAITING_DOCS: ["去交材料", "Send the documents"],
  AWAITING_SUPPLEMENT: ["去补材料", "Send what is still wanted"],
  ACKNOWLEDGED: ["去确认金额", "Answer the amount"],
};
const UNDECIDED = ["ASKED", "CONFIRMED", "ISSUING"];

const nextActOf = (claim) => (claim.status === "ACKNOWLEDGED" && !claim.amount_fen ? null : WAITS_FOR[claim.status]);

export async function homeView(api) {
  const [{ policies }, { claims }, { referrals }] = await Promise.all([api.get("/v1/policies"), api.get("/v1/claims"), api.get("/v1/referrals")]);
  const covers = policies.filter(({ in_force: isInForce, status, start }) => isInForce || (status === "ISSUED" && Date.parse(start) > now()));
  const waiting = claims.filter(nextActOf);
  const open = referrals.filter(({ status }) => UNDECIDED.includes(status));
  return title(t("我的保障", "My cover"),
    covers.length ? covers.map((policy) => coverCard(policy))
      : statusCard("warn", t("此刻没有保障", "You are not covered now"), h("p", {}, t("上工前，用微信扫项目现场的投保二维码打卡。", "Before work, scan the insurance code at the site with WeChat and check in."))),
    waiting.map((claim) => statusCard("warn", t("您的理赔等您处理", "Your claim waits for you"),
      h("p", {}, listed(claim.claim_types.map((type) => word(CLAIM_TYPE, type))), " ", tag(word(CLAIM_STATUS, claim.status), "warn")),
      link(`#/claims/${claim.claim_no}`, t(...nextActOf(claim)), { class: "button main" }))),
    open.map((referral) => statusCard("warn", t("人工核验", "Your referral"), h("p", {}, word(REFERRAL_STATUS, referral.status), t(`，${moment(referral.answer_by)} 前答复`, `, to be answered by ${moment(referral.answer_by)}`)),
      link("#/referrals", t("查看", "Show it"), { class: "button" }))),
    panel(t("发生意外？", "Had an accident?"), h("p", {}, t("请先救治，再报案。", "Get treated first, then report it."), " ", link("tel:95511", "95511")),
      link("#/report", t("报案", "Report an accident"), { class: "button main" })));
}

// ---- what one may ask for

export async function meView(api) {
  const { consents } = await api.get("/v1/consents");
  return title(t("我的", "Me"),
    h("ul", { class: "cards" }, [
      ["#/beneficiaries", t("身故受益人", "Beneficiaries"), t("指定或变更", "designate or change them")],
      ["#/referrals", t("人工核验", "Referrals"), t("申请过的人工核验和结果", "what you asked for, and the answers")],
      ["#/family", t("为家人、工友办理", "For a relative or a workmate"), t("替别人报案，或申请代为办理理赔", "report for somebody, or ask to act for them")],
    ].map(([hash, name, what]) => h("li", {}, link(hash, [h("b", {}, name), h("small", {}, what)])))),
    panel(t("我的同意记录", "What I consented to, and when"), consents.length
      ? h("ol", { class: "timeline" }, consents.map((entry) => h("li", {}, h("time", { datetime: entry.at }, moment(entry.at)),
        h("b", {}, word(CONSENT, entry.kind)), " ", entry.act === "WITHDRAWN" ? tag(t("已撤回", "Withdrawn"), "warn") : null)))
      : empty(t("还没有同意过任何内容。", "Nothing yet.")),
    h("p", { class: "hint" }, t("撤回同意：在扫码页面的“我同意过的内容”，或在保单页面的“不要这份保障了”。", "To withdraw: under “What I agreed to” on the page of the code, or “I do not want this cover” on the policy."))),
    erasurePanel(api));
}

/** By what a request came to; a test holds it against the API's own. */
export const ERASURE_STATUS = {
  LOCKED: ["已删除可以删除的信息；依法须保留的保单和理赔记录已封存，到期自动删除。", "What may be deleted is deleted; what the law makes us keep is locked and deleted when its time has come."],
  DELETED: ["您的个人信息已删除。", "Your personal data is deleted."],
  OPEN: ["申请已撤回，您的信息照常使用。", "The request is withdrawn: your data serves as before."],
};

function erasurePanel(api) {
  const answer = h("div", { class: "answer", "aria-live": "polite" });
  const act = (action) => async () => {
    const erasure = await api.post("/v1/erasure-requests", { action });
    forgetPolicies();
    answer.replaceChildren(done(word(ERASURE_STATUS, erasure.status)),
      facts([t("保留到", "Kept until"), erasure.kept_until], [t("完成于", "Finished on"), erasure.finished_on]));
  };
  return h("details", { class: "panel" }, h("summary", {}, t("删除我的个人信息", "Delete my personal data")),
    h("p", {}, t("删除后不能再打卡投保。还在保障中、或有理赔没有结束的，请先等它结束；保单和理赔依法保存到期后删除。", "You can't be insured after that. Policies and claims are kept as long as the law says, then deleted too.")),
    button(t("申请删除", "Delete it"), act("REQUEST"), { tone: "danger", sure: t("确定删除您的个人信息？", "Delete your personal data?") }),
    button(t("撤回删除申请", "Take the request back"), act("WITHDRAW")), answer);
}
