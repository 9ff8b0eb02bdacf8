import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { openRegistry } from '../src/process/process-registry.ts';
import { openSharedSpace } from '../src/process/shared-space.ts';
import { HARNESS_VERSION } from '../src/run/version.ts';
import { createTargetLauncher } from '../src/target/launch-target.ts';
import { findCpuClock } from './cpu-clock.ts';
import type { Versions } from './find-programs.ts';
import { type Lab, SkippedError } from './lab.ts';
import { describeLoadDoubt, readMachine } from './machine.ts';
import { formatPerfMarkdown } from './markdown.ts';
import type { Line, PerfReport, RowResult } from './model.ts';
import { type PerfOptions, parseOptions } from './options.ts';
import { ROWS, type Row } from './rows/index.ts';

/**
 * `npm run perf`. `argv` without node and script.
 * @returns the exit code: 0 measured, whatever the goals; 1 something could not be measured that should have been;
 *   2 bad usage; 130 interrupted
 */
export async function main(argv: string[], { mayInstall }: { mayInstall: boolean }): Promise<number> {
  const options = parseOptions(argv, mayInstall);
  if (typeof options === 'number') return options;
  // Before anything is measured: a folder that cannot be written to must not cost ten minutes.
  const out = resolve(options.out);
  mkdirSync(out, { recursive: true });

  const versions: Versions = { 'ssee-tester': HARNESS_VERSION };
  const controller = new AbortController();
  const report: PerfReport = {
    schema: 'ssee-bench/perf/1',
    startedAt: new Date().toISOString(),
    command: ['npm run perf', ...(argv.length > 0 ? ['--', ...argv] : [])].join(' '),
    machine: readMachine(),
    versions,
    cpuClock: '',
    settings: {
      pairs: options.pairs,
      durationS: options.durationS,
      quick: options.quick,
      full: options.full,
    },
    complete: false,
    rows: [],
  };
  const loadDoubt = describeLoadDoubt(report.machine);
  if (loadDoubt !== undefined) say(loadDoubt);

  const { release } = onInterrupt(() => controller.abort(new Error('interrupted')));
  try {
    await withLab(options, controller.signal, async (lab) => {
      report.cpuClock = lab.clock.found ? lab.clock.clock.name : lab.clock.reason;
      for (const row of ROWS.filter(({ id }) => options.rows.includes(id))) {
        const startedAt = performance.now();
        const result = await measureRow(row, lab, versions);
        const tookS = Math.round((performance.now() - startedAt) / 1000);
        report.rows.push({ id: row.id, title: row.title, tookS, ...result });
        writeReport(report, out);
      }
    });
    report.complete = true;
  } catch (error) {
    if (!controller.signal.aborted) throw error;
  } finally {
    release();
    writeReport(report, out);
  }
  process.stdout.write(`${formatPerfMarkdown(report)}\n${join(out, 'perf.md')}\n`);
  if (controller.signal.aborted) return 130;
  return report.rows.some((row) => row.lines.some((line) => line.state === 'failed')) ? 1 : 0;
}

/** A row that throws is a line that says why; the others go on. */
async function measureRow(row: Row, lab: Lab, versions: Versions): Promise<RowResult> {
  try {
    return await row.measure(lab, versions);
  } catch (error) {
    lab.signal.throwIfAborted();
    const isSkipped = error instanceof SkippedError;
    const reason = (error as Error).message;
    if (!isSkipped) say(`${row.id}: ${(error as Error).stack}`);
    const line: Line = {
      row: row.id,
      name: row.title,
      unit: '',
      state: isSkipped ? 'skipped' : 'failed',
      reason,
    };
    return { lines: [line], raw: {}, warnings: [] };
  }
}

async function withLab(
  options: PerfOptions,
  signal: AbortSignal,
  work: (lab: Lab) => Promise<void>,
): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'ssee-perf-'));
  const registry = openRegistry();
  const endAll = (): void => registry.killAll();
  process.on('exit', endAll);
  try {
    await work({
      options,
      clock: await findCpuClock(),
      launcher: createTargetLauncher({ registry }),
      registry,
      space: openSharedSpace(),
      dir,
      signal,
      say,
    });
  } finally {
    registry.killAll();
    process.off('exit', endAll);
    registry.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** The first signal ends the measuring and reports, the second everything. */
function onInterrupt(abort: () => void): { release(): void } {
  let asked = false;
  const onSignal = (): void => {
    if (asked) process.exit(130);
    asked = true;
    abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    release() {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}

function writeReport(report: PerfReport, out: string): void {
  const files = {
    'perf.json': `${JSON.stringify(report, null, 1)}\n`,
    'perf.md': formatPerfMarkdown(report),
  };
  for (const [name, text] of Object.entries(files)) {
    // Renamed into place: a kill leaves the state before.
    writeFileSync(join(out, `${name}.tmp`), text);
    renameSync(join(out, `${name}.tmp`), join(out, name));
  }
}

function say(line: string): void {
  process.stderr.write(`perf: ${line}\n`);
}
