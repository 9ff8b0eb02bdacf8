import { SeededRandom } from '../../stats/seeded-random.ts';

/** A stretch of time over which the rate goes in a straight line; equal ends hold it. */
export interface RateSegment {
  /** Arrivals per second at its start and at its end, 0 or more. */
  fromPerSec: number;
  toPerSec: number;
  /** Above 0; Infinity only in the last segment, and only there for a rate that is held. */
  durationMs: number;
}

export interface ArrivalSpec {
  /** One after the other, from the start of the load. */
  segments: readonly RateSegment[];
  /**
   * `uniform`: evenly spaced at the rate of the moment, the first at the start. `poisson`: independent of each
   * other, as of many users; the same rate on average, with the bursts that real arrivals have.
   */
  pacing: 'uniform' | 'poisson';
  /** Of the Poisson arrivals: the same seed gives the same times. @default 1 */
  seed?: number;
  /**
   * Only every `of`-th arrival, beginning with number `index` (0 is the first): so workers that know nothing of each
   * other share one schedule, and together send exactly what one alone would. @default all
   */
  share?: { index: number; of: number };
}

/** Intended send times of an open loop, in rising order. */
export interface ArrivalSchedule {
  /** The next intended time in ms since the start; Infinity after the last, for ever. */
  next(): number;
}

/**
 * Arrivals short of one by this much count as the next segment's, or as none at the end: 500/s for 1 s is 500
 * arrivals and not 501 because of a rounded product.
 */
const ROUNDING = 1e-6;

/**
 * Arrival n (from 0) is due when the integral of the rate reaches n, solved anew for each: no sum of intervals that
 * could drift. In any stretch of time the arrivals are as many as the integral says, within 1 (uniform pacing).
 * Poisson arrivals are those of a process of rate 1, mapped by the same integral.
 *
 * @throws RangeError when the spec has no arrival or a value is out of range
 */
export function createArrivalSchedule(spec: ArrivalSpec): ArrivalSchedule {
  checkSpec(spec);
  const { index, of } = spec.share ?? { index: 0, of: 1 };
  const timeline = new RateTimeline(spec.segments);
  if (spec.pacing === 'uniform') return new UniformSchedule(timeline, index, of);
  return new PoissonSchedule(timeline, index, of, new SeededRandom(spec.seed ?? 1));
}

/** When the last segment is over; Infinity when its rate is held for ever. */
export function scheduleDurationMs(segments: readonly RateSegment[]): number {
  return segments.reduce((sum, { durationMs }) => sum + durationMs, 0);
}

/** Arrivals until `atMs`: the integral of the rate. */
export function countArrivals(segments: readonly RateSegment[], atMs: number): number {
  let count = 0;
  let startMs = 0;
  for (const { fromPerSec, toPerSec, durationMs } of segments) {
    const spentMs = Math.min(durationMs, atMs - startMs);
    if (spentMs <= 0) break;
    // A held rate may last for ever, of which no share can be taken.
    const reached =
      fromPerSec === toPerSec ? toPerSec : fromPerSec + ((toPerSec - fromPerSec) * spentMs) / durationMs;
    count += (((fromPerSec + reached) / 2) * spentMs) / 1000;
    startMs += durationMs;
  }
  return count;
}

function checkSpec({ segments, share }: ArrivalSpec): void {
  for (const [i, { fromPerSec, toPerSec, durationMs }] of segments.entries()) {
    const isHeld = i === segments.length - 1 && fromPerSec === toPerSec;
    const ratesFit = fromPerSec >= 0 && toPerSec >= 0 && Number.isFinite(fromPerSec + toPerSec);
    if (!ratesFit || !(durationMs > 0) || (durationMs === Number.POSITIVE_INFINITY && !isHeld)) {
      throw new RangeError(`no segment of a rate: ${fromPerSec}..${toPerSec}/s for ${durationMs} ms`);
    }
  }
  if (segments.every(({ fromPerSec, toPerSec }) => fromPerSec + toPerSec === 0)) {
    throw new RangeError('a rate that is always 0 has no arrivals');
  }
  if (share === undefined) return;
  const { index, of } = share;
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(of) || index < 0 || index >= of) {
    throw new RangeError(`not a share of the arrivals: ${index} of ${of}`);
  }
}

class UniformSchedule implements ArrivalSchedule {
  private readonly timeline: RateTimeline;
  private readonly stride: number;
  /** In a typed array, as all that changes per arrival: a plain field would be allocated anew past 2^31. */
  private readonly position: Float64Array;

  constructor(timeline: RateTimeline, index: number, stride: number) {
    this.timeline = timeline;
    this.stride = stride;
    this.position = Float64Array.of(index);
  }

  next(): number {
    const atMs = this.timeline.solve(this.position[0]!);
    this.position[0]! += this.stride;
    return atMs;
  }
}

class PoissonSchedule implements ArrivalSchedule {
  private readonly timeline: RateTimeline;
  private readonly stride: number;
  private readonly random: SeededRandom;
  private readonly position: Float64Array;

  constructor(timeline: RateTimeline, index: number, stride: number, random: SeededRandom) {
    this.timeline = timeline;
    this.stride = stride;
    this.random = random;
    this.position = Float64Array.of(0);
    this.advance(index + 1);
  }

  next(): number {
    const atMs = this.timeline.solve(this.position[0]!);
    this.advance(this.stride);
    return atMs;
  }

  private advance(arrivals: number): void {
    for (let i = 0; i < arrivals; i++) this.position[0]! += this.random.nextExponential();
  }
}

/** The integral of the rate, inverted. Asked with rising counts only: it keeps its place. */
class RateTimeline {
  private segment = 0;
  private readonly startsMs: Float64Array;
  private readonly durationsMs: Float64Array;
  /** Arrivals before each segment, and behind the last one all. */
  private readonly startCounts: Float64Array;
  /** Arrivals per ms at the start of each segment, and what each ms adds to that. */
  private readonly rates: Float64Array;
  private readonly slopes: Float64Array;

  constructor(segments: readonly RateSegment[]) {
    this.startsMs = new Float64Array(segments.length);
    this.startCounts = new Float64Array(segments.length + 1);
    this.durationsMs = Float64Array.from(segments, ({ durationMs }) => durationMs);
    this.rates = Float64Array.from(segments, ({ fromPerSec }) => fromPerSec / 1000);
    this.slopes = Float64Array.from(segments, ({ fromPerSec, toPerSec, durationMs }) =>
      fromPerSec === toPerSec ? 0 : (toPerSec - fromPerSec) / 1000 / durationMs,
    );
    segments.forEach(({ fromPerSec, toPerSec, durationMs }, i) => {
      if (i > 0) this.startsMs[i] = this.startsMs[i - 1]! + segments[i - 1]!.durationMs;
      const mean = (fromPerSec + toPerSec) / 2;
      const arrivals = mean === 0 ? 0 : (mean * durationMs) / 1000;
      this.startCounts[i + 1] = this.startCounts[i]! + arrivals;
    });
  }

  /** When the integral reaches `count`; Infinity when it never does. */
  solve(count: number): number {
    let segment = this.segment;
    const segments = this.startsMs.length;
    while (segment < segments && count >= this.startCounts[segment + 1]! - ROUNDING) segment++;
    this.segment = segment;
    if (segment === segments) return Number.POSITIVE_INFINITY;
    const rate = this.rates[segment]!;
    const slope = this.slopes[segment]!;
    const within = Math.max(0, count - this.startCounts[segment]!);
    if (within === 0) return this.startsMs[segment]!;
    // rate t + slope t^2 / 2 = within, in the form that subtracts nothing; slope 0 is within / rate.
    const root = Math.sqrt(Math.max(0, rate * rate + 2 * slope * within));
    const atMs = (2 * within) / (rate + root);
    return this.startsMs[segment]! + Math.min(atMs, this.durationsMs[segment]!);
  }
}
