import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../src/process/package-root.ts';
import { findBinary, readBanner } from '../src/tools/find-binary.ts';
import { hey as heyAdapter } from '../src/tools/hey/adapter.ts';
import { wrk as wrkAdapter } from '../src/tools/wrk/adapter.ts';
import { SkippedError } from './lab.ts';

/** Versions of what was found, for the report. */
export type Versions = Record<string, string>;

/** @throws SkippedError when it is not there, or is another program of that name */
export async function needTool(name: 'wrk' | 'hey', versions: Versions): Promise<void> {
  const probe = await (name === 'wrk' ? wrkAdapter : heyAdapter).probe();
  if (!probe.available) throw new SkippedError(`${probe.reason} (${probe.remedy})`);
  versions[name] = probe.version;
}

/** oha as found on PATH: it is never built here. @throws SkippedError */
export async function needOha(versions: Versions): Promise<void> {
  const path = findBinary('oha');
  if (path === undefined) throw new SkippedError('oha is not on PATH (cargo install oha)');
  const version = /^oha (\d\S*)/m.exec(await readBanner(path, ['--version']))?.[1];
  if (version === undefined) throw new SkippedError(`${path} does not identify itself as oha`);
  versions.oha = version;
}

/** k6 as found on PATH, with the extension built in. @throws SkippedError */
export async function needK6Sse(versions: Versions): Promise<void> {
  const build = 'xk6 build --with github.com/phymbert/xk6-sse';
  const path = findBinary('k6');
  if (path === undefined) throw new SkippedError(`k6 is not on PATH (${build})`);
  const banner = await readBanner(path, ['version']);
  if (!/xk6-sse|k6\/x\/sse/.test(banner)) {
    throw new SkippedError(`${path} has no SSE extension (${build})`);
  }
  versions.k6 = /v\d\S*/.exec(banner)?.[0] ?? 'unknown version';
}

/** Version of an installed npm package. @throws SkippedError when it is not there */
export function needPackage(name: string, versions: Versions): void {
  try {
    const file = join(PACKAGE_ROOT, 'node_modules', name, 'package.json');
    versions[name] = (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
  } catch {
    throw new SkippedError(`the npm package ${name} is not installed (npm ci)`);
  }
}

let testerHelp: Promise<string> | undefined;

/** Whether the built ssee-tester knows an option, by its own help. */
export async function testerKnows(option: string): Promise<boolean> {
  testerHelp ??= readBanner(process.execPath, [
    join(PACKAGE_ROOT, 'dist/src/cli/bin/ssee-tester.js'),
    '--help',
  ]);
  return new RegExp(`(^|\\s)${option}\\b`, 'm').test(await testerHelp);
}
