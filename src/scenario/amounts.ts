import type { Unit } from '../model/units.ts';

const US_PER: Record<string, number> = { us: 1, ms: 1000, s: 1e6, m: 60e6 };
const BYTES_PER: Record<string, number> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

/** How an amount of each unit is written, as a noun phrase for errors. */
export function describeAmount(unit: Unit): string {
  switch (unit) {
    case 'us':
      return 'a time with its unit, such as 50ms (units: us, ms, s, m)';
    case 's':
      return 'a time with its unit, such as 500ms (units: us, ms, s, m)';
    case 'ratio':
      return 'a share, such as 1% or 0.01';
    case 'bytes':
      return 'a size, such as 10MB (units: B, kB, MB, GB, KiB, MiB, GiB)';
    case '1/s':
      return 'a rate per second, such as 1500 or 1500/s';
    default:
      return 'a number';
  }
}

/**
 * An amount as scenarios write it, in the metric's own unit: `50ms` of a latency is 50000.
 * @returns undefined when it is not written as `describeAmount` says
 */
export function parseAmount(written: unknown, unit: Unit): number | undefined {
  const [, digits, suffix = ''] = /^(\d+(?:\.\d+)?)\s?([A-Za-z%/]*)$/.exec(String(written).trim()) ?? [];
  if (digits === undefined || (typeof written !== 'string' && typeof written !== 'number')) return undefined;
  const value = Number(digits);
  switch (unit) {
    case 'us':
      return scale(value, US_PER[suffix]);
    case 's':
      return scale(value, US_PER[suffix] === undefined ? undefined : US_PER[suffix] / 1e6);
    case 'ratio':
      if (suffix === '%') return value <= 100 ? tidy(value / 100) : undefined;
      return suffix === '' && value <= 1 ? value : undefined;
    case 'bytes':
      return scale(value, suffix === '' ? 1 : BYTES_PER[suffix]);
    case '1/s':
      return suffix === '' || suffix === '/s' ? value : undefined;
    default:
      return suffix === '' ? value : undefined;
  }
}

function scale(value: number, factor: number | undefined): number | undefined {
  return factor === undefined ? undefined : tidy(value * factor);
}

/** 0.7 ms times 1000 is 700 and not 699.9999999999999. */
function tidy(value: number): number {
  return Number(value.toPrecision(12));
}
