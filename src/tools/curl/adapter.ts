import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RequestSpec } from '../../model/plan.ts';
import type { ToolProbe } from '../../model/tool.ts';
import { findBinary, readBanner } from '../find-binary.ts';
import type { LoadTool } from '../load-tool.ts';
import { CURL_OBSERVES, normalizeCurl, whyNotCurl } from './normalize.ts';

const REMEDY = 'apt-get install curl, or brew install curl';
const CONFIG_FILE = 'curl.config';
const GRACE_MS = 3000;

/** --parallel-max above this falls back to 50 in curl before 8.16, silently. */
const MAX_PARALLEL = 300;

/** curl 7.75 or newer (`%{json}` with exit codes): as many parallel streams as connections, each once. */
export const curl: LoadTool = {
  name: 'curl',
  observes: CURL_OBSERVES,
  oneShot: true,
  whyNot: whyNotCurl,
  outputFiles: [],

  async probe(): Promise<ToolProbe> {
    const path = findBinary('curl');
    if (path === undefined) return { available: false, reason: 'curl is not in PATH', remedy: REMEDY };
    return identifyCurl(path, await readBanner(path, ['-q', '--version']));
  },

  refuses(trial) {
    if (trial.ratePerConnection !== undefined) return 'curl runs each stream once, so a rate has no meaning';
    if (trial.connections > MAX_PARALLEL) {
      return `curl runs at most ${MAX_PARALLEL} transfers at once, and the load has ${trial.connections} connections`;
    }
    return undefined;
  },

  async run(trial, exec) {
    const config = join(trial.dir, CONFIG_FILE);
    writeFileSync(config, writeConfig(trial.url, trial.connections));
    return exec({
      argv: [
        'curl',
        // Must be first: the user's own curlrc stays out.
        '-q',
        '-sS',
        '-N',
        '--no-progress-meter',
        '--globoff',
        '--noproxy',
        '*',
        '--http1.1',
        '-Z',
        '--parallel-immediate',
        '--parallel-max',
        String(trial.connections),
        '--connect-timeout',
        seconds(trial.timeoutMs),
        '-m',
        seconds(trial.durationMs),
        ...requestArgs(trial.request),
        '-w',
        '%{json}\\n',
        '--config',
        config,
      ],
      deadlineMs: trial.durationMs + GRACE_MS,
      signals: [
        { signal: 'SIGINT', waitMs: 1000 },
        { signal: 'SIGKILL', waitMs: 1000 },
      ],
    });
  },

  normalize: normalizeCurl,
};

function requestArgs({ method, headers, body }: RequestSpec): string[] {
  const args = method === 'HEAD' ? ['--head'] : method === 'GET' && body === undefined ? [] : ['-X', method];
  for (const [name, value] of Object.entries(headers)) {
    // A colon without a value would remove the header; the semicolon sends it empty.
    args.push('-H', value === '' ? `${name};` : `${name}: ${value}`);
  }
  return body === undefined ? args : [...args, '--data-raw', body];
}

function seconds(ms: number): string {
  return String(ms / 1000);
}

/** The same URL once per connection; the command line would be too long for hundreds of them. */
function writeConfig(url: string, connections: number): string {
  const quoted = url.replace(/[\\"]/g, '\\$&');
  return `url = "${quoted}"\noutput = "/dev/null"\n`.repeat(connections);
}

/** Older ones have no exit code per transfer, without which a broken stream looks like a good one. */
export function identifyCurl(path: string, banner: string): ToolProbe {
  const match = /^curl (\d+)\.(\d+)\.\S+ \(/m.exec(banner);
  if (!match) return { available: false, reason: `${path} does not identify itself as curl`, remedy: REMEDY };
  const version = /^curl (\S+)/m.exec(banner)![1]!;
  const [major, minor] = [Number(match[1]), Number(match[2])];
  if (major < 7 || (major === 7 && minor < 75)) {
    return { available: false, reason: `curl ${version} is too old, 7.75 is needed`, remedy: REMEDY };
  }
  return { available: true, path, version };
}
