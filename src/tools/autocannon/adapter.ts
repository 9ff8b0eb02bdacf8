import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { RequestSpec } from '../../model/plan.ts';
import type { ToolProbe, ToolTrial } from '../../model/tool.ts';
import { findBinary, readBanner } from '../find-binary.ts';
import type { LoadTool } from '../load-tool.ts';
import { AUTOCANNON_OBSERVES, normalizeAutocannon, whyNotAutocannon } from './normalize.ts';

const REMEDY = 'npm install autocannon';
const BODY_FILE = 'autocannon.body';
/** It starts as a program of Node does, which takes seconds on a machine that is busy. */
const GRACE_MS = 5000;
/** autocannon ends with the first sample after its duration; it takes one per second unless it is told otherwise. */
const SAMPLE_EVERY_MS = 100;

/** autocannon: https://github.com/mcollina/autocannon. */
export const autocannon: LoadTool = {
  name: 'autocannon',
  observes: AUTOCANNON_OBSERVES,
  whyNot: whyNotAutocannon,
  outputFiles: [],

  async probe(): Promise<ToolProbe> {
    const program = locateAutocannon();
    if (program === undefined) {
      return {
        available: false,
        reason: 'autocannon is neither installed by npm nor in PATH',
        remedy: REMEDY,
      };
    }
    const [file, ...args] = program;
    return identifyAutocannon(program.at(-1)!, await readBanner(file, [...args, '--version']));
  },

  refuses(trial) {
    return trial.ratePerConnection === undefined
      ? undefined
      : 'autocannon adds samples to its latencies when its rate is limited';
  },

  async run(trial, exec) {
    return exec({
      argv: [
        ...(locateAutocannon() ?? ['autocannon']),
        '--json',
        '--no-progress',
        '-c',
        String(trial.connections),
        '-d',
        String(trial.durationMs / 1000),
        '-t',
        String(requestTimeoutS(trial)),
        '-L',
        String(SAMPLE_EVERY_MS),
        // Latencies of good responses only.
        '-x',
        ...requestArgs(trial),
        trial.url,
      ],
      deadlineMs: trial.durationMs + GRACE_MS,
      // SIGINT makes autocannon stop and report.
      signals: [
        { signal: 'SIGINT', waitMs: 2000 },
        { signal: 'SIGKILL', waitMs: 1000 },
      ],
    });
  },

  normalize: normalizeAutocannon,
};

/**
 * autocannon's -t runs from the start of a request whatever arrives in the meantime, and after it has fired responses
 * appear that no server sent. So it lies beyond the run, where it neither ends a healthy stream nor fires at all.
 */
function requestTimeoutS({ durationMs, timeoutMs }: ToolTrial): number {
  return Math.ceil((durationMs + timeoutMs) / 1000) + 1;
}

function requestArgs({ request, dir }: ToolTrial): string[] {
  return ['-m', request.method, ...headerArgs(request), ...bodyArgs(request, dir)];
}

/** autocannon splits at the first `:` or `=`, and would keep the blank behind a colon. */
function headerArgs({ headers }: RequestSpec): string[] {
  return Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}=${value}`]);
}

/** By a file: autocannon's own parser takes numbers and brackets on the command line for something else than text. */
function bodyArgs({ body }: RequestSpec, dir: string): string[] {
  if (body === undefined) return [];
  const file = join(dir, BODY_FILE);
  writeFileSync(file, body);
  return ['-i', file];
}

/** The command line that starts it: the package that npm installed beside the harness first, then PATH. */
export function locateAutocannon(): [string, ...string[]] | undefined {
  try {
    return [process.execPath, createRequire(import.meta.url).resolve('autocannon')];
  } catch {
    // Not installed here: the machine may have one.
    const path = findBinary('autocannon');
    return path === undefined ? undefined : [path];
  }
}

export function identifyAutocannon(path: string, banner: string): ToolProbe {
  const version = /^autocannon v(\d+\.\d+\.\S+)$/m.exec(banner)?.[1];
  return version === undefined
    ? { available: false, reason: `${path} does not identify itself as autocannon`, remedy: REMEDY }
    : { available: true, path, version };
}
