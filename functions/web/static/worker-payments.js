// What the worker does about the money of a claim: confirms it in WeChat, shows their face before a large payout,
// states a bank account, follows advances.

import { ACCOUNT, addressOf, copied, moment, t, word, yuan } from "./client.js";
import { button, done, facts, field, form, go, h, input, link, panel, refresh, refusal, steps, tag, title } from "./page.js";
import { patiently, settled } from "./patience.js";
import { WeChatPageError, isInWeChat, showConfirmation } from "./wechat.js";
import { ADVANCE_GROUND, ADVANCE_STATE, TRANSFER_ADVICE, TRANSFER_REASON } from "./words.js";

const STOPPED = ["POLICY_NOT_STANDING", "MCH_CANCEL"];
const payoutsOf = ({ payout, advances }) => [payout, ...advances.map((advance) => advance.payout)].filter(Boolean);

// ---- confirming in WeChat, which tells nobody by itself that money waits

export const waitsForConfirmation = (claim) => payoutsOf(claim).some((payout) => payout.confirmation);

/** One panel for each payment that waits. `reread` draws the claim again if it has moved. */
export const confirmationPanels = (claim, reread) => payoutsOf(claim).filter((payout) => payout.confirmation).map((payout) =>
  h("section", { class: "panel offer confirmation" }, h("h2", {}, t("赔款等您确认收款", "Your money waits for you")),
    h("p", { class: "amount" }, yuan(payout.amount_fen)),
    isInWeChat() ? confirming(payout, reread) : elsewhere(claim),
    h("p", { class: "hint" }, t("请在 24 小时内确认，微信不会另外提醒您。过时微信会撤销这笔转账，赔款仍然是您的：我们会再发一次，您也可以填写本人的银行账户，改收银行转账。",
      "Confirm within 24 hours; WeChat sends no notice of its own. After that WeChat closes the transfer, and the money is still yours: we send it again, or you state a bank account of your own."))));

function confirming(payout, reread) {
  const answer = h("div", { class: "answer", "aria-live": "polite" });
  const open = async () => {
    answer.replaceChildren();
    try {
      await showConfirmation(payout.confirmation);
      answer.replaceChildren(done(t("正在查询是否到账…确认之后，这一页会自动更新。", "Asking whether it has arrived… Once you have confirmed, this page changes by itself.")));
    } catch (error) {
      if (!(error instanceof WeChatPageError)) throw error;
      answer.replaceChildren(notShown(error));
    }
    await reread();
  };
  return [h("p", {}, t("点下面的按钮，在微信的页面上确认，钱就进您的零钱。", "Tap the button and confirm on WeChat's page: the money goes to your WeChat balance.")),
    button(t("确认收款", "Confirm receipt"), open, { tone: "main big" }), answer];
}

const notShown = ({ code }) => (code === "cancel"
  ? h("p", { class: "notice", role: "alert" }, t("您还没有确认，钱还没有到账。可以再点一次。", "You have not confirmed, so the money has not arrived. You can tap again."))
  : h("div", { class: "problem", role: "alert" }, h("b", {}, t("微信没有打开收款页面", "WeChat did not open its page")),
    h("p", {}, t("请把微信更新到最新版本后再点一次；还不行，请拨打 ", "Update WeChat and tap again; if that does not help, call "), link("tel:95511", "95511"), t("。", ".")),
    h("small", {}, code)));

/** A browser that is not WeChat's: say where to go, and hand over the address. */
function elsewhere(claim) {
  const address = addressOf(`/me#/claims/${claim.claim_no}`);
  const answer = h("div", { class: "answer", "aria-live": "polite" });
  const copy = async () => {
    answer.replaceChildren(await copied(address) ? done(t("已复制。在微信里粘贴发给自己，再点开。", "Copied. Paste it into a WeChat chat and tap it there."))
      : h("p", { class: "notice" }, t("请长按下面的链接复制：", "Press long on the link to copy it:"), " ", h("span", { class: "number" }, address)));
  };
  return [h("p", { class: "notice" }, t("收款要在手机微信里确认，这个浏览器打不开收款页面。请用微信打开日结保小程序，点“我的”，再打开这个赔案。",
    "Receiving it works in WeChat alone, not in this browser. Open the daycover mini program in WeChat, tap “Me”, and open this claim there.")),
  button(t("复制本页链接，到微信里打开", "Copy this page's link for WeChat"), copy, { tone: "main" }), answer];
}

// ---- the payout, and what stands in its way

export function payoutPanel(api, claim) {
  const { payout } = claim;
  if (!payout && !claim.payee_wanted) return null;
  return panel(t("赔款", "Payment"),
    payout ? [facts([t("金额", "Amount"), yuan(payout.amount_fen)], [t("状态", "State"), claim.identity_wanted ? t("等您刷脸确认", "Waits for your face check") : stateOf(payout)]), trouble(payout, claim)] : null,
    claim.payee_wanted ? payeeForm(api, claim) : null);
}

const stateOf = (payout) => (payout.confirmation ? t("等您确认收款", "Waits for you to confirm")
  : t({ SUCCEEDED: "已到账", FAILED: "未成功", BOUNCED: "被银行退回" }[payout.state] ?? "支付中",
    { SUCCEEDED: "Arrived", FAILED: "Failed", BOUNCED: "Returned by the bank" }[payout.state] ?? "Under way"));

/** Why money has not arrived, and what the worker can do about it; most of it is ours to settle. */
function trouble({ state, fail_reason: failed, fault }, claim) {
  const hasFailed = ["FAILED", "BOUNCED"].includes(state);
  const code = hasFailed ? failed : state === "SUCCEEDED" ? null : fault;
  if (!code && !hasFailed) return null;
  const known = code ? TRANSFER_REASON[code] : null;
  const why = known ? t(...known) : code ? t(`原因代码 ${code}`, `Code ${code}`) : null;
  const advice = TRANSFER_ADVICE[code] ? t(...TRANSFER_ADVICE[code]) : "";
  return h("div", { class: "notice" }, why ? h("b", {}, why) : null, h("p", {}, advice, advice ? t("", " ") : null, whatNext(state, code, claim)));
}

function whatNext(state, code, claim) {
  if (code === "NOT_ENOUGH") return t("我们正在给付款账户充值，之后自动付款，您不用做什么。", "We are topping up our account; then it is paid by itself. Nothing for you to do.");
  if (!["FAILED", "BOUNCED"].includes(state)) return t("我们会继续查询，您不用做什么，也不会重复支付。", "We keep asking. Nothing for you to do, and nothing is paid twice.");
  if (STOPPED.includes(code)) return t("理赔人员正在核实，会联系您。", "Staff are looking into it and will contact you.");
  if (state === "BOUNCED") return t("请核对账户，在下面填写本人的账户，我们会再付一次。", "Check the account and state one of your own below: we pay again.");
  return claim.payee_wanted
    ? t("赔款仍然是您的。在下面填写本人的银行账户，就改付到银行卡；不填，我们会再付到微信。", "The money is still yours. State a bank account of your own below and it goes there; otherwise we pay to WeChat again.")
    : t("赔款仍然是您的，我们会再付一次。", "The money is still yours: we pay it again.");
}

const stated = new Set(); // payments whose account was stated in this tab: they go out again in a moment

function payeeForm(api, claim) {
  const payment = `${claim.claim_no}/${payoutsOf(claim).map((payout) => payout.payout_id)}`;
  if (stated.has(payment)) return done(t("账户已保存，正在转到您的银行账户。", "Account saved: the money is on its way to your bank."));
  const hasFailed = payoutsOf(claim).some(({ state }) => ["FAILED", "BOUNCED"].includes(state));
  return [hasFailed ? null : h("p", {}, t("金额超过微信零钱上限，请填写您本人名下的银行账户。", "The sum is too large for a WeChat wallet: state a bank account in your own name.")),
    form(t("保存账户", "Save the account"), [
      field(t("户名（本人）", "Account holder (you)"), input("name", { maxlength: "64" })),
      field(t("银行账号", "Account number"), input("account_no", { "data-unkept": true, inputmode: "numeric", pattern: ACCOUNT })),
      field(t("开户银行", "Bank"), input("bank_name", { minlength: "2", maxlength: "64" })),
    ], async (given) => {
      await api.post(`/v1/claims/${claim.claim_no}/payee`, Object.fromEntries(given));
      stated.add(payment);
      await refresh();
    })];
}

// ---- the face check before a large payout

export function identityPanel(api, claim) {
  if (!claim.identity_wanted) return null;
  const checks = `/v1/claims/${claim.claim_no}/identity-checks`;
  const waiting = h("div", { class: "answer", "aria-live": "polite" });
  return h("section", { class: "panel offer" }, h("h2", {}, t("刷脸确认收款", "Show your face to be paid")),
    h("p", {}, t("赔款在一万元以上，付款前请刷脸确认收款人是您本人。确认后自动付款。",
      "The payment is 10,000 yuan or more: show once that you are the one to be paid. It then goes out by itself.")),
    button(t("开始刷脸确认", "Start the face check"), async () => {
      const begun = await patiently(waiting, () => api.post(checks));
      if (begun.status === "PROVED") await refresh();
      else go(`#/claims/${claim.claim_no}/identity/${begun.check_id}`);
    }, { tone: "main" }), waiting,
    h("p", { class: "hint" }, t("刷不了脸？带上证件找理赔人员，两人当面核对后也可以付款。", "No face check possible? Two members of staff can see you and your document instead.")));
}

export function identityView(api, session, claimNo, checkId) {
  const answer = h("div", { class: "answer", "aria-live": "polite" }, h("p", { class: "waiting" }, t("等待刷脸结果…", "Waiting for the face check…")));
  void wait(api, session, claimNo, checkId, answer);
  return title(t("刷脸确认收款", "Show your face to be paid"),
    steps(
      [t("打开微工卡", "Open the work card"), t("在微信里打开“微工卡”小程序，这一页打不开它", "Open the mini program 微工卡 in WeChat; this page cannot open it")],
      [t("完成人脸核验", "Show your face"), t("人脸只在微工卡里核验，我们不保存", "It is checked in the work card; we do not keep it")],
      [t("回到这一页", "Come back here"), t("核验通过后自动付款", "Once you are recognised, the payment goes out by itself")]),
    answer, link(`#/claims/${claimNo}`, t("回到赔案", "Back to the claim"), { class: "button" }));
}

async function wait(api, session, claimNo, checkId, answer) {
  const here = location.hash;
  const again = () => button(t("再试一次", "Try again"), async () => {
    const begun = await patiently(answer, () => api.post(`/v1/claims/${claimNo}/identity-checks`));
    go(begun.status === "PROVED" ? `#/claims/${claimNo}` : `#/claims/${claimNo}/identity/${begun.check_id}`);
  }, { tone: "main" });
  try {
    const checked = await settled(session, answer, () => api.send("POST", `/v1/claims/${claimNo}/identity-checks/${checkId}/result`));
    if (!checked || location.hash !== here) return;
    if (checked.status === "PROVED") return void go(`#/claims/${claimNo}`);
    answer.replaceChildren(h("div", { class: "problem", role: "alert" }, checked.status === "EXPIRED"
      ? t("这次核验已超时。", "This check ran out of time.") : t("没有通过人脸核验。请在光线充足处再试。", "Your face was not recognised. Try again in good light.")), again());
  } catch (error) {
    answer.replaceChildren(refusal(error), again());
  }
}

// ---- advances

export function advancesPanel(claim) {
  if (!claim.advances.length) return null;
  return panel(t("先予支付", "Paid in advance"),
    h("p", { class: "hint" }, t("审核结束前先付能确定的部分，其余部分核定后再付。", "The certain part is paid before the review ends; the rest follows the decision.")),
    claim.advances.map((advance) => [
      facts([t("金额", "Amount"), yuan(advance.amount_fen)], [t("状态", "State"), tag(word(ADVANCE_STATE, advance.state), advance.state === "PAID" ? "good" : "warn")],
        [t("依据", "Ground"), word(ADVANCE_GROUND, advance.ground), true], advance.paid_at ? [t("到账时间", "Paid"), moment(advance.paid_at), true] : null),
      advance.payout ? trouble(advance.payout, claim) : null]));
}
