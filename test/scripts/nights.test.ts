import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
// @ts-expect-error plain JavaScript without types: it runs before anything is compiled
import { CASES, judgeNight, shortenScenario } from '../../scripts/lib/nights.mjs';
import { ROOT } from '../helpers/run-cli.ts';
import { parseValid } from '../scenario/scenario-texts.ts';

const SCENARIO = parse(readFileSync(join(ROOT, 'scenarios/node-100c.yaml'), 'utf8'));

const slow = (size: number) => ({
  exitCode: 3,
  verdict: 'regression',
  sentence: 'Regression.',
  invariants: [],
  cells: [
    { metric: 'failure_rate', verdict: 'same', why: '' },
    {
      metric: 'stream_us_p50',
      verdict: 'worse',
      relative: { value: size },
      why: 'worse by 19.3 % (9 ms)',
      finding: { code: 'stream-paced', sentence: 'They last 55.2 ms.', base: 'They last 46 ms.' },
    },
  ],
});
const SLOW_TEXT = 'stream_us_p50: worse by 19.3 % (9 ms). stream-paced. They last 55.2 ms.';

const LOST = { code: 'events-lost', sentence: 'Events are lost.', base: null };

const lossy = (count: number) => ({
  ...slow(0),
  cells: [],
  invariants: [{ name: 'lost-events', count, total: 100_000, by: 'ssee-tester', finding: LOST }],
});

describe('the scenario of a night', () => {
  it.each(Object.keys(CASES))('%s is a valid one that gates head against base with a control', (name) => {
    const night = shortenScenario(SCENARIO, { flaw: CASES[name].flaw, duration: '800ms', rounds: 6 });
    expect(parseValid(stringify(night))).toMatchObject({
      name: 'node-100c-night',
      gate: { base: 'base', head: 'head', control: 'again' },
      load: { connections: 100, durationMs: 800, rounds: 6 },
    });
  });
});

describe('a night', () => {
  it('in which nothing changed is good when it passed, and bad when it alarms', () => {
    const passed = { exitCode: 0, verdict: 'passed', sentence: 'Passed.' };
    expect(judgeNight('a-a', { gate: passed, text: '' })).toMatchObject({ ok: true, unjudged: false });
    expect(judgeNight('a-a', { gate: slow(0.2), text: SLOW_TEXT })).toMatchObject({
      ok: false,
      unjudged: false,
      line: 'false alarm: Regression.',
    });
  });

  it('with a planted regression must name metric, size and finding', () => {
    expect(judgeNight('slower', { gate: slow(0.193), text: SLOW_TEXT })).toMatchObject({
      ok: true,
      line: 'stream_us_p50 worse by 19.3 %, finding stream-paced (base has it too)',
    });
    expect(judgeNight('slower', { gate: slow(0.193), text: 'stream_us_p50: worse by 19.3 %' }).line).toBe(
      'caught, but the report does not name stream-paced, They last 55.2 ms.',
    );
    expect(judgeNight('slower', { gate: slow(0.6), text: SLOW_TEXT }).line).toMatch(/not what was planted/);
  });

  it('is missed when it passed, or alarmed for another reason', () => {
    expect(judgeNight('slower', { gate: { ...slow(0), exitCode: 0 }, text: '' })).toMatchObject({
      ok: false,
      unjudged: false,
    });
    expect(judgeNight('slower', { gate: lossy(100), text: '' }).line).toMatch(/^alarm, but not of what/);
  });

  it('counts lost events against all events', () => {
    const text = '90 lost-events among 100,000 events: events-lost. Events are lost.';
    expect(judgeNight('lossy', { gate: lossy(90), text })).toMatchObject({ ok: true });
    expect(judgeNight('lossy', { gate: lossy(9), text: text.replace('90', '9') }).ok).toBe(false);
  });

  it.each(Object.keys(CASES))('%s is not judged without a verdict of the gate', (name) => {
    const gate = { ...slow(0), exitCode: 4, sentence: 'Inconclusive.' };
    expect(judgeNight(name, { gate, text: '' })).toEqual({
      ok: false,
      unjudged: true,
      line: 'Inconclusive.',
    });
  });

  it('whose alarm comes with another finding fails, however right its size is', () => {
    const gate = lossy(90);
    gate.invariants[0]!.finding = { ...LOST, code: 'unproven' };
    const text = '90 lost-events among 100,000 events: unproven. Events are lost.';
    expect(judgeNight('lossy', { gate, text })).toMatchObject({
      ok: false,
      unjudged: false,
      line: 'caught, but with the finding unproven',
    });
  });

  it('reads Markdown as it is shown', () => {
    const gate = lossy(90);
    gate.invariants[0]!.finding = { ...LOST, sentence: 'Fewer than 5 % < 6 % came | at all.' };
    const text = '90 lost-events among 100,000 events: events-lost. Fewer than 5 % &lt; 6 % came \\| at all.';
    expect(judgeNight('lossy', { gate, text })).toMatchObject({ ok: true });
  });

  it('that could not be measured fails', () => {
    expect(judgeNight('resets', { problem: 'run exited with 1' })).toMatchObject({
      ok: false,
      unjudged: false,
    });
  });
});
