import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createTcpdumpCapture } from '../../src/capture/tcpdump.ts';
import type { RawStrip } from '../../src/model/raw-strip.ts';
import type { TesterReport } from '../../src/model/tester-report.ts';
import type { WireEvidence } from '../../src/model/wire.ts';
import { readWireFromChunks } from '../../src/pcap/read-wire-evidence.ts';
import { createStripCollector } from '../../src/pcap/strip-collector.ts';
import { readEventLines } from '../../src/report/data/read-event-lines.ts';
import { readChunks } from '../../src/run/read-chunks.ts';
import { lineOfValues } from '../judge.ts';
import { type Lab, SkippedError } from '../lab.ts';
import { sseeTester } from '../load-programs.ts';
import { type MeasuredTarget, withTarget } from '../measured-target.ts';
import type { Goal, RowResult } from '../model.ts';
import { runLoad } from '../run-load.ts';
import { compareGaps, type GapErrors, gapsWithinStreams } from '../wire-gaps.ts';
import { emptyResult } from './compare.ts';

/** A thousand streams and five thousand events per second: far from what the machine can do. */
const EVENTS_PER_STREAM = 5;
const SPEC = {
  path: `/events?count=${EVENTS_PER_STREAM}&interval=20ms`,
  kind: 'finite',
  connections: 100,
} as const;
const MEDIAN_GOAL: Goal = { kind: 'at-most', value: 100, of: 'ours' };
const P99_GOAL: Goal = { kind: 'at-most', value: 1000, of: 'ours' };

/** What the tester says of a run and what the packets of the same run say. */
interface Witnessed {
  report: TesterReport;
  evidence: WireEvidence;
  strip: RawStrip;
  /** Undefined where none were asked for. */
  eventLines?: string[];
}

interface Percentiles {
  p50: number;
  p99: number;
}

interface TruthRun {
  /** With a copy of every event written to a file, which costs the reading thread time. */
  gaps: GapErrors;
  /** As it is used: counted where it is read, no copies. In microseconds. */
  tester: { gap: Percentiles; ttfe: Percentiles };
  wire: { gap: Percentiles; ttfe: Percentiles };
}

/**
 * R8: how far the times of ssee-tester are from those of the packets: what it reports in a run as it is used, and, in a
 * run in which it copies every event to a file, each single gap.
 */
export async function measureWireTruth(lab: Lab): Promise<RowResult> {
  const capture = createTcpdumpCapture({ registry: lab.registry });
  const able = await capture.probe(lab.space);
  if (!able.available) throw new SkippedError(`no capture: ${able.reason}`);
  const result = emptyResult();
  const runs: TruthRun[] = [];
  await withTarget(lab, async (target) => {
    for (let run = 1; run <= lab.options.pairs; run++) {
      lab.say(`times against the wire: run ${run} of ${lab.options.pairs}`);
      runs.push(await compareWithWire(lab, target));
    }
  });
  result.raw['times against the wire'] = { ...SPEC, runs };
  const line = (name: string, goal: Goal, read: (run: TruthRun) => number): void => {
    result.lines.push(lineOfValues({ row: 'R8', name, unit: 'us', goal }, 'ssee-tester', runs.map(read)));
  };
  for (const what of ['gap', 'ttfe'] as const) {
    const name = what === 'gap' ? 'gap of two events' : 'TTFE';
    for (const q of ['p50', 'p99'] as const) {
      line(
        `${name}, ${q === 'p50' ? 'median' : q} off that of the wire by`,
        q === 'p50' ? MEDIAN_GOAL : P99_GOAL,
        ({ tester, wire }) => Math.abs(tester[what][q] - wire[what][q]),
      );
    }
  }
  line('each gap, with events copied, off the wire by: median', MEDIAN_GOAL, ({ gaps }) => gaps.p50Us);
  line('each gap, with events copied, off the wire by: p99', P99_GOAL, ({ gaps }) => gaps.p99Us);
  return result;
}

async function compareWithWire(lab: Lab, target: MeasuredTarget): Promise<TruthRun> {
  const copied = await witness(lab, target, join(lab.dir, 'events.jsonl'));
  if (copied.report.tapDropped > 0) {
    throw new Error(`${copied.report.tapDropped} events are missing from its event file`);
  }
  const { report, evidence, strip } = await witness(lab, target);
  const { ttfe_us, gap_us } = report.latencies;
  if (!ttfe_us || !gap_us) throw new Error('ssee-tester has no times of events');
  return {
    gaps: compareGaps(readEventLines(copied.eventLines!), withEvents(copied.strip)),
    tester: { gap: gap_us, ttfe: ttfe_us },
    wire: {
      gap: gapsWithinStreams(withEvents(strip), EVENTS_PER_STREAM),
      ttfe: { p50: numberIn(evidence, 'wire_ttfe_us_p50'), p99: numberIn(evidence, 'wire_ttfe_us_p99') },
    },
  };
}

/** One run under a capture of all segments, with or without a file of copies of its events. */
async function witness(lab: Lab, target: MeasuredTarget, eventsFile?: string): Promise<Witnessed> {
  const capture = createTcpdumpCapture({ registry: lab.registry });
  const packetsFile = join(lab.dir, 'wire.pcap');
  const active = await capture.start({
    mode: 'full',
    port: Number(new URL(target.url).port),
    file: packetsFile,
    space: lab.space,
    immediate: false,
  });
  const program = sseeTester(eventsFile === undefined ? [] : ['--events', eventsFile]);
  const printed: { report?: TesterReport } = {};
  try {
    await runLoad(
      lab,
      target,
      {
        ...program,
        readOwn(stdout) {
          printed.report = JSON.parse(stdout) as TesterReport;
          return program.readOwn(stdout);
        },
      },
      { ...SPEC, durationS: lab.options.durationS },
    );
  } finally {
    await active.stop();
  }
  const record = await active.stop();
  if (record.state !== 'done') throw new Error(`the capture failed: ${record.reason}`);
  const { report } = printed;
  if (!report) throw new Error('ssee-tester printed no report');
  const collector = createStripCollector();
  const { evidence } = readWireFromChunks(readChunks(packetsFile), record, undefined, collector);
  return {
    report,
    evidence,
    strip: collector.finish(),
    ...(eventsFile === undefined ? {} : { eventLines: readFileSync(eventsFile, 'utf8').split('\n') }),
  };
}

/** Connections that asked for events; those of the readings of counters have none. */
function withEvents(strip: RawStrip): RawStrip {
  if (strip.truncated) throw new Error('more events than can be compared: shorten the run');
  return { ...strip, rows: strip.rows.filter(({ dotsUs }) => dotsUs.length > 0) };
}

function numberIn(evidence: WireEvidence, name: 'wire_ttfe_us_p50' | 'wire_ttfe_us_p99'): number {
  const cell = evidence[name];
  if (!cell.known) throw new Error(`${name} is not on the wire: ${cell.detail ?? cell.why}`);
  return cell.value;
}
