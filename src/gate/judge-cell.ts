import type { CellVerdict, NoiseFloor } from '../model/gate.ts';
import type { Unit } from '../model/units.ts';
import { formatPercent, formatRate, formatUs, percentDigits } from '../stats/format-figure.ts';
import { leastAttainableP } from '../stats/mann-whitney.ts';
import type { MeasuredCell } from './measure-cells.ts';

export interface JudgeOptions {
  alpha: number;
  /** Cells that p was corrected for. */
  cells: number;
  /** Least relative change that counts, as a ratio. Not applied to rates of streams. */
  least: number;
  /** Least absolute change that counts, in the metric's unit. Both must be exceeded. */
  minEffect: number;
  /** Relative change that a verdict of `same` excludes. */
  margin: number;
  /** Whether `same` excludes changes for the better as well. */
  bothSides: boolean;
  floor?: NoiseFloor;
}

/**
 * The verdict over one cell.
 *
 * worse (and, mirrored, better): the corrected p is below alpha, the change exceeds both thresholds and the noise floor,
 * and so does the near end of its interval. same: a change as large as the margin is excluded by the interval. Everything
 * else is inconclusive, with what was missing: too few rounds, noise, or a change at the threshold.
 */
export function judgeCell(cell: MeasuredCell, options: JudgeOptions): { verdict: CellVerdict; why: string } {
  const { alpha, floor } = options;
  if (cell.pAdjusted < alpha) {
    if (clears(cell, options, 1)) return { verdict: 'worse', why: describeAlarm(cell, floor, 'worse') };
    if (clears(cell, options, -1)) return { verdict: 'better', why: describeAlarm(cell, floor, 'better') };
  }
  const scarce = tooFewRounds(cell, options);
  if (scarce !== undefined) return { verdict: 'inconclusive', why: scarce };
  const noisy = floor === undefined ? undefined : tooNoisy(cell, options, floor);
  if (noisy !== undefined) return { verdict: 'inconclusive', why: noisy };
  return judgeSameness(cell, options);
}

/** Judge a cell by the limits of the gate: a change that it lets pass for the worse is what `same` excludes. */
export function judgeGatedCell(
  cell: MeasuredCell,
  {
    maxRegression,
    ...options
  }: Pick<JudgeOptions, 'alpha' | 'cells' | 'minEffect' | 'floor'> & { maxRegression: number },
): { verdict: CellVerdict; why: string } {
  return judgeCell(cell, { ...options, least: maxRegression, margin: maxRegression, bothSides: false });
}

/** Whether the change in one direction exceeds thresholds and floor. `sign` 1 is for the worse. */
function clears(cell: MeasuredCell, options: JudgeOptions, sign: 1 | -1): boolean {
  const { least, floor } = options;
  const { relative, absolute } = cell;
  const near = (interval: [number, number]): number => (sign === 1 ? interval[0] : -interval[1]);
  if (sign * absolute.value <= Math.max(leastAmount(cell, options, least), 0)) return false;
  if (relative === null) {
    const noise = floor?.absolute ?? 0;
    return sign * absolute.value > noise && near(absolute.interval) > noise;
  }
  const noise = floor?.relative ?? 0;
  return sign * relative.value > Math.max(least, noise) && near(relative.interval) > noise;
}

/**
 * Least absolute change that counts. A single round of 0 leaves no relative change to speak of, and must not switch the
 * relative threshold off: then it is taken of base's median. Rates of streams have none.
 */
function leastAmount(
  { relative, test, base }: MeasuredCell,
  { minEffect }: JudgeOptions,
  share: number,
): number {
  return relative === null && test !== 'fisher'
    ? Math.max(minEffect, share * Math.abs(base.value))
    : minEffect;
}

function tooFewRounds(cell: MeasuredCell, { alpha, cells }: JudgeOptions): string | undefined {
  if (cell.test === 'fisher') return undefined;
  const least = leastAttainableP(cell.base.n, cell.head.n);
  if (least * cells < alpha) return undefined;
  let rounds = 2;
  while (leastAttainableP(rounds, rounds) * cells >= alpha) rounds++;
  return `${cell.base.n} against ${cell.head.n} rounds cannot tell any change among ${cells} cells; measure ${rounds} rounds or compare fewer metrics`;
}

function tooNoisy(cell: MeasuredCell, options: JudgeOptions, floor: NoiseFloor): string | undefined {
  const { relative, unit } = cell;
  const { margin } = options;
  const minEffect = leastAmount(cell, options, margin);
  if (floor.absolute <= minEffect) return undefined;
  if (relative === null) {
    return minEffect > 0
      ? `the noise floor is ${formatChange(floor.absolute, unit)}, above the threshold of ${formatChange(minEffect, unit)}`
      : undefined;
  }
  if (floor.relative === null || floor.relative <= margin) return undefined;
  return `the noise floor is ${formatPercent(floor.relative)}, above the threshold of ${formatPercent(margin)}`;
}

function judgeSameness(cell: MeasuredCell, options: JudgeOptions): { verdict: CellVerdict; why: string } {
  const { relative, absolute, unit } = cell;
  const { margin, bothSides } = options;
  const minEffect = leastAmount(cell, options, margin);
  const far = ([low, high]: [number, number]): number => (bothSides ? Math.max(-low, high) : high);
  const farAbsolute = far(absolute.interval);
  const withinEffect = farAbsolute < minEffect || farAbsolute <= 0;
  const worse = bothSides ? 'change' : 'regression';
  if (relative === null) {
    return withinEffect
      ? { verdict: 'same', why: `a ${worse} of ${formatChange(minEffect, unit)} is excluded` }
      : {
          verdict: 'inconclusive',
          why: `a ${worse} of up to ${formatChange(farAbsolute, unit)} cannot be excluded`,
        };
  }
  const farRelative = far(relative.interval);
  if (farRelative < margin)
    return { verdict: 'same', why: `a ${worse} of ${formatPercent(margin)} is excluded` };
  if (withinEffect) {
    return { verdict: 'same', why: `a ${worse} of ${formatChange(minEffect, unit)} is excluded` };
  }
  return {
    verdict: 'inconclusive',
    why: `a ${worse} of up to ${formatPercent(farRelative)} cannot be excluded`,
  };
}

function describeAlarm(
  { relative, absolute, unit, pAdjusted }: MeasuredCell,
  floor: NoiseFloor | undefined,
  which: 'worse' | 'better',
): string {
  const change = relative
    ? `${formatPercent(Math.abs(relative.value))} (${formatChange(Math.abs(absolute.value), unit)})`
    : formatChange(Math.abs(absolute.value), unit);
  const near = which === 'worse' ? (relative ?? absolute).interval[0] : -(relative ?? absolute).interval[1];
  const least = relative ? formatPercent(near) : formatChange(near, unit);
  const noise = relative ? floor?.relative : floor?.absolute;
  const above =
    noise === undefined || noise === null
      ? ''
      : `, noise floor ${relative ? formatPercent(noise) : formatChange(noise, unit)}`;
  return `${which} by ${change}, at least ${least}${above}, p ${formatP(pAdjusted)}`;
}

/** A chance as a person reads it: `0.032`, `< 0.0001`. */
export function formatP(p: number): string {
  return p < 0.0001 ? '< 0.0001' : String(Number(p.toPrecision(2)));
}

/** A difference of two amounts: of shares in percentage points. */
function formatChange(value: number, unit: Unit): string {
  return unit === 'ratio' ? `${percentDigits(value)} pp` : formatAmount(value, unit);
}

/** An amount of a metric with its unit. */
export function formatAmount(value: number, unit: Unit): string {
  switch (unit) {
    case 'us':
      return formatUs(value);
    case 's':
      return `${formatRate(value)} s`;
    case 'ratio':
      return formatPercent(value);
    case '1/s':
      return `${formatRate(value)}/s`;
    default:
      return formatRate(value);
  }
}
