import { describe, expect, it } from 'vitest';
import { errorsIn, parseValid, scenarioText } from './scenario-texts.ts';

const GO = '{use: go-nethttp, profile: {pprof: /debug/pprof}}';

describe('target.profile and observe.profile', () => {
  it.each([
    [GO, '[cpu, block, mutex, goroutine, trace]'],
    ['{use: go-nethttp, fallback: node-http, profile: {pprof: /debug/pprof}}', '[cpu]'],
    ['{url: "http://127.0.0.1:9000", profile: {pprof: "http://127.0.0.1:6060/debug/pprof"}}', '[mutex]'],
    ['{use: node-http, profile: {inspector: true}}', '[cpu]'],
    ['{command: [node, srv.js], profile: {inspector: true}}', '[cpu]'],
  ])('%s with %s are accepted', (target, profile) => {
    const scenario = parseValid(scenarioText({ target, observe: `{profile: ${profile}}` }));
    expect(scenario.target.profile).toBeDefined();
    expect(`[${scenario.observe.profile!.join(', ')}]`).toBe(profile);
  });

  it('may say where profiles are without asking for any', () => {
    expect(parseValid(scenarioText({ target: GO })).observe).toEqual({ everyMs: 100 });
  });

  it.each<[what: string, parts: Parameters<typeof scenarioText>[0], error: RegExp]>([
    [
      'profiles without a place to get them',
      { target: '{use: node-http}', observe: '{profile: [cpu]}' },
      /^7:11: "profile" needs to know where .*write profile: \{inspector: true\} in "target"$/,
    ],
    [
      'the same of a program of one’s own',
      { target: '{command: [a]}', observe: '{profile: [cpu]}' },
      /write profile: \{pprof: \/debug\/pprof\} in "target"$/,
    ],
    [
      'the inspector of a Go program',
      { target: '{use: go-nethttp, profile: {inspector: true}}' },
      /^2:37: go-nethttp is no Node program; write profile: \{pprof/,
    ],
    [
      'pprof of a Node program',
      { target: '{use: faulty, profile: {pprof: /debug/pprof}}' },
      /^2:33: faulty is a Node program without pprof; write profile: \{inspector: true\}/,
    ],
    [
      'the inspector of a server that runs already',
      { target: '{url: "http://127.0.0.1", profile: {inspector: true}}' },
      /^2:45: the agent must be loaded when the server starts/,
    ],
    [
      'a kind that Node does not have',
      { target: '{use: node-http, profile: {inspector: true}}', observe: '{profile: [cpu, trace]}' },
      /^7:26: Node's inspector gives a CPU profile alone; remove trace$/,
    ],
    [
      'a kind twice',
      { target: GO, observe: '{profile: [cpu, cpu]}' },
      /^7:26: cpu stands here already; remove it$/,
    ],
    [
      'a kind that is none',
      { target: GO, observe: '{profile: [heap]}' },
      /^7:21: profile\[0\] must be one of cpu, block, mutex, goroutine, trace, not "heap"/,
    ],
    [
      'no kind',
      { target: GO, observe: '{profile: []}' },
      /^7:20: "profile" must be a list with at least one/,
    ],
    [
      'an address on another machine',
      { target: '{use: go-nethttp, profile: {pprof: "http://10.0.0.1:6060/debug/pprof"}}' },
      /"pprof" must be a path such as \/debug\/pprof, or an address on this machine/,
    ],
    [
      'an inspector that is off',
      { target: '{use: node-http, profile: {inspector: false}}' },
      /^2:47: "inspector" must be true, not false$/,
    ],
    [
      'no place',
      { target: '{command: [a], profile: {}}' },
      /^2:24: "profile" names no source of profiles; write profile: \{pprof/,
    ],
    [
      'two places',
      { target: '{command: [a], profile: {pprof: /p, inspector: true}}' },
      /^2:45: "inspector" cannot stand beside "pprof"; remove one$/,
    ],
    [
      'a misspelt place',
      { target: '{use: go-nethttp, profile: {prof: /debug/pprof}}' },
      /^2:37: unknown key "prof"; did you mean "pprof"\?$/,
    ],
  ])('refuse %s', (_, parts, error) => {
    const errors = errorsIn(scenarioText(parts));
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(error);
  });
});
