import { createHash } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { giveToOwner } from '../process/give-to-owner.ts';
import { PACKAGE_ROOT } from '../process/package-root.ts';
import { readOutput } from '../process/read-output.ts';
import { type OwnGroup, readOutputOfGroup } from '../process/read-output-of-group.ts';
import { findGo, GO_ENVIRONMENT } from './find-go.ts';

export type BuiltGoTarget =
  | { ok: true; binary: string; version: string }
  | { ok: false; reason: string; remedy: string };

/** A first build compiles the standard library: some 30 s on two slow cores. */
const BUILD_WITHIN_MS = 300_000;

/**
 * The binary of the Go target, or of another Go program of this package, built where there is none for these sources
 * and this compiler yet. Standard library only: no network is needed.
 * @param sourceDir absolute folder with go.mod
 * @param group ends the build when it is aborted; without it Ctrl-C alone does
 */
export async function buildGoTarget(
  sourceDir: string = join(PACKAGE_ROOT, 'targets/go-nethttp'),
  group?: OwnGroup,
): Promise<BuiltGoTarget> {
  const go = await findGo();
  if (!go.ok) return go;

  const hash = hashSources(sourceDir, go.banner);
  const folder = cacheFolder();
  const binary = join(folder, `${basename(sourceDir)}-${hash}`);
  const built: BuiltGoTarget = { ok: true, binary, version: go.version };
  if (existsSync(binary)) return built;

  mkdirSync(folder, { recursive: true });
  const unfinished = `${binary}.${process.pid}`;
  // Unstamped: git refuses to describe a checkout of another user, and the build would fail with it.
  const build = [go.path, 'build', '-buildvcs=false', '-o', unfinished, '.'] as const;
  const options = { cwd: sourceDir, env: buildEnvironment(), timeoutMs: BUILD_WITHIN_MS };
  const output = group
    ? await readOutputOfGroup(build, { ...options, group })
    : await readOutput(build, options);
  giveToOwner(folder);
  if (output.code !== 0) {
    rmSync(unfinished, { force: true });
    return {
      ok: false,
      reason: `${basename(sourceDir)} does not build: ${output.problem ?? lastLines(output.stderr, 3)}`,
      remedy: `run "go build" in ${sourceDir}, or set target.fallback: node-http`,
    };
  }
  // Renamed into place, so that two harnesses never run half a file.
  renameSync(unfinished, binary);
  return built;
}

function buildEnvironment(): Record<string, string | undefined> {
  if (process.env.GOCACHE || hasUserCache()) return GO_ENVIRONMENT;
  return { ...GO_ENVIRONMENT, GOCACHE: join(cacheFolder(), 'go-build') };
}

/** Go keeps compiled packages under the user's cache folder and refuses to build where it has none. */
function hasUserCache(): boolean {
  const folder = process.env.XDG_CACHE_HOME || process.env.HOME;
  return folder !== undefined && folder !== '' && isWritable(folder);
}

/** In the checkout; in the user's cache where the package is installed read-only. */
function cacheFolder(): string {
  if (isWritable(PACKAGE_ROOT)) return join(PACKAGE_ROOT, '.cache/targets');
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'ssee-bench/targets');
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    // Absent or read-only: the caller has another place for either.
    return false;
  }
}

function hashSources(sourceDir: string, compiler: string): string {
  const hash = createHash('sha256').update(`${compiler}\0${process.arch}\0`);
  for (const name of readdirSync(sourceDir).sort()) {
    if (!/\.(go|mod|sum)$/.test(name) || name.endsWith('_test.go')) continue;
    hash
      .update(`${name}\0`)
      .update(readFileSync(join(sourceDir, name)))
      .update('\0');
  }
  return hash.digest('hex').slice(0, 16);
}

function lastLines(text: string, count: number): string {
  return text.trim().split('\n').slice(-count).join(' | ');
}
