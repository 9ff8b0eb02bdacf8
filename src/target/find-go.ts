import { existsSync } from 'node:fs';
import { findExecutable } from '../process/find-executable.ts';
import { readOutput } from '../process/read-output.ts';

export type FoundGo =
  | {
      ok: true;
      path: string;
      /** For example `go1.22.1`. */
      version: string;
      /** All that `go version` says, platform included. */
      banner: string;
    }
  | { ok: false; reason: string; remedy: string };

const VERSION_WITHIN_MS = 20_000;
/** Where Go's own archives are unpacked by custom; not on every PATH. */
const GO_OUTSIDE_PATH = ['/usr/local/go/bin/go', '/usr/lib/go/bin/go'];
/** What targets/go-nethttp/go.mod asks for. */
const OLDEST_GO = [1, 19] as const;

const INSTALL_REMEDY =
  'install Go 1.19 or newer (apt-get install golang-go), or set target.fallback: node-http';
/** The system's package is what is too old as a rule, so it is no remedy. */
const RENEW_REMEDY =
  'install Go 1.19 or newer from https://go.dev/dl and put it first on PATH, or set target.fallback: node-http';

/**
 * Settings of the user's shell and of `go env -w` must not change what is built, nor for which platform; a toolchain
 * is never downloaded. Undefined is taken out of the environment.
 */
export const GO_ENVIRONMENT: Readonly<Record<string, string | undefined>> = {
  CGO_ENABLED: '0',
  GOENV: 'off',
  GOFLAGS: undefined,
  GOOS: undefined,
  GOARCH: undefined,
  GOWORK: 'off',
  GOTOOLCHAIN: 'local',
  GO111MODULE: 'on',
};

/** The Go compiler that would build the Go target: found, working, and new enough. */
export async function findGo(): Promise<FoundGo> {
  const path = findExecutable('go') ?? GO_OUTSIDE_PATH.find((candidate) => existsSync(candidate));
  if (path === undefined) return { ok: false, reason: 'Go is not installed', remedy: INSTALL_REMEDY };
  const output = await readOutput([path, 'version'], { timeoutMs: VERSION_WITHIN_MS, env: GO_ENVIRONMENT });
  const banner = output.stdout.trim();
  const version = /^go version (?:devel )?(go\S+)/.exec(banner)?.[1];
  if (version === undefined) {
    const words = output.problem ?? (lastLine(output.stderr || banner) || `exit code ${output.code}`);
    return { ok: false, reason: `${path} is not a working Go compiler: ${words}`, remedy: INSTALL_REMEDY };
  }
  if (isTooOld(version)) {
    const reason = `Go ${version.slice('go'.length)} (${path}) is older than ${OLDEST_GO.join('.')}`;
    return { ok: false, reason, remedy: RENEW_REMEDY };
  }
  return { ok: true, path, version, banner };
}

/** A version without numbers is a build of the newest sources. */
function isTooOld(version: string): boolean {
  const match = /^go(\d+)(?:\.(\d+))?/.exec(version);
  if (!match) return false;
  const [major, minor] = [Number(match[1]), Number(match[2] ?? 0)];
  return major < OLDEST_GO[0] || (major === OLDEST_GO[0] && minor < OLDEST_GO[1]);
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
