import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ToolProbe, ToolTrial } from '../../model/tool.ts';
import { findBinary, readBanner } from '../find-binary.ts';
import type { LoadTool } from '../load-tool.ts';
import { AB_OBSERVES, AB_PERCENTILES_FILE, normalizeAb, whyNotAb } from './normalize.ts';

const REMEDY = 'apt-get install apache2-utils, or brew install httpd';
const BODY_FILE = 'ab.body';
const GRACE_MS = 3000;
/** ab's own limit (MAX_CONCURRENCY in ab.c). */
const MAX_CONNECTIONS = 20_000;
/** More than ab can do: -t alone would end the run at 50 000 requests in all. ab reserves 32 bytes for each. */
const REQUESTS_PER_SECOND = 50_000;
const MAX_REQUESTS = 5_000_000;

/** The flags by which ab sends a body; it knows no other methods that have one. */
const BODY_FLAGS: Record<string, string> = { POST: '-p', PUT: '-u' };

/** ab 2.3, ApacheBench: https://httpd.apache.org/docs/2.4/programs/ab.html. */
export const ab: LoadTool = {
  name: 'ab',
  observes: AB_OBSERVES,
  whyNot: whyNotAb,
  outputFiles: [AB_PERCENTILES_FILE],

  async probe(): Promise<ToolProbe> {
    const path = findBinary('ab');
    if (path === undefined) return { available: false, reason: 'ab is not in PATH', remedy: REMEDY };
    return identifyAb(path, await readBanner(path, ['-V']));
  },

  refuses(trial) {
    const { method, body } = trial.request;
    if (trial.ratePerConnection !== undefined) return 'ab has no rate limit';
    if (trial.durationMs < 1000 || trial.durationMs % 1000 !== 0) {
      return `ab takes whole seconds only, and the duration is ${trial.durationMs} ms`;
    }
    if (trial.connections > MAX_CONNECTIONS) {
      return `ab runs at most ${MAX_CONNECTIONS} connections, and the load has ${trial.connections}`;
    }
    return body !== undefined && BODY_FLAGS[method] === undefined
      ? `ab sends no body with ${method}, only with POST and PUT`
      : undefined;
  },

  async run(trial, exec) {
    const durationS = Math.round(trial.durationMs / 1000);
    return exec({
      argv: [
        'ab',
        '-q',
        '-k',
        // Bodies of different lengths are no failures.
        '-l',
        '-c',
        String(trial.connections),
        '-t',
        String(durationS),
        // It gives the run up when nothing has arrived on any connection for so long, and never gives up one stream.
        '-s',
        String(Math.max(1, Math.ceil(trial.timeoutMs / 1000))),
        // Behind -t, which sets it to 50 000.
        '-n',
        String(Math.max(trial.connections, Math.min(durationS * REQUESTS_PER_SECOND, MAX_REQUESTS))),
        '-e',
        join(trial.dir, AB_PERCENTILES_FILE),
        ...requestArgs(trial),
        trial.url,
      ],
      deadlineMs: trial.durationMs + trial.timeoutMs + GRACE_MS,
      // ab looks at the clock when a request ends, which none of an endless stream does. SIGINT makes it report.
      signals: [
        { signal: 'SIGINT', waitMs: 2000 },
        { signal: 'SIGKILL', waitMs: 1000 },
      ],
    });
  },

  normalize: normalizeAb,
};

function requestArgs({ request, dir }: ToolTrial): string[] {
  const { method, headers, body } = request;
  const type = Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type');
  const args = Object.entries(headers)
    .filter(([name]) => body === undefined || name !== type?.[0])
    .flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  if (body === undefined) return method === 'GET' ? args : [...args, '-m', method];
  const file = join(dir, BODY_FILE);
  writeFileSync(file, body);
  return [...args, ...(type ? ['-T', type[1]] : []), BODY_FLAGS[method] ?? '-p', file];
}

/** Other programs are called ab as well. */
export function identifyAb(path: string, banner: string): ToolProbe {
  const version = /^This is ApacheBench, Version (\S+)/m.exec(banner)?.[1];
  return version === undefined
    ? { available: false, reason: `${path} does not identify itself as ApacheBench`, remedy: REMEDY }
    : { available: true, path, version };
}
