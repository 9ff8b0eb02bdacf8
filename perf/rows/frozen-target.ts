import type { TesterReport } from '../../src/model/tester-report.ts';
import { frozenServerQuantile } from '../../src/stats/intended-latency.ts';
import { parseWrkText } from '../../src/tools/wrk/parse-text.ts';
import { lineOfValues } from '../judge.ts';
import type { Lab } from '../lab.ts';
import { hey, type LoadProgram, sseeTester, wrk } from '../load-programs.ts';
import { type MeasuredTarget, withTarget } from '../measured-target.ts';
import type { RowResult } from '../model.ts';
import { runLoad } from '../run-load.ts';
import { emptyResult } from './compare.ts';

const DURATION_S = 10;
const FREEZE_FROM_MS = 4000;
const FREEZE_MS = 2000;
const RATE = 200;
/** More than are due in the freeze: no request waits for another. */
const CONNECTIONS = 500;
const PEER_CONNECTIONS = 100;
const PATH = '/hello';

/** When the target was stopped and continued, ms since the epoch. */
interface Freeze {
  fromMs: number;
  toMs: number;
}

interface Percentile {
  quantile: number;
  measuredMs: number;
  expectedMs: number;
}

/** R9: a target that is stopped for 2 of 10 s: what an open loop says, what is true, and what closed loops say. */
export async function measureFrozenTarget(lab: Lab): Promise<RowResult> {
  const result = emptyResult();
  await withTarget(lab, async (target) => {
    const runs: Percentile[][] = [];
    for (let run = 1; run <= lab.options.pairs; run++) {
      lab.say(`frozen target: run ${run} of ${lab.options.pairs}, ssee-tester --rate ${RATE}`);
      runs.push(await runOpenLoop(lab, target));
    }
    result.raw['frozen target'] = { rate: RATE, durationS: DURATION_S, freezeMs: FREEZE_MS, runs };
    const line = lineOfValues(
      {
        row: 'R9',
        name: 'response times, off the analytic answer by at most',
        unit: '%',
        goal: { kind: 'at-most', value: 2, of: 'ours' },
      },
      'ssee-tester',
      runs.map((percentiles) => Math.max(...percentiles.map(errorPercent))),
    );
    line.notes.push(
      runs[0]!
        .map(
          ({ quantile, measuredMs, expectedMs }) =>
            `p${quantile * 100} ${measuredMs.toFixed(0)} ms, analytic ${expectedMs.toFixed(0)} ms`,
        )
        .join('; '),
    );
    result.lines.push(line);
    for (const peer of [wrkWithLatency, heyWithLatency]) {
      lab.say(`frozen target: ${peer.program.name}`);
      const said = await runClosedLoop(lab, target, peer);
      result.raw[`frozen target, ${peer.program.name}`] = said;
      const shown = lineOfValues(
        { row: 'R9', name: `p90 of ${peer.program.name} beside it`, unit: 'ms' },
        peer.program.name,
        [said.p90Ms],
      );
      const { expectedMs } = runs[0]!.find(({ quantile }) => quantile === 0.9)!;
      shown.notes.push(
        `its p99 is ${said.p99Ms.toFixed(1)} ms; a tenth of all users would wait ${expectedMs.toFixed(0)} ms and more`,
      );
      result.lines.push(shown);
    }
  });
  return result;
}

function errorPercent({ measuredMs, expectedMs }: Percentile): number {
  return (Math.abs(measuredMs - expectedMs) / expectedMs) * 100;
}

async function runOpenLoop(lab: Lab, target: MeasuredTarget): Promise<Percentile[]> {
  const program = sseeTester(['--rate', String(RATE)]);
  const printed: { report?: TesterReport } = {};
  const freeze = await runFrozen(lab, target, CONNECTIONS, {
    ...program,
    readOwn(stdout) {
      printed.report = JSON.parse(stdout) as TesterReport;
      return program.readOwn(stdout);
    },
  });
  const { report } = printed;
  const response = report?.openLoop?.responseTimes.stream_us;
  const service = report?.latencies.stream_us;
  if (!report || !response || !service) throw new Error('ssee-tester has no response times');
  if (report.openLoop!.unsent > 0) throw new Error(`${report.openLoop!.unsent} requests were never sent`);
  const { startedAtMs, durationUs } = report.window;
  return [
    { quantile: 0.9, measuredMs: response.p90 / 1000 },
    { quantile: 0.99, measuredMs: response.p99 / 1000 },
    { quantile: 0.999, measuredMs: response.p999 / 1000 },
  ].map(({ quantile, measuredMs }) => ({
    quantile,
    measuredMs,
    expectedMs: frozenServerQuantile(quantile, {
      windowMs: durationUs / 1000,
      serviceMs: service.p50 / 1000,
      freezeFromMs: freeze.fromMs - startedAtMs,
      freezeToMs: freeze.toMs - startedAtMs,
    }),
  }));
}

interface SaidLatency {
  p90Ms: number;
  p99Ms: number;
}

interface Peer {
  program: LoadProgram;
  readLatency(stdout: string): SaidLatency | undefined;
}

const wrkWithLatency: Peer = {
  program: { ...wrk, argv: (load) => withOption(wrk.argv(load), '--latency') },
  readLatency(stdout) {
    const { p90, p99 } = parseWrkText(stdout)?.latencyUs ?? {};
    return p90 === undefined || p99 === undefined ? undefined : { p90Ms: p90 / 1000, p99Ms: p99 / 1000 };
  },
};

const heyWithLatency: Peer = {
  program: hey,
  readLatency(stdout) {
    const [p90, p99] = [90, 99].map((percent) =>
      new RegExp(`^ +${percent}% in (\\d+(?:\\.\\d+)?) secs`, 'm').exec(stdout),
    );
    return p90 && p99 ? { p90Ms: Number(p90[1]) * 1000, p99Ms: Number(p99[1]) * 1000 } : undefined;
  },
};

function withOption([file, ...rest]: [string, ...string[]], option: string): [string, ...string[]] {
  return [file, option, ...rest];
}

async function runClosedLoop(lab: Lab, target: MeasuredTarget, peer: Peer): Promise<SaidLatency> {
  const { program } = peer;
  let said: SaidLatency | undefined;
  await runFrozen(lab, target, PEER_CONNECTIONS, {
    ...program,
    readOwn(stdout) {
      said = peer.readLatency(stdout);
      return program.readOwn(stdout);
    },
  });
  if (!said) throw new Error(`${program.name} printed no percentiles`);
  return said;
}

/** One load with the target stopped in its middle. */
async function runFrozen(
  lab: Lab,
  target: MeasuredTarget,
  connections: number,
  program: LoadProgram,
): Promise<Freeze> {
  const freeze: Freeze = { fromMs: Number.NaN, toMs: Number.NaN };
  const timers: NodeJS.Timeout[] = [];
  try {
    await runLoad(
      lab,
      target,
      program,
      { path: PATH, kind: 'response', connections, durationS: DURATION_S },
      () => {
        timers.push(
          setTimeout(() => {
            freeze.fromMs = target.stop();
          }, FREEZE_FROM_MS),
          setTimeout(() => {
            freeze.toMs = target.continue();
          }, FREEZE_FROM_MS + FREEZE_MS),
        );
      },
    );
  } finally {
    for (const timer of timers) clearTimeout(timer);
    target.continue();
  }
  return freeze;
}
