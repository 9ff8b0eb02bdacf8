import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { findExecutable } from '../process/find-executable.ts';
import { PACKAGE_ROOT } from '../process/package-root.ts';
import { readOutput } from '../process/read-output.ts';

export type BuiltGoTarget =
  | { ok: true; binary: string; version: string }
  | { ok: false; reason: string; remedy: string };

/** A first build compiles the standard library: some 30 s on two slow cores. */
const BUILD_WITHIN_MS = 300_000;
const VERSION_WITHIN_MS = 20_000;
/** Where Go's own archives are unpacked by custom; not on every PATH. */
const GO_OUTSIDE_PATH = ['/usr/local/go/bin/go', '/usr/lib/go/bin/go'];
const INSTALL_REMEDY =
  'install Go 1.19 or newer (apt-get install golang-go), or set target.fallback: node-http';

/**
 * The binary of the Go target, or of another Go program of this package, built where there is none for these sources
 * and this compiler yet. Standard library only: no network is needed.
 * @param sourceDir absolute folder with go.mod
 */
export async function buildGoTarget(
  sourceDir: string = join(PACKAGE_ROOT, 'targets/go-nethttp'),
): Promise<BuiltGoTarget> {
  const go = findExecutable('go') ?? GO_OUTSIDE_PATH.find((path) => existsSync(path));
  if (go === undefined) return { ok: false, reason: 'Go is not installed', remedy: INSTALL_REMEDY };
  const env = buildEnvironment();
  const version = await readGoVersion(go, env);
  if (!version.ok) return version;

  const hash = hashSources(sourceDir, version.text);
  const folder = cacheFolder();
  const binary = join(folder, `${basename(sourceDir)}-${hash}`);
  const built: BuiltGoTarget = { ok: true, binary, version: version.name };
  if (existsSync(binary)) return built;

  mkdirSync(folder, { recursive: true });
  const unfinished = `${binary}.${process.pid}`;
  const output = await readOutput([go, 'build', '-o', unfinished, '.'], {
    cwd: sourceDir,
    env,
    timeoutMs: BUILD_WITHIN_MS,
  });
  if (output.code !== 0) {
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

type GoVersion = { ok: true; text: string; name: string } | { ok: false; reason: string; remedy: string };

async function readGoVersion(go: string, env: Record<string, string>): Promise<GoVersion> {
  const output = await readOutput([go, 'version'], { timeoutMs: VERSION_WITHIN_MS, env });
  const text = output.stdout.trim();
  const name = /^go version (go\S+)/.exec(text)?.[1];
  if (name !== undefined) return { ok: true, text, name };
  const words = output.problem ?? (lastLines(output.stderr || text, 1) || `exit code ${output.code}`);
  return { ok: false, reason: `${go} is not a working Go compiler: ${words}`, remedy: INSTALL_REMEDY };
}

/** Settings of the user's shell must not change what is built; a toolchain is never downloaded. */
function buildEnvironment(): Record<string, string> {
  return {
    CGO_ENABLED: '0',
    GOFLAGS: '',
    GOWORK: 'off',
    GOTOOLCHAIN: 'local',
    GO111MODULE: 'on',
    ...(process.env.GOCACHE || hasUserCache() ? {} : { GOCACHE: join(cacheFolder(), 'go-build') }),
  };
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
