import { parsePortRange } from '../../src/observe/environment.ts';
import { readProcFile } from '../../src/process/proc-stat.ts';
import { readOutput } from '../../src/process/read-output.ts';
import { median } from '../../src/stats/median.ts';
import { testerKnows } from '../find-programs.ts';
import { planHeldStreams, sourceArguments } from '../held-limits.ts';
import { findDoubts, lineOfValues } from '../judge.ts';
import type { Lab } from '../lab.ts';
import { sseeTester } from '../load-programs.ts';
import { parseOpenFileLimitHard } from '../machine.ts';
import { type MeasuredTarget, withTarget } from '../measured-target.ts';
import { between, type MemorySample, sampleMemoryOfChild } from '../memory-samples.ts';
import type { Goal, Line, LoadRun, MeasuredLine, Pair, RowResult } from '../model.ts';
import { runPairs } from '../pairing.ts';
import { runLoad } from '../run-load.ts';
import { emptyResult } from './compare.ts';

/** The same program with next to nothing to hold: its memory is what the program itself needs. */
const FEW_STREAMS = 10;
const SAMPLE_EVERY_MS = 200;
/** Goals are about loads of this size; what fewer streams show is shown and not judged. */
const GOALS_FROM = 19_000;
const CONNECTS_PER_SECOND = 2000;
/** Connecting thousands at once may take several rounds of SYN. */
const TIMEOUT = '60s';

interface HeldRun extends LoadRun {
  samples: MemorySample[];
  /** Median over the second half of the run. */
  steadyRssBytes: number;
}

interface Case {
  asked: number;
  workers: number;
}

/** R5: many endless streams at one event per second each. */
export async function measureHeldStreams(lab: Lab): Promise<RowResult> {
  const result = emptyResult();
  await raiseOpenFiles(Math.max(...lab.options.held));
  const knowsWorkers = await testerKnows('--workers');
  const cases = lab.options.held.flatMap((asked): Case[] =>
    knowsWorkers
      ? [
          { asked, workers: 1 },
          { asked, workers: 2 },
        ]
      : [{ asked, workers: 1 }],
  );
  for (const held of cases) {
    try {
      result.lines.push(...(await measureCase(lab, held, result)));
    } catch (error) {
      lab.signal.throwIfAborted();
      result.lines.push({ ...headOf(held), state: 'failed', reason: (error as Error).message });
    }
  }
  if (!knowsWorkers) {
    result.lines.push({
      ...headOf({ asked: Math.max(...lab.options.held), workers: 2 }),
      state: 'skipped',
      reason: 'ssee-tester has no option --workers',
    });
  }
  return result;
}

function headOf({ asked, workers }: Case): { row: 'R5'; name: string; unit: string } {
  const by = workers === 1 ? '' : `, ${workers} workers`;
  return { row: 'R5', name: `${asked} held streams${by}`, unit: 'bytes / stream' };
}

async function measureCase(lab: Lab, held: Case, result: RowResult): Promise<Line[]> {
  const head = headOf(held);
  const plan = planHeldStreams(held.asked, {
    openFilesHard: parseOpenFileLimitHard(readProcFile('/proc/self/limits') ?? ''),
    ports: countPorts(),
    rotatesSources: await testerKnows('--source-addresses'),
  });
  if (!plan.possible) return [{ ...head, state: 'skipped', reason: plan.reason }];
  const { streams, sourceAddresses, note } = plan;
  const workers = held.workers === 1 ? [] : ['--workers', String(held.workers)];
  const program = sseeTester([...workers, ...sourceArguments(sourceAddresses)], 'ssee-tester', TIMEOUT);

  const pairs = await withTarget(lab, (target) =>
    runPairs(lab.options.pairs, (side): Promise<HeldRun> => {
      const connections = side === 'ours' ? streams : FEW_STREAMS;
      lab.say(`${head.name}: holding ${connections}`);
      return hold(lab, target, program, connections);
    }),
  );
  result.raw[head.name] = { streams, fewStreams: FEW_STREAMS, workers: held.workers, pairs };
  result.warnings.push(...findDoubts(head.name, pairs));
  return linesOf(head, streams, pairs, note);
}

async function hold(
  lab: Lab,
  target: MeasuredTarget,
  program: ReturnType<typeof sseeTester>,
  connections: number,
): Promise<HeldRun> {
  const durationS = lab.options.durationS + Math.ceil(connections / CONNECTS_PER_SECOND);
  let sampler: ReturnType<typeof sampleMemoryOfChild> | undefined;
  try {
    const run = await runLoad(
      lab,
      target,
      program,
      { path: '/events?interval=1s', kind: 'endless', connections, durationS },
      (pid) => {
        sampler = sampleMemoryOfChild(pid, SAMPLE_EVERY_MS);
      },
    );
    const samples = sampler?.stop() ?? [];
    const steadyRssBytes = median(between(samples, durationS / 2, durationS).map(({ rssBytes }) => rssBytes));
    if (steadyRssBytes === undefined) throw new Error('the memory of ssee-tester was not seen');
    return { ...run, samples, steadyRssBytes };
  } finally {
    sampler?.stop();
  }
}

function linesOf(
  head: ReturnType<typeof headOf>,
  streams: number,
  pairs: readonly Pair<HeldRun>[],
  note: string | undefined,
): MeasuredLine[] {
  const goal = (kind: Goal['kind'], value: number): { goal?: Goal } =>
    streams >= GOALS_FROM ? { goal: { kind, value, of: 'ours' } } : {};
  const line = (what: string, unit: string, aim: { goal?: Goal }, values: number[]): MeasuredLine =>
    lineOfValues({ row: 'R5', name: `${head.name}: ${what}`, unit, ...aim }, 'ssee-tester', values);
  const ours = pairs.map((pair) => pair.ours);
  const held = line(
    'held to the end',
    'share',
    goal('at-least', 1),
    ours.map(({ own }) => own.held! / streams),
  );
  if (note !== undefined) held.notes.push(note);
  return [
    held,
    line(
      `memory above ${FEW_STREAMS} streams`,
      'bytes / stream',
      goal('at-most', 6 * 1024),
      pairs.map((pair) => (pair.ours.steadyRssBytes - pair.peer.steadyRssBytes) / (streams - FEW_STREAMS)),
    ),
    line(
      'memory of the whole process',
      'bytes / stream',
      goal('at-most', 6 * 1024),
      ours.map((run) => run.steadyRssBytes / streams),
    ),
    line(
      'event-loop delay p99',
      'ms',
      goal('at-most', 20),
      ours.map(({ own }) => own.loopDelayP99Us! / 1000),
    ),
  ];
}

function countPorts(): number {
  const range = parsePortRange(readProcFile('/proc/sys/net/ipv4/ip_local_port_range') ?? '');
  return range ? range[1] - range[0] + 1 : 28_232;
}

/** For this process and what it starts, where the user's rights reach that far; else the limit stays and is named. */
async function raiseOpenFiles(streams: number): Promise<void> {
  const wanted = streams + 1000;
  const hard = parseOpenFileLimitHard(readProcFile('/proc/self/limits') ?? '');
  if (hard === null || hard >= wanted) return;
  await readOutput(['prlimit', '--pid', String(process.pid), `--nofile=${wanted}:${wanted}`], {
    timeoutMs: 5000,
  });
}
