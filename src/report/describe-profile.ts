import type { Cell } from '../model/cell.ts';
import type { ArmComparison } from '../model/comparison.ts';
import {
  CPU_CATEGORIES,
  GOROUTINE_STATES,
  type HotFunctions,
  type ProfileFigureId,
} from '../model/profile.ts';
import { formatCount, formatPercent } from '../stats/format-figure.ts';

/** Shares below it are not worth a reader's time; the cells have them. */
const SMALLEST_SHARE = 0.005;
/** Functions named in the text: the flame graph has all. */
const MOST_FUNCTIONS = 5;
/** Where every wait begins and ends, which tells nothing about whose it is. */
const NO_PLACE = /^((runtime|sync|internal\/sync)\.|net\/http\.\(\*(conn\)\.serve|Server\)\.Serve))/;

/** One item per arm that was to be profiled; nothing for the others. */
export function describeProfile(arm: ArmComparison): { text: string; details: string[] }[] {
  const { profile, profileDetail: detail } = arm;
  if (!profile) return [];
  if (!detail) {
    const { cpu_cores: cores } = profile;
    return [{ text: `${arm.id}: no profile${cores.known ? '' : ` (${cores.detail})`}`, details: [] }];
  }
  const ratio = profile.observer_ratio;
  const details = [
    ...detail.hot.flatMap(describeFunctions),
    ...describeWaits(profile),
    ...describeGoroutines(profile),
    ratio.known
      ? `rate with profile / rate without: ${Number(ratio.value).toFixed(2)}`
      : `rate with profile / rate without: n/a (${ratio.detail})`,
    ...detail.files.map(({ kind, file, flameGraph, reason }) =>
      file === null
        ? `no ${kind} profile: ${reason}`
        : `${kind}: ${flameGraph === null ? file : `${flameGraph} (raw: ${file})`}`,
    ),
  ];
  return [{ text: `${arm.id}: ${describeShares(profile)}`, details }];
}

function describeShares(profile: Record<ProfileFigureId, Cell>): string {
  const shares = CPU_CATEGORIES.flatMap((category) => {
    const value = numberOf(profile[`${category}_share`]);
    return value === undefined || value < SMALLEST_SHARE ? [] : [{ category, value }];
  }).sort((a, b) => b.value - a.value);
  const { cpu_cores: cores, cpu_samples: samples, other_share: share } = profile;
  if (shares.length === 0) return `no shares of CPU time${share.known ? '' : ` (${share.detail})`}`;
  const note = samples.known && samples.note ? `; ${samples.note}` : '';
  const used = `${(numberOf(cores) ?? 0).toFixed(2)} cores, ${formatCount(numberOf(samples) ?? 0)} samples${note}`;
  const names = shares.map(
    ({ category, value }) => `${category.replaceAll('_', ' ')} ${formatPercent(value)}`,
  );
  return `CPU time of the target (${used}): ${names.join(', ')}`;
}

function describeFunctions({ kind, bySelf, byCumulative, total, unit }: HotFunctions): string[] {
  const list = (functions: HotFunctions['bySelf'], of: 'self' | 'cumulative'): string =>
    functions
      .slice(0, MOST_FUNCTIONS)
      .map((item) => `${item.name} ${formatPercent(item[of])}`)
      .join(', ');
  if (kind === 'cpu') {
    return [
      `most CPU in the function itself: ${list(bySelf, 'self')}`,
      `with all it calls: ${list(byCumulative, 'cumulative')}`,
    ];
  }
  if (unit === 'count') return [];
  const places = byCumulative.filter(({ name }) => !NO_PLACE.test(name));
  return [`${kind}, ${total.toFixed(2)} s in all: ${list(places, 'cumulative')}`];
}

function describeGoroutines(profile: Record<ProfileFigureId, Cell>): string[] {
  const all = numberOf(profile.goroutines);
  if (all === undefined) return [];
  const states = GOROUTINE_STATES.flatMap((state) => {
    const count = numberOf(profile[`goroutines_${state}`]);
    return count === undefined || count === 0 ? [] : [`${formatCount(count)} ${state}`];
  });
  return [`${formatCount(all)} goroutines: ${states.join(', ')}`];
}

function describeWaits(profile: Record<ProfileFigureId, Cell>): string[] {
  const waits = (
    [
      ['block_lock_ratio', 'for locks'],
      ['block_condition_ratio', 'for conditions'],
      ['block_channel_ratio', 'in channels and selects'],
      ['mutex_ratio', "for holders of the program's locks"],
      ['runtime_lock_ratio', "for locks of Go's runtime"],
    ] as const
  ).flatMap(([id, what]) => {
    const value = numberOf(profile[id]);
    return value === undefined ? [] : [`${value.toFixed(2)} ${what}`];
  });
  return waits.length === 0 ? [] : [`seconds waited per second: ${waits.join(', ')}`];
}

function numberOf(cell: Cell): number | undefined {
  return cell.known && typeof cell.value === 'number' ? cell.value : undefined;
}
