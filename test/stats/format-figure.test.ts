import { expect, test } from 'vitest';
import { formatCount, formatPercent, formatRate, formatUs, toMs } from '../../src/stats/format-figure.ts';

test('counts have their thousands separated', () => {
  expect([0, 999, 1000, 65_900, 1_234_567, -1500].map(formatCount)).toEqual([
    '0',
    '999',
    '1,000',
    '65,900',
    '1,234,567',
    '-1,500',
  ]);
});

test('rates have three significant digits and no decimals from 100', () => {
  expect([0, 0.1234, 9.999, 46.05, 123.4, 2170.4].map(formatRate)).toEqual([
    '0',
    '0.123',
    '10',
    '46',
    '123',
    '2,170',
  ]);
});

test('latencies take the unit that fits them', () => {
  expect([0, 4.2, 850, 1250, 46_100, 1_250_000].map(formatUs)).toEqual([
    '0 us',
    '4.2 us',
    '850 us',
    '1.25 ms',
    '46.1 ms',
    '1.25 s',
  ]);
});

test('milliseconds for columns keep what a small value says', () => {
  expect([0, 4, 85, 620, 46_100, 2_014_000].map(toMs)).toEqual([
    '0',
    '0.004',
    '0.09',
    '0.62',
    '46.1',
    '2,014',
  ]);
});

test('small rates are not rounded to nothing', () => {
  expect([0, 0.000056, 0.00012, 0.036217, 0.416, 1].map(formatPercent)).toEqual([
    '0 %',
    '0.0056 %',
    '0.012 %',
    '3.6 %',
    '41.6 %',
    '100 %',
  ]);
});
