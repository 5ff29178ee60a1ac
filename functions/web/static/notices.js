// The notices (通知书) of a claim, as the claimant opens and reads them.

import { moment, t, word } from "./client.js";
import { h, panel } from "./page.js";
import { NOTICE_KIND } from "./words.js";

const opened = new Set(); // a claim that is drawn again keeps what was open

/** The text, which is the same for all who read it. */
export const lines = ({ text }) => h("div", { lang: "zh-CN" }, text.split("\n").map((line) => h("p", {}, line)));

/** The claimant's: to open one is to have read it, and that is told once. */
export function noticesPanel(api, claim) {
  if (!claim.notices.length) return null;
  const read = (notice) => ({ currentTarget }) => {
    if (!currentTarget.open) opened.delete(notice.number);
    else if (!opened.has(notice.number)) {
      opened.add(notice.number);
      if (!notice.delivery) void api.post(`/v1/claims/${claim.claim_no}/notices/${notice.number}/receipt`).catch(() => null);
    }
  };
  return panel(t("通知书", "Notices"), claim.notices.map((notice) => h("details", { open: opened.has(notice.number), on: { toggle: read(notice) } },
    h("summary", {}, `${word(NOTICE_KIND, notice.kind)} · ${moment(notice.made_at)}`), lines(notice))));
}
