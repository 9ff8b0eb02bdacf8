import { UserError } from '../../model/errors.ts';
import { parseDurationMs } from '../../model/units.ts';
import { LONGEST_MS } from '../../scenario/durations.ts';
import type { RateSegment } from './arrival-schedule.ts';

/** More arrivals than a second has microseconds: a slip of the keyboard, not a load. */
const MOST_PER_SEC = 1_000_000;
const NUMBER = /^\d+(?:\.\d+)?$/;

/**
 * Read what `--rate` takes: `500` arrivals per second for as long as the load lasts; `100..1000/30s` a ramp over that
 * time; `100/10s,200/10s,400` steps, of which the last may go without a time, and each may be a ramp. `0/5s` is a
 * pause. Behind the last time there are no more arrivals.
 *
 * @throws UserError that quotes the part at fault and gives the remedy
 */
export function parseRate(text: string): RateSegment[] {
  const parts = text.split(',').map((part) => part.trim());
  const segments = parts.map((part, i) => parseStep(part, i === parts.length - 1));
  if (segments.every(({ fromPerSec, toPerSec }) => fromPerSec + toPerSec === 0)) {
    throw new UserError(`--rate ${text}: sends nothing; give a rate above 0, e.g. 500`);
  }
  return segments;
}

function parseStep(part: string, isLast: boolean): RateSegment {
  if (part === '') throw new UserError('--rate: a step is empty; write e.g. 500 or 100/10s,200/10s');
  const slash = part.indexOf('/');
  const rateText = slash < 0 ? part : part.slice(0, slash).trim();
  const [fromPerSec, toPerSec] = parseRates(part, rateText);
  if (slash >= 0) return { fromPerSec, toPerSec, durationMs: parseTime(part, part.slice(slash + 1)) };
  if (fromPerSec !== toPerSec) {
    throw new UserError(`--rate ${part}: a ramp needs its time; write e.g. ${part}/30s`);
  }
  if (!isLast) {
    throw new UserError(`--rate ${part}: only the last step goes without a time; write e.g. ${part}/10s`);
  }
  return { fromPerSec, toPerSec, durationMs: Number.POSITIVE_INFINITY };
}

function parseRates(part: string, text: string): [from: number, to: number] {
  const ends = text.split('..').map((end) => end.trim());
  if (ends.length > 2) throw new UserError(`--rate ${part}: a ramp has two ends; write e.g. 100..1000/30s`);
  const rates = ends.map((end) => parsePerSec(part, end));
  return [rates[0]!, rates.at(-1)!];
}

function parsePerSec(part: string, text: string): number {
  if (!NUMBER.test(text)) {
    throw new UserError(
      `--rate ${part}: "${text}" is no number of requests per second; write e.g. 500, 0.5 or 100..1000/30s`,
    );
  }
  const perSec = Number(text);
  if (perSec > MOST_PER_SEC) {
    throw new UserError(`--rate ${part}: ${text} per second is above the ${MOST_PER_SEC} that are possible`);
  }
  return perSec;
}

function parseTime(part: string, text: string): number {
  const durationMs = parseDurationMs(text);
  if (durationMs === undefined) {
    // 500/s is what people write for "per second", and would read as a step of unit time.
    const isPerSecond = /^(s|sec|second)$/.test(text.trim());
    const remedy = isPerSecond ? 'rates are per second already: leave it out' : 'write e.g. 500ms, 10s or 2m';
    throw new UserError(`--rate ${part}: "${text}" is no time; ${remedy}`);
  }
  if (durationMs === 0) throw new UserError(`--rate ${part}: a step of no time; leave it out`);
  if (durationMs > LONGEST_MS) throw new UserError(`--rate ${part}: "${text}" is longer than a day`);
  return durationMs;
}
