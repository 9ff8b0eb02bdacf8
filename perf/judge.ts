import type { Goal, Line, LoadRun, MeasuredLine, Pair, RowId } from './model.ts';
import { pairRatios, type Spread, spreadOf } from './statistics.ts';

/** A value of one run; undefined when it has none, which makes the line fail. */
export type Measure = (run: LoadRun) => number | undefined;

export const cpuUs = (run: LoadRun): number => run.userUs + run.systemUs;

/** CPU per request, requests by the target's count for both sides. */
export const cpuUsPerRequest: Measure = (run) => perCount(cpuUs(run), run.targetRequests);

/** CPU per event, events as `eventsOf` has them. */
export const cpuUsPerEvent: Measure = (run) => perCount(cpuUs(run), eventsOf(run));

/**
 * Events that the program has handled. The target counts what the kernel took, so for a program that fell behind it
 * counts what lay unread in buffers at its end too: the program's own count is then the smaller one.
 */
export function eventsOf(run: LoadRun): number {
  return Math.min(run.targetEvents, run.own.events ?? run.targetEvents);
}

function perCount(value: number, count: number): number | undefined {
  return count > 0 ? value / count : undefined;
}

export interface LineSpec {
  row: RowId;
  name: string;
  unit: string;
  goal?: Goal;
}

/** The line of a paired comparison. */
export function lineOfPairs(spec: LineSpec, pairs: readonly Pair[], measure: Measure): Line {
  const ours = pairs.map((pair) => measure(pair.ours));
  const peer = pairs.map((pair) => measure(pair.peer));
  if (!areNumbers(ours) || !areNumbers(peer)) {
    return { ...spec, state: 'failed', reason: 'nothing was counted, so there is nothing to divide by' };
  }
  return lineOfValues(spec, pairs[0]!.ours.program, ours, pairs[0]!.peer.program, peer);
}

/** The same from values of both sides. */
export function lineOfValues(
  spec: LineSpec,
  oursName: string,
  ours: number[],
  peerName?: string,
  peer?: number[],
): MeasuredLine {
  const line: MeasuredLine = {
    ...spec,
    state: 'measured',
    oursName,
    ours: spreadOf(ours),
    values: { ours },
    notes: [],
  };
  if (peerName === undefined || peer === undefined) return line;
  const ratio = pairRatios(ours, peer);
  return {
    ...line,
    peerName,
    peer: spreadOf(peer),
    ratio: spreadOf(ratio),
    values: { ours, peer, ratio },
  };
}

export type Verdict = 'met' | 'not met' | 'no goal';

/** The median decides; `crosses` says that the range has both answers in it. */
export function judge(line: MeasuredLine): { verdict: Verdict; crosses: boolean } {
  const { goal } = line;
  if (!goal) return { verdict: 'no goal', crosses: false };
  const spread = goal.of === 'ratio' ? line.ratio : line.ours;
  if (!spread) throw new Error(`${line.name}: the goal is about a ratio and there is none`);
  const isMet = (value: number): boolean =>
    goal.kind === 'at-most' ? value <= goal.value : value >= goal.value;
  return {
    verdict: isMet(spread.median) ? 'met' : 'not met',
    crosses: isMet(spread.min) !== isMet(spread.max),
  };
}

/** CPUs that others may use before a figure is doubted: a twentieth of a small machine of two. */
const OTHER_CPUS_LIMIT = 0.1;
/** Share of events that may be unread at the end: buffers of a stream that is read in time hold less. */
const BEHIND_LIMIT = 0.01;

/**
 * What speaks against the runs of a comparison, as whole sentences.
 * @param isBulk streams come faster than anybody reads: unread rests are to be expected
 */
export function findDoubts(name: string, pairs: readonly Pair[], isBulk = false): string[] {
  const runs = pairs.flatMap((pair) => [pair.ours, pair.peer]);
  const doubts: string[] = [];
  const worst = Math.max(...runs.map((run) => run.otherCpus));
  if (worst > OTHER_CPUS_LIMIT) {
    doubts.push(
      `${name}: other programs used up to ${worst.toFixed(2)} CPUs meanwhile; repeat it on a quiet machine.`,
    );
  }
  for (const program of new Set(runs.map((run) => run.program))) {
    const own = runs.filter((run) => run.program === program);
    const failures = own.reduce((sum, run) => sum + (run.own.failures ?? 0), 0);
    if (failures > 0) doubts.push(`${name}: ${program} reports ${failures} failures.`);
    const behind = own.filter((run) => eventsOf(run) < run.targetEvents * (1 - BEHIND_LIMIT));
    if (behind.length > 0 && !isBulk) {
      doubts.push(
        `${name}: ${program} fell behind the target in ${behind.length} of ${own.length} runs; its own count of events divides.`,
      );
    }
  }
  return doubts;
}

/** What of our CPU time is not the load: loading code, reporting. In no goal, but it tells what a longer run would do. */
export function describeStartShare(pairs: readonly Pair[]): string | undefined {
  const share = spreadOver(
    pairs.map(({ ours }) => ours),
    (run) => (run.own.windowCpuUs === undefined ? undefined : 1 - run.own.windowCpuUs / cpuUs(run)),
  );
  return share && `${(share.median * 100).toFixed(0)} % of ssee-tester's CPU is its start and its report`;
}

/** A spread over the values that runs have of something; undefined when one has none. */
export function spreadOver(runs: readonly LoadRun[], measure: Measure): Spread | undefined {
  const values = runs.map(measure);
  return areNumbers(values) && values.length > 0 ? spreadOf(values) : undefined;
}

function areNumbers(values: readonly (number | undefined)[]): values is number[] {
  return values.every((value) => value !== undefined && Number.isFinite(value));
}
