import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { buildGoTarget } from '../../src/target/build-go-target.ts';
import { findGo } from '../../src/target/find-go.ts';

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'go-target-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(dir, { recursive: true });
});

/** A `go` that comes first on PATH and says what it is told to. */
function fakeGo(banner: string): void {
  const bin = join(dir, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'go'), `#!/bin/sh\necho '${banner}'\n`);
  chmodSync(join(bin, 'go'), 0o755);
  vi.stubEnv('PATH', `${bin}${delimiter}${process.env.PATH}`);
}

describe('the Go compiler', () => {
  it.each(['go1.18.10', 'go1.9', 'go1'])(
    '%s is too old, with a remedy that is not the system package',
    async (version) => {
      fakeGo(`go version ${version} linux/amd64`);
      const refusal = {
        ok: false,
        reason: `Go ${version.slice(2)} (${join(dir, 'bin/go')}) is older than 1.19`,
        remedy: expect.stringMatching(/^install Go 1\.19 or newer from https:\/\/go\.dev\/dl/),
      };
      expect(await findGo()).toEqual(refusal);
      expect(await buildGoTarget()).toEqual(refusal);
    },
  );

  it.each(['go1.19', 'go1.19.8', 'go1.22rc1', 'go2.0', 'devel go1.27-abcdef'])(
    '%s will do',
    async (version) => {
      fakeGo(`go version ${version} linux/amd64`);
      expect(await findGo()).toMatchObject({ ok: true, version: version.replace('devel ', '') });
    },
  );

  it('is not a program that only has its name', async () => {
    fakeGo('place your stone');
    expect(await findGo()).toMatchObject({
      ok: false,
      reason: `${join(dir, 'bin/go')} is not a working Go compiler: place your stone`,
    });
  });
});

describe('building the Go target', () => {
  function writeProgram(): void {
    writeFileSync(join(dir, 'go.mod'), 'module tiny\n\ngo 1.19\n');
    // The name of the folder makes the sources, and with them the cached binary, this test's own.
    writeFileSync(join(dir, 'main.go'), `package main\n\nfunc main() { print("${dir}") }\n`);
  }

  async function buildAndRun(): Promise<string> {
    const built = await buildGoTarget(dir);
    if (!built.ok) throw new Error(built.reason);
    try {
      return spawnSync(built.binary, { encoding: 'utf8' }).stderr;
    } finally {
      rmSync(built.binary);
    }
  }

  it('does not ask git, which refuses to describe a checkout of another user', async () => {
    writeProgram();
    spawnSync('git', ['init', '--quiet', dir]);
    vi.stubEnv('GIT_TEST_ASSUME_DIFFERENT_OWNER', '1');
    // The settings of whoever runs the test may turn the question off.
    vi.stubEnv('GOENV', 'off');
    vi.stubEnv('GOFLAGS', '');
    expect(await buildAndRun()).toBe(dir);
  }, 120_000);

  it('gives a program for this machine whatever the settings of the user', async () => {
    writeProgram();
    const settings = join(dir, 'goenv');
    writeFileSync(settings, 'GOARCH=s390x\nGOFLAGS=-mod=vendor\n');
    vi.stubEnv('GOENV', settings);
    vi.stubEnv('GOOS', 'plan9');
    vi.stubEnv('GOFLAGS', '-mod=vendor');
    expect(await buildAndRun()).toBe(dir);
  }, 120_000);
});
