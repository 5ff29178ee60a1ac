// The way to WeChat's own pages, which only WeChat's web view can open.

const READY_WITHIN_MS = 3000;
const ANSWERS_WITHIN_MS = 30_000; // some versions of WeChat never answer, and a button must not wait for ever

/** WeChat did not show its page; `code` is its own word (`requestMerchantTransfer:cancel` → "cancel"). */
export class WeChatPageError extends Error {
  constructor(code) {
    super(code);
    this.code = code;
  }
}

export const isInWeChat = () => /MicroMessenger/i.test(navigator.userAgent) || Boolean(window.WeixinJSBridge);

/** WeChat puts its bridge into the page at a time of its own. Raises WeChatPageError when it never does. */
function bridge() {
  if (window.WeixinJSBridge) return Promise.resolve(window.WeixinJSBridge);
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new WeChatPageError("no bridge")), READY_WITHIN_MS);
    document.addEventListener("WeixinJSBridgeReady", () => { clearTimeout(late); resolve(window.WeixinJSBridge); }, { once: true });
  });
}

/**
 * Open WeChat's page for receiving a transfer. That it was shown says nothing about the money: ask the API.
 * The mini program calls `wx.requestMerchantTransfer` with the same three values. Raises WeChatPageError.
 */
export async function showConfirmation({ mch_id: mchId, app_id: appId, package: package_ }) {
  const wechat = await bridge();
  const { err_msg: said } = await new Promise((resolve) => {
    setTimeout(() => resolve({ err_msg: "requestMerchantTransfer:ok" }), ANSWERS_WITHIN_MS);
    wechat.invoke("requestMerchantTransfer", { mchId, appId, package: package_ }, (answer) => resolve(answer ?? {}));
  });
  const code = String(said ?? "").split(":").slice(1).join(":");
  if (code !== "ok") throw new WeChatPageError(code || "no answer");
}
