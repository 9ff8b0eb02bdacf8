import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { validateCommand } from '../../src/cli/validate-command.ts';

let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'ssee-validate-'));
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('a scenario with a server outside loopback', () => {
  function remoteScenario(): string {
    const file = join(dir, 'remote.yaml');
    writeFileSync(
      file,
      'name: remote\ntarget: {url: "http://10.1.2.3:80"}\nrequest: {path: /}\nstream: finite\nload: {connections: 1, duration: 1s}\ntools: [wrk]\n',
    );
    return file;
  }

  it('is refused as run refuses it, with the option that permits it', () => {
    expect(() => validateCommand(remoteScenario())).toThrow(
      'host 10.1.2.3 is not loopback; add --allow-remote 10.1.2.3',
    );
  });

  it('is valid where that host is permitted', () => {
    const said = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    expect(validateCommand(remoteScenario(), { allowRemote: ['10.1.2.3'] })).toBe(0);
    expect(said).toHaveBeenCalledWith(expect.stringContaining('valid; 1 arms'));
  });
});

it('a folder in place of a scenario is named as what it is', () => {
  expect(() => validateCommand(dir)).toThrow(
    /^cannot read scenario .*: it is a folder; name a YAML file in it$/,
  );
});
