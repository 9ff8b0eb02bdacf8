import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LATENCIES } from '../../src/model/metrics.ts';
import { OUTCOMES } from '../../src/model/outcome.ts';
import type { Arm, Plan } from '../../src/model/plan.ts';
import type { Environment, ProcessRecord, RunRecord, TrialRecord } from '../../src/model/run-record.ts';
import { SeededRandom } from '../../src/stats/seeded-random.ts';
import { makeArm, makeProcess, makeRecord, makeRun } from './evidence-builder.ts';

/** One row of a stored run, measured by ssee-tester. */
export interface StoredArm {
  name?: string;
  variant?: string;
  /** Factor on the time of a stream; the rate falls by as much. */
  slowdown?: number;
  /** Half the width of the uniform scatter of rounds, as a ratio. @default 0.02 */
  noise?: number;
  /** Lost events per round. */
  gaps?: number;
  /** Streams reset per round. */
  resets?: number;
  process?: Partial<ProcessRecord>;
  /** State of the last round's trial. */
  lastState?: TrialRecord['state'];
}

export interface StoredRunParts {
  arms: StoredArm[];
  rounds?: number;
  seed?: number;
  overrides?: Partial<RunRecord>;
  environment?: Partial<Environment>;
  plan?: Partial<Plan>;
  /** Of every row. */
  arm?: Partial<Arm>;
}

const WINDOW_S = 30;
const STREAM_US = 46_000;

/** A folder for run folders, which the caller removes. */
export function makeRunsDir(): string {
  return mkdtempSync(join(tmpdir(), 'ssee-bench-gate-'));
}

/** A run folder with the raw output of every trial, as a real run leaves it. Returns its path. */
export function writeStoredRun(runsDir: string, name: string, parts: StoredRunParts): string {
  const { rounds = 10, seed = 1 } = parts;
  const dir = join(runsDir, name);
  const random = new SeededRandom(seed);
  const records: TrialRecord[] = [];
  const arms = parts.arms.map(({ name: tool = 'ssee-tester', variant }) =>
    makeArm({
      id: variant === undefined ? tool : `${tool}@${variant}`,
      tool: 'ssee-tester',
      ...(variant === undefined ? {} : { variant }),
      ...parts.arm,
    }),
  );
  for (let round = 1; round <= rounds; round++) {
    for (const [index, stored] of parts.arms.entries()) {
      const { id, connections, durationMs } = arms[index]!;
      const state = round === rounds ? (stored.lastState ?? 'done') : 'done';
      const record = makeRecord({
        id: `r${round}-${id}`,
        armId: id,
        round,
        durationMs,
        state,
        ...(state === 'done' ? {} : { reason: 'the target died' }),
        process: makeProcess(stored.process),
        files: ['stdout.txt'],
      });
      records.push(record);
      const trialDir = join(dir, 'trials', record.id);
      mkdirSync(trialDir, { recursive: true });
      writeFileSync(join(trialDir, 'stdout.txt'), JSON.stringify(testerReport(stored, connections, random)));
    }
  }
  const run = makeRun(arms, records, parts.overrides);
  run.plan = { ...run.plan, rounds, ...parts.plan };
  run.environment = { ...run.environment, ...parts.environment };
  writeFileSync(join(dir, 'run.json'), JSON.stringify(run));
  return dir;
}

function testerReport(
  { slowdown = 1, noise = 0.02, gaps = 0, resets = 0 }: StoredArm,
  connections: number,
  random: SeededRandom,
): Record<string, unknown> {
  const streamUs = STREAM_US * slowdown * (1 + noise * (2 * random.next() - 1));
  const completed = Math.round((connections * 1e6 * WINDOW_S) / streamUs);
  const latency = (us: number): Record<string, number> => ({
    count: completed,
    ...Object.fromEntries(['p50', 'p90', 'p99', 'p999', 'max', 'mean'].map((stat) => [stat, Math.round(us)])),
  });
  return {
    schema: 'ssee-tester/1',
    window: { durationUs: WINDOW_S * 1e6 },
    outcomes: {
      ...Object.fromEntries(OUTCOMES.map((row) => [row, 0])),
      attempted: completed + resets,
      completed,
      reset: resets,
    },
    completedInWindow: completed,
    timeouts: { connect: 0, headers: 0, firstEvent: 0, idle: 0, deadline: 0 },
    events: completed * 10 - gaps,
    eventsTotal: completed * 10 - gaps,
    bytesReceived: completed * 1000,
    holdRatio: 0.999,
    latencies: {
      ...Object.fromEntries(Object.keys(LATENCIES).map((base) => [base, null])),
      ttfe_us: latency(streamUs / 20),
      stream_us: latency(streamUs),
    },
    sequence: { gaps, duplicates: 0, reordered: 0, rolledBack: 0, replayed: 0, lostOverReconnect: 0 },
  };
}
