import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawChart, resample } from '../../../src/cli/panel/charts.ts';

describe('a chart', () => {
  it('shows little as the thinnest block and nothing as none', () => {
    expect(drawChart([0, 1, 500, 1000], 1)).toEqual([' ▁▄▇']);
  });

  it('stands on a common base line when it is higher than one line', () => {
    expect(drawChart([0, 100, 50, 1], 2)).toEqual([' ▇  ', ' ██▁']);
  });

  it('is empty when nothing happened', () => {
    expect(drawChart([0, 0, 0], 2)).toEqual(['   ', '   ']);
    expect(drawChart([], 1)).toEqual(['']);
  });

  it('has one character per cell, and its columns never fall while the values rise', () => {
    const cells = fc.array(fc.double({ min: 0, max: 1e12, noNaN: true }), { maxLength: 30 });
    fc.assert(
      fc.property(cells, fc.integer({ min: 1, max: 4 }), (values, rows) => {
        const sorted = [...values].sort((a, b) => a - b);
        const lines = drawChart(sorted, rows);
        expect(lines.map((line) => line.length)).toEqual(Array(rows).fill(values.length));
        const heights = sorted.map((_, cell) =>
          lines.reduce((sum, line) => sum + ' ▁▂▃▄▅▆▇█'.indexOf(line[cell]!), 0),
        );
        expect([...heights].sort((a, b) => a - b)).toEqual(heights);
        sorted.forEach((value, cell) => void expect(heights[cell]! > 0).toBe(value > 0));
      }),
    );
  });
});

describe('a history', () => {
  it('is stretched over the run that is expected', () => {
    expect(resample([1, 2], 4, 8)).toEqual([1, 1, 2, 2]);
  });

  it('shares cells where the run is longer than the drawing is wide', () => {
    expect(resample([1, 3, 5, 7], 8, 4)).toEqual([2, 6]);
  });

  it('fills the width, no more, when the run takes longer than expected', () => {
    expect(resample([1, 2, 3, 4, 5, 6], 2, 3)).toEqual([1.5, 3.5, 5.5]);
  });

  it('keeps what was drawn while the run goes on', () => {
    const values = fc.array(fc.nat(1000), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 80 }), fc.nat(40), (history, width, left) => {
        const expected = history.length + left;
        const before = resample(history.slice(0, -1), expected, width);
        const after = resample(history, expected, width);
        expect(after.slice(0, before.length)).toEqual(before);
        expect(after.length).toBeLessThanOrEqual(width);
        for (const cell of after) {
          expect(cell).toBeGreaterThanOrEqual(Math.min(...history));
          expect(cell).toBeLessThanOrEqual(Math.max(...history));
        }
      }),
    );
  });
});
