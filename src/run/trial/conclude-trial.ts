import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../model/errors.ts';
import type { TrialRecord } from '../../model/run-record.ts';
import type { ProcessExit } from '../../model/tool.ts';
import type { Target } from '../../target/target-launcher.ts';
import { explainFullDisk, isNoSpaceError } from '../full-disk.ts';
import type { TrialContext } from './trial-context.ts';

/** Where a bug of the harness says more than fits into a reason. */
const ERROR_FILE = 'harness-error.txt';

/** `exit` is there once the target has ended. */
export function watchForDeath(target: Target): { exit: ProcessExit | undefined } {
  const seen: { exit: ProcessExit | undefined } = { exit: undefined };
  void target.died.then((exit) => {
    seen.exit = exit;
  });
  return seen;
}

/** State and reason of a trial whose tool has run: the first cause wins. */
export function concludeTrial(
  record: TrialRecord,
  exit: ProcessExit,
  targetExit: ProcessExit | undefined,
  signal: AbortSignal,
): void {
  if (signal.aborted) {
    record.state = 'interrupted';
    record.reason = 'interrupted while measuring; figures cover the time until then';
  } else if (targetExit) {
    const how = targetExit.signal ? `by ${targetExit.signal}` : `with exit code ${targetExit.code}`;
    record.state = 'failed';
    record.reason = `the target ended ${how} while it was being measured; see target-stderr.txt in the trial's folder`;
    record.target = {
      ...record.target!,
      died: { code: targetExit.code, signal: targetExit.signal, atMs: Math.round(targetExit.wallMs) },
    };
  } else if (exit.spawnError) {
    record.state = 'failed';
    record.reason = exit.spawnError;
  } else if (exit.unended !== undefined) {
    record.state = 'failed';
    record.reason = `the tool ${exit.unended}`;
  } else if (exit.signal && exit.sent.length === 0) {
    record.state = 'failed';
    record.reason = `the tool was ended by ${exit.signal}, which the harness did not send`;
  } else {
    record.state = 'done';
    delete record.reason;
  }
}

/** The first cause is the reason; what the harness itself did wrong is a problem of the run as well. */
export function noteFailure(context: TrialContext, record: TrialRecord, error: unknown): void {
  if (context.signal.aborted && record.state !== 'done') {
    record.reason ??= 'interrupted before it was done';
    return;
  }
  if (error instanceof UserError) {
    fail(record, error.message);
    return;
  }
  if (isNoSpaceError(error)) {
    const { store, problems } = context;
    const reason = explainFullDisk(store.dir, store.isFull(), error);
    fail(record, reason);
    if (!problems.includes(reason)) problems.push(reason);
    return;
  }
  const { stack, message } = error instanceof Error ? error : new Error(String(error));
  const [line] = message.split('\n');
  fail(record, `the harness failed: ${line}`);
  context.problems.push(`${record.id}: the harness failed: ${line}`);
  try {
    writeFileSync(join(context.store.trialDir(record.id), ERROR_FILE), `${stack ?? message}\n`, {
      flag: 'a',
    });
  } catch {
    // Where nothing can be written any more the line above has to do.
  }
}

/**
 * A full results folder is the cause of whatever else became of a trial: servers and tools that cannot write end without
 * a word. What was met is kept behind it.
 */
export function blameFullDisk({ store }: TrialContext, record: TrialRecord): void {
  if (record.state !== 'failed' || !store.isFull()) return;
  const reason = explainFullDisk(store.dir, true);
  if (record.reason === reason) return;
  record.reason = record.reason === undefined ? reason : `${reason}; what came of it: ${record.reason}`;
}

/** A trial that had failed before keeps its first reason. */
export function fail(record: TrialRecord, reason: string): void {
  const first = record.state === 'failed' ? record.reason : undefined;
  record.state = 'failed';
  record.reason = first ?? reason;
}
