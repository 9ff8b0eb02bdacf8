import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../src/process/package-root.ts';
import { readOutput } from '../src/process/read-output.ts';

/** eventsource-parser from 4 on needs a newer Node than this package does, so it is no dependency of it. */
const NEWEST_PARSER = '4.1.3';
/** Long-term support; npm carries Node's own binaries in packages named after the platform. */
const NEWER_NODE = '24.21.0';
const NEEDS_NODE = [22, 12] as const;
const INSTALL_WITHIN_MS = 300_000;

export type NewestParser =
  | { ok: true; node: string; nodeVersion: string; parser: string; parserVersion: string }
  | { ok: false; reason: string };

/** The newest eventsource-parser and a Node that runs it, fetched into .cache on first use. */
export async function findNewestParser(mayInstall: boolean): Promise<NewestParser> {
  const folder = join(PACKAGE_ROOT, '.cache/perf', `eventsource-parser-${NEWEST_PARSER}`);
  const nodePackage = runsNewestParser(process.versions.node) ? undefined : platformPackage();
  const parser = join(folder, 'node_modules/eventsource-parser/dist/index.js');
  const node =
    nodePackage === undefined ? process.execPath : join(folder, 'node_modules', nodePackage, 'bin/node');
  if (!existsSync(parser) || !existsSync(node)) {
    const packages = [
      `eventsource-parser@${NEWEST_PARSER}`,
      ...(nodePackage === undefined ? [] : [`${nodePackage}@${NEWER_NODE}`]),
    ];
    if (!mayInstall) return { ok: false, reason: `${packages.join(' and ')} not there, and --no-install` };
    const problem = await install(folder, packages);
    if (problem !== undefined) return { ok: false, reason: problem };
  }
  const version = await readOutput([node, '--version'], { timeoutMs: 20_000 });
  if (version.code !== 0) {
    return { ok: false, reason: `${node} does not run: ${version.problem ?? version.stderr.trim()}` };
  }
  const manifest = join(folder, 'node_modules/eventsource-parser/package.json');
  const { version: parserVersion } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  return { ok: true, node, nodeVersion: version.stdout.trim(), parser, parserVersion };
}

/** @param version without `v` */
export function runsNewestParser(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major === NEEDS_NODE[0] ? minor >= NEEDS_NODE[1] : major > NEEDS_NODE[0];
}

function platformPackage(): string {
  return `node-${process.platform}-${process.arch}`;
}

/** @returns why it failed */
async function install(folder: string, packages: string[]): Promise<string | undefined> {
  mkdirSync(folder, { recursive: true });
  // A manifest of its own keeps npm from looking for one further up, which is that of the checkout.
  writeFileSync(join(folder, 'package.json'), '{"private":true}\n');
  const output = await readOutput(
    ['npm', 'install', '--no-save', '--no-audit', '--no-fund', '--ignore-scripts', ...packages],
    { cwd: folder, timeoutMs: INSTALL_WITHIN_MS },
  );
  if (output.code === 0) return undefined;
  const words = output.stderr.split('\n').find((line) => line.startsWith('npm error'));
  return `npm could not install ${packages.join(' and ')}: ${output.problem ?? words ?? `exit code ${output.code}`}`;
}
