import type { Effect, NoiseFloor, RunSide, SideArm } from '../model/gate.ts';
import { METRICS, type MetricId } from '../model/metrics.ts';
import { isStreamRate } from '../scenario/gate-defaults.ts';
import { median } from '../stats/median.ts';
import { absoluteEffect, relativeEffect, shareEffect } from './measure-cells.ts';

/**
 * How large a change of this cell is without any cause.
 *
 * With an A/A control, the larger of its difference from base and of half the interval of that difference, which is what
 * this many rounds can tell from nothing. Without one, half the interval of base against itself, which sees scatter
 * and no drift. Stored nights count as well: how far one night's median stood from the others'.
 */
export function findNoiseFloor(
  base: SideArm,
  metric: MetricId,
  control: SideArm | undefined,
  nights: readonly SideArm[] = [],
): NoiseFloor {
  const against = control && hasValue(control, metric) ? control : undefined;
  const own = floorOf(base, against ?? base, metric, against ? 'control' : 'rounds');
  const between = floorBetweenNights(nights, metric);
  if (!between) return own;
  const isLarger =
    between.relative !== null && own.relative !== null
      ? between.relative > own.relative
      : between.absolute > own.absolute;
  return isLarger ? between : own;
}

function hasValue(arm: SideArm, metric: MetricId): boolean {
  const sample = arm.samples[metric];
  return sample !== undefined && !('absent' in sample);
}

function floorOf(first: SideArm, second: SideArm, metric: MetricId, from: NoiseFloor['from']): NoiseFloor {
  const [a, b] = [first.shares[metric], second.shares[metric]];
  if (isStreamRate(metric) && a && b) {
    return { relative: null, absolute: sizeOfNoise(shareEffect(a, b)), from };
  }
  const { better } = METRICS[metric];
  const [x, y] = [valuesOf(first, metric), valuesOf(second, metric)];
  const relative = relativeEffect(x, y, better);
  return {
    relative: relative ? sizeOfNoise(relative) : null,
    absolute: sizeOfNoise(absoluteEffect(x, y, better)),
    from,
  };
}

function sizeOfNoise({ value, interval: [low, high] }: Effect): number {
  return Math.max(Math.abs(value), (high - low) / 2);
}

function valuesOf(arm: SideArm, metric: MetricId): number[] {
  const sample = arm.samples[metric];
  if (!sample || 'absent' in sample) throw new Error(`${arm.id} has no ${metric}`);
  return sample.values;
}

/** Undefined with less than two nights, and for rates of streams, whose nights are pooled as counts. */
function floorBetweenNights(nights: readonly SideArm[], metric: MetricId): NoiseFloor | undefined {
  if (isStreamRate(metric)) return undefined;
  const medians = nights
    .filter((night) => hasValue(night, metric))
    .map((night) => median(valuesOf(night, metric))!);
  if (medians.length < 2) return undefined;
  let absolute = 0;
  let relative: number | null = 0;
  for (const [index, own] of medians.entries()) {
    const others = median(medians.filter((_, other) => other !== index))!;
    absolute = Math.max(absolute, Math.abs(own - others));
    if (relative !== null) relative = others > 0 ? Math.max(relative, Math.abs(own / others - 1)) : null;
  }
  return { relative, absolute, from: 'nights' };
}

/** The row of a side by its name. */
export function rowOf(side: RunSide | undefined, name: string): SideArm | undefined {
  return side?.arms.find((arm) => arm.name === name);
}
