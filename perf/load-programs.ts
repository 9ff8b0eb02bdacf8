import { join } from 'node:path';
import type { TesterReport } from '../src/model/tester-report.ts';
import { PACKAGE_ROOT } from '../src/process/package-root.ts';
import { parseWrkText } from '../src/tools/wrk/parse-text.ts';
import type { OwnCounts } from './model.ts';

/** The same for both sides of a pair. */
export interface Load {
  url: string;
  connections: number;
  /** Whole seconds: wrk takes no others. */
  durationS: number;
  /** A short response with a length, a stream that ends, a stream that never does. */
  kind: 'response' | 'finite' | 'endless';
}

/** How to start a load generator and how to read what it says. */
export interface LoadProgram {
  name: string;
  argv(load: Load): [string, ...string[]];
  /** Only what must not be on the command line. */
  env?(load: Load): Record<string, string>;
  /**
   * What it says about its load.
   * @throws Error when it is not the output of a run that came to its end
   */
  readOwn(stdout: string): OwnCounts;
}

/** All send it, so that the target has the same to parse; what else each adds is its own. */
const ACCEPT = 'Accept: text/event-stream';

const TESTER = join(PACKAGE_ROOT, 'dist/src/cli/bin/ssee-tester.js');

/** @param extra options beyond those of the load */
export function sseeTester(extra: readonly string[] = [], name = 'ssee-tester', timeout = '5s'): LoadProgram {
  return {
    name,
    argv: ({ url, connections, durationS, kind }) => [
      process.execPath,
      TESTER,
      url,
      '--json',
      '--connections',
      String(connections),
      '--duration',
      `${durationS}s`,
      '--timeout',
      timeout,
      '--stream',
      kind === 'endless' ? 'endless' : 'finite',
      ...(kind === 'response' ? ['--any-content-type'] : []),
      ...extra,
    ],
    readOwn: readTesterReport,
  };
}

function readTesterReport(stdout: string): OwnCounts {
  const report = JSON.parse(stdout) as TesterReport;
  const { outcomes, selfCheck } = report;
  return {
    events: report.eventsTotal,
    bytes: report.bytesReceived,
    failures: outcomes.attempted - outcomes.completed - outcomes.held - outcomes['client-aborted'],
    reads: report.reads,
    held: outcomes.held,
    windowUs: report.window.durationUs,
    windowCpuUs: selfCheck.cpuUs,
    loopDelayP99Us: selfCheck.loopDelayP99Us,
  };
}

export const wrk: LoadProgram = {
  name: 'wrk',
  argv: ({ url, connections, durationS }) => [
    'wrk',
    '-t1',
    `-c${connections}`,
    `-d${durationS}s`,
    // Nothing of the run may count as slow.
    '--timeout',
    `${durationS + 5}s`,
    '-H',
    ACCEPT,
    url,
  ],
  readOwn(stdout) {
    const text = parseWrkText(stdout);
    if (!text) throw new Error(`wrk printed no report: ${stdout.trim().slice(0, 200)}`);
    const { connect, read, write, status } = text.errors;
    return {
      ...(text.bytes === undefined ? {} : { bytes: text.bytes }),
      failures: connect + read + write + status,
      windowUs: text.durationS * 1e6,
    };
  },
};

export const hey: LoadProgram = {
  name: 'hey',
  argv: ({ url, connections, durationS }) => [
    'hey',
    '-z',
    `${durationS}s`,
    '-c',
    String(connections),
    '-disable-compression',
    '-disable-redirects',
    '-H',
    ACCEPT,
    url,
  ],
  readOwn(stdout) {
    if (!/^Summary:/m.test(stdout)) throw new Error('hey printed no report');
    // `  [200]<tab>484 responses` by status, then `  [8]<tab>Get "url": ...` by error.
    const counts = [...stdout.matchAll(/^ {2}\[(\d+)\]\t(?:(\d+) responses)?/gm)].map(
      ([, inBrackets, responses]) => {
        if (responses === undefined) return Number(inBrackets);
        return Number(inBrackets) >= 400 ? Number(responses) : 0;
      },
    );
    return { failures: counts.reduce((sum, count) => sum + count, 0) };
  },
};

export const autocannon: LoadProgram = {
  name: 'autocannon',
  argv: ({ url, connections, durationS }) => [
    process.execPath,
    join(PACKAGE_ROOT, 'node_modules/autocannon/autocannon.js'),
    '--json',
    '-c',
    String(connections),
    '-d',
    String(durationS),
    '-H',
    ACCEPT,
    url,
  ],
  readOwn(stdout) {
    const { errors, non2xx } = JSON.parse(stdout) as { errors: number; non2xx: number };
    return { failures: errors + non2xx };
  },
};

/** Options as in oha 1.x. */
export const oha: LoadProgram = {
  name: 'oha',
  argv: ({ url, connections, durationS }) => [
    'oha',
    '--no-tui',
    '-z',
    `${durationS}s`,
    '-c',
    String(connections),
    '-H',
    ACCEPT,
    url,
  ],
  // What it says goes into no figure: requests are counted by the target, CPU by the kernel.
  readOwn: () => ({}),
};

/** A program in perf/peers that prints `{"events": N, "failures": N}`. */
export function peerProgram(name: string, file: string): LoadProgram {
  return {
    name,
    argv: ({ url, connections, durationS }) => [
      process.execPath,
      join(PACKAGE_ROOT, 'dist/perf/peers', file),
      url,
      String(connections),
      String(durationS),
    ],
    readOwn(stdout) {
      const { events, failures } = JSON.parse(stdout) as { events: number; failures: number };
      return { events, failures };
    },
  };
}

/** k6 with the extension `k6/x/sse`; one virtual user per stream. */
export const k6Sse: LoadProgram = {
  name: 'k6 with xk6-sse',
  argv: () => ['k6', 'run', '--quiet', '--no-usage-report', join(PACKAGE_ROOT, 'perf/peers/k6-sse.js')],
  env: ({ url, connections, durationS }) => ({
    SSEE_URL: url,
    SSEE_CONNECTIONS: String(connections),
    SSEE_SECONDS: String(durationS),
  }),
  readOwn: () => ({}),
};
