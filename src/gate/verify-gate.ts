import { clopperPearson } from '../stats/clopper-pearson.ts';
import { formatPercent } from '../stats/format-figure.ts';
import {
  type NightCounts,
  type NightPlan,
  type StoredNightPlan,
  simulateNights,
  simulateStoredNights,
} from './simulate-nights.ts';

/** Rounds that the targets are set for: what a nightly scenario is recommended to have. */
export const RECOMMENDED_ROUNDS = 10;

/** Any fixed number: the same nights every time. */
const SEED = 5;

/** Most nights without a change that may alarm, and fewest with one that must. Unit: ratio of nights. */
const MOST_FALSE_ALARMS = 0.01;
const FEWEST_FOUND = 0.95;

/** What a line of the table asks of its nights. */
interface Check {
  plan: Omit<NightPlan, 'nights' | 'seed'>;
  /** A broken target as a clause; undefined when all are met, null when the line is for information alone. */
  judge: ((counts: NightCounts) => string | undefined) | null;
}

const QUIET = 0.05;
const NOISY = 0.15;
const SLOWER = 1.2;
/** No weather explains it. */
const MUCH_SLOWER = 2;

function checksFor(rounds: number, control: boolean): Check[] {
  const recommended = rounds === RECOMMENDED_ROUNDS && control;
  const plan = (noise: number, slowdown: number): Check['plan'] => ({ rounds, control, noise, slowdown });
  const fewFalseAlarms = ({ alarms, nights }: NightCounts): string | undefined =>
    alarms / nights > MOST_FALSE_ALARMS
      ? `false alarms above ${formatPercent(MOST_FALSE_ALARMS)}`
      : undefined;
  return [
    { plan: plan(QUIET, 1), judge: recommended ? fewFalseAlarms : null },
    { plan: plan(NOISY, 1), judge: recommended ? fewFalseAlarms : null },
    {
      plan: plan(QUIET, SLOWER),
      judge: recommended
        ? ({ found, nights }) =>
            found / nights < FEWEST_FOUND ? `found below ${formatPercent(FEWEST_FOUND)}` : undefined
        : null,
    },
    {
      plan: plan(NOISY, SLOWER),
      judge: recommended
        ? ({ missed }) => (missed > 0 ? 'a slowdown that was not found is called same' : undefined)
        : null,
    },
  ];
}

/**
 * Simulated nights through the gate, as a table. The targets are those of the recommended rounds with an A/A control;
 * all other lines say what fewer rounds, or no control, cost.
 *
 * @param write takes one line
 * @returns whether every target is met
 */
export function verifyGate(nights: number, write: (line: string) => void): boolean {
  write(`${nights} simulated nights a line, 12 figures each, one of them slowed down; 95 % intervals`);
  write('');
  write(
    'rounds  A/A control  noise  slowdown  alarm                 passed   inconclusive  found                 called same',
  );
  const broken: string[] = [];
  for (const [rounds, control] of [
    [RECOMMENDED_ROUNDS, true],
    [8, true],
    [6, true],
    [RECOMMENDED_ROUNDS, false],
  ] as const) {
    for (const { plan, judge } of checksFor(rounds, control)) {
      const counts = simulateNights({ ...plan, nights, seed: SEED });
      const failed = judge?.(counts);
      write(describe(plan, counts) + (judge === null ? '' : failed === undefined ? '  ok' : '  MISSED'));
      if (failed !== undefined) {
        broken.push(`${rounds} rounds at ${formatPercent(plan.noise)} noise: ${failed}`);
      }
    }
  }
  broken.push(...verifyStoredNights(Math.ceil(nights / STORED_SHARE), write));
  write('');
  write(
    broken.length === 0
      ? `every target is met at ${RECOMMENDED_ROUNDS} rounds with an A/A control, and against stored nights`
      : `missed: ${broken.join('; ')}`,
  );
  return broken.length === 0;
}

/** A night against ten stored ones costs as much as several interleaved ones. */
const STORED_SHARE = 4;

/**
 * What stored nights are simulated with. Targets: no false alarms, and no pass of a chain that is much slower from its second
 * night on, which would have become the baseline; detection is what it is.
 */
const STORED: Pick<StoredNightPlan, 'between' | 'within' | 'slowdown' | 'stored'>[] = [
  { between: 0.05, within: 0.03, slowdown: 1, stored: null },
  { between: 0.08, within: 0.03, slowdown: 1, stored: null },
  { between: 0.05, within: 0.03, slowdown: MUCH_SLOWER, stored: null },
  { between: 0.02, within: 0.03, slowdown: SLOWER, stored: 10 },
  { between: 0.02, within: 0.03, slowdown: SLOWER, stored: 6 },
  { between: 0.02, within: 0.03, slowdown: SLOWER, stored: 4 },
];

function verifyStoredNights(nights: number, write: (line: string) => void): string[] {
  write('');
  write(`${nights} nights a line against stored nights, ${RECOMMENDED_ROUNDS} rounds, no A/A control`);
  write('');
  write(
    'stored   between nights  noise  slowdown  alarm                 passed   inconclusive  found                 called same',
  );
  return STORED.flatMap((plan) => {
    const counts = simulateStoredNights({ ...plan, nights, seed: SEED, rounds: RECOMMENDED_ROUNDS });
    const missed = missedTarget(plan, counts);
    const hasTarget = plan.stored === null;
    const head = [
      (plan.stored === null ? '1 to 10' : String(plan.stored)).padEnd(7),
      formatPercent(plan.between).padStart(14),
      formatPercent(plan.within).padStart(5),
    ];
    const line = [...head, ...describeCounts(counts, plan.slowdown)].join('  ').trimEnd();
    write(line + (hasTarget ? (missed === undefined ? '  ok' : '  MISSED') : ''));
    return missed === undefined
      ? []
      : [`stored nights that differ by ${formatPercent(plan.between)}: ${missed}`];
  });
}

/** As a clause; undefined where it is met or there is none. */
function missedTarget(
  { slowdown, stored }: (typeof STORED)[number],
  { alarms, passed, nights }: NightCounts,
): string | undefined {
  if (stored !== null) return undefined;
  if (slowdown > 1) return passed > 0 ? 'a lasting slowdown became the baseline' : undefined;
  return alarms / nights > MOST_FALSE_ALARMS
    ? `false alarms above ${formatPercent(MOST_FALSE_ALARMS)}`
    : undefined;
}

function describe({ rounds, control, noise, slowdown }: Check['plan'], counts: NightCounts): string {
  return [
    String(rounds).padStart(6),
    (control ? 'yes' : 'no').padStart(11),
    formatPercent(noise).padStart(5),
    ...describeCounts(counts, slowdown),
  ]
    .join('  ')
    .trimEnd();
}

function describeCounts(counts: NightCounts, slowdown: number): string[] {
  const { nights, alarms, passed, inconclusive, found, missed } = counts;
  const share = (count: number): string => formatPercent(count / nights);
  const withInterval = (count: number): string => {
    const [low, high] = clopperPearson(count, nights).map((end) => (end * 100).toFixed(1));
    return `${share(count)} (${low}-${high})`;
  };
  const isSlow = slowdown !== 1;
  return [
    (isSlow ? formatPercent(slowdown - 1) : 'none').padStart(8),
    withInterval(alarms).padEnd(20),
    share(passed).padStart(7),
    share(inconclusive).padStart(12),
    (isSlow ? withInterval(found) : '').padEnd(20),
    (isSlow ? share(missed) : '').padStart(11),
  ];
}
