import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { readProbe } from '../claims/read-probe.ts';
import { type AnswerWitness, applyAnswerWitness, findAnswerWitness } from '../evidence/answer-witness.ts';
import { buildArmEvidence } from '../evidence/build-arm-evidence.ts';
import { buildComparison } from '../evidence/build-comparison.ts';
import { buildTrialEvidence } from '../evidence/build-trial-evidence.ts';
import { readGoRuntimeLog } from '../evidence/go-runtime-log.ts';
import type { ReadProfiles } from '../evidence/profile/build-profile-evidence.ts';
import { readCpuProfiles } from '../evidence/profile/read-cpuprofile.ts';
import { readPprof } from '../evidence/profile/read-pprof.ts';
import { readTargetCounters } from '../evidence/target-counters.ts';
import { judgeArm } from '../findings/rank-findings.ts';
import { writeVerdict } from '../findings/verdict.ts';
import { known } from '../model/cell.ts';
import type { ProbeResult } from '../model/claim.ts';
import type { Comparison } from '../model/comparison.ts';
import type { ArmEvidence, GoRuntimeCounters, TargetCounters, TrialEvidence } from '../model/evidence.ts';
import type { Finding } from '../model/finding.ts';
import type { Arm } from '../model/plan.ts';
import type { RawStrip } from '../model/raw-strip.ts';
import type { LatencyCurve } from '../model/report-data.ts';
import type { Resilience } from '../model/resilience.ts';
import type { RunRecord, TrialRecord } from '../model/run-record.ts';
import type { ToolProbe } from '../model/tool.ts';
import type { CaptureRecord } from '../model/wire.ts';
import { sawAllSegments } from '../pcap/capture-filter.ts';
import { readProbeExchange, readWireFromChunks, type WireReadings } from '../pcap/read-wire-evidence.ts';
import { createStripCollector } from '../pcap/strip-collector.ts';
import { CurveBuilder } from '../report/data/build-curves.ts';
import { asksForEvents } from '../tools/asks-for-events.ts';
import type { LoadTool } from '../tools/load-tool.ts';
import { deriveResilience } from './derive-resilience.ts';
import { normalizeTrial } from './normalize-trial.ts';
import { readAblation } from './read-ablation.ts';
import { readChunks } from './read-chunks.ts';
import { readRun, readTrialBytes, readTrialText } from './run-store.ts';

/** One arm of a stored run with everything that was derived for it. */
export interface DerivedArm {
  arm: Arm;
  /** Undefined when no trial of the arm was executed. */
  evidence: ArmEvidence | undefined;
  findings: Finding[];
  probe: ToolProbe | undefined;
  records: TrialRecord[];
  /** Latency distributions over the measured rounds. */
  curves: LatencyCurve[];
  /** Every connection of the trials with a capture of all segments, by trial id. */
  strips: Map<string, RawStrip>;
  /** One entry per measured trial with a timeline of faults; absent without. */
  resilience?: Resilience[];
  /** Stacks of the target's profiles; empty where there are none. */
  profiles: ReadProfiles;
}

/** Everything that was derived from a stored run. */
export interface DerivedRun {
  run: RunRecord;
  arms: DerivedArm[];
  comparison: Comparison;
}

/**
 * Everything a stored run says. Reads files only: no tool, no target, no clock.
 * @param run the record, where it is newer than what could be stored of it
 * @param seen trials by id that need not be read again, and to which those that are read are added. For a run that still
 *   grows: charts are not gathered of trials that had been seen
 */
export function deriveComparison(
  runDir: string,
  findTool: (name: string) => LoadTool,
  run: RunRecord = readRun(runDir),
  seen?: Map<string, TrialEvidence>,
): DerivedRun {
  const read = run.plan.arms.map((arm) => readArm(runDir, run, arm, findTool(arm.tool), seen));
  const arms = read.map((arm) =>
    deriveArm(
      runDir,
      run,
      arm,
      asksForEvents(arm.arm.request) ? findAnswerWitness(arm.arm, read) : undefined,
    ),
  );
  const verdict = writeVerdict(run, arms);
  return { run, arms, comparison: buildComparison(run, arms, verdict, readProbes(runDir, run)) };
}

function readProbes(runDir: string, run: RunRecord): Record<string, ProbeResult> {
  return Object.fromEntries(
    (run.plan.probes ?? []).map((spec) => {
      const record = run.probes?.[spec.name];
      const path = record?.state === 'done' ? join(runDir, 'probes', basename(record.file)) : undefined;
      const output = path !== undefined && existsSync(path) ? readFileSync(path, 'utf8') : undefined;
      return [spec.name, readProbe(spec, record, output)];
    }),
  );
}

/** One arm with its trials as they are by themselves. */
interface ReadArm {
  arm: Arm;
  tool: LoadTool;
  records: TrialRecord[];
  executed: TrialRecord[];
  trials: TrialEvidence[];
  gathered: Gathered;
}

function readArm(
  runDir: string,
  run: RunRecord,
  arm: Arm,
  tool: LoadTool,
  seen: Map<string, TrialEvidence> | undefined,
): ReadArm {
  const records = run.trials.filter((trial) => trial.armId === arm.id);
  const executed = records.filter(({ exit }) => exit !== undefined && exit.spawnError === undefined);
  const gathered = { curves: new CurveBuilder(), strips: new Map<string, RawStrip>() };
  const trials = executed.map((record) => {
    const trial = seen?.get(record.id) ?? deriveTrial(runDir, arm, record, tool, gathered);
    seen?.set(record.id, trial);
    return trial;
  });
  return { arm, tool, records, executed, trials, gathered };
}

function deriveArm(
  runDir: string,
  run: RunRecord,
  { arm, tool, records, executed, trials: own, gathered: { curves, strips } }: ReadArm,
  witness: AnswerWitness | undefined,
): DerivedArm {
  const probe = run.tools[arm.tool];
  if (executed.length === 0) {
    return { arm, evidence: undefined, findings: [], probe, records, profiles: {}, curves: [], strips };
  }
  const trials = own.map((trial) => applyAnswerWitness(trial, arm.tool, witness));
  const profiled = executed.find(({ profile }) => profile !== undefined);
  const profiles = profiled ? readProfiles(runDir, profiled) : {};
  const evidence = buildArmEvidence(arm, trials, profiled && { record: profiled, profiles });
  const ablation = readAblation(runDir, run, arm, tool);
  if (ablation) evidence.ablation = ablation;
  const findings = judgeArm(evidence);
  const resilience = arm.faults?.timeline ? deriveResilience(runDir, run, arm, executed, trials) : undefined;
  return {
    arm,
    evidence,
    findings,
    probe,
    records,
    profiles,
    curves: curves.build(),
    strips,
    ...(resilience ? { resilience } : {}),
  };
}

/** Files that have been deleted since are left out: whoever asks for them says so. */
function readProfiles(runDir: string, { id, profile }: TrialRecord): ReadProfiles {
  const profiles: ReadProfiles = {};
  for (const item of profile?.items ?? []) {
    if (item.state !== 'done' || item.kind === 'trace') continue;
    const paths = item.files.map((file) => join(runDir, 'trials', id, basename(file)));
    const [first] = paths;
    if (first === undefined || !paths.every((path) => existsSync(path))) continue;
    profiles[item.kind] =
      profile?.source === 'inspector'
        ? readCpuProfiles(paths.map((path) => readFileSync(path, 'utf8')))
        : readPprof(readFileSync(first), item.kind);
  }
  return profiles;
}

/** What is gathered for the charts while trials are read: their files are large and read once. */
interface Gathered {
  curves: CurveBuilder;
  strips: Map<string, RawStrip>;
}

function deriveTrial(
  runDir: string,
  arm: Arm,
  record: TrialRecord,
  tool: LoadTool,
  gathered: Gathered,
): TrialEvidence {
  const result = normalizeTrial(runDir, arm, record, tool);
  if (record.kind === 'measured') gathered.curves.add(result.distributions ?? []);
  const truth = readTruth(runDir, record);
  const goRuntime = readGoRuntime(runDir, arm, record);
  const wire = readWire(runDir, record, gathered.strips);
  return buildTrialEvidence({
    arm,
    record,
    result,
    tool,
    ...(truth ? { truth } : {}),
    ...(goRuntime ? { goRuntime } : {}),
    ...(wire ? { wire: wire.evidence, trace: wire.trace } : {}),
    ...(wire?.upstream ? { upstream: wire.upstream } : {}),
  });
}

function readTruth(runDir: string, record: TrialRecord): TargetCounters | undefined {
  return readTargetCounters(
    optionalText(runDir, record, 'metrics-before.txt'),
    optionalText(runDir, record, 'metrics-after.txt'),
  );
}

function readGoRuntime(runDir: string, arm: Arm, record: TrialRecord): GoRuntimeCounters | undefined {
  // A target that was started again has written the rest elsewhere.
  if (!record.targetStderr || record.target?.restarted) return undefined;
  const said = readTrialBytes(runDir, record, 'target-stderr.txt').subarray(...record.targetStderr);
  return readGoRuntimeLog(said.toString(), {
    env: arm.target.env,
    windowMs: record.process?.windowMs,
  });
}

function optionalText(runDir: string, record: TrialRecord, name: string): string | undefined {
  return record.files.includes(name) ? readTrialText(runDir, record, name) : undefined;
}

function readWire(
  runDir: string,
  record: TrialRecord,
  strips: Map<string, RawStrip>,
): WireReadings | undefined {
  if (!record.capture) return undefined;
  const path = capturePath(runDir, record, record.capture);
  const capture: CaptureRecord =
    record.capture.state === 'done' && !path
      ? { state: 'failed', reason: `${record.capture.file} is no longer in the run folder` }
      : record.capture;
  const probePath = capturePath(runDir, record, record.probe);
  const probe =
    probePath && record.probe?.state === 'done'
      ? readProbeExchange(readChunks(probePath), record.probe.port)
      : undefined;
  const strip =
    path && capture.state === 'done' && sawAllSegments(capture) ? createStripCollector() : undefined;
  const wire = readWireFromChunks(path ? readChunks(path) : [], capture, probe?.layout, strip);
  if (strip) strips.set(record.id, strip.finish());
  if (probe?.requestBytes) {
    wire.evidence.request_bytes = known(probe.requestBytes.toString('base64'), {
      note: 'from the full-payload probe',
    });
  }
  return wire;
}

/** Undefined where there is no capture, or where its file has been deleted since to save space. */
function capturePath(
  runDir: string,
  record: TrialRecord,
  capture: CaptureRecord | undefined,
): string | undefined {
  if (capture?.state !== 'done') return undefined;
  const path = join(runDir, 'trials', record.id, capture.file);
  return existsSync(path) ? path : undefined;
}
