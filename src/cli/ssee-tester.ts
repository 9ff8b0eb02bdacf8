import type { TesterReport } from '../model/tester-report.ts';
import { HARNESS_VERSION } from '../run/version.ts';
import { judgeLimits } from '../tester/limits/check-limits.ts';
import { readLimits } from '../tester/limits/read-limits.ts';
import type { LoadOptions } from '../tester/load-options.ts';
import { resolveTarget } from '../tester/resolve-target.ts';
import { runLoad } from '../tester/run-load.ts';
import { guardWorkflowLog, writeJsonLine } from './guard-workflow-log.ts';
import { reportError } from './report-error.ts';
import { describeLoad, reportOptions } from './tester/describe-load.ts';
import { describeProgram, type TesterArguments } from './tester/describe-program.ts';
import { explainUnreachable } from './tester/explain-unreachable.ts';
import { formatTesterReport } from './tester/report-text.ts';
import { watchLoad } from './tester/watch-load.ts';

/**
 * The `ssee-tester` command line. `argv` without node and script.
 * @returns the exit code: 0 measured, 1 nothing could be measured, 2 bad usage, 130 interrupted
 */
export async function main(argv: string[]): Promise<number> {
  guardWorkflowLog();
  const program = describeProgram();
  let exitCode = 0;
  program.action(async (url: string, options: TesterArguments) => {
    exitCode = await testUrl(url, options);
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    return reportError(error);
  }
}

async function testUrl(url: string, given: TesterArguments): Promise<number> {
  const target = await resolveTarget(url);
  const load = describeLoad(target, given);
  warnOfLimits(load);
  const about = { version: HARNESS_VERSION, node: process.version, url, options: reportOptions(load, given) };
  const watch = await watchLoad(target, given, about, warn);
  const { signal, release } = catchSignals(watch.say);
  let report: TesterReport;
  try {
    const result = await runLoad(load, {
      signal,
      ...(watch.onSample ? { onSample: watch.onSample } : {}),
      ...(watch.onEvents ? { onEvents: watch.onEvents } : {}),
    });
    report = { schema: 'ssee-tester/1', ...about, ...result };
  } finally {
    await watch.close();
    release();
  }
  if (given.json) writeJsonLine(report);
  else process.stdout.write(formatTesterReport(report));
  if (report.interrupted) return 130;
  const unreachable = explainUnreachable(url, report);
  if (unreachable === undefined) return 0;
  warn(unreachable);
  return 1;
}

/** Said before the load: what it runs into is the machine's limit and not the server's. */
function warnOfLimits(load: LoadOptions): void {
  const { problems } = judgeLimits({
    ...readLimits(),
    connections: load.connections,
    workers: load.workers ?? 1,
    sourceAddresses: load.sourceAddresses?.length ?? 1,
    loopback: load.address.startsWith('127.'),
  });
  for (const { what, have, need, remedies } of problems) {
    warn(
      `${what}: ${need} are needed and ${have} can be had, so some connections will fail; ${remedies.join('  or  ')}`,
    );
  }
}

function warn(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** A second signal so soon after the first is the same one: a terminal and npm both send it. */
const SAME_SIGNAL_MS = 1000;

/** The first SIGINT or SIGTERM ends the window, a second one the process. */
function catchSignals(say: (line: string) => void): { signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  let firstAtMs = 0;
  const onSignal = (): void => {
    if (controller.signal.aborted) {
      if (performance.now() - firstAtMs >= SAME_SIGNAL_MS) process.exit(130);
      return;
    }
    firstAtMs = performance.now();
    say('interrupted: reporting what was measured; again to leave at once');
    controller.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    signal: controller.signal,
    release() {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}
