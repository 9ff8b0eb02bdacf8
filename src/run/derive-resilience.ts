import { judgeResilience } from '../evidence/resilience/judge-resilience.ts';
import { readSynAgain } from '../evidence/resilience/syn-again.ts';
import type { TrialEvidence } from '../model/evidence.ts';
import type { FaultRecord } from '../model/fault.ts';
import type { Arm } from '../model/plan.ts';
import type { Resilience } from '../model/resilience.ts';
import type { RunRecord, TrialRecord } from '../model/run-record.ts';
import { readTesterReport } from './read-tester-report.ts';
import { readTrialText } from './run-store.ts';

/** What the timeline of faults did in each measured trial of an arm. Reads files only. */
export function deriveResilience(
  runDir: string,
  run: RunRecord,
  arm: Arm,
  executed: readonly TrialRecord[],
  trials: readonly TrialEvidence[],
): Resilience[] {
  const evidence = executed.find(({ kind }) => kind === 'evidence');
  const wire = evidence && readWire(runDir, evidence, trials);
  return executed
    .filter(({ kind }) => kind === 'measured')
    .flatMap((record) => {
      const faults = readFaults(runDir, record);
      if (!faults) return [];
      return judgeResilience({
        arm,
        trialId: record.id,
        startedAtMs: record.exit!.startedAtMs,
        faults,
        report: readTesterReport(runDir, record),
        samplesJson: readTrialText(runDir, record, 'samples.json'),
        cpus: arm.target.pin?.length ?? record.process?.cpus ?? run.environment.cpus,
        slo: run.plan.slo ?? [],
        ...(wire ? { wire } : {}),
      });
    });
}

function readWire(
  runDir: string,
  record: TrialRecord,
  trials: readonly TrialEvidence[],
): { faults: FaultRecord; synAgainUs: readonly number[] } | undefined {
  const faults = readFaults(runDir, record);
  const trial = trials.find(({ trialId }) => trialId === record.id);
  const synAgainUs = readSynAgain(trial?.wire, trial?.trace);
  return faults && synAgainUs ? { faults, synAgainUs } : undefined;
}

/** Undefined where the trial had no timeline. */
function readFaults(runDir: string, record: TrialRecord): FaultRecord | undefined {
  const text = readTrialText(runDir, record, 'faults.json');
  if (text === '') return undefined;
  try {
    const faults = JSON.parse(text) as FaultRecord;
    return faults.schema === 'ssee-bench/faults/1' ? faults : undefined;
  } catch {
    return undefined;
  }
}
