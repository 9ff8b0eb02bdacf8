import { expect, test } from 'vitest';
import type { Cell } from '../../src/model/cell.ts';
import type { ArmComparison } from '../../src/model/comparison.ts';
import { compareRates } from '../../src/report/relative-rate.ts';

const NONE: Cell = { known: false, why: 'not-observable', detail: 'it cannot' };

function rate(value: number, range?: [number, number]): Cell {
  return { known: true, value, unit: '1/s', definition: 'rps/1', ...(range ? { range } : {}) };
}

function arm(id: string, requests: Cell, events: Cell = NONE): ArmComparison {
  return { id, metrics: { requests_per_sec: requests, events_per_sec: events } } as unknown as ArmComparison;
}

test('each arm is a share of the best, with the extremes of both in its range', () => {
  const rates = compareRates([arm('a', rate(2000, [1900, 2100])), arm('b', rate(1000, [950, 1050]))]);
  expect(rates?.metric).toBe('requests_per_sec');
  expect(rates?.of.get('a')).toEqual({ ratio: 1, standing: 'best' });
  expect(rates?.of.get('b')).toEqual({ ratio: 0.5, range: [950 / 2100, 1050 / 1900], standing: 'behind' });
});

test('rounds that overlap those of the best are a tie', () => {
  const rates = compareRates([arm('a', rate(2000, [1900, 2100])), arm('b', rate(1950, [1890, 1990]))]);
  expect(rates?.of.get('b')?.standing).toBe('tie');
});

test('one round says nothing about ties', () => {
  const rates = compareRates([arm('a', rate(2000)), arm('b', rate(1999))]);
  expect(rates?.of.get('b')).toEqual({ ratio: 0.9995, standing: 'behind' });
});

test('the rate that more arms know decides, and who has none is left out', () => {
  const rates = compareRates([arm('a', NONE, rate(10)), arm('b', rate(5), rate(20)), arm('c', NONE)]);
  expect(rates?.metric).toBe('events_per_sec');
  expect([...(rates?.of.keys() ?? [])]).toEqual(['a', 'b']);
});

test('a rate of 0 is no best one to be a share of', () => {
  expect(compareRates([arm('a', rate(0)), arm('b', NONE)])).toBeUndefined();
});
