// How many referrals wait for an underwriter, asked for while the console stands open: each ends by itself in half an hour.

import { badge, mark } from "./badges.js";
import { awake, t } from "./client.js";

const ASK_SECONDS = 30;
const LONGEST_PAUSE = 120;

let waiting = 0;
let token = null; // of whose session the asking is
let isFresh = false; // a view has asked meanwhile

const counts = () => [{ number: waiting, said: t(" 人等待核保", " wait for an underwriter"), short: t(`${waiting} 待核保`, `${waiting} referrals`), tone: "ring" }];

export const referralsBadge = () => badge(counts());

/** What a view has just read is what the menu says. */
export function tellWaiting(number) {
  isFresh = true;
  show(number);
}

function show(number) {
  waiting = number;
  mark(counts());
}

/** Ask from now on, until the session is over. */
export function watchReferrals(api) {
  queueMicrotask(() => mark(counts())); // the frame is being drawn, and sets the title anew
  if (token === api.session.facts.token) return;
  token = api.session.facts.token;
  waiting = 0;
  void asking(api, token);
}

async function asking(api, mine) {
  const isWanted = () => token === mine && api.session.facts?.token === mine;
  for (let failures = 0; isWanted();) {
    try {
      if (!isFresh) {
        const { referrals } = await api.get("/v1/staff/referrals");
        if (!isWanted()) return;
        show(referrals.length);
      }
      [isFresh, failures] = [false, 0];
    } catch (error) {
      if (error.status === 401) break; // whatever they do next asks them to sign in
      failures += 1;
    }
    await awake(Math.min(ASK_SECONDS * 2 ** failures, LONGEST_PAUSE));
  }
  if (token === mine) token = null;
}
