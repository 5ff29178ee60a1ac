// Shares of a death benefit, as they are typed and added up: fractions, never decimals.

const SHARE_PARTS = 10_000n; // numerator and denominator at most

const divisor = (a, b) => (b ? divisor(b, a % b) : a);
const lowest = ([above, below]) => { const by = divisor(above, below); return [above / by, below / by]; };
const isFraction = ([above, below]) => above > 0n && below > 0n && above <= SHARE_PARTS && below <= SHARE_PARTS;

/** "1/3", "50%" or "0.25" → [1n, 3n], null for anything that is no share. By digits, as for money. */
export function shareOf(text) {
  const typed = text.normalize("NFKC").trim().replace(/\s*([/%\u2044\u2215])\s*/g, "$1").replace(/[\u2044\u2215]/g, "/"); // ½, １／３ and 50％ too
  const fraction = /^([0-9]{1,5})\/([0-9]{1,5})$/.exec(typed);
  if (fraction) {
    const parts = [BigInt(fraction[1]), BigInt(fraction[2])];
    return isFraction(parts) && parts[0] <= parts[1] ? lowest(parts) : null;
  }
  const decimal = /^([0-9]{1,3})(?:\.([0-9]{1,8}))?(%?)$/.exec(typed);
  if (!decimal) return null;
  const [, whole, places = "", percent] = decimal;
  const parts = lowest([BigInt(whole + places), 10n ** BigInt(places.length + (percent ? 2 : 0))]);
  return isFraction(parts) && parts[0] <= parts[1] ? parts : null;
}

/** [1n, 3n] → "1/3". */
export const fractionOf = ([above, below]) => `${above}/${below}`;

/** Shares as parts of one whole: ["1/2", "1/4", "1/4"] → [2, 1, 1]. */
export function partsOf(shares) {
  const fractions = shares.map(shareOf);
  const whole = fractions.reduce((sum, [, below]) => (sum * below) / divisor(sum, below), 1n);
  return fractions.map(([above, below]) => Number((above * whole) / below));
}

/** What shares lack of the whole: [0n, 1n] for nothing, [-1n, 3n] for a third too much. */
export function lacking(shares) {
  const [above, below] = shares.reduce(([a, b], [c, d]) => [a * d - c * b, b * d], [1n, 1n]);
  const [size, by] = lowest([above < 0n ? -above : above, below]);
  return [above < 0n ? -size : size, by];
}
