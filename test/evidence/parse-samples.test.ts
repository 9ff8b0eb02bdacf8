import { expect, it } from 'vitest';
import { parseSamples } from '../../src/evidence/parse-samples.ts';

it('samples are those that have a time', () => {
  const whole = { atMs: 100, tool: { cpuMs: 10 } };
  const text = JSON.stringify({
    samples: [{ atMs: 0 }, null, { atMs: 'soon' }, { tool: { cpuMs: 1 } }, whole],
  });
  expect(parseSamples(text)).toEqual([{ atMs: 0 }, whole]);
});

it.each(['', 'null', '[]', '{}', '{"samples": 3}', '{"samples": ['])('%j holds no samples', (text) => {
  expect(parseSamples(text)).toEqual([]);
});
