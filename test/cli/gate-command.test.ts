import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, test, vi } from 'vitest';
import { gateCommand } from '../../src/cli/gate-command.ts';
import { main } from '../../src/cli/ssee-bench.ts';
import { UserError } from '../../src/model/errors.ts';
import type { GateResult, GateSpec, RunComparison } from '../../src/model/gate.ts';
import { gateSchema, runComparisonSchema } from '../../src/report/gate-schema.ts';
import { DEFAULT_GATE } from '../../src/scenario/gate-defaults.ts';
import { makeRunsDir, type StoredRunParts, writeStoredRun } from '../helpers/stored-run.ts';

const runs = makeRunsDir();
afterAll(() => rmSync(runs, { recursive: true, force: true }));

let stdout = '';
let stderr = '';
beforeEach(() => {
  stdout = '';
  stderr = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    stdout += text;
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += text;
    return true;
  });
  return () => vi.restoreAllMocks();
});

let count = 0;
function store(parts: StoredRunParts): string {
  count++;
  return writeStoredRun(runs, `run-${count}`, { seed: count, ...parts });
}

function readGate(dir: string): GateResult {
  return gateSchema.parse(JSON.parse(readFileSync(join(dir, 'gate.json'), 'utf8')));
}

const SPEC: GateSpec = { ...DEFAULT_GATE, base: 'main', head: 'next', control: 'again' };

/** Base, its A/A control and head, measured in turn. */
function storeNight(head: Partial<StoredRunParts['arms'][number]> = {}, spec: GateSpec = SPEC): string {
  return store({
    arms: [{ variant: 'main' }, { variant: 'again' }, { variant: 'next', ...head }],
    plan: { gate: spec },
  });
}

describe('gate of two variants of one run', () => {
  it('exits 0 when nothing got worse, and stores why', async () => {
    const night = storeNight();
    expect(await main(['gate', night])).toBe(0);
    expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(
      /^Passed: none of 7 figures of \S+@next got worse than \S+@main\. /,
    );
    const gate = readGate(night);
    expect(gate.verdict).toBe('passed');
    expect(gate.cells.map(({ metric, verdict }) => [metric, verdict])).toEqual(
      expect.arrayContaining([
        ['requests_per_sec', 'same'],
        ['stream_us_p50', 'same'],
        ['failure_rate', 'same'],
      ]),
    );
    expect(gate.cells.every(({ floor }) => floor.from === 'control')).toBe(true);
    expect(readFileSync(join(night, 'gate.md'), 'utf8')).toContain('# Gate of sse-100c');
  });

  it('exits 3 when head is a fifth slower, naming metric and size', async () => {
    const night = storeNight({ slowdown: 1.2 });
    expect(await main(['gate', night])).toBe(3);
    expect(stdout).toMatch(/^Regression: ssee-tester requests_per_sec is worse by 1[67](\.\d)? % \(/);
    expect(readGate(night).cells.filter(({ verdict }) => verdict === 'worse').length).toBeGreaterThan(2);
  });

  it('exits 0 and says better when head is faster', async () => {
    const night = storeNight({ slowdown: 0.75 });
    expect(await main(['gate', night])).toBe(0);
    expect(stdout).toMatch(/, 5 got better/);
  });

  it.each([
    ['one event in a thousand is lost', { gaps: 60 }, /^Regression: ssee-tester has 600 lost-events/],
    ['one stream of a night is reset', { resets: 1 }, /^Regression: ssee-tester has 10 server-resets/],
  ])('exits 3 when %s, however small', async (_, head, sentence) => {
    expect(await main(['gate', storeNight(head)])).toBe(3);
    expect(stdout).toMatch(sentence);
  });

  it('does not excuse a lost event by a disturbed machine', async () => {
    expect(await main(['gate', storeNight({ gaps: 1, process: { steal: 0.3 } })])).toBe(3);
  });

  it('exits 4 when the noise floor is above the threshold', async () => {
    const night = store({
      arms: ['main', 'again', 'next'].map((variant) => ({ variant, noise: 0.5 })),
      plan: { gate: SPEC },
    });
    expect(await main(['gate', night])).toBe(4);
    expect(stdout).toMatch(/noise floor is \d+(\.\d)? %, above the threshold of 10 %/);
  });

  it.each([
    ['the hypervisor took time', { steal: 0.2 }, /the hypervisor took 20 % of the CPU time/],
    ['others used the machine', { unaccounted: 0.5 }, /other programs used 50 % of the machine/],
    ['the generator had no CPU left', { toolCpuShare: 0.97 }, /the load generator had no CPU left/],
  ])('exits 4 when %s, although the figures are worse', async (_, process, reason) => {
    expect(await main(['gate', storeNight({ slowdown: 1.3, process })])).toBe(4);
    expect(stdout).toMatch(reason);
  });

  it('exits 4 when the rounds are too few to tell anything', async () => {
    const night = store({
      rounds: 3,
      arms: [{ variant: 'main' }, { variant: 'next', slowdown: 2 }],
      plan: { gate: { ...DEFAULT_GATE, base: 'main', head: 'next' } },
    });
    expect(await main(['gate', night])).toBe(4);
    expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(
      /3 against 3 rounds cannot tell any change among \d cells; measure \d rounds/,
    );
  });

  it('exits 1 when a trial failed', async () => {
    expect(await main(['gate', storeNight({ lastState: 'failed' })])).toBe(1);
    expect(stdout).toMatch(/^Failed: .*r10-ssee-tester@next: the target died/);
  });

  it('exits 2 when the variants are not named or not there', async () => {
    const night = store({ arms: [{ variant: 'main' }, { variant: 'next' }] });
    expect(await main(['gate', night])).toBe(2);
    expect(stderr).toMatch(/give a second run, or two variants of it with --base-variant/);
    stderr = '';
    expect(await main(['gate', night, '--base-variant', 'main', '--head-variant', 'nxt'])).toBe(2);
    expect(stderr).toMatch(/has no variant "nxt"; did you mean "next"\?/);
    expect(await main(['gate', night, '--base-variant', 'main', '--head-variant', 'next'])).toBe(0);
    expect(await main(['gate', `${night}@main`, `${night}@next`])).toBe(0);
  });

  it('exits 2 for what is no run', async () => {
    expect(await main(['gate', runs, runs])).toBe(2);
    expect(stderr).toMatch(/is not a run folder/);
    expect(await main(['gate'])).toBe(2);
  });
});

describe('what gate and compare print and write', () => {
  it.each(['gate', 'compare'])('%s --quiet prints no control characters', async (command) => {
    const base = store({ arms: [{}] });
    const head = writeStoredRun(runs, `\u001b[31mevil-${command}`, { seed: ++count, arms: [{}] });
    const file = join(head, 'run.json');
    const run = JSON.parse(readFileSync(file, 'utf8'));
    run.environment.cpuModel = '\u001b]0;owned\u0007evil';
    writeFileSync(file, JSON.stringify(run));
    await main([command, base, head, '--quiet']);
    expect(stdout).toContain('evil');
    expect(stdout).toMatch(/^[^\p{Cc}]+\n$/u);
  });

  it('keep the verdict and its exit code where the folder of --out has to be made', async () => {
    const out = join(runs, 'new', 'folder');
    expect(await main(['gate', storeNight({ slowdown: 1.2 }), '--out', out])).toBe(3);
    expect(readGate(out).verdict).toBe('regression');
    expect(await main(['compare', storeNight(), '--out', join(runs, 'other', 'one')])).toBe(0);
  });
});

describe('gate of two runs', () => {
  const arms = [{}, { name: 'second' }];

  it('exits 0 for two nights of the same thing and 3 when the later one is slower', async () => {
    const base = store({ arms });
    expect(await main(['gate', base, store({ arms })])).toBe(0);
    expect(stdout).toContain(
      "no A/A control: the noise floor is estimated from the scatter of base's own rounds",
    );
    expect(await main(['gate', base, store({ arms: [{}, { name: 'second', slowdown: 1.25 }] })])).toBe(3);
    expect(stdout).toMatch(/Regression: second requests_per_sec is worse/);
  });

  it.each([
    [
      'another CPU',
      { environment: { cpuModel: 'Intel Xeon' } },
      /the CPU model is Intel Xeon, AMD EPYC in base/,
    ],
    ['another kernel', { environment: { kernel: '5.15.0' } }, /kernel's major version is 5, 6 in base/],
    ['another Node', { environment: { node: '24.1.0' } }, /Node's major version is 24, 20 in base/],
    ['more cores', { environment: { cpus: 8 } }, /the number of CPUs is 8, 2 in base/],
    [
      'another scenario',
      { overrides: { scenario: { name: 'sse-100c', path: 'x.yaml', sha256: 'cd'.repeat(32) } } },
      /the text of scenario sse-100c is another one in base/,
    ],
    [
      'another scenario by name',
      { overrides: { scenario: { name: 'sse-endless', path: 'y.yaml', sha256: 'ef'.repeat(32) } } },
      /the scenario is sse-endless, sse-100c in base/,
    ],
    ['another load', { arm: { connections: 50 } }, /connections is 50, 100 in base/],
    ['another duration', { arm: { durationMs: 7000 } }, /the duration is 7s, \S+ in base/],
    [
      'no network namespaces',
      { environment: { namespaces: false } },
      /a network namespace per trial is false, true in base/,
    ],
    [
      'another version of a tool',
      { overrides: { tools: { 'ssee-tester': { available: true as const, path: '/x', version: '9.9.9' } } } },
      /the version of ssee-tester is 9\.9\.9, 4\.1\.0 in base/,
    ],
  ])('exits 4 for %s and says so', async (_, parts, reason) => {
    const base = store({ arms: [{}] });
    const head = store({ arms: [{ slowdown: 3 }], ...parts });
    expect(await main(['gate', base, head])).toBe(4);
    expect(stdout).toMatch(/^Inconclusive: no baseline, /);
    expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(reason);
    expect(readGate(head).cells).toEqual([]);
  });

  it('exits 4 when a row was not measured any more', async () => {
    const base = store({ arms });
    expect(await main(['gate', base, store({ arms: [{}] })])).toBe(4);
    expect(stdout).toMatch(/the row second is in base alone/);
  });
});

describe('gate against a baseline file', () => {
  const file = (name: string): string => join(runs, 'baselines', `${name}.json`);

  const storeNights = async (path: string, nights: number): Promise<void> => {
    for (let night = 0; night < nights; night++) {
      await main(['gate', store({ arms: [{}] }), '--baseline', path, '--update-baseline']);
    }
  };

  it('leaves the beginning behind with nights of three rounds', async () => {
    const path = file('short');
    const codes: number[] = [];
    for (let night = 0; night < 6; night++) {
      const short = store({ arms: [{}], rounds: 3 });
      codes.push(await main(['gate', short, '--baseline', path, '--update-baseline']));
    }
    expect(codes[0]).toBe(4);
    expect(codes.at(-1)).toBe(0);
  });

  it('says no baseline on the first night and begins one, then passes', async () => {
    const path = file('first');
    const night = ['gate', store({ arms: [{}] }), '--baseline', path, '--update-baseline'];
    expect(await main(night)).toBe(4);
    expect(stdout).toMatch(/^Inconclusive: no baseline, the baseline is empty/);
    expect(stderr).toMatch(/was added/);
    expect(await main(['gate', store({ arms: [{}] }), '--baseline', path, '--update-baseline'])).toBe(0);
    const slow = store({ arms: [{ slowdown: 1.3 }] });
    expect(await main(['gate', slow, '--baseline', path])).toBe(4);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('2 of 4 nights stored');
    await storeNights(path, 2);
    expect(await main(['gate', slow, '--baseline', path])).toBe(3);
    expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(/Regression: .* outside 4 stored nights/);
  });

  it('does not begin with a night that is twice as slow as the first', async () => {
    const path = file('slow-start');
    await storeNights(path, 1);
    const stored = readFileSync(path, 'utf8');
    const slow = store({ arms: [{ slowdown: 2 }] });
    expect(await main(['gate', slow, '--baseline', path, '--update-baseline'])).toBe(4);
    expect(stderr).toMatch(
      /left as it is: ssee-tester \S+ is worse by .*1 of 4 nights stored; so large a change/,
    );
    expect(readFileSync(path, 'utf8')).toBe(stored);
  });

  it('does not take a regression into the baseline unless it is accepted', async () => {
    const path = file('accepted');
    const slow = (): string => store({ arms: [{ slowdown: 1.3 }] });
    await storeNights(path, 4);
    expect(await main(['gate', slow(), '--baseline', path, '--update-baseline'])).toBe(3);
    expect(stderr).toMatch(/left as it is: the run did not pass/);
    expect(await main(['gate', slow(), '--baseline', path])).toBe(3);
    expect(await main(['gate', slow(), '--baseline', path, '--accept'])).toBe(3);
    expect(await main(['gate', slow(), '--baseline', path])).toBe(0);
  });

  it('never stores an invalid measurement', async () => {
    const path = file('invalid');
    const night = store({ arms: [{ process: { steal: 0.5 } }] });
    expect(await main(['gate', night, '--baseline', path, '--update-baseline'])).toBe(4);
    expect(stderr).toMatch(/left as it is: the run is no valid measurement/);
    expect(() => readFileSync(path)).toThrow();
  });

  it('is no silent pass on another machine class', async () => {
    const path = file('machine');
    await main(['gate', store({ arms: [{}] }), '--baseline', path, '--update-baseline']);
    const night = store({ arms: [{}], environment: { cpuModel: 'Apple M4' } });
    expect(await main(['gate', night, '--baseline', path])).toBe(4);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('the CPU model is Apple M4, AMD EPYC in the baseline');
  });

  it('is no silent pass for another scenario or another text of the same', async () => {
    const path = file('scenario');
    await main(['gate', store({ arms: [{}] }), '--baseline', path, '--update-baseline']);
    const nightOf = (name: string): string =>
      store({ arms: [{}], overrides: { scenario: { name, path: 'x.yaml', sha256: 'cd'.repeat(32) } } });
    expect(await main(['gate', nightOf('sse-100c'), '--baseline', path])).toBe(4);
    expect(stdout).toContain('the text of scenario sse-100c is another one in the baseline');
    expect(await main(['gate', nightOf('other'), '--baseline', path])).toBe(4);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('the scenario is other, sse-100c in the baseline');
  });

  it('exits 2 for a file that is no baseline and for an update without a file', async () => {
    const night = store({ arms: [{}] });
    expect(await main(['gate', night, '--baseline', join(night, 'run.json')])).toBe(2);
    expect(stderr).toMatch(/is no baseline: its schema is "ssee-bench\/run\/1"/);
    expect(await main(['gate', night, night, '--update-baseline'])).toBe(2);
    expect(stderr).toMatch(/--update-baseline: name the file with --baseline FILE/);
  });
});

describe('report after a gate', () => {
  const reportOf = (dir: string): { gate: GateResult } =>
    JSON.parse(readFileSync(join(dir, 'comparison.json'), 'utf8')) as { gate: GateResult };

  it('shows the verdict against another run, which the run alone does not know', async () => {
    const base = store({ arms: [{}] });
    const head = store({ arms: [{ slowdown: 1.25 }] });
    await main(['report', head, '--format', 'json,md']);
    expect(reportOf(head).gate).toEqual({});
    await main(['gate', base, head]);
    await main(['report', head, '--format', 'json,md']);
    expect(reportOf(head).gate).toEqual(readGate(head));
    const text = readFileSync(join(head, 'report.md'), 'utf8');
    expect(text).toMatch(/^## Gate$/m);
    expect(text).toMatch(/\| requests_per_sec \|.*\| \\-[\d.]+ % \(-.*\|\s+\d+(\.\d+)? % \|.*\| worse/);
  });

  it('of two variants of the run keeps a second measurement, and nothing else', async () => {
    const night = storeNight({ slowdown: 1.2 });
    await gateCommand(night, undefined, { confirm: true }, () => Promise.resolve(storeNight()));
    await main(['report', night, '--format', 'json']);
    expect(reportOf(night).gate).toMatchObject({ exitCode: 4 });
    writeFileSync(join(night, 'gate.json'), '{"schema": "ssee-bench/gate/0"}');
    await main(['report', night, '--format', 'json']);
    expect(reportOf(night).gate).toMatchObject({ exitCode: 3 });
  });
});

describe('gate of two runs of which one could be looked into while it ran', () => {
  it('exits 4 and says so, although head is a fifth slower', async () => {
    const base = store({ arms: [{}] });
    const head = store({ arms: [{ slowdown: 1.2 }], overrides: { live: 'during-trials' } });
    expect(await main(['gate', base, head])).toBe(4);
    expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(
      /^Inconclusive: no baseline, the trials could be looked into while they ran \(--live-during-trials\), those in base could not\. /,
    );
  });
});

describe('confirming an alarm by a second run', () => {
  it('measures the alarmed rows of all three variants again and fails when the alarm comes again', async () => {
    const night = storeNight({ slowdown: 1.2 });
    const asked: string[][] = [];
    const code = await gateCommand(night, undefined, { confirm: true }, (_, armIds) => {
      asked.push([...armIds]);
      return Promise.resolve(storeNight({ slowdown: 1.2 }));
    });
    expect(code).toBe(3);
    expect(asked).toEqual([['ssee-tester@next', 'ssee-tester@main', 'ssee-tester@again']]);
    expect(stdout).toMatch(/confirmed by a second\s+run/);
    expect(readGate(night).cells.some(({ confirmed }) => confirmed === true)).toBe(true);
  });

  it('is inconclusive when the alarm does not come again', async () => {
    const code = await gateCommand(storeNight({ slowdown: 1.2 }), undefined, { confirm: true }, () =>
      Promise.resolve(storeNight()),
    );
    expect(code).toBe(4);
    expect(stdout).toMatch(/a second run did not show it/);
  });

  it('is inconclusive when the second run is invalid; the night, which is not, may be accepted', async () => {
    const path = join(runs, 'baselines', 'confirmed.json');
    for (let night = 0; night < 4; night++) {
      await main(['gate', store({ arms: [{}] }), '--baseline', path, '--update-baseline']);
    }
    const stored = readFileSync(path, 'utf8');
    const slow = store({ arms: [{ slowdown: 1.3 }] });
    const gate = (options: Parameters<typeof gateCommand>[2]): Promise<number> =>
      gateCommand(slow, undefined, { baseline: path, confirm: true, ...options }, () =>
        Promise.resolve(store({ arms: [{ slowdown: 1.3, process: { steal: 0.2 } }] })),
      );
    stdout = '';
    expect(await gate({ updateBaseline: true })).toBe(4);
    expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(
      /^Inconclusive: ssee-tester \S+: worse by .* not confirmed, because .* the hypervisor took 20 %/,
    );
    expect(stderr).toMatch(/left as it is: the run did not pass/);
    expect(readFileSync(path, 'utf8')).toBe(stored);
    expect(await gate({ accept: true })).toBe(4);
    expect(readFileSync(path, 'utf8')).not.toBe(stored);
  });

  it('measures the later one of two runs alone, against the same base', async () => {
    const base = store({ arms: [{}] });
    const head = store({ arms: [{ slowdown: 1.2 }] });
    const asked: string[][] = [];
    const code = await gateCommand(base, head, { confirm: true }, (_, armIds) => {
      asked.push([...armIds]);
      return Promise.resolve(store({ arms: [{ slowdown: 1.2 }] }));
    });
    expect([code, asked]).toEqual([3, [['ssee-tester']]]);
  });

  it('lets the alarm stand when nothing can be measured again', async () => {
    const night = storeNight({ slowdown: 1.2 });
    const code = await gateCommand(night, undefined, { confirm: true }, () =>
      Promise.reject(new UserError('the scenario has changed')),
    );
    expect(code).toBe(3);
    expect(stderr).toMatch(/not confirmed, so the alarm stands: the scenario has changed/);
    // The scenario of this stored run is not the one under that path, which the real way to measure finds out.
    expect(await gateCommand(night, undefined, { confirm: true })).toBe(3);
    expect(stderr).toMatch(/--confirm: scenarios\/sse-100c\.yaml has changed since/);
  });

  it('does not hold a second run against runs that could be looked into while they ran', async () => {
    const watched = { overrides: { live: 'during-trials' as const } };
    const base = store({ arms: [{}], ...watched });
    const head = store({ arms: [{ slowdown: 1.2 }], ...watched });
    const code = await gateCommand(base, head, { confirm: true }, () => Promise.resolve(undefined));
    expect(code).toBe(3);
    expect(stderr).toMatch(/alarm stands: the trials could be looked into while they ran/);
  });

  it('exits 130 when it is interrupted, and stores the unconfirmed verdict', async () => {
    const night = storeNight({ slowdown: 1.2 });
    const code = await gateCommand(night, undefined, { confirm: true }, () => Promise.resolve(undefined));
    expect(code).toBe(130);
    expect(readGate(night)).toMatchObject({ verdict: 'regression', exitCode: 3 });
  });

  it('measures nothing again for a lost event', async () => {
    const code = await gateCommand(storeNight({ gaps: 1 }), undefined, { confirm: true }, () => {
      throw new Error('measured again');
    });
    expect(code).toBe(3);
  });
});

describe('promises of the scenario', () => {
  const slo = (max: number): StoredRunParts['plan'] => ({
    gate: SPEC,
    slo: [{ metric: 'stream_us_p50', max, line: 31, column: 5 }],
  });
  const arms = [
    { variant: 'main', slowdown: 1.05 },
    { variant: 'again', slowdown: 1.05 },
    { variant: 'next' },
  ];

  it('exit 3 when head breaks one, 0 when base alone does', async () => {
    expect(await main(['gate', store({ arms, plan: slo(40_000)! })])).toBe(3);
    expect(stdout).toMatch(/^Regression: ssee-tester@next stream_us_p50 is 4\d(\.\d)? ms, more than 40 ms/);
    expect(await main(['gate', store({ arms, plan: slo(47_000)! })])).toBe(0);
  });

  it('exit 4 when one could not be judged', async () => {
    const plan = { gate: SPEC, slo: [{ metric: 'gap_us_p99' as const, max: 1, line: 31, column: 5 }] };
    expect(await main(['gate', store({ arms, plan })])).toBe(4);
    expect(stdout).toMatch(/SLO not judged: ssee-tester@next gap_us_p99 has no value/);
  });
});

describe('compare', () => {
  const read = (dir: string): RunComparison =>
    runComparisonSchema.parse(JSON.parse(readFileSync(join(dir, 'compare.json'), 'utf8')));

  it('exits 0 whatever the verdicts, and stores them', async () => {
    const base = store({ arms: [{}] });
    const head = store({ arms: [{ slowdown: 1.2 }] });
    expect(await main(['compare', base, head])).toBe(0);
    const comparison = read(head);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(comparison.verdict.replaceAll(/\s+/g, ' '));
    const cell = comparison.cells.find(({ metric }) => metric === 'stream_us_p50')!;
    expect(cell.verdict).toBe('worse');
    expect(cell.ratio!.value).toBeCloseTo(1.2, 1);
    expect(cell.ratio!.interval![0]).toBeGreaterThan(1.15);
    expect(readFileSync(join(head, 'compare.md'), 'utf8')).toContain('| stream_us_p50    |');
  });

  it('compares two variants of one run, chosen metrics alone', async () => {
    const night = storeNight({ slowdown: 1.2 });
    expect(await main(['compare', `${night}@main`, `${night}@next`, '--metrics', 'requests_per_sec'])).toBe(
      0,
    );
    expect(read(night).cells.map(({ arm, metric, verdict }) => [arm, metric, verdict])).toEqual([
      ['ssee-tester', 'requests_per_sec', 'worse'],
    ]);
    expect(
      await main(['compare', night, '--base-variant', 'again', '--head-variant', 'next', '--quiet']),
    ).toBe(0);
  });

  it('warns of what the two do not have in common, and compares all the same', async () => {
    const base = store({ arms: [{}] });
    const head = store({ arms: [{}], environment: { cpus: 64 } });
    expect(await main(['compare', base, head])).toBe(0);
    expect(read(head).warnings).toEqual(['not alike: the number of CPUs is 64, 2 in base']);
    expect(read(head).cells.length).toBeGreaterThan(5);
  });

  it('exits 1 when its report cannot be written, and 2 for what is no run', async () => {
    const base = store({ arms: [{}] });
    expect(await main(['compare', base, base, '--base-variant', 'main'])).toBe(2);
    expect(await main(['compare', base, runs])).toBe(2);
    const head = store({ arms: [{}] });
    expect(await main(['compare', base, head, '--out', join(head, 'run.json')])).toBe(1);
    expect(stderr).toMatch(/cannot write .*compare\.json/);
  });

  it('exits 2 for a metric that is none', async () => {
    const base = store({ arms: [{}] });
    expect(await main(['compare', base, base, '--metrics', 'ttfe_us_p98'])).toBe(2);
    expect(stderr).toMatch(/no such metric; did you mean "ttfe_us_p\d+"\?/);
    expect(await main(['compare', base, base, '--metrics', 'bytes_received'])).toBe(2);
  });
});

test('reports that cannot be written are one line and exit 1', async () => {
  const night = storeNight();
  expect(await main(['gate', night, '--out', join(night, 'run.json')])).toBe(1);
  expect(stderr).toMatch(
    /cannot write .*gate\.json: E(?:NOTDIR|EXIST); name a folder you may write with --out DIR/,
  );
});
