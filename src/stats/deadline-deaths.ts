/** Ages at which deaths stand closer together than scatter puts them. */
export interface DeathCluster {
  /** Median age of the members. */
  ageMs: number;
  /** The round age it stands for, in ms; `ageMs` when it stands for none. */
  nominalMs: number;
  /** Members: deaths in the window that gave the cluster away, the scatter within it included. */
  count: number;
  /** `count` / all deaths, 0..1. */
  share: number;
  /** Half the width that the middle 90 % of the members take: `ageMs` +- this. 0 when all are equal. */
  spreadMs: number;
  /** True when the age is one that people configure: see `ROUND_AGES_S`. */
  round: boolean;
}

/** Defaults and habits of servers, proxies and balancers: keep-alive, idle, read and total timeouts. */
const ROUND_AGES_S = [1, 2, 5, 10, 15, 20, 30, 45, 60, 75, 90, 100, 120, 180, 240, 300, 600, 900, 1800, 3600];

/**
 * How far a cluster may begin behind a round age, or end with its middle before it: 0.5 %, at least 50 ms, at most
 * 1 s. Client and server start their clocks at different moments (connect, request, first byte), on either side; a timer
 * that fires late by its tick (1 s in many servers) spreads the cluster, and its first members still tell. Doubt:
 * servers that look for idle connections every 30 s, as Node does for slow heads, smear their deadline past 2 % of the
 * age and are not found.
 */
const ROUND_TOLERANCE = 0.005;
const LEAST_TOLERANCE_MS = 50;
const MOST_TOLERANCE_MS = 1000;

/**
 * Widths of the windows looked through, in parts of the age. Wider than 2 % is no deadline that anyone could tell
 * from a hump of the service time. Steps of about two, because a window twice as wide as its cluster takes in twice the
 * scatter. Doubt: 0.03 % of an hour is a second, in which a precise deadline must outnumber the scatter.
 */
const WIDTHS = [0.0003, 0.001, 0.002, 0.005, 0.01, 0.02];
/**
 * No window is narrower: ages in whole milliseconds stand in ties of their own making, and ten of those per window
 * are the fewest that look smooth.
 */
const LEAST_WIDTH_MS = 10;
/**
 * Younger deaths are not judged: 10 ms are too large a part of them. A stream that dies this early has failed to
 * start, which its outcome says better.
 */
const YOUNGEST_MS = 250;

/**
 * What is compared with: the deaths on either side up to this part of the age away; the denser side counts, so that
 * neither a slope nor the end of the run looks like a cluster.
 */
const FLANK = 0.5;

/**
 * Chance that scatter alone yields any cluster, by the union bound over all windows; half for the round ages, half
 * for all others. The bound is Chernoff's, so the real chance is lower: simulated exponential and uniform ages gave 0.1 %
 * and less. Doubt: humps. Twenty deaths log-normal within +-10 % gave 0.8 %, and three to five that all fall into the
 * same 7 % of an age are a cluster in 2 to 7 %.
 */
const FALSE_ALARM = 0.01;
const MOST_LOG_CHANCE = Math.log(FALSE_ALARM / 2);

/**
 * Least deaths of a cluster. Two at the same moment are a coincidence that some pair always offers; three within 0.5 %
 * of a round age are not. Doubt: a deadline that hits one or two connections of a run goes unseen.
 */
const FEWEST = 3;

/**
 * Against the two windows next to it a cluster must be three times as dense. Without that, a hundred thousand deaths
 * make the top of any gentle hump significant. Doubt: deadlines with jitter beyond 2 % of the age are humps too.
 */
const CONTRAST = 3;

/**
 * Widths, in parts of the age, of humps that a cluster must not merely be a piece of: when deaths crowd into such a
 * stretch more clearly than into the window, the window must stand out within the stretch too.
 */
const HUMP_WIDTHS = [0.05, 0.1, 0.2];

/** Rounds of finding the clearest cluster and looking at the rest; more clusters than that are no deadlines. */
const MOST_CLUSTERS = 12;

/**
 * Find deadlines in the ages at which streams or connections died: network faults scatter, deadlines cluster.
 *
 * Scatter is taken as any density that changes little over 2 % of the age (exponential, uniform, cut off by the end
 * of the run, log-normal). What it cannot tell: a restart of the server kills all at one moment, which is one age
 * when they were opened together; only an open spread over time (`--ramp`) tells the two apart.
 *
 * @param agesMs ages of deaths only, not of censored lifetimes; any order; left alone
 * @returns by `count`, greatest first; empty when nothing clusters
 * @throws RangeError when an age is negative or not finite
 */
export function findDeathClusters(agesMs: ArrayLike<number>): DeathCluster[] {
  const clusters: DeathCluster[] = [];
  let rest = sortAges(agesMs);
  const taken: Stretch[] = [];
  while (clusters.length < MOST_CLUSTERS) {
    const found = findClearest(rest, taken);
    if (found === undefined) break;
    const whole = takeInTails(rest, found);
    taken.push(whole);
    clusters.push(describe(rest.subarray(whole.from, whole.to), agesMs.length));
    rest = cutOut(rest, whole);
  }
  return clusters.sort((a, b) => b.count - a.count || a.ageMs - b.ageMs);
}

/** Deaths `from`..`to` of a sorted list, in a stretch of time. */
interface Stretch {
  lowMs: number;
  highMs: number;
  from: number;
  to: number;
}

interface Window extends Stretch {
  /** Natural logarithm of the bound on its chance, counted as often as it had a chance. */
  logChance: number;
}

function sortAges(agesMs: ArrayLike<number>): Float64Array<ArrayBuffer> {
  const ages = Float64Array.from(agesMs).sort();
  // Sorted, a NaN is last.
  for (const ageMs of [ages[0] ?? 0, ages.at(-1) ?? 0]) {
    if (!(ageMs >= 0 && ageMs < Number.POSITIVE_INFINITY)) throw new RangeError(`not an age in ms: ${ageMs}`);
  }
  return ages;
}

function findClearest(ages: Float64Array, taken: readonly Stretch[]): Window | undefined {
  let best: Window | undefined;
  const offer = (window: Window | undefined): void => {
    if (window === undefined || (best !== undefined && window.logChance >= best.logChance)) return;
    // Around what was cut out stand its stragglers, crowded against an empty stretch.
    const isEdge = ({ lowMs, highMs }: Stretch): boolean => {
      const marginMs = 2 * (window.highMs - window.lowMs) + highMs - lowMs;
      return window.highMs > lowMs - marginMs && window.lowMs < highMs + marginMs;
    };
    if (!taken.some(isEdge) && !isPieceOfHump(ages, window)) best = window;
  };
  for (const ageS of ROUND_AGES_S) {
    const toleranceMs = roundTolerance(ageS * 1000);
    for (const reachMs of [toleranceMs, toleranceMs / 4]) {
      offer(judgeRound(ages, ageS * 1000 - reachMs, ageS * 1000 + reachMs));
    }
  }
  for (const width of WIDTHS) scan(ages, width, offer);
  return best;
}

function judgeRound(ages: Float64Array, lowMs: number, highMs: number): Window | undefined {
  const from = firstAtLeast(ages, lowMs);
  const to = firstAtLeast(ages, highMs);
  if (to - from < FEWEST) return undefined;
  return judge(ages, { lowMs, highMs, from, to }, to - from, 2 * ROUND_AGES_S.length);
}

/** Every window that starts at a death; that one is what the window was chosen by, so only the others count. */
function scan(ages: Float64Array, width: number, offer: (window: Window | undefined) => void): void {
  const chances = ages.length * WIDTHS.length;
  let to = 0;
  for (let from = firstAtLeast(ages, YOUNGEST_MS); from + FEWEST <= ages.length; from++) {
    const lowMs = ages[from]!;
    const highMs = lowMs + Math.max(lowMs * width, LEAST_WIDTH_MS);
    if (to < from) to = from;
    while (to < ages.length && ages[to]! < highMs) to++;
    if (to - from < FEWEST) continue;
    offer(judge(ages, { lowMs, highMs, from, to }, to - from - 1, chances));
  }
}

/**
 * The window when it is a cluster.
 * @param count deaths in it that were free to be elsewhere
 * @param chances windows that were looked at with the same right
 */
function judge(ages: Float64Array, window: Stretch, count: number, chances: number): Window | undefined {
  if (!standsOut(ages, window)) return undefined;
  const logChance = Math.log(chances) + boundAgainstFlanks(ages, window, count);
  return logChance <= MOST_LOG_CHANCE ? { ...window, logChance } : undefined;
}

/** Logarithm of the bound on the chance that scatter puts so many into this stretch, given those on either side. */
function boundAgainstFlanks(ages: Float64Array, stretch: Stretch, count: number): number {
  const widthMs = stretch.highMs - stretch.lowMs;
  const flankMs = stretch.lowMs * FLANK;
  // Given how many deaths fell into window and flank together, those in the window are binomial.
  return boundBinomial(count, count + countInDenserFlank(ages, stretch), widthMs / (widthMs + flankMs));
}

function countInDenserFlank(ages: Float64Array, { lowMs, highMs, from, to }: Stretch): number {
  const flankMs = lowMs * FLANK;
  return Math.max(from - firstAtLeast(ages, lowMs - flankMs), firstAtLeast(ages, highMs + flankMs) - to);
}

function isPieceOfHump(ages: Float64Array, window: Window): boolean {
  const middleMs = (window.lowMs + window.highMs) / 2;
  const widthMs = window.highMs - window.lowMs;
  return HUMP_WIDTHS.some((part) => {
    const lowMs = middleMs * (1 - part / 2);
    const highMs = middleMs * (1 + part / 2);
    if (highMs - lowMs < 2 * widthMs) return false;
    const hump = { lowMs, highMs, from: firstAtLeast(ages, lowMs), to: firstAtLeast(ages, highMs) };
    const deaths = hump.to - hump.from;
    const chances = Math.log(ages.length * WIDTHS.length);
    if (chances + boundAgainstFlanks(ages, hump, deaths - 1) >= window.logChance) return false;
    const within = boundBinomial(window.to - window.from - 1, deaths - 1, widthMs / (highMs - lowMs));
    return chances + within > MOST_LOG_CHANCE;
  });
}

/**
 * The clearest window is often a little narrower than its cluster. Three times its width is taken where that gains
 * more than scatter would.
 */
function takeInTails(ages: Float64Array, window: Stretch): Stretch {
  const widthMs = window.highMs - window.lowMs;
  const lowMs = window.lowMs - widthMs;
  const highMs = window.highMs + widthMs;
  const wider = { lowMs, highMs, from: firstAtLeast(ages, lowMs), to: firstAtLeast(ages, highMs) };
  const gained = window.from - wider.from + wider.to - window.to;
  const flankMs = window.lowMs * FLANK;
  const expected = (countInDenserFlank(ages, window) * 2 * widthMs) / flankMs;
  return gained > CONTRAST * expected ? wider : window;
}

/** At least `CONTRAST` times as many deaths as in either stretch of the same width beside it. */
function standsOut(ages: Float64Array, { lowMs, highMs, from, to }: Stretch): boolean {
  const widthMs = highMs - lowMs;
  // The first death too many, looked up where it would stand: counting would make a scan of a million deaths slow.
  const allowed = Math.floor((to - from) / CONTRAST);
  const below = from - 1 - allowed;
  const above = to + allowed;
  const lowIsClear = below < 0 || ages[below]! < lowMs - widthMs;
  return lowIsClear && (above >= ages.length || ages[above]! >= highMs + widthMs);
}

/**
 * Logarithm of Chernoff's bound on the chance that a binomial of `total` tries reaches `count`; 0 when `count` is not
 * above what is expected.
 */
function boundBinomial(count: number, total: number, expected: number): number {
  const seen = count / total;
  if (!(seen > expected)) return 0;
  const others = seen === 1 ? 0 : (1 - seen) * Math.log((1 - seen) / (1 - expected));
  return -total * (seen * Math.log(seen / expected) + others);
}

function describe(members: Float64Array, deaths: number): DeathCluster {
  const at = (share: number): number => members[Math.round((members.length - 1) * share)]!;
  const ageMs = (members[(members.length - 1) >> 1]! + members[members.length >> 1]!) / 2;
  // Late timers spread upwards from the nominal age, early clocks shift all: it lies from the first to the middle.
  const roundMs = ROUND_AGES_S.map((ageS) => ageS * 1000).find(
    (age) => age >= at(0.05) - roundTolerance(age) && age <= ageMs + roundTolerance(age),
  );
  return {
    ageMs,
    nominalMs: roundMs ?? ageMs,
    count: members.length,
    share: members.length / deaths,
    spreadMs: (at(0.95) - at(0.05)) / 2,
    round: roundMs !== undefined,
  };
}

function roundTolerance(ageMs: number): number {
  return Math.min(MOST_TOLERANCE_MS, Math.max(LEAST_TOLERANCE_MS, ageMs * ROUND_TOLERANCE));
}

function cutOut(ages: Float64Array, { from, to }: Stretch): Float64Array<ArrayBuffer> {
  const rest = new Float64Array(ages.length - (to - from));
  rest.set(ages.subarray(0, from));
  rest.set(ages.subarray(to), from);
  return rest;
}

/** Index of the first age that is not below `limitMs`, in a sorted list. */
function firstAtLeast(ages: Float64Array, limitMs: number): number {
  let low = 0;
  let high = ages.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ages[middle]! < limitMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
