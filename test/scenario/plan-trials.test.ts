import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { UserError } from '../../src/model/errors.ts';
import { type PlanOptions, planTrials } from '../../src/scenario/plan-trials.ts';
import { parseValid, readScenarioText, SCENARIO_FILES, scenarioText } from './scenario-texts.ts';

function plan(parts: Parameters<typeof scenarioText>[0], options: Partial<PlanOptions> = {}) {
  return planTrials(parseValid(scenarioText(parts)), { scenarioDir: '/home/user/scenarios', ...options });
}

function errorOf(run: () => unknown): { message: string; exitCode: number } {
  try {
    run();
  } catch (error) {
    if (error instanceof UserError) return { message: error.message, exitCode: error.exitCode };
    throw error;
  }
  throw new Error('nothing was refused');
}

const VARIANTS = '{one: {target: {env: {P: "1"}}}, two: {target: {env: {P: "2"}}}}';

describe('arms', () => {
  it('are the tools, when there are no variants', () => {
    const { arms } = plan({ tools: '[wrk, {use: hey, name: hey-q10, rate: 10}]' });
    expect(arms.map(({ id, tool, ratePerConnection }) => [id, tool, ratePerConnection])).toEqual([
      ['wrk', 'wrk', undefined],
      ['hey-q10', 'hey', 10],
    ]);
    expect(arms[0]).not.toHaveProperty('variant');
  });

  it('are tools times variants', () => {
    const { arms } = plan({ tools: '[wrk, hey]', variants: VARIANTS });
    expect(arms.map(({ id, variant, target }) => [id, variant, target.env.P])).toEqual([
      ['wrk@one', 'one', '1'],
      ['wrk@two', 'two', '2'],
      ['hey@one', 'one', '1'],
      ['hey@two', 'two', '2'],
    ]);
  });

  it('carry everything an adapter and a launcher need', () => {
    const { arms } = plan({
      target: '{command: [./srv], cwd: ../srv, ready: {path: /r, within: 3s}, metrics: /m, pin: [0]}',
      load: '{connections: 7, duration: 2s, timeout: 250ms, pin: [1]}',
    });
    expect(arms).toEqual([
      {
        id: 'curl',
        tool: 'curl',
        target: {
          command: ['./srv'],
          args: [],
          env: {},
          cwd: '/home/user/srv',
          ready: { path: '/r', withinMs: 3000 },
          metrics: '/m',
          pin: [0],
        },
        request: { method: 'GET', path: '/events?count=5', headers: {} },
        stream: 'finite',
        connections: 7,
        durationMs: 2000,
        timeoutMs: 250,
        pin: [1],
      },
    ]);
  });

  it('get the changes of their variant over what the scenario says', () => {
    const { arms } = plan({
      target: '{use: faulty, args: [a, b], env: {A: a, B: b}}',
      request: '{path: /, headers: {X-A: a, X-B: b}, body: x}',
      variants:
        '{same: {}, other: {target: {args: [c], env: {B: c, C: c}}, request: {method: POST, headers: {x-a: c, X-C: c}}}}',
    });
    expect(arms[0]!.target).toMatchObject({ args: ['a', 'b'], env: { A: 'a', B: 'b' } });
    expect(arms[1]!.target).toMatchObject({ use: 'faulty', args: ['c'], env: { A: 'a', B: 'c', C: 'c' } });
    expect(arms[1]!.request).toEqual({
      method: 'POST',
      path: '/',
      headers: { 'x-a': 'c', 'X-B': 'b', 'X-C': 'c' },
      body: 'x',
    });
    expect(Object.keys(arms[1]!.request.headers)).toEqual(['x-a', 'X-B', 'X-C']);
  });

  it('replay the arm of their own variant', () => {
    const tools = '[wrk, {use: ssee-tester, name: as-wrk, replay: wrk}]';
    expect(plan({ tools }).arms[1]!.replay).toBe('wrk');
    expect(plan({ tools, variants: VARIANTS }).arms.map(({ replay }) => replay)).toEqual([
      undefined,
      undefined,
      'wrk@one',
      'wrk@two',
    ]);
  });
});

describe('trials', () => {
  it('are interleaved rounds in rotated order, then one evidence trial per arm', () => {
    const { trials } = plan({ tools: '[wrk, hey, curl]', load: '{connections: 1, duration: 2s, rounds: 2}' });
    expect(trials.map(({ id }) => id)).toEqual([
      ...['r1-wrk', 'r1-hey', 'r1-curl'],
      ...['r2-hey', 'r2-curl', 'r2-wrk'],
      ...['evidence-wrk', 'evidence-hey', 'evidence-curl'],
    ]);
  });

  it('are measured without capture, and watched with the one of the scenario', () => {
    const { trials } = plan({ capture: 'full' });
    expect(trials).toEqual([
      { id: 'r1-curl', armId: 'curl', kind: 'measured', round: 1, durationMs: 2000, capture: 'off' },
      { id: 'evidence-curl', armId: 'curl', kind: 'evidence', round: 0, durationMs: 2000, capture: 'full' },
    ]);
  });

  it('have one profile trial per arm at the end, where profiles are asked for', () => {
    const { trials } = plan({
      target: '{use: go-nethttp, profile: {pprof: /debug/pprof}}',
      tools: '[wrk, hey]',
      load: '{connections: 1, duration: 30s}',
      observe: '{profile: [cpu, trace]}',
    });
    expect(trials.map(({ kind }) => kind)).toEqual([
      ...['measured', 'measured', 'evidence', 'evidence'],
      ...['profile', 'profile'],
    ]);
    expect(trials.at(-1)).toEqual({
      id: 'profile-hey',
      armId: 'hey',
      kind: 'profile',
      round: 0,
      durationMs: 5000,
      capture: 'off',
      profile: { kinds: ['cpu', 'trace'], settleMs: 500, windowMs: 3000, traceMs: 1000 },
    });
  });

  it.each([
    ['1s', '[cpu]', 1000, 2000],
    ['3900ms', '[cpu, trace]', 1000, 3000],
    ['4s', '[block]', 3000, 4000],
  ])('of %s have a profile trial for %s of whole seconds', (duration, profile, windowMs, durationMs) => {
    const { trials } = plan({
      target: '{use: go-nethttp, profile: {pprof: /debug/pprof}}',
      load: `{connections: 1, duration: ${duration}}`,
      observe: `{profile: ${profile}}`,
    });
    expect(trials.at(-1)).toMatchObject({ kind: 'profile', durationMs, profile: { windowMs } });
  });

  it('of a replay may be shorter, and never longer than those that the command line asks for', () => {
    const tools = '[curl, {use: ssee-tester, name: r, replay: curl, duration: 2s, bare: true}]';
    const lengths = (durationMs: number) =>
      plan({ tools }, { durationMs }).trials.map((trial) => [trial.id, trial.durationMs]);
    expect(lengths(5000)).toEqual([
      ['evidence-curl', 3000],
      ['r1-curl', 5000],
      ['r1-r', 2000],
      ['evidence-r', 2000],
    ]);
    expect(lengths(1000).map(([, durationMs]) => durationMs)).toEqual([1000, 1000, 1000, 1000]);
    expect(plan({ tools }).arms[1]).toMatchObject({ bare: true });
  });

  it('have one ablation per arm that asks for it, behind the captures', () => {
    const tools = '[curl, {use: ssee-tester, name: a, replay: curl, ablate: headers}]';
    const { trials } = plan({ tools }, { durationMs: 5000 });
    expect(trials.map(({ id }) => id)).toEqual([
      'evidence-curl',
      'r1-curl',
      'r1-a',
      'evidence-a',
      'ablation-a',
    ]);
    expect(trials.at(-1)).toEqual({
      id: 'ablation-a',
      armId: 'a',
      kind: 'ablation',
      round: 0,
      durationMs: 1000,
      capture: 'off',
      ablation: { rounds: 6, sliceMs: 1000 },
    });
  });

  it('have no evidence trials when capture is off', () => {
    expect(plan({ capture: 'off' }).trials.map(({ kind }) => kind)).toEqual(['measured']);
  });

  it.each([
    ['100ms', 1000],
    ['1s', 1000],
    ['1500ms', 1000],
    ['2900ms', 2000],
    ['3s', 3000],
    ['30s', 3000],
  ])('of %s have an evidence trial of %i ms', (duration, evidenceMs) => {
    const { trials } = plan({ load: `{connections: 1, duration: ${duration}}` });
    expect(trials.at(-1)!.durationMs).toBe(evidenceMs);
  });

  test('for any number of arms and rounds: equal shares of first places, unique ids, one duration', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 20 }), (tools, rounds) => {
        const names = Array.from({ length: tools }, (_, index) => `{use: hey, name: h${index}}`);
        const { arms, trials } = plan({
          tools: `[${names.join(', ')}]`,
          load: `{connections: 3, duration: 2s, rounds: ${rounds}}`,
        });
        const measured = trials.filter(({ kind }) => kind === 'measured');
        expect(measured).toHaveLength(tools * rounds);
        expect(new Set(trials.map(({ id }) => id)).size).toBe(trials.length);
        expect(new Set(measured.map(({ durationMs }) => durationMs))).toEqual(new Set([2000]));
        expect(new Set(arms.map(({ durationMs, connections }) => `${durationMs} ${connections}`)).size).toBe(
          1,
        );
        for (let place = 0; place < tools; place++) {
          const counts = arms.map(
            ({ id }) => measured.filter(({ armId }, index) => armId === id && index % tools === place).length,
          );
          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        }
        for (let round = 1; round <= rounds; round++) {
          const inRound = measured.filter((trial) => trial.round === round).map(({ armId }) => armId);
          expect(inRound.toSorted()).toEqual(arms.map(({ id }) => id).toSorted());
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('options of the command line', () => {
  it('replace what the scenario says, for every arm', () => {
    const { arms, trials, rounds } = plan(
      { tools: '[curl, hey]' },
      { rounds: 2, durationMs: 5000, connections: 3 },
    );
    expect(rounds).toBe(2);
    expect(arms.map(({ connections, durationMs }) => [connections, durationMs])).toEqual([
      [3, 5000],
      [3, 5000],
    ]);
    expect(trials.map(({ durationMs }) => durationMs)).toEqual([5000, 5000, 5000, 5000, 3000, 3000]);
  });

  it.each([
    [['hey'], ['hey@one', 'hey@two', 'hey-q@one', 'hey-q@two']],
    [['hey-q'], ['hey-q@one', 'hey-q@two']],
    [
      ['hey@two', 'wrk'],
      ['wrk@one', 'wrk@two', 'hey@two'],
    ],
  ])('--tools %j keeps %j', (tools, kept) => {
    const { arms, trials } = plan(
      { tools: '[wrk, hey, {use: hey, name: hey-q, rate: 1}]', variants: VARIANTS },
      { tools },
    );
    expect(arms.map(({ id }) => id)).toEqual(kept);
    expect(trials).toHaveLength(2 * kept.length);
  });

  it.each<[string, Partial<PlanOptions>, Parameters<typeof scenarioText>[0], string]>([
    [
      'a tool that is misspelt',
      { tools: ['crul'] },
      {},
      '--tools crul: the scenario has no such tool; did you mean "curl"?',
    ],
    [
      'a tool that is not there',
      { tools: ['wrk'] },
      {},
      '--tools wrk: the scenario has no such tool; choose from curl',
    ],
    ['no name', { tools: [''] }, {}, '--tools : the scenario has no such tool; choose from curl'],
    [
      'wrk for half a second',
      { durationMs: 500 },
      { tools: '[curl, wrk]' },
      '--duration 500ms: wrk takes whole seconds; give whole seconds, or leave it out with --tools',
    ],
    [
      'two days',
      { durationMs: 48 * 3_600_000 },
      {},
      '--duration 172800000ms: give whole milliseconds up to 24h, such as 5s',
    ],
    [
      'a part of a millisecond',
      { durationMs: 1.5 },
      {},
      '--duration 1.5ms: give whole milliseconds up to 24h, such as 5s',
    ],
    ['far too many rounds', { rounds: 1e9 }, {}, '--rounds 1000000000: give a whole number from 1 to 1000'],
    [
      'more connections than ports',
      { connections: 70_000 },
      {},
      '--connections 70000: give a whole number from 1 to 65000',
    ],
    [
      'a replay without what it replays',
      { tools: ['as-curl'] },
      { tools: '[curl, {use: ssee-tester, name: as-curl, replay: curl}]' },
      'as-curl replays the requests of curl, which --tools leaves out; add curl to it',
    ],
  ])('refuse %s', (_, options, parts, message) => {
    expect(errorOf(() => plan(parts, options))).toEqual({ message, exitCode: 2 });
  });

  it('leave out replays of what they leave out, where only the tool of these is named', () => {
    const tools = '[curl, ssee-tester, {use: ssee-tester, name: as-curl, replay: curl}]';
    const ids = (wanted: string[]) => plan({ tools }, { tools: wanted }).arms.map(({ id }) => id);
    expect(ids(['ssee-tester'])).toEqual(['ssee-tester']);
    expect(ids(['ssee-tester', 'curl'])).toEqual(['curl', 'ssee-tester', 'as-curl']);
  });

  it('let wrk be left out of a run of half a second', () => {
    const { arms } = plan({ tools: '[curl, wrk]' }, { durationMs: 500, tools: ['curl'] });
    expect(arms.map(({ id, durationMs }) => [id, durationMs])).toEqual([['curl', 500]]);
  });
});

describe('servers that run already', () => {
  const at = (url: string, allowRemote?: string[]) =>
    plan({ target: `{url: "${url}"}` }, allowRemote ? { allowRemote } : {});

  it.each([
    'http://127.0.0.1:9000',
    'http://127.1.2.3',
    'http://127.1:80',
    'http://localhost:9000',
    'http://LOCALHOST',
    'http://[::1]:9000',
  ])('%s is loopback', (url) => {
    expect(at(url).arms).toHaveLength(1);
  });

  it.each([
    ['http://example.com', 'example.com'],
    ['http://192.0.2.1:80', '192.0.2.1'],
    ['http://127.0.0.1.example.com', '127.0.0.1.example.com'],
    ['http://localhost.example.com', 'localhost.example.com'],
    ['http://0.0.0.0', '0.0.0.0'],
    ['http://[2001:db8::1]', '2001:db8::1'],
  ])('%s is refused unless it is named', (url, host) => {
    expect(errorOf(() => at(url))).toEqual({
      message: `host ${host} is not loopback; add --allow-remote ${host} if you may put it under load`,
      exitCode: 2,
    });
    expect(errorOf(() => at(url, ['example.org', `x${host}`])).exitCode).toBe(2);
    expect(at(url, ['example.org', host])).toMatchObject({ allowRemote: ['example.org', host] });
  });
});

describe('the whole plan', () => {
  it('carries what the runner needs beside arms and trials', () => {
    const parts = {
      load: '{connections: 1, duration: 2s, warmup: 500ms}',
      observe: '{every: 50ms}',
      expect: '{finding: refused}',
    };
    expect(plan(parts)).toMatchObject({
      warmupMs: 500,
      rounds: 1,
      sampleEveryMs: 50,
      allowRemote: [],
      expect: { finding: 'refused' },
    });
    expect(plan({})).not.toHaveProperty('expect');
  });

  it('is plain data that JSON keeps', () => {
    for (const file of SCENARIO_FILES) {
      const whole = planTrials(parseValid(readScenarioText(file)), { scenarioDir: '/x' });
      expect(JSON.parse(JSON.stringify(whole))).toEqual(whole);
    }
  });
});
