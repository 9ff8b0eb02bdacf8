import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ToolProbe, ToolTrial } from '../../model/tool.ts';
import { formatDuration } from '../../model/units.ts';
import { asksForEvents } from '../asks-for-events.ts';
import { readBanner } from '../find-binary.ts';
import type { LoadTool } from '../load-tool.ts';
import { normalizeSseeTester, SSEE_TESTER_OBSERVES, whyNotSseeTester } from './normalize.ts';

const GRACE_MS = 3000;

/** The native tester, run as a program of its own so that its CPU is its own. */
export const sseeTester: LoadTool = {
  name: 'ssee-tester',
  observes: SSEE_TESTER_OBSERVES,
  whyNot: whyNotSseeTester,
  outputFiles: [],

  async probe(): Promise<ToolProbe> {
    const program = locateProgram();
    if (program === undefined) {
      return { available: false, reason: 'ssee-tester is not built', remedy: 'npm run build' };
    }
    const version = /^\d+\.\d+\.\S+/m.exec(await readBanner(process.execPath, [program, '--version']))?.[0];
    return version === undefined
      ? { available: false, reason: `${program} does not start`, remedy: 'npm run build' }
      : { available: true, path: program, version };
  },

  run(trial, exec) {
    return exec({
      argv: [
        process.execPath,
        locateSseeTester(),
        trial.url,
        '--json',
        '--connections',
        String(trial.connections),
        '--duration',
        formatDuration(trial.durationMs),
        '--timeout',
        formatDuration(trial.timeoutMs),
        '--stream',
        trial.stream,
        ...requestArgs(trial),
        // By itself the tester takes a plain answer for an error: it was made for event streams.
        ...(asksForEvents(trial.request) ? [] : ['--any-content-type']),
        ...(trial.ratePerConnection === undefined
          ? []
          : ['--rate-per-connection', String(trial.ratePerConnection)]),
        ...(trial.signalEveryMs === undefined ? [] : ['--signals', formatDuration(trial.signalEveryMs)]),
        ...(trial.seriesFile === undefined ? [] : ['--series', trial.seriesFile]),
        ...(trial.readBytesPerSec === undefined ? [] : ['--read-rate', String(trial.readBytesPerSec)]),
      ],
      // Finite streams that are open at the end of the duration may take the timeout to finish.
      deadlineMs: trial.durationMs + trial.timeoutMs + GRACE_MS,
      signals: [
        { signal: 'SIGINT', waitMs: 2000 },
        { signal: 'SIGTERM', waitMs: 1000 },
        { signal: 'SIGKILL', waitMs: 1000 },
      ],
    });
  },

  normalize: normalizeSseeTester,
};

/**
 * The request as the scenario has it: without the Accept that the tester adds by itself, every tool sends the same.
 * A file with the whole request excludes every option that would describe one.
 */
function requestArgs({ request, replayFile }: ToolTrial): string[] {
  if (replayFile !== undefined) return ['--request-file', replayFile];
  return [
    '--method',
    request.method,
    '--no-default-headers',
    ...Object.entries(request.headers).flatMap(([name, value]) => ['--header', `${name}: ${value}`]),
    ...(request.body === undefined ? [] : ['--body', request.body]),
  ];
}

/** Where the program lies when this module is itself the built one. */
const BUILT_BESIDE = fileURLToPath(new URL('../../cli/bin/ssee-tester.js', import.meta.url));
/** Where it lies when this module runs from source: Node 20 cannot run the source of the program. */
const BUILT_IN_CHECKOUT = fileURLToPath(new URL('../../../dist/src/cli/bin/ssee-tester.js', import.meta.url));

/** The program, or where it would be when it is not built. */
export function locateSseeTester(): string {
  return locateProgram() ?? BUILT_BESIDE;
}

function locateProgram(): string | undefined {
  return [BUILT_BESIDE, BUILT_IN_CHECKOUT].find((path) => existsSync(path));
}
