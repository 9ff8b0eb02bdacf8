import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { FaultRecord, TimedFaultKind } from '../../src/model/fault.ts';
import { listProcStats, readProcStat } from '../../src/process/proc-stat.ts';
import { MARK_VARIABLE, type MarkedProcess, markedProcesses } from '../helpers/marked-processes.ts';
import { ROOT, startCli, waitFor } from '../helpers/run-cli.ts';
import { requireRoot } from '../helpers/unprivileged.ts';

// On the disk of the checkout: a temporary folder may lie in memory, whose writes cannot be held back.
mkdirSync(join(ROOT, '.cache'), { recursive: true });
const root = mkdtempSync(join(ROOT, '.cache/killed-faults-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** How each fault is written, and what proves that it is there. */
const FAULTS: Record<TimedFaultKind, { written: string; isThere: (case_: KilledCase) => boolean }> = {
  pause: {
    written: 'pause: true',
    isThere: ({ target }) => target.some((pid) => readProcStat(pid)?.state === 'T'),
  },
  cpu: { written: 'cpuLimit: {target: 20%}', isThere: ({ groups }) => groups.some(hasQuota) },
  disk: { written: 'disk: {writeRate: 512}', isThere: ({ groups }) => groups.some(holdsWrites) },
  loss: { written: 'loss: 30%', isThere: ({ rules }) => rules.includes('numgen') },
  dns: { written: 'dns: true', isThere: ({ rules }) => rules.includes('dport 53 drop') },
  reset: { written: 'reset: true', isThere: ({ rules }) => rules.includes('reject with tcp reset') },
  // There and back; whatever else takes its time, nothing makes it shorter.
  delay: { written: 'delay: 500ms', isThere: ({ answerMs }) => answerMs !== undefined && answerMs >= 990 },
  restart: { written: 'restart: kill', isThere: ({ target }) => target.length === 0 },
};

interface KilledCase {
  target: number[];
  /** Of the readiness path through the proxy of a delay; undefined where there is none. */
  answerMs: number | undefined;
  groups: string[];
  rules: string;
}

interface Registry {
  harness: { pid: number };
  traces: { kind: string; folder?: string }[];
}

function hasQuota(folder: string): boolean {
  const [v1, v2] = [join(folder, 'cpu.cfs_quota_us'), join(folder, 'cpu.max')];
  if (existsSync(v1)) return Number(readFileSync(v1, 'utf8')) > 0;
  return existsSync(v2) && !readFileSync(v2, 'utf8').startsWith('max');
}

function holdsWrites(folder: string): boolean {
  return [join(folder, 'blkio.throttle.write_bps_device'), join(folder, 'io.max')].some(
    (file) => existsSync(file) && readFileSync(file, 'utf8').includes('512'),
  );
}

function scenario(kind: TimedFaultKind, options: { pin?: number } = {}): string {
  return `
name: killed-${kind}
target: {use: node-http, ready: {path: /healthz, within: 10s}${options.pin === undefined ? '' : `, pin: [${options.pin}]`}}
request: {path: "/events?count=5&interval=20ms", headers: {Accept: text/event-stream}}
stream: finite
load: {connections: 2, duration: 40s, timeout: 2s}
tools: [ssee-tester]
capture: off
faults: [{at: 1s, for: 30s, ${FAULTS[kind].written}}]
`;
}

/** Run one fault, kill the harness in it, start another, and look for anything that is left. */
async function killIn(kind: TimedFaultKind): Promise<void> {
  const dir = join(root, kind);
  const temp = join(dir, 'tmp');
  mkdirSync(temp, { recursive: true });
  const mark = `${process.pid}-killed-${kind}`;
  const env = { [MARK_VARIABLE]: mark, TMPDIR: temp, XDG_RUNTIME_DIR: '' };
  const file = join(dir, 'scenario.yaml');
  writeFileSync(file, scenario(kind));
  const cli = startCli(['run', file, '--out', join(dir, 'runs'), '--quiet'], { env });
  const entry = () => readFaults(dir)?.injected[0];
  await waitFor(
    `${kind} is there`,
    () => entry()?.activeMs !== undefined || ['skipped', 'failed'].includes(entry()?.state ?? ''),
  );
  const { state, reason = '' } = entry()!;
  if (state !== 'active') {
    process.kill(readRegistry(join(temp, `ssee-bench-${process.getuid!()}`)).harness.pid, 'SIGTERM');
    await cli.done;
    throw new Error(`${kind} was ${state} here, so that nothing can be tested: ${reason}`);
  }
  const registryDir = join(temp, `ssee-bench-${process.getuid!()}`);
  const registry = readRegistry(registryDir);
  const inside = describeInside(mark, registry);
  expect(FAULTS[kind].isThere(inside), `${kind} is really injected: ${JSON.stringify(inside)}`).toBe(true);

  const namespaces = namespacesOf(mark);
  process.kill(registry.harness.pid, 'SIGKILL');
  await cli.done;

  // It ends before it measures anything, and after it has cleaned up.
  writeFileSync(file, scenario(kind, { pin: 4095 }));
  const nextCli = startCli(['run', file, '--out', join(dir, 'next')], { env });
  const nextStartTicks = readProcStat(nextCli.child.pid!)!.startTimeTicks;
  const next = await nextCli.done;
  expect(next.stderr).toContain('target.pin names CPU 4095');
  await waitFor(`nothing of ${kind} runs`, () => markedProcesses(mark).length === 0);
  for (const group of inside.groups) expect(existsSync(group), group).toBe(false);
  expect(inhabitants(namespaces, nextStartTicks)).toEqual([]);
  expect(readdirSync(registryDir)).toEqual([]);
  if (inside.rules !== '') expect(next.stderr).toMatch(/undid .* nft table ssee_1_\w+ is gone/);
  if (inside.groups.length > 0) expect(next.stderr).toMatch(/undid .* cgroup .* was removed/);
}

function readFaults(dir: string): FaultRecord | undefined {
  const runs = join(dir, 'runs');
  if (!existsSync(runs)) return undefined;
  const [run] = readdirSync(runs);
  const file = join(runs, run ?? '', 'trials/r1-ssee-tester/faults.json');
  if (!existsSync(file)) return undefined;
  const text = readFileSync(file, 'utf8');
  // It may just be written.
  return text.endsWith('\n') ? (JSON.parse(text) as FaultRecord) : undefined;
}

function readRegistry(dir: string): Registry {
  const [name] = readdirSync(dir).filter((each) => each.endsWith('.json'));
  return JSON.parse(readFileSync(join(dir, name!), 'utf8')) as Registry;
}

function describeInside(mark: string, registry: Registry): KilledCase {
  const marked = markedProcesses(mark);
  const holder = marked.find(({ command }) => /^\S+ \S+space-holder\.js/.test(command));
  const hasRules = registry.traces.some(({ kind }) => kind === 'rules');
  return {
    target: marked
      .filter(({ command }) => /targets\/node-http\/server\.js/.test(command))
      .map(({ pid }) => pid),
    answerMs: measureAnswer(marked, holder?.pid),
    groups: registry.traces.flatMap(({ folder }) => folder ?? []),
    rules: hasRules
      ? execFileSync('nsenter', [`--net=/proc/${holder!.pid}/ns/net`, '--', 'nft', 'list', 'ruleset'], {
          encoding: 'utf8',
        })
      : '',
  };
}

function measureAnswer(marked: readonly MarkedProcess[], holder: number | undefined): number | undefined {
  const port = marked
    .map(({ command }) => /targets\/delay-proxy\/server\.js --port (\d+)/.exec(command)?.[1])
    .find((found) => found !== undefined);
  if (port === undefined || holder === undefined) return undefined;
  const curl = ['curl', '-s', '-o', '/dev/null', '-w', '%{time_total}', `http://127.0.0.1:${port}/healthz`];
  const seconds = execFileSync('nsenter', [`--net=/proc/${holder}/ns/net`, '--', ...curl], {
    encoding: 'utf8',
  });
  return Number(seconds) * 1000;
}

/** Of the trial, without the one that everybody is in. */
function namespacesOf(mark: string): string[] {
  const own = readlinkSync('/proc/self/ns/net');
  const names = markedProcesses(mark).flatMap(({ pid }) => readNamespace(String(pid)) ?? []);
  return [...new Set(names)].filter((name) => name !== own);
}

/** Only those that are older than that: the kernel soon gives the number of a namespace that has gone to a new one. */
function inhabitants(namespaces: readonly string[], beforeTicks: number): number[] {
  return listProcStats()
    .filter(({ startTimeTicks }) => startTimeTicks < beforeTicks)
    .map(({ pid }) => pid)
    .filter((pid) => namespaces.includes(readNamespace(String(pid)) ?? ''));
}

function readNamespace(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return undefined; // it has just ended
  }
}

describe('a harness that is killed in the middle of a fault', () => {
  // Two at a time: more would only wait for each other's CPU.
  it.each([[['pause', 'cpu']], [['loss', 'delay']], [['disk', 'dns']], [['reset', 'restart']]] as [
    TimedFaultKind[],
  ][])(
    'leaves nothing that the next start does not undo: %s',
    async (kinds) => {
      requireRoot();
      await Promise.all(kinds.map(killIn));
    },
    60_000,
  );
});
