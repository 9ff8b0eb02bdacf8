/** Weights within this factor of the observed one count as equal to it, as in R's fisher.test. */
const TOLERANCE = 1 + 1e-7;

/**
 * Fisher's exact test of whether two shares of counted streams are one share: two-sided, all tables that are no likelier
 * than the observed one. A p of 0 means below 1e-300.
 *
 * Streams of one run are not independent of each other (one fault takes many), so a small p alone is no verdict.
 *
 * @param firstHits of `firstTotal`
 * @throws RangeError when a number is not whole or hits exceed their total
 */
export function fisherExact(
  firstHits: number,
  firstTotal: number,
  secondHits: number,
  secondTotal: number,
): number {
  checkCount(firstHits, firstTotal);
  checkCount(secondHits, secondTotal);
  const hits = firstHits + secondHits;
  const least = Math.max(0, hits - secondTotal);
  const most = Math.min(hits, firstTotal);
  const mode = Math.min(
    most,
    Math.max(least, Math.floor(((firstTotal + 1) * (hits + 1)) / (firstTotal + secondTotal + 2))),
  );
  // Weights relative to the mode's, each from its neighbour: no factorial that could overflow or cancel.
  const weights = new Float64Array(most - least + 1);
  weights[mode - least] = 1;
  for (let k = mode + 1; k <= most; k++) {
    weights[k - least] = weights[k - least - 1]! * ratioUp(k - 1, firstTotal, secondTotal, hits);
  }
  for (let k = mode - 1; k >= least; k--) {
    weights[k - least] = weights[k - least + 1]! / ratioUp(k, firstTotal, secondTotal, hits);
  }
  const observed = weights[firstHits - least]! * TOLERANCE;
  let all = 0;
  let extreme = 0;
  for (const weight of weights) {
    all += weight;
    if (weight <= observed) extreme += weight;
  }
  return Math.min(1, extreme / all);
}

/** weight(k + 1) / weight(k) of the hypergeometric distribution. */
function ratioUp(k: number, firstTotal: number, secondTotal: number, hits: number): number {
  return ((firstTotal - k) * (hits - k)) / ((k + 1) * (secondTotal - hits + k + 1));
}

function checkCount(hits: number, total: number): void {
  if (!Number.isSafeInteger(hits) || !Number.isSafeInteger(total) || hits < 0 || hits > total) {
    throw new RangeError(`not a count out of a total: ${hits} of ${total}`);
  }
}
