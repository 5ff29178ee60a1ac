// What the worker does about the money of a claim: shows their face before a large payout, follows advances.

import { pause } from "./api.js";
import { moment, t, word, yuan } from "./format.js";
import { button, facts, go, h, link, panel, refresh, refusal, steps, tag, title } from "./page.js";
import { ADVANCE_GROUND, ADVANCE_STATE } from "./words.js";

export const tapToReceive = () => h("p", { class: "notice" }, t("请在微信的“收款”通知里点“确认收款”，钱才会到账。", "Tap “receive” in WeChat's notice: only then the money arrives."));

// ---- the face check before a large payout

export function identityPanel(api, claim) {
  if (!claim.identity_wanted) return null;
  const checks = `/v1/claims/${claim.claim_no}/identity-checks`;
  return h("section", { class: "panel offer" }, h("h2", {}, t("刷脸确认收款", "Show your face to be paid")),
    h("p", {}, t("赔款在一万元以上，付款前请刷脸确认收款人是您本人。确认后自动付款。",
      "The payment is 10,000 yuan or more: show once that you are the one to be paid. It then goes out by itself.")),
    button(t("开始刷脸确认", "Start the face check"), async () => {
      const begun = await api.post(checks);
      if (begun.status === "PROVED") await refresh();
      else go(`#/claims/${claim.claim_no}/identity/${begun.check_id}`);
    }, { tone: "main" }),
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
    const begun = await api.post(`/v1/claims/${claimNo}/identity-checks`);
    go(begun.status === "PROVED" ? `#/claims/${claimNo}` : `#/claims/${claimNo}/identity/${begun.check_id}`);
  }, { tone: "main" });
  try {
    while (location.hash === here && session.facts) {
      const { status, headers, body } = await api.send("POST", `/v1/claims/${claimNo}/identity-checks/${checkId}/result`);
      if (location.hash !== here) return;
      if (status !== 202) {
        if (body.status === "PROVED") return void go(`#/claims/${claimNo}`);
        return answer.replaceChildren(h("div", { class: "problem", role: "alert" }, body.status === "EXPIRED"
          ? t("这次核验已超时。", "This check ran out of time.") : t("没有通过人脸核验。请在光线充足处再试。", "Your face was not recognised. Try again in good light.")), again());
      }
      await pause(Number(headers.get("Retry-After")) || 2);
    }
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
      advance.payout?.package_info ? tapToReceive() : null]));
}
