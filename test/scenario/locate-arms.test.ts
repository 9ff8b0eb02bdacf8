import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { locateArms } from '../../src/scenario/locate-arms.ts';

test('every arm of a scenario stands at the entry of its tool', () => {
  const text = readFileSync('scenarios/sse-100c.yaml', 'utf8');
  const places = locateArms(text);
  expect(Object.keys(places)).toEqual([
    'wrk',
    'hey',
    'hey-q10',
    'ssee-tester',
    'wrk-bytes',
    'hey-bytes',
    'bare',
  ]);
  const lines = text.split('\n');
  for (const [id, { line, column }] of Object.entries(places)) {
    expect(lines[line - 1]!.slice(column - 1), id).toMatch(
      new RegExp(`^(${id}|\\{use: (hey|ssee-tester), name: ${id}, .*)$`),
    );
  }
});

test('arms of variants stand at their tool', () => {
  const places = locateArms('tools: [wrk, {use: hey, name: h}]\nvariants:\n  a: {}\n  b: {}\n');
  expect(places['h@b']).toEqual({ line: 1, column: 14 });
  expect(Object.keys(places)).toEqual(['wrk@a', 'wrk@b', 'h@a', 'h@b']);
});

test('any text is read without a fault', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(locateArms(text)).toBeDefined();
    }),
  );
  expect(locateArms('tools: 3')).toEqual({});
  expect(locateArms('tools: [7, [], {name: 3}]')).toEqual({});
});
