import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  completePath,
  ensureSystemTools,
  findExecutable,
  toolsInScenario,
  toolsNamedBy,
} from '../../scripts/lib/system-tools.mjs';
import { type FakePrograms, makeFakePrograms } from '../helpers/fake-programs.ts';

const APT_OPTIONS =
  '-o DPkg::Lock::Timeout=120 -o Acquire::Retries=1 -o Acquire::http::Timeout=30 -o Acquire::https::Timeout=30';

function loadTools(text: string, only?: string[]): string[] {
  return toolsInScenario(text, only).filter((name) =>
    ['wrk', 'hey', 'curl', 'ab', 'tcpdump', 'go'].includes(name),
  );
}

describe('toolsInScenario', () => {
  it.each<[string, string, string[]]>([
    ['a list of names', 'tools: [wrk, hey]\ncapture: off\n', ['wrk', 'hey']],
    ['one name per line', 'tools:\n  - wrk\n  - "curl"\ncapture: off\n', ['wrk', 'curl']],
    ['a list that is not indented', 'tools:\n- wrk\n- hey\ncapture: off\n', ['wrk', 'hey']],
    ['settings of a tool', 'tools:\n  - {use: hey, name: hey-q10, rate: 10}\ncapture: off\n', ['hey']],
    ['what npm brings', 'tools: [autocannon, ab]\ncapture: off\n', ['ab']],
    ['the native tester alone', 'tools: [ssee-tester]\ncapture: off\n', []],
    [
      'a name of an arm that contains a tool',
      'tools:\n  - {use: ssee-tester, name: wrk-bytes}\ncapture: off\n',
      [],
    ],
    ['comments', '# wrk\ntools:\n  # - wrk\n  - hey # not curl\ncapture: off\n', ['hey']],
    ['words elsewhere', 'name: wrk\ndescription: hey and curl\ntools: [ssee-tester]\ncapture: off\n', []],
    ['keys after the tools', 'tools:\n  - hey\nvariants:\n  wrk: {}\ncapture: off\n', ['hey']],
    ['capture by default', 'tools: [wrk]\n', ['wrk', 'tcpdump']],
    ['capture of headers', 'tools: [wrk]\ncapture: headers\n', ['wrk', 'tcpdump']],
    ['capture off in a block', 'capture:\n  mode: off\ntools: [wrk]\n', ['wrk']],
    ['capture off in braces', 'capture: {mode: off}\ntools: [wrk]\n', ['wrk']],
    ['a Go target', 'target: {use: go-nethttp}\ntools: [wrk]\ncapture: off\n', ['wrk', 'go']],
    [
      'a Go target in a block',
      'target:\n  use: go-nethttp\n  fallback: node-http\ntools: []\ncapture: off\n',
      ['go'],
    ],
    ['a Node target', 'target:\n  use: node-http\ntools: [wrk]\ncapture: off\n', ['wrk']],
    ['Windows line ends', 'tools:\r\n  - wrk\r\ncapture: off\r\n', ['wrk']],
    ['text that is not a scenario', ': [ {', ['tcpdump']],
  ])('reads %s', (_name, text, expected) => {
    expect(loadTools(text)).toEqual(expected);
  });

  it('leaves out tools that --tools leaves out, and none when it names an arm', () => {
    const text = 'tools: [wrk, hey, {use: curl, name: probe}]\ncapture: off\n';
    expect(loadTools(text, ['wrk', 'ssee-tester'])).toEqual(['wrk']);
    expect(loadTools(text, ['wrk', 'probe'])).toEqual(['wrk', 'hey', 'curl']);
  });

  it.runIf(process.platform === 'linux')('wants what network namespaces need', () => {
    expect(toolsInScenario('tools: []\n')).toEqual(expect.arrayContaining(['ip', 'unshare', 'nsenter']));
  });
});

describe('ensureSystemTools', () => {
  let parent: string;
  let programs: FakePrograms;
  let lines: string[];

  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'system-tools-'));
    programs = makeFakePrograms(parent);
    lines = [];
  });
  afterEach(() => rmSync(parent, { recursive: true, force: true }));

  function ensure(
    names: string[],
    options: { isRoot?: boolean; mayInstall?: boolean } = {},
  ): Promise<string[]> {
    return ensureSystemTools({
      names,
      root: parent,
      mayInstall: options.mayInstall ?? true,
      isRoot: options.isRoot ?? true,
      path: programs.folder,
      say: (line: string) => void lines.push(line),
    });
  }

  /** A package manager whose install makes the given programs appear. */
  function addManager(name: string, ...brings: string[]): void {
    const make = brings.map(
      (program) =>
        `printf '#!/bin/sh' > '${programs.folder}/${program}'; /bin/chmod +x '${programs.folder}/${program}'`,
    );
    programs.add(name, `case "$*" in *install*|*add*|*-S*) ${make.join('; ') || ':'};; esac`);
    // Our own commands start with env(1), which sets a variable and goes on with the rest.
    programs.link('env', '/usr/bin/env');
  }

  it('looks into PATH and runs nothing when everything is there', async () => {
    for (const name of ['wrk', 'hey', 'apt-get', 'sudo']) programs.add(name);
    expect(await ensure(['wrk', 'hey'])).toEqual([]);
    expect(programs.takeCalls()).toEqual([]);
    expect(lines).toEqual([]);
  });

  it('as root updates once, installs what is missing in one go and says so', async () => {
    addManager('apt-get', 'wrk', 'tcpdump', 'ip', 'go');
    programs.add('hey');
    expect(await ensure(['wrk', 'hey', 'tcpdump', 'go', 'ip'])).toEqual([]);
    expect(programs.takeCalls()).toEqual([
      `apt-get ${APT_OPTIONS} update`,
      `apt-get ${APT_OPTIONS} install -y --no-install-recommends wrk tcpdump golang-go iproute2`,
    ]);
    expect(lines).toEqual([
      'installing wrk, tcpdump, golang-go, iproute2 with apt-get (missing: wrk, tcpdump, go, ip)',
    ]);
  });

  it('asks for a package once that brings several of the missing programs', async () => {
    addManager('apt-get', 'unshare', 'nsenter');
    await ensure(['unshare', 'nsenter']);
    expect(programs.takeCalls().at(-1)).toMatch(/recommends util-linux$/);
  });

  it('as somebody else uses sudo where it asks for no password', async () => {
    addManager('apt-get', 'hey');
    programs.add('sudo', 'shift; exec "$@"');
    programs.link('true', '/bin/true');
    expect(await ensure(['hey'], { isRoot: false })).toEqual([]);
    expect(programs.takeCalls().filter((call) => call.startsWith('sudo'))).toEqual([
      'sudo -n true',
      `sudo -n env DEBIAN_FRONTEND=noninteractive apt-get ${APT_OPTIONS} update`,
      `sudo -n env DEBIAN_FRONTEND=noninteractive apt-get ${APT_OPTIONS} install -y --no-install-recommends hey`,
    ]);
  });

  it('prints the line to type and goes on where sudo asks for a password', async () => {
    addManager('apt-get', 'wrk');
    programs.add('sudo', 'exit 1');
    expect(await ensure(['wrk', 'tcpdump'], { isRoot: false })).toEqual(['wrk', 'tcpdump']);
    expect(programs.takeCalls()).toEqual(['sudo -n true']);
    expect(lines).toEqual([
      'missing: wrk, tcpdump; what needs them is skipped and the report says so',
      'to install them type: sudo apt-get update && sudo apt-get install -y --no-install-recommends wrk tcpdump',
    ]);
  });

  it('says that root has to type it where there is no sudo', async () => {
    addManager('apt-get', 'wrk');
    await ensure(['wrk'], { isRoot: false });
    expect(programs.takeCalls()).toEqual([]);
    expect(lines[1]).toBe(
      'to install them type as root: apt-get update && apt-get install -y --no-install-recommends wrk',
    );
  });

  it('installs nothing when told not to, even as root', async () => {
    addManager('apt-get', 'wrk');
    expect(await ensure(['wrk'], { mayInstall: false })).toEqual(['wrk']);
    expect(programs.takeCalls()).toEqual([]);
    expect(lines[1]).toBe(
      'to install them type: apt-get update && apt-get install -y --no-install-recommends wrk',
    );
  });

  it('goes on with the last thing the package manager said when the machine is offline', async () => {
    programs.link('env', '/usr/bin/env');
    programs.add(
      'apt-get',
      'echo "Reading package lists..."; echo "E: Temporary failure resolving" >&2; exit 100',
    );
    expect(await ensure(['wrk', 'hey'])).toEqual(['wrk', 'hey']);
    // No attempts one by one: each would wait for the same network.
    expect(programs.takeCalls()).toHaveLength(2);
    expect(lines[1]).toBe('apt-get could not install wrk, hey: E: Temporary failure resolving');
    expect(lines.at(-1)).toMatch(/^to install them type: apt-get update/);
  });

  it('goes on with the lists it has when updating them fails', async () => {
    programs.link('env', '/usr/bin/env');
    programs.add(
      'apt-get',
      `case "$*" in *update*) exit 100;; esac; printf '#!/bin/sh' > '${programs.folder}/wrk'; /bin/chmod +x '${programs.folder}/wrk'`,
    );
    expect(await ensure(['wrk'])).toEqual([]);
    expect(lines).toHaveLength(1);
  });

  it('installs the others when one package does not exist here', async () => {
    programs.link('env', '/usr/bin/env');
    programs.add(
      'apt-get',
      `case "$*" in *hey*) echo 'E: Unable to locate package hey' >&2; exit 100;; *install*) printf '#!/bin/sh' > '${programs.folder}/wrk'; /bin/chmod +x '${programs.folder}/wrk';; esac`,
    );
    expect(await ensure(['wrk', 'hey'])).toEqual(['hey']);
    expect(lines).toContain('apt-get could not install wrk, hey: E: Unable to locate package hey');
    expect(lines).toContain('missing: hey; what needs them is skipped and the report says so');
  });

  it('names the way by hand where the distribution has no such package', async () => {
    addManager('dnf', 'tcpdump');
    expect(await ensure(['wrk', 'hey', 'tcpdump'])).toEqual(['wrk', 'hey']);
    expect(programs.takeCalls()).toEqual(['dnf install -y tcpdump']);
    expect(lines).toContain('hey: no package known here; type: go install github.com/rakyll/hey@latest');
    expect(lines.some((line) => line.startsWith('wrk: no package known here'))).toBe(true);
  });

  it.each([
    ['apt-get', ['ab'], `apt-get ${APT_OPTIONS} install -y --no-install-recommends apache2-utils`],
    ['apk', ['wrk', 'go'], 'apk add --no-progress wrk go'],
    ['pacman', ['hey', 'ip'], 'pacman -S --noconfirm --needed hey iproute2'],
    ['dnf', ['go', 'ip'], 'dnf install -y golang iproute'],
  ])('knows the package names of %s', async (manager, names, call) => {
    addManager(manager, ...names);
    expect(await ensure(names)).toEqual([]);
    expect(programs.takeCalls().at(-1)).toBe(call);
  });

  it('runs Homebrew without sudo, and never as root', async () => {
    addManager('brew', 'hey');
    programs.add('sudo');
    expect(await ensure(['hey'])).toEqual(['hey']);
    expect(programs.takeCalls()).toEqual([]);
    expect(await ensure(['hey'], { isRoot: false })).toEqual([]);
    expect(programs.takeCalls()).toEqual(['brew install hey']);
  });

  it('says so where it knows no package manager', async () => {
    expect(await ensure(['wrk'])).toEqual(['wrk']);
    expect(lines[1]).toMatch(/no package manager found/);
  });

  it('reads the tools of the scenario for the run command alone', () => {
    const file = join(parent, 'a.yaml');
    writeFileSync(file, 'tools: [hey]\ncapture: off\n');
    expect(toolsNamedBy(['run', '--out', 'x', file])).toContain('hey');
    expect(toolsNamedBy(['run', file, '--tools', 'wrk'])).not.toContain('hey');
    expect(toolsNamedBy(['run', file, '--tools=wrk'])).not.toContain('hey');
    expect(toolsNamedBy(['validate', file])).toEqual([]);
    expect(toolsNamedBy(['run', join(parent, 'none.yaml')])).toEqual([]);
  });

  it('wants every load tool for a calibration, or those that it is limited to', () => {
    expect(toolsNamedBy(['calibrate'])).toEqual(expect.arrayContaining(['wrk', 'hey', 'curl', 'ab']));
    expect(toolsNamedBy(['calibrate', '--tools', 'ab,autocannon'])).toContain('ab');
    expect(toolsNamedBy(['calibrate', '--tools', 'ab,autocannon'])).not.toContain('hey');
    expect(toolsNamedBy(['calibrate', '--help'])).toEqual([]);
  });

  it('takes a program for found only when it is an executable file', () => {
    mkdirSync(join(programs.folder, 'hey'));
    writeFileSync(join(programs.folder, 'curl'), '');
    programs.add('wrk');
    expect(findExecutable('hey', programs.folder)).toBeUndefined();
    expect(findExecutable('curl', programs.folder)).toBeUndefined();
    expect(findExecutable('wrk', `/nonexistent:${programs.folder}`)).toBe(join(programs.folder, 'wrk'));
  });

  it('adds the usual folders to the end of PATH, each once', () => {
    const path = completePath('/a:/usr/sbin').split(':');
    expect(path.slice(0, 2)).toEqual(['/a', '/usr/sbin']);
    expect(path.filter((folder) => folder === '/usr/sbin')).toHaveLength(1);
    expect(completePath(completePath('/a'))).toBe(completePath('/a'));
  });
});
