import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readEventLines } from '../../../src/report/data/read-event-lines.ts';

test('one row per connection, in their order, with the times of their events', () => {
  const raw = readEventLines([
    '{"connection":2,"readAtUs":1700000000000300,"id":"1","type":"message","data":"x"}',
    '{"connection":0,"readAtUs":1700000000000100,"id":"1"}',
    '{"connection":2,"readAtUs":1700000000000400}',
    '',
  ]);
  expect(raw.rows.map(({ label, dotsUs }) => [label, dotsUs])).toEqual([
    ['connection 0', [1700000000000100]],
    ['connection 2', [1700000000000300, 1700000000000400]],
  ]);
  expect([raw.firstUs, raw.lastUs]).toEqual([1700000000000100, 1700000000000400]);
});

test('any text is read without a fault, and lines that are no events are passed over', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string(), fc.json())), (lines) => {
      const good = '{"connection":7,"readAtUs":5}';
      const raw = readEventLines([...lines, good]);
      expect(raw.rows.find(({ label }) => label === 'connection 7')?.dotsUs).toContain(5);
    }),
  );
});
