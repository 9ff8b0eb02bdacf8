import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { RawStrip } from '../model/raw-strip.ts';
import type { ArmData, Drawable, LoadSeries, ReportData, TrialSeries } from '../model/report-data.ts';
import type { RunRecord, TrialRecord } from '../model/run-record.ts';
import type { TesterReport, TesterSurvival } from '../model/tester-report.ts';
import { buildCpuSeries } from '../report/data/build-cpu-series.ts';
import { testerLoadSeries, wireLoadSeries } from '../report/data/build-load-series.ts';
import { buildStrip } from '../report/data/build-strip.ts';
import { readEventLines } from '../report/data/read-event-lines.ts';
import type { DerivedArm } from './derive-comparison.ts';
import { readLines } from './read-lines.ts';
import { readTesterReport } from './read-tester-report.ts';
import { readTrialText } from './run-store.ts';

/** Characters that the strips of all arms may take: with everything else the page stays below 3 MB. */
const STRIP_BUDGET = 1_600_000;
const MAX_STRIP_BUDGET = 500_000;
/** Copies of events, as `ssee-tester --events` writes them; taken where there is no capture. */
const EVENTS_FILE = 'events.jsonl';

/** Everything the charts of a stored run show. Reads files only. */
export function deriveReportData(
  runDir: string,
  { run, arms }: { run: RunRecord; arms: readonly DerivedArm[] },
): ReportData {
  const budget = Math.min(MAX_STRIP_BUDGET, STRIP_BUDGET / Math.max(1, arms.length));
  return { arms: arms.map((arm) => deriveArmData(runDir, run, arm, budget)) };
}

function deriveArmData(runDir: string, run: RunRecord, derived: DerivedArm, budget: number): ArmData {
  const { arm, records } = derived;
  const executed = records.filter((record) => record.exit !== undefined);
  const evidence = executed.find((record) => record.kind === 'evidence');
  const reports = new Map(executed.map((record) => [record, readTesterReport(runDir, record)]));
  const capture = evidence?.capture;
  const file = capture?.state === 'done' ? join('trials', evidence!.id, capture.file) : undefined;
  return {
    id: arm.id,
    curves: derived.curves,
    trials: executed.map((record) =>
      deriveTrialSeries(runDir, run, record, reports.get(record), derived.strips.get(record.id)),
    ),
    survival: deriveSurvival(arm.tool, [...reports]),
    strip: deriveStrip(runDir, derived, evidence, budget),
    ...(file !== undefined && capture?.state === 'done' && existsSync(join(runDir, file))
      ? { capture: { file, port: capture.port } }
      : {}),
  };
}

function deriveTrialSeries(
  runDir: string,
  run: RunRecord,
  record: TrialRecord,
  report: TesterReport | undefined,
  strip: RawStrip | undefined,
): TrialSeries {
  const durationS = record.durationMs / 1000;
  const wallS = (record.exit?.wallMs ?? record.durationMs) / 1000;
  // The tester starts its clock when its connections are begun, not when the program starts.
  const windowStartS = report ? Math.max(0, report.window.startedAtMs - record.exit!.startedAtMs) / 1000 : 0;
  const died = record.target?.died;
  const diedS = died ? (died.atMs - record.exit!.startedAtMs) / 1000 : undefined;
  return {
    trialId: record.id,
    kind: record.kind,
    round: record.round,
    durationS,
    cpu: buildCpuSeries(readTrialText(runDir, record, 'samples.json')),
    load: deriveLoad(record, report, strip),
    markers: [
      { atS: windowStartS + durationS, label: 'deadline' },
      // Half a sampling interval: nearer than that the two lines are one.
      ...(wallS - windowStartS - durationS > Math.max(0.3, run.plan.sampleEveryMs / 500)
        ? [{ atS: wallS, label: 'tool ended' }]
        : []),
      ...(diedS !== undefined && diedS >= 0 ? [{ atS: diedS, label: 'target died' }] : []),
    ],
  };
}

function deriveLoad(
  record: TrialRecord,
  report: TesterReport | undefined,
  strip: RawStrip | undefined,
): Drawable<LoadSeries> {
  const startedAtMs = record.exit!.startedAtMs;
  // Of a trial with a capture the packets tell more, and the same of every tool.
  if (strip) return wireLoadSeries(strip, startedAtMs);
  if (report) return { known: true, ...testerLoadSeries(report, startedAtMs) };
  return {
    known: false,
    detail:
      record.kind === 'measured'
        ? 'this tool reports totals only, and measured trials carry no capture; the evidence trial shows it'
        : 'this tool reports totals only, and the trial has no capture of all segments',
  };
}

/** The measured trial with the most streams lost: curves of several rounds cannot be added. */
function deriveSurvival(
  tool: string,
  reports: readonly (readonly [TrialRecord, TesterReport | undefined])[],
): ArmData['survival'] {
  const measured = reports.filter(([record, report]) => record.kind === 'measured' && report);
  if (measured.length === 0) {
    return { known: false, detail: `${tool} does not say how long streams lived` };
  }
  const withCurve = measured.flatMap(([record, report]) =>
    report?.survival ? [{ trialId: record.id, curve: report.survival }] : [],
  );
  const worst = withCurve.sort((a, b) => deathsOf(b.curve) - deathsOf(a.curve))[0];
  if (!worst || deathsOf(worst.curve) === 0) return { known: false, detail: 'no stream was lost' };
  return { known: true, ...worst };
}

function deathsOf({ deaths }: TesterSurvival): number {
  return Object.values(deaths).reduce((sum, count) => sum + count, 0);
}

function deriveStrip(
  runDir: string,
  { records, strips }: DerivedArm,
  evidence: TrialRecord | undefined,
  budget: number,
): ArmData['strip'] {
  const raw = evidence ? strips.get(evidence.id) : undefined;
  if (evidence && raw) return buildStrip(raw, { trialId: evidence.id, source: 'capture', budget });
  const withEvents = records.find((record) => record.files.includes(EVENTS_FILE));
  if (withEvents) {
    const lines = readLines(join(runDir, 'trials', withEvents.id, EVENTS_FILE));
    return buildStrip(readEventLines(lines), { trialId: withEvents.id, source: 'events', budget });
  }
  return { known: false, detail: reasonWithoutStrip(evidence) };
}

function reasonWithoutStrip(evidence: TrialRecord | undefined): string {
  if (!evidence) return 'there was no evidence trial with a capture';
  if (!evidence.capture) return 'the evidence trial ended before its capture began';
  if (evidence.capture.state !== 'done') return evidence.capture.reason;
  return 'the capture kept only the packets that open and end connections, or is no longer there';
}
