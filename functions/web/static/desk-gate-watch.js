// What the gate board says, asked for while the desk stands open on whichever page: the badge in the menu and in the
// tab's title, and the bell for who waits.

import { badge, mark } from "./badges.js";
import { awake, forBrowser, t } from "./client.js";
import { refresh } from "./page.js";

const POLL_SECONDS = 15; // at the board; elsewhere only the badge is told, and slower
const ELSEWHERE_SECONDS = 60;
const LONGEST_PAUSE = 120;
const SOUND = "daycover.desk.sound";
const MOST_PAGES = 20; // 500 projects; whoever has more is told

let watched = null; // {company, board, failed}: of whom the board is, how it stands, and the error of the last try or null
let turn = 0;
let listeners = [];
let audio = null;

/** Ask for the board of a company from now on; `draw` is told whenever it was asked, until another view asks. */
export function watchGate(api, company, draw = null) {
  listeners = draw ? [draw] : [];
  if (watched?.company === company && api.session.facts) return watched.board;
  turn += 1;
  const mine = turn;
  watched = { company, board: null, failed: null };
  void asking(api, company, () => mine === turn && api.session.facts?.company === company);
  return null;
}

/** Nobody asks any more: the view that stood has gone, the badge is told on. */
export const leaveBoard = () => { listeners = []; };

async function asking(api, company, isWanted) {
  for (let failures = 0; isWanted();) {
    try {
      await askGate(api, company, isWanted);
      failures = 0;
    } catch (error) {
      if (error.status === 401 || !isWanted()) break;
      failures += 1;
      watched.failed = error;
    }
    if (!isWanted()) break;
    told();
    await awake(Math.min(POLL_SECONDS * 2 ** failures, LONGEST_PAUSE));
    while (isWanted() && !listeners.length && Date.now() - (watched.board?.asked ?? 0) < ELSEWHERE_SECONDS * 1000) await awake(POLL_SECONDS);
  }
  if (watched?.company !== company || api.session.facts) return; // somebody else's board is asked for by now
  watched = null;
  if (listeners.length) void refresh(); // the session is over: whoever looks at the board signs in anew
}

/** Ask once, now, page by page. Gives the board. */
export async function askGate(api, company, isWanted = () => true) {
  const projects = [];
  const reasons = {};
  let [page, at, count, pages] = ["", null, 0, 0];
  do {
    const answer = await api.get(`/v1/companies/${company}/gate${page ? `?page=${encodeURIComponent(page)}` : ""}`);
    projects.push(...answer.projects);
    answer.reasons.forEach((reason) => { reasons[reason.why] = reason; });
    [page, at, count, pages] = [answer.next, answer.at, answer.projects_count, pages + 1];
  } while (page && pages < MOST_PAGES && isWanted());
  const board = { projects, reasons, at, count, asked: Date.now() };
  if (watched?.company === company) {
    ring(watched.board, board);
    [watched.board, watched.failed] = [board, null];
  }
  return board;
}

/** Draw again from an answer just asked for by somebody's act. */
export async function askAgain(api, company) {
  await askGate(api, company);
  told();
}

function told() {
  if (!watched) return;
  markGate();
  listeners.forEach((draw) => draw(watched.board, watched.failed));
}

// ---- the badge

export const asked = (board) => (board ? board.projects.flatMap((project) => project.referrals.filter(({ status }) => status === "ASKED").map((referral) => ({ project, referral }))) : []);
export const uninsuredOf = (board) => (board ? board.projects.reduce((sum, { uninsured_count: count }) => sum + count, 0) : 0);

const counts = (board) => [
  { number: asked(board).length, said: t(" 人待现场确认", " to be seen in person"), short: t(`${asked(board).length} 待确认`, `${asked(board).length} waiting`), tone: "ring" },
  { number: uninsuredOf(board), said: t(" 人在场未投保", " on site uninsured"), short: t(`${uninsuredOf(board)} 未投保`, `${uninsuredOf(board)} uninsured`) },
];

/** What the menu says of the board: who waits, who is uninsured. */
export const gateBadge = () => badge(counts(watched?.board ?? null));
export const markGate = () => mark(counts(watched?.board ?? null));

// ---- the bell

export const isSoundOn = () => forBrowser.get(SOUND) === "on";

export function setSound(on) {
  forBrowser.set(SOUND, on ? "on" : "off");
  if (on) beep();
}

function ring(before, after) {
  if (!before) return;
  const known = new Set(asked(before).map(({ referral }) => referral.referral_id));
  if (asked(after).some(({ referral }) => !known.has(referral.referral_id)) && isSoundOn()) beep();
}

/** Two short tones. A browser that plays nothing before somebody has touched the page is silent, and nothing fails. */
function beep() {
  try {
    const Context = window.AudioContext ?? window.webkitAudioContext;
    audio = audio ?? new Context();
    void audio.resume?.();
    [0, 0.25].forEach((after) => tone(audio.currentTime + after));
  } catch { // no sound here
  }
}

function tone(at) {
  const [source, volume] = [audio.createOscillator(), audio.createGain()];
  source.frequency.value = 880;
  volume.gain.setValueAtTime(0.2, at);
  volume.gain.exponentialRampToValueAtTime(0.001, at + 0.2);
  source.connect(volume);
  volume.connect(audio.destination);
  source.start(at);
  source.stop(at + 0.2);
}

addEventListener("pointerdown", () => { if (isSoundOn() && audio?.state === "suspended") void audio.resume(); });
