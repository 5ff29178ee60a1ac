// A company's account, as the company and finance both see it.

import { booked, moment, t, word } from "./client.js";
import { h, table, tag } from "./page.js";
import { CREDIT_LEVEL, MOVEMENT_KIND } from "./words.js";

export const levelTag = (credit) => tag(word(CREDIT_LEVEL, credit.level), { OK: "good", WARNING: "warn", BLOCKED: "bad" }[credit.level]);

export const owedState = (owed) => (owed.closed ? t("已出账", "statement issued") : t("当日累计", "running"));

export const movementsTable = (movements) => (movements.length ? table(t("预存保费明细", "Movements of the deposit"),
  [t("时间", "At"), t("金额", "Amount"), t("余额", "Left"), t("类型", "Kind"), t("凭证号", "Reference")],
  movements.map((one) => [moment(one.at), booked(one.amount_fen), booked(one.balance_fen), word(MOVEMENT_KIND, one.kind), h("span", { class: "number" }, one.reference)])) : null);
