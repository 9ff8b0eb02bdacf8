import type { ToolProbe } from '../../model/tool.ts';
import { findBinary, readBanner } from '../find-binary.ts';
import type { LoadTool } from '../load-tool.ts';
import { HEY_OBSERVES, normalizeHey, whyNotHey } from './normalize.ts';
import { requestTimeoutS } from './request-timeout.ts';
import { HEY_TEMPLATE } from './template.ts';

const REMEDY = 'apt-get install hey, or brew install hey';
const GRACE_MS = 3000;

/** hey 0.1: https://github.com/rakyll/hey. */
export const hey: LoadTool = {
  name: 'hey',
  observes: HEY_OBSERVES,
  whyNot: whyNotHey,
  outputFiles: [],

  async probe(): Promise<ToolProbe> {
    const path = findBinary('hey');
    if (path === undefined) return { available: false, reason: 'hey is not in PATH', remedy: REMEDY };
    // Any flag that hey does not know makes it print its usage.
    if (!isHey(await readBanner(path, ['-help']))) {
      return { available: false, reason: `${path} is not hey: its usage is another one`, remedy: REMEDY };
    }
    return { available: true, path, version: await readPackageVersion(path) };
  },

  refuses(trial) {
    const header = Object.entries(trial.request.headers).find(
      ([name, value]) => !/^[\w-]+$/.test(name) || value.trim() === '',
    );
    return header === undefined ? undefined : `hey cannot send the header "${header[0]}: ${header[1]}"`;
  },

  run(trial, exec) {
    const { request } = trial;
    const limitS = requestTimeoutS(trial);
    return exec({
      argv: [
        'hey',
        '-z',
        `${trial.durationMs}ms`,
        '-c',
        String(trial.connections),
        '-t',
        String(limitS),
        ...(trial.ratePerConnection === undefined ? [] : ['-q', String(trial.ratePerConnection)]),
        // A redirect is an answer to be counted, and gzip would hide how the stream is flushed.
        '-disable-redirects',
        '-disable-compression',
        '-m',
        request.method,
        ...Object.entries(request.headers).flatMap(([name, value]) =>
          name.toLowerCase() === 'host' ? ['-host', value] : ['-H', `${name}: ${value}`],
        ),
        ...(request.body === undefined ? [] : ['-d', request.body]),
        '-o',
        HEY_TEMPLATE,
        trial.url,
      ],
      // A request that starts just before the end may take all of -t; a SIGKILL before that would lose every figure.
      deadlineMs: trial.durationMs + limitS * 1000 + GRACE_MS,
      // SIGINT lets hey finish its current requests and report, which it never does on an endless stream.
      signals: [
        { signal: 'SIGINT', waitMs: 2000 },
        { signal: 'SIGKILL', waitMs: 1000 },
      ],
    });
  },

  normalize: normalizeHey,
};

/** True for hey's own usage text. */
export function isHey(banner: string): boolean {
  return banner.includes('Usage: hey [options...] <url>') && /-z\s+Duration of application/.test(banner);
}

/** hey has no version flag: only a package manager knows. */
async function readPackageVersion(path: string): Promise<string> {
  const dpkg = findBinary('dpkg-query');
  if (dpkg === undefined || path !== '/usr/bin/hey') return 'unknown version';
  const fields = (await readBanner(dpkg, ['-s', 'hey'])).split('\n');
  const version = fields.find((field) => field.startsWith('Version: '))?.slice('Version: '.length) ?? '';
  return /^\d[\w.+~:-]*$/.test(version) ? version : 'unknown version';
}
