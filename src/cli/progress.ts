import ora from 'ora';
import type { Trial } from '../model/plan.ts';
import type { TrialRecord } from '../model/run-record.ts';
import { formatDuration } from '../model/units.ts';
import type { RunEvents } from '../run/execute-plan.ts';
import type { TrialPhase } from '../run/execute-trial.ts';

/**
 * Progress on stderr: a spinner on a terminal, one plain line per trial elsewhere. The spinner stands still
 * while a tool measures, because drawing it costs CPU on the machine that is being measured.
 */
export function showProgress(stream: NodeJS.WriteStream): RunEvents & { stop(): void } {
  const interactive = Boolean(stream.isTTY && stream.columns > 0 && !process.env.CI);
  const spinner = ora({ stream, isEnabled: interactive, discardStdin: false, hideCursor: false });
  const startedAt = performance.now();
  const plainSaid = new Set<string>();

  function onTrialPhase(trial: Trial, phase: TrialPhase, position: number, total: number): void {
    const elapsedS = Math.round((performance.now() - startedAt) / 1000);
    const text = `[${position}/${total}, ${elapsedS} s] ${trial.id}: ${phase}`;
    if (!interactive) {
      if (phase !== 'measuring' || plainSaid.has(trial.id)) return;
      plainSaid.add(trial.id);
      stream.write(`${text} for ${formatDuration(trial.durationMs)}\n`);
    } else if (phase === 'measuring') {
      spinner.stop();
      stream.write(`${text} for ${formatDuration(trial.durationMs)}`);
    } else {
      if (phase === 'draining') stream.write('\r\u001B[2K');
      spinner.start(text);
    }
  }

  function onTrialEnd(record: TrialRecord): void {
    spinner.stop();
    if (interactive) stream.write('\r\u001B[2K');
    if (record.state !== 'done') stream.write(`${record.id}: ${record.state}: ${record.reason ?? ''}\n`);
  }

  return { onTrialPhase, onTrialEnd, stop: () => void spinner.stop() };
}
