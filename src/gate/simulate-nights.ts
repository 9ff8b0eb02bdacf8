import type { GateResult, GateSpec, RunSide, Sample, SideArm } from '../model/gate.ts';
import { METRICS, type MetricId } from '../model/metrics.ts';
import { DEFAULT_ALPHA } from '../scenario/gate-defaults.ts';
import { SeededRandom } from '../stats/seeded-random.ts';
import { addNight, EMPTY_BASELINE, findNights, whyNotStored } from './baseline.ts';
import { judgeGate } from './judge-gate.ts';
import { poolSides } from './pool-sides.ts';

export interface NightPlan {
  nights: number;
  seed: number;
  /** Rounds of base, of its A/A control and of head. */
  rounds: number;
  /** Standard deviation of one round's figure / its mean: log-normal, independent. */
  noise: number;
  /** Factor by which one figure of head is worse than base's; 1 for A/A nights. */
  slowdown: number;
  /** With an A/A control in every night. */
  control: boolean;
}

/** Counts of nights. */
export interface NightCounts {
  nights: number;
  /** The gate said regression. */
  alarms: number;
  passed: number;
  inconclusive: number;
  /** The figure that was slowed down is called worse. */
  found: number;
  /** It is called same, or better: a miss that nobody is told of. */
  missed: number;
}

const ROWS = ['wrk', 'hey', 'autocannon', 'ssee-tester'];
const MEANS = { requests_per_sec: 2170, ttfe_us_p50: 6200, stream_us_p50: 46_000 } satisfies Partial<
  Record<MetricId, number>
>;
const SIMULATED = Object.keys(MEANS) as (keyof typeof MEANS)[];

/** The gate of the simulation: the default thresholds over 4 rows x 3 figures. */
const SPEC: GateSpec = {
  metrics: SIMULATED.map((metric) => ({ metric, maxRegression: 0.1, minEffect: 0 })),
  alpha: DEFAULT_ALPHA,
};

/**
 * Nights of interleaved base and head through the whole gate. One figure of twelve is slowed down, another one each
 * night, so what is found is one cell among its equals after correction for all of them.
 */
export function simulateNights(plan: NightPlan): NightCounts {
  const counts = noneOf(plan.nights);
  for (let night = 0; night < plan.nights; night++) {
    const random = new SeededRandom(plan.seed * 1_000_003 + night);
    const slow = { row: ROWS[night % ROWS.length]!, metric: SIMULATED[night % SIMULATED.length]! };
    const result = judgeGate({
      base: drawSide('base', plan, random),
      head: drawSide('head', plan, random, slow),
      ...(plan.control ? { control: drawSide('control', plan, random) } : {}),
      spec: SPEC,
      noBaseline: [],
    });
    countNight(counts, result, slow);
  }
  return counts;
}

export interface StoredNightPlan {
  /** Judged nights. */
  nights: number;
  seed: number;
  rounds: number;
  /** As `noise` of interleaved nights: of the rounds of one night, and of what all figures of a night share. */
  within: number;
  between: number;
  slowdown: number;
  /**
   * Unchanged nights that each judged one is held against; null for chains of nights as a machine measures them, of which
   * all but the first are slowed down, each time in the same figure.
   */
  stored: number | null;
}

/** Nights of a chain, the first of which begins the baseline. */
const CHAIN = 15;

/** Nights held against stored ones through the whole gate, by an effect on the night that all of its figures share. */
export function simulateStoredNights(plan: StoredNightPlan): NightCounts {
  const counts = noneOf(plan.nights);
  const random = new SeededRandom(plan.seed);
  const draw = (slow?: Slow): RunSide => {
    const effect = Math.exp(plan.between * drawNormal(random));
    return drawSide('night', { ...plan, noise: plan.within, effect }, random, slow);
  };
  let baseline = EMPTY_BASELINE;
  for (let night = 0; night < plan.nights; night++) {
    if (plan.stored !== null || night % (CHAIN - 1) === 0) {
      baseline = EMPTY_BASELINE;
      for (let earlier = 0; earlier < (plan.stored ?? 1); earlier++)
        baseline = addNight(baseline, draw(), false);
    }
    const which = plan.stored === null ? Math.floor(night / (CHAIN - 1)) : night;
    const slow = { row: ROWS[which % ROWS.length]!, metric: SIMULATED[which % SIMULATED.length]! };
    const head = draw(slow);
    const found = findNights(baseline, head.key);
    if (!('nights' in found)) throw new Error('a simulated night has another key than the stored ones');
    const base = poolSides(found.nights, 'stored nights');
    const result = judgeGate({
      base,
      baseIsPooled: true,
      head,
      nights: found.nights,
      spec: SPEC,
      noBaseline: [],
    });
    countNight(counts, result, slow);
    const reason = whyNotStored(result, { base, head, nights: found.nights }, false);
    if (reason === undefined) baseline = addNight(baseline, head, false);
  }
  return counts;
}

function noneOf(nights: number): NightCounts {
  return { nights, alarms: 0, passed: 0, inconclusive: 0, found: 0, missed: 0 };
}

function countNight(counts: NightCounts, { cells, exitCode }: GateResult, slow: Slow): void {
  if (exitCode === 3) counts.alarms++;
  if (exitCode === 0) counts.passed++;
  if (exitCode === 4) counts.inconclusive++;
  const cell = cells.find(({ arm, metric }) => arm === slow.row && metric === slow.metric)!;
  if (cell.verdict === 'worse') counts.found++;
  else if (cell.verdict !== 'inconclusive') counts.missed++;
}

interface Slow {
  row: string;
  metric: MetricId;
}

function drawSide(
  label: string,
  {
    rounds,
    noise,
    slowdown,
    effect = 1,
  }: Pick<NightPlan, 'rounds' | 'noise' | 'slowdown'> & { effect?: number },
  random: SeededRandom,
  slow?: Slow,
): RunSide {
  const arms = ROWS.map((name): SideArm => {
    const samples: SideArm['samples'] = {};
    for (const metric of SIMULATED) {
      const isSlow = slow?.row === name && slow.metric === metric;
      const slower = isSlow ? slowdown * effect : effect;
      const factor = METRICS[metric].better === 'higher' ? 1 / slower : slower;
      samples[metric] = drawSample(MEANS[metric] * factor, noise, rounds, random);
    }
    return {
      id: name,
      name,
      variant: null,
      tool: name,
      toolVersion: '1',
      samples,
      shares: {},
      invariants: [],
      invalid: [],
      failed: [],
    };
  });
  return { label, startedAt: '2026-01-01T00:00:00.000Z', state: 'done', key: KEY, arms };
}

const KEY: RunSide['key'] = {
  scenario: { name: 'simulated', sha256: '' },
  load: { connections: 100, durationMs: 5000, timeoutMs: 5000, stream: 'finite' },
  machine: { cpuModel: 'simulated', cpus: 2, kernelMajor: '6', nodeMajor: '20', namespaces: true },
  tools: {},
};

/** Log-normal with the given mean and coefficient of variation. */
function drawSample(mean: number, noise: number, rounds: number, random: SeededRandom): Sample {
  const variance = Math.log1p(noise * noise);
  const values = Array.from(
    { length: rounds },
    () => mean * Math.exp(Math.sqrt(variance) * drawNormal(random) - variance / 2),
  );
  return { rounds: values.map((_, index) => index + 1), values };
}

/** Box and Muller, one of the two values. */
function drawNormal(random: SeededRandom): number {
  return Math.sqrt(2 * random.nextExponential()) * Math.cos(2 * Math.PI * random.next());
}
