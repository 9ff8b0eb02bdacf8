import { describe, expect, it } from 'vitest';
import { planTrials } from '../../src/scenario/plan-trials.ts';
import { errorsIn, parseValid, scenarioText } from './scenario-texts.ts';

/** A scenario of ten seconds with these entries, one per line from line 8 on. */
function withFaults(entries: string[], more: Record<string, string> = {}): string {
  const text = scenarioText({ load: '{connections: 4, duration: 10s}', ...more });
  return `${text}faults:\n${entries.map((entry) => `  - ${entry}\n`).join('')}`;
}

describe('a timeline of faults', () => {
  it('is sorted by its times, numbered, and apart from what is there all the time', () => {
    const { faults } = parseValid(
      withFaults([
        '{at: 6s, restart: term}',
        '{at: 2s, for: 1s, cpuLimit: {target: 20%}}',
        '{at: 4s, for: 500ms, loss: 30%}',
        '{backlog: 8}',
      ]),
    );
    expect(faults).toEqual({
      backlog: 8,
      timeline: [
        { id: '1-cpu', kind: 'cpu', amount: 20, atMs: 2000, forMs: 1000 },
        { id: '2-loss', kind: 'loss', amount: 0.3, atMs: 4000, forMs: 500 },
        { id: '3-restart', kind: 'restart', signal: 'SIGTERM', atMs: 6000, forMs: 0 },
      ],
    });
  });

  it.each([
    ['{at: 2s, for: 1s, pause: true}', { kind: 'pause' }],
    ['{at: 2s, for: 1s, delay: 150ms}', { kind: 'delay', amount: 150 }],
    ['{at: 2s, for: 1s, disk: {writeRate: 512}}', { kind: 'disk', amount: 512 }],
    ['{at: 2s, for: 1s, dns: true}', { kind: 'dns' }],
    ['{at: 2s, for: 1s, reset: true}', { kind: 'reset' }],
    ['{at: 2s, for: 1s, restart: kill}', { kind: 'restart', signal: 'SIGKILL' }],
  ])('has %s', (entry, expected) => {
    expect(parseValid(withFaults([entry])).faults!.timeline).toMatchObject([expected]);
  });

  it('leaves entries without a time as they were', () => {
    const { faults } = parseValid(withFaults(['{loss: 2%}', '{pause: {after: 1s, length: 300ms}}']));
    expect(faults).toEqual({ loss: 0.02, pause: { afterMs: 1000, lengthMs: 300 } });
  });

  it('makes the evidence trial as long as the measured ones', () => {
    const plan = planTrials(parseValid(withFaults(['{at: 2s, for: 1s, pause: true}'])), {
      scenarioDir: '/x',
    });
    expect(plan.trials.map(({ kind, durationMs }) => [kind, durationMs])).toEqual([
      ['measured', 10_000],
      ['evidence', 10_000],
    ]);
  });

  it('does not fit into a load that --duration cuts short', () => {
    const scenario = parseValid(withFaults(['{at: 2s, for: 1s, pause: true}']));
    expect(() => planTrials(scenario, { scenarioDir: '/x', durationMs: 3000 })).toThrow(
      /--duration 3s ends before the fault 1-pause is over; give more than 3s/,
    );
  });
});

describe('what cannot be is an error with its place', () => {
  it.each<[string, string[], RegExp]>([
    ['a time without a length', ['{at: 2s, pause: true}'], /^8:6: "at" needs "for"/],
    ['a length without a time', ['{for: 2s, pause: true}'], /^8:6: "for" needs "at"/],
    ['a time of nothing', ['{at: 2s, for: 1s}'], /^8:5: a fault on the timeline is one of/],
    [
      'two faults in one entry',
      ['{at: 2s, for: 1s, pause: true, loss: 2%}'],
      /"loss" cannot share an entry with "pause"/,
    ],
    [
      'a limit that cannot come and go',
      ['{at: 2s, for: 1s, loss: 2%, ports: 100}'],
      /"ports" cannot come and go/,
    ],
    ['a pause with two times', ['{at: 2s, for: 1s, pause: {after: 1s, length: 1s}}'], /write pause: true/],
    ['a pause without a time', ['{pause: true}'], /"pause" needs a time/],
    ['a restart without a time', ['{restart: kill}'], /"restart" needs a time/],
    ['a delay without a time', ['{delay: 20ms}'], /"delay" needs a time/],
    [
      'a quota of the tool with a time',
      ['{at: 2s, for: 1s, cpuLimit: {tool: 20%}}'],
      /quota of the tool cannot come/,
    ],
    ['a quota of the target without one', ['{cpuLimit: {target: 20%}}'], /is target\.cpuLimit/],
    ['a quota of nobody', ['{at: 2s, for: 1s, cpuLimit: {}}'], /needs the quota of the target/],
    ['more loss than there are packets', ['{at: 2s, for: 1s, loss: 101%}'], /must be at most 100%/],
    ['no time to see it', ['{at: 2s, for: 20ms, pause: true}'], /"for" must be at least 100ms/],
    ['no time before the first', ['{at: 500ms, for: 1s, pause: true}'], /must leave 1s before it/],
    [
      'an end after the load',
      ['{at: 9500ms, for: 1s, pause: true}'],
      /is not over when the load ends \(10s\)/,
    ],
    [
      'an overlap',
      ['{at: 2s, for: 2s, pause: true}', '{at: 3s, for: 1s, dns: true}'],
      /^9:10: this fault overlaps faults\[0\].*move it to 5s or later/,
    ],
    [
      'no pause between two',
      ['{at: 2s, for: 2s, pause: true}', '{at: 4500ms, for: 1s, dns: true}'],
      /begins less than 1s after the end of faults\[0\]/,
    ],
    [
      'a pause that is no part of it',
      ['{at: 2s, for: 1s, dns: true}', '{pause: {after: 1s, length: 1s}}'],
      /give the pause its place on it/,
    ],
  ])('%s', (_, entries, message) => {
    const errors = errorsIn(withFaults(entries));
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(message);
  });

  it.each([
    'cpuLimit: {target: 20%}',
    'pause: true',
    'loss: 2%',
    'delay: 20ms',
    'disk: {writeRate: 1}',
    'dns: true',
    'reset: true',
    'restart: kill',
  ])('%s of a server that runs already', (fault) => {
    const errors = errorsIn(
      withFaults([`{at: 2s, for: 1s, ${fault}}`], { target: '{url: "http://127.0.0.1:9000"}' }),
    );
    expect(errors).toEqual([expect.stringMatching(/^8:\d+: "\w+" needs a target that the harness launches/)]);
  });

  it('a second proxy, samples that are too rare, and a load of hours', () => {
    const target = '{use: node-http, proxy: {use: nginx}}';
    expect(errorsIn(withFaults(['{at: 2s, for: 1s, delay: 20ms}'], { target }))[0]).toMatch(
      /"delay" is a proxy itself/,
    );
    const observe = '{every: 200ms}';
    expect(errorsIn(withFaults(['{at: 2s, for: 1s, pause: true}'], { observe }))[0]).toMatch(
      /"every" must be at most 100ms/,
    );
    const load = '{connections: 4, duration: 2h}';
    expect(errorsIn(withFaults(['{at: 2s, for: 1s, pause: true}'], { load }))[0]).toMatch(
      /must be at most 1h/,
    );
  });
});
