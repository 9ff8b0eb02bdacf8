import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ToolProbe, ToolTrial } from '../../model/tool.ts';
import { findBinary, readBanner } from '../find-binary.ts';
import type { LoadTool } from '../load-tool.ts';
import { normalizeWrk, WRK_OBSERVES, whyNotWrk } from './normalize.ts';
import { WRK_REPORT_FILE, writeReportLua } from './report-lua.ts';

const REMEDY = 'apt-get install wrk, or brew install wrk';
const SCRIPT_FILE = 'wrk.lua';

/** wrk ends up to 100 ms after its duration and then writes its report. */
const GRACE_MS = 3000;

/**
 * Seconds by which --timeout exceeds the duration. A response slower than --timeout loses its latency sample (and
 * ends nothing), so no response of the run may be.
 */
const TIMEOUT_SLACK_S = 5;

/** wrk reserves 8 bytes of address space per microsecond of --timeout: 2.4 GB here, which small machines refuse. */
const TIMEOUT_MAX_S = 300;

/** wrk 4: https://github.com/wg/wrk. */
export const wrk: LoadTool = {
  name: 'wrk',
  observes: WRK_OBSERVES,
  whyNot: whyNotWrk,
  outputFiles: [WRK_REPORT_FILE],

  async probe(): Promise<ToolProbe> {
    const path = findBinary('wrk');
    if (path === undefined) return { available: false, reason: 'wrk is not in PATH', remedy: REMEDY };
    return identifyWrk(path, await readBanner(path, ['-v']));
  },

  refuses(trial) {
    if (trial.ratePerConnection !== undefined) return 'wrk has no rate limit';
    if (trial.durationMs < 1000 || trial.durationMs % 1000 !== 0) {
      return `wrk takes whole seconds only, and the duration is ${trial.durationMs} ms`;
    }
    return undefined;
  },

  async run(trial, exec) {
    const script = join(trial.dir, SCRIPT_FILE);
    writeFileSync(script, writeReportLua(trial.request));
    const durationS = Math.round(trial.durationMs / 1000);
    return exec({
      argv: [
        'wrk',
        '-t',
        String(chooseThreads(trial)),
        '-c',
        String(trial.connections),
        '-d',
        `${durationS}s`,
        '--timeout',
        `${Math.min(durationS + TIMEOUT_SLACK_S, TIMEOUT_MAX_S)}s`,
        '--latency',
        // Without the blank after the colon wrk drops the header without a word.
        ...Object.entries(trial.request.headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]),
        '-s',
        script,
        trial.url,
      ],
      env: { WRK_OUT: join(trial.dir, WRK_REPORT_FILE) },
      deadlineMs: trial.durationMs + GRACE_MS,
      // SIGINT makes wrk stop and report; on SIGTERM it dies without a line.
      signals: [
        { signal: 'SIGINT', waitMs: 2000 },
        { signal: 'SIGKILL', waitMs: 1000 },
      ],
    });
  },

  normalize: normalizeWrk,
};

/**
 * The most threads that divide the connections and have a CPU each: wrk opens floor(connections / threads) per
 * thread, so any other number gives fewer connections than it prints.
 */
export function chooseThreads({ connections, cpus }: Pick<ToolTrial, 'connections' | 'cpus'>): number {
  let threads = Math.max(1, Math.min(cpus, connections));
  while (connections % threads !== 0) threads--;
  return threads;
}

/** wrk2 installs itself under the name wrk and calls itself 4.0.0; it needs -R and measures something else. */
export function identifyWrk(path: string, banner: string): ToolProbe {
  const version = /^wrk (\S+) \[\w+\] Copyright \(C\) \d+ Will Glozer/m.exec(banner)?.[1];
  if (version === undefined) {
    return {
      available: false,
      reason: `${path} is not wrk: it does not identify itself as wrk`,
      remedy: REMEDY,
    };
  }
  if (/^\s*-R,/m.test(banner)) {
    return { available: false, reason: `${path} is wrk2, which needs a fixed rate, not wrk`, remedy: REMEDY };
  }
  return { available: true, path, version };
}
