import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advancePanelState, type PanelState, startPanelState } from '../../../src/cli/panel/panel-state.ts';
import { renderPanel, renderPanelLine } from '../../../src/cli/panel/render-panel.ts';
import type { LiveSample } from '../../../src/model/live-sample.ts';
import { anyLiveSample, hostileText, liveSample, outcomeCounts } from '../../helpers/live-samples.ts';
import { ROOT } from '../../helpers/run-cli.ts';

const URL = 'http://127.0.0.1:8080/events?count=10&interval=5ms';

function stateOf(samples: readonly LiveSample[], stream: 'finite' | 'endless' = 'finite'): PanelState {
  const state = startPanelState({ url: URL, durationMs: 30_000, stream });
  for (const sample of samples) advancePanelState(state, sample);
  return state;
}

/** Twelve seconds: rates rise for four, then the server stands still for two. */
function goodRun(): LiveSample[] {
  return Array.from({ length: 12 }, (_, second) => {
    const factor = second === 8 || second === 9 ? 0 : Math.min(1, (second + 1) / 4);
    return liveSample({
      atMs: (second + 1) * 1000 + 2,
      requestsPerSec: 9876 * factor,
      eventsPerSec: 98_765 * factor,
      bytesPerSec: 13_800_000 * factor,
    });
  });
}

function badRun(): LiveSample[] {
  const trouble = liveSample({
    atMs: 13_001,
    connectionsOpen: 61,
    attempted: 1_120_394,
    outcomes: outcomeCounts({
      completed: 1_120_000,
      reset: 271,
      'closed-early': 39,
      'no-headers': 12,
      stalled: 11,
    }),
    timeouts: { connect: 0, headers: 12, firstEvent: 0, idle: 11, deadline: 0 },
    errors: {
      ECONNRESET: 271,
      'premature-end': 39,
      '\u001B[31mbad\r\nchunk-名size': 3,
      'head-too-large': 1,
      EPIPE: 1,
    },
    survival: 0.9874,
    cpuShare: 0.963,
    loopDelayP99Us: 48_200,
    sendLatenessP99Us: 2_100_000,
  });
  return [...goodRun(), trouble];
}

function golden(name: string): string {
  return readFileSync(join(ROOT, 'test/fixtures/panel', name), 'utf8');
}

function draw(state: PanelState, columns: number): string {
  return `${renderPanel(state, columns, false).join('\n')}\n`;
}

describe('the panel as it is drawn', () => {
  it.each([80, 200])('shows a load that goes well at %i columns', (columns) => {
    expect(draw(stateOf(goodRun()), columns)).toBe(golden(`good-${columns}.txt`));
  });

  it.each([80, 200])(
    'shows failures, hostile texts and a generator at its limit at %i columns',
    (columns) => {
      expect(draw(stateOf(badRun()), columns)).toBe(golden(`bad-${columns}.txt`));
    },
  );

  it.each([80, 200])('shows an empty frame before the first second at %i columns', (columns) => {
    expect(draw(stateOf([]), columns)).toBe(golden(`empty-${columns}.txt`));
  });

  it('is one line below 60 columns', () => {
    expect(renderPanel(stateOf(goodRun()), 59, false)).toEqual([
      '12/30 s  76,543 ev/s  100/100 open  p99 12 ms',
    ]);
    expect(renderPanel(stateOf(badRun()), 59, false)).toEqual([
      '13/30 s  generator-limited  333 failed  79,012 ev/s',
    ]);
    expect(renderPanel(stateOf([]), 20, false)).toEqual(['ssee-tester: conne…']);
  });

  it('colours the same text', () => {
    const plain = renderPanel(stateOf(badRun()), 80, false);
    const colored = renderPanel(stateOf(badRun()), 80, true);
    expect(colored.map((line) => stripVTControlCharacters(line).trimEnd())).toEqual(plain);
    expect(colored.join('')).toContain('\u001B[');
  });
});

describe('what the panel says', () => {
  const textOf = (...samples: LiveSample[]): string => draw(stateOf(samples), 120);

  it('warns above 90 % CPU, before any number, and remembers it afterwards', () => {
    expect(textOf(liveSample({ cpuShare: 0.9 }))).not.toContain('limit');
    const limited = liveSample({ cpuShare: 0.91 });
    const lines = renderPanel(stateOf([limited]), 120, false);
    expect(lines[2]).toBe('! the load generator is the limit (91 % CPU; 1 of 1 s), not the server');
    expect(textOf(limited, liveSample())).toContain('! the load generator was the limit in 1 of 2 s');
  });

  it('does not round a lost connection away', () => {
    expect(textOf(liveSample({ survival: 0.999999 }))).toContain('survival >99.9 %');
    expect(textOf(liveSample({ survival: null }))).toContain('survival -');
  });

  it('names the outcome that is the goal also while it is 0', () => {
    const state = stateOf([liveSample({ outcomes: outcomeCounts() })], 'endless');
    expect(draw(state, 80)).toContain('outcomes     held 0');
  });

  it('tells how long streams have been draining', () => {
    expect(textOf(liveSample({ atMs: 32_400 }))).toContain('30 s over, draining for 2 s');
    expect(textOf(liveSample({ atMs: 30_012 }))).toContain('30 of 30 s');
  });
});

describe('whatever is shown', () => {
  const samples = fc.array(anyLiveSample, { maxLength: 15 });

  it('stays within the columns, draws no control character, and keeps its height', () => {
    fc.assert(
      fc.property(samples, hostileText, fc.integer({ min: 1, max: 260 }), (given, url, columns) => {
        const state = startPanelState({ url, durationMs: 30_000, stream: 'endless' });
        const height = renderPanel(state, columns, false).length;
        for (const sample of given) advancePanelState(state, sample);
        const lines = renderPanel(state, columns, false);
        expect(lines).toHaveLength(height);
        for (const line of lines) {
          expect(line.length).toBeLessThan(Math.max(1, columns));
          expect(line).toMatch(/^[\x20-\x7e▁▂▃▄▅▆▇█━─·≤…]*$/u);
          expect(line).not.toMatch(/NaN|Infinity|undefined|null/);
        }
        expect(renderPanelLine(state, columns, false).length).toBeLessThan(Math.max(1, columns));
        const colored = renderPanel(state, columns, true).map((line) => stripVTControlCharacters(line));
        expect(colored.map((line) => line.trimEnd())).toEqual(lines);
      }),
    );
  });
});
