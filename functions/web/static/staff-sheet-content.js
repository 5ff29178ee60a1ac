// What a loss sheet holds, in the form in which it is sent: of a sheet that was read, of a paper's own words, and of
// two people's changes put together.

import { moment, today } from "./client.js";

const BILL = ["bill_no", "dated", "hospital", "hospital_level", "is_public", "emergency", "lines", "self_paid_fen", "social_insurance_paid_fen", "third_party_paid_fen", "other_insurer_paid_fen"];
const LINE = ["item", "kind", "billed_fen", "accepted_fen", "reason_code"];

const picked = (entry, names) => Object.fromEntries(names.map((name) => [name, entry[name]]));
const entryOf = (entry, names) => (entry ? { ...picked(entry, names), document_id: entry.source.document_id } : null);

/** A sheet as it was read, as it would be sent. */
export const contentOf = (sheet) => ({
  bills: sheet.bills.map((bill) => entryOf({ ...bill, lines: bill.lines.map((line) => picked(line, LINE)) }, BILL)),
  stays: sheet.stays.map((stay) => entryOf(stay, ["first_day", "last_day", "hospital"])),
  sick_leaves: sheet.sick_leaves.map((leave) => entryOf(leave, ["first_day", "last_day"])),
  appraisal: sheet.appraisal ? { ...entryOf(sheet.appraisal, ["appraised_on", "body", "scale"]), sites: sheet.appraisal.sites.map((site) => picked(site, ["item", "part", "side", "grade", "worsened_from"])) } : null,
  death: entryOf(sheet.death, ["died_on", "cause", "onset_on", "at_work"]),
  causation_bps: sheet.causation?.bps ?? 10_000,
});

const accidentDay = (claim) => moment(claim.occurred_at).slice(0, 10);
const later = (day, days) => new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10);
const plain = (number) => number.normalize("NFKC").toUpperCase().replace(/[^0-9A-Z]/g, "");
const nothingPaid = { self_paid_fen: 0, social_insurance_paid_fen: 0, third_party_paid_fen: 0, other_insurer_paid_fen: 0 };

/** New entries, empty or as a paper states them (as `claims/stated.py` reads it). */
export const draftOf = {
  line: () => ({ item: "", kind: "MEDICAL", billed_fen: null, accepted_fen: null, reason_code: null }),
  bill: (claim) => ({ bill_no: "", dated: accidentDay(claim), hospital: null, hospital_level: null, is_public: false, emergency: false, lines: [draftOf.line()], ...nothingPaid, document_id: null }),
  interval: (claim) => ({ first_day: accidentDay(claim), last_day: accidentDay(claim), hospital: null, document_id: null }),
  appraisal: () => ({ appraised_on: today(), body: "", scale: "JRT_0083", sites: [], document_id: null }),
  death: () => ({ died_on: "", cause: "ACCIDENT", onset_on: null, at_work: null, document_id: null }),
  stated(claim, { doc_type: type, document_id, facts }) {
    const from = { document_id };
    if (facts.lines) {
      const lines = facts.lines.map(({ item, kind, amount_fen: billed_fen }) => ({ ...draftOf.line(), item, kind, billed_fen }));
      return ["bills", { ...draftOf.bill(claim), bill_no: plain(`${facts.code ?? ""}${facts.invoice_no}`), dated: facts.treated_on ?? facts.issued_on ?? accidentDay(claim), hospital: facts.hospital, lines, ...from }];
    }
    const first_day = facts.first_day ?? accidentDay(claim);
    return type === "ADMISSION_RECORD" ? ["stays", { first_day, last_day: later(first_day, facts.days), hospital: facts.hospital, ...from }]
      : ["sick_leaves", { first_day, last_day: later(first_day, facts.days - 1), ...from }];
  },
};

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/** Mine on top of theirs: what I left as it was is theirs, what I changed is mine. `conflicts`: what both changed. */
export function merged(base, mine, theirs) {
  const conflicts = [];
  const several = (name, keyOf) => {
    const [before, now] = [base, theirs].map((content) => new Map(content[name].map((entry) => [keyOf(entry), entry])));
    const kept = mine[name].flatMap((entry) => {
      const key = keyOf(entry);
      if (same(entry, before.get(key))) return now.has(key) ? [now.get(key)] : [];
      if (!same(before.get(key), now.get(key)) && !same(entry, now.get(key))) conflicts.push(key);
      return [entry];
    });
    const known = new Set(mine[name].map(keyOf));
    return [...kept, ...theirs[name].filter((entry) => !known.has(keyOf(entry)) && !before.has(keyOf(entry)))];
  };
  const one = (name) => {
    if (same(mine[name], base[name])) return theirs[name];
    if (!same(base[name], theirs[name]) && !same(mine[name], theirs[name])) conflicts.push(name);
    return mine[name];
  };
  const period = ({ first_day: first, last_day: last }) => `${first}–${last}`;
  const content = {
    bills: several("bills", ({ bill_no: number }) => number), stays: several("stays", period), sick_leaves: several("sick_leaves", period),
    appraisal: one("appraisal"), death: one("death"), causation_bps: one("causation_bps"),
  };
  return { content, conflicts };
}
