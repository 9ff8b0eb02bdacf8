import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
// @ts-expect-error plain JavaScript without types: it runs before anything is compiled
import {
  drawScenario,
  explainUnplantable,
  judgeCase,
  readPlan,
  renderMatrix,
} from '../../scripts/lib/planted-truth.mjs';
import { RULES } from '../../src/findings/index.ts';
import { parseScenario } from '../../src/scenario/parse-scenario.ts';
import { ROOT } from '../helpers/run-cli.ts';

const FOLDER = join(ROOT, 'scenarios/planted');
const PLANTED = readdirSync(FOLDER).map((file) => ({
  name: file.replace(/\.yaml$/, ''),
  text: readFileSync(join(FOLDER, file), 'utf8'),
}));

const TEXT = [
  '# Says why.',
  '# twin of slow-handler',
  '# vary connections 10..20',
  '# vary head 10..90ms',
  '# also connection-churn, stream-paced',
  '# remains slow-handler',
  '# must server-resets',
  'request:',
  '  path: "/events?head=40ms"',
  'load: {connections: 16, duration: 2s}',
  'capture: headers',
  'expect: {finding: stream-paced}',
].join('\n');

function outcome(...codes: string[][]) {
  const arms = codes.map((list, index) => ({
    id: `arm${index}`,
    findings: list.map((code) => ({ code, outcome: code === 'unproven' ? 'unproven' : 'found' })),
  }));
  return { comparison: { arms } };
}

describe('a planted scenario', () => {
  it('says in its comments what is varied, what may be found beside it and whose twin it is', () => {
    expect(readPlan('x', TEXT)).toMatchObject({
      expected: 'stream-paced',
      twinOf: 'slow-handler',
      also: ['connection-churn', 'stream-paced', 'slow-handler', 'server-resets'],
      remains: ['slow-handler'],
      must: ['server-resets'],
      vary: [
        { what: 'connections', low: 10, high: 20, unit: '' },
        { what: 'head', low: 10, high: 90, unit: 'ms' },
      ],
    });
  });

  it('is drawn within its ranges, the same for the same seed and another for another', () => {
    const plan = readPlan('x', TEXT);
    const drawn = (seed: number): number => Number(/head=(\d+)ms/.exec(drawScenario(TEXT, plan, seed))![1]);
    const heads = [1, 2, 3, 4, 5, 6].map(drawn);
    for (const head of heads) expect(head).toBeGreaterThanOrEqual(10);
    for (const head of heads) expect(head).toBeLessThanOrEqual(90);
    expect(drawn(1)).toBe(drawn(1));
    expect(new Set(heads).size).toBeGreaterThan(1);
  });

  it('keeps its comments and can be drawn without capture', () => {
    const drawn = drawScenario(TEXT, readPlan('x', TEXT), 1, ['capture']);
    expect(drawn).toContain('# vary head 10..90ms');
    expect(drawn).toContain('capture: off');
  });
});

describe('a case whose evidence is withheld', () => {
  const why = (text: string, withheld: string[]) => explainUnplantable(text, readPlan('x', text), withheld);

  it('has no truth where only root could plant it, or where it is about the evidence itself', () => {
    expect(why('faults: [{loss: 2%}]', ['root'])).toBe('loss needs root');
    expect(why('target: {cpuLimit: 50%}', ['root'])).toBe('cpuLimit needs root');
    expect(why('expect: {finding: capture-incomplete}', ['capture'])).toBe('there is no capture to spoil');
  });

  it('has one otherwise', () => {
    expect(why('# loss: of a comment\nfaults: [{pause: {after: 1s, length: 1s}}]', ['root'])).toBeUndefined();
    expect(why('faults: [{loss: 2%}]', ['capture', 'metrics'])).toBeUndefined();
  });
});

describe('the judgement of a case', () => {
  const planted = {
    ...readPlan('x', TEXT),
    twinOf: undefined,
    also: ['connection-churn'],
    remains: [] as string[],
    must: [] as string[],
  };
  const twin = { ...readPlan('x', TEXT), must: [] };

  it('is right where the truth is first, whatever declared consequence follows', () => {
    expect(
      judgeCase(planted, outcome(['stream-paced', 'connection-churn', 'host-interference'])),
    ).toMatchObject({ ok: true });
  });

  it('is a miss where the truth is second or nothing was found', () => {
    expect(judgeCase(planted, outcome(['connection-churn', 'stream-paced']))).toMatchObject({
      ok: false,
      miss: true,
    });
    expect(judgeCase(planted, outcome(['unproven']))).toMatchObject({ ok: false, miss: true });
  });

  it('is a false claim where something undeclared is found beside it', () => {
    expect(judgeCase(planted, outcome(['stream-paced', 'packet-loss']))).toMatchObject({
      ok: false,
      miss: false,
      falseClaims: ['packet-loss'],
    });
  });

  it('is a miss where a row lacks what must be found beside the truth, and nothing is withheld', () => {
    const demanding = { ...planted, also: ['packet-loss'], must: ['packet-loss'] };
    const whole = outcome(['stream-paced', 'packet-loss'], ['stream-paced', 'packet-loss']);
    expect(judgeCase(demanding, whole)).toMatchObject({ ok: true });
    const partly = outcome(['stream-paced', 'packet-loss'], ['stream-paced']);
    expect(judgeCase(demanding, partly)).toMatchObject({ ok: false, miss: true, falseClaims: [] });
    expect(judgeCase(demanding, partly).line).toMatch(/; not found beside it: packet-loss$/);
    expect(judgeCase(demanding, partly, ['capture'])).toMatchObject({ ok: true });
  });

  it('lets a healthy twin be silent, and nothing else', () => {
    expect(judgeCase(twin, outcome(['unproven']))).toMatchObject({ ok: true });
    expect(judgeCase(twin, outcome(['unproven']), ['capture'])).toMatchObject({ ok: true });
    expect(judgeCase(twin, outcome(['connection-churn']))).toMatchObject({ ok: true });
    expect(judgeCase(twin, outcome(['packet-loss']))).toMatchObject({
      ok: false,
      falseClaims: ['packet-loss'],
    });
  });

  it('of withheld evidence is right where the rule of the cause says what it misses', () => {
    const unproven = (line: string) => {
      const said = outcome(['unproven']);
      Object.assign(said.comparison.arms[0]!.findings[0]!, { because: ['packet-loss: ruled out, x', line] });
      return judgeCase(planted, said, ['capture']);
    };
    expect(unproven('stream-paced: missing a capture')).toMatchObject({ ok: true });
    const ruledOut = unproven('stream-paced: ruled out, the rate is another');
    expect(ruledOut).toMatchObject({ ok: false, miss: true });
    expect(ruledOut.line).toMatch(/; ruled out what is there: arm0$/);
  });

  it('of withheld evidence is a miss where a consequence takes the place of the cause', () => {
    const held = (plan: typeof planted) => judgeCase(plan, outcome(['connection-churn']), ['capture']);
    expect(held(planted)).toMatchObject({ ok: false, miss: true });
    expect(held({ ...planted, remains: ['connection-churn'] })).toMatchObject({ ok: true });
    const withIt = judgeCase({ ...planted, remains: ['connection-churn'] }, outcome(['connection-churn']));
    expect(withIt).toMatchObject({ ok: false, miss: true });
  });

  it('is none where other programs held the machine and nothing else is claimed', () => {
    const held = judgeCase(planted, outcome(['host-interference']));
    expect(held).toMatchObject({ ok: false, unjudged: true, miss: false });
    const wrong = judgeCase(planted, outcome(['packet-loss', 'host-interference']));
    expect(wrong).toMatchObject({ ok: false, unjudged: false });
  });

  it('asks the same of every arm', () => {
    expect(judgeCase(planted, outcome(['stream-paced'], ['unproven']))).toMatchObject({
      ok: false,
      miss: true,
    });
  });

  it('fails a case without a result', () => {
    expect(judgeCase(planted, { problem: 'no namespace' })).toMatchObject({ ok: false, miss: true });
  });

  it('is summed up in a matrix', () => {
    const results = [
      judgeCase(planted, outcome(['stream-paced'])),
      judgeCase(planted, outcome(['packet-loss'])),
    ];
    const matrix = renderMatrix(results, { seed: 7 });
    expect(matrix).toMatch(/\| stream-paced \| +1 \| packet-loss 1 \|/);
    expect(matrix).toMatch(/False claims: x \(packet-loss\)/);
  });
});

describe('the planted scenarios', () => {
  it.each(PLANTED)('$name is valid, as written and as drawn', ({ name, text }) => {
    for (const seed of [1, 2]) {
      const drawn = drawScenario(text, readPlan(name, text), seed);
      expect(parseScenario(drawn, name)).toHaveProperty('scenario');
    }
    const { vary } = readPlan(name, text);
    for (const { what } of vary) expect(text, what).toMatch(new RegExp(`^[^#].*\\b${what}(=|: )[\\d.]`, 'm'));
  });

  it('cover every rule', () => {
    const planted = new Set<string>(
      PLANTED.flatMap(({ name, text }) => {
        const { expected, twinOf, also } = readPlan(name, text) as {
          expected: string;
          twinOf?: string;
          also: string[];
        };
        return twinOf === undefined ? [expected, ...(name === 'server-resets' ? also : [])] : [];
      }),
    );
    expect(RULES.map(({ code }) => code).filter((code) => !planted.has(code))).toEqual([]);
  });
});
