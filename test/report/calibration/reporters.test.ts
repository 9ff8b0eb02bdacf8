import { describe, expect, it } from 'vitest';
import { BEHAVIOURS } from '../../../src/evidence/calibration-behaviours.ts';
import type { Calibration, CalibrationLayer, CalibrationVerdict } from '../../../src/model/calibration.ts';
import { CALIBRATION_REPORTERS } from '../../../src/report/calibration/index.ts';

function layer(verdict: CalibrationVerdict, overrides: Partial<CalibrationLayer> = {}): CalibrationLayer {
  return {
    state: 'judged',
    verdict,
    said: '[200] 150 responses',
    because: 'it presents 150 responses as good; the server completed none',
    trial: 'typed-hey@fin',
    argv: ['hey'],
    server: { streamsClosedEarly: 150 },
    ...overrides,
  } as CalibrationLayer;
}

const TOOLS = ['wrk', 'hey', 'curl', 'autocannon', 'ab', 'ssee-tester'];

/** hey is wrong about fin, ab is not there, all else is right. */
function sample(overrides: Partial<Calibration> = {}): Calibration {
  return {
    schema: 'ssee-bench/calibration/1',
    harnessVersion: '0.1.0',
    startedAt: '2026-01-01T00:00:00.000Z',
    state: 'done',
    environment: {
      cpuModel: 'cpu',
      cpus: 2,
      memoryBytes: 1,
      kernel: '6.1',
      os: 'Debian GNU/Linux 12',
      node: 'v20.20.2',
      openFiles: 1024,
      portRange: null,
      namespaces: true,
      user: 'root',
    },
    load: { connections: 4, durationMs: 2000, timeoutMs: 1000 },
    tools: TOOLS.map((name) =>
      name === 'ab'
        ? { name, version: null, missing: 'ab is not in PATH; apt-get install apache2-utils' }
        : { name, version: '1.2.3', missing: null },
    ),
    behaviours: [...BEHAVIOURS],
    cells: BEHAVIOURS.flatMap(({ id }) =>
      TOOLS.map((tool) => {
        const absent: CalibrationLayer = { state: 'not-run', reason: 'ab is not in PATH' };
        if (tool === 'ab') return { tool, behaviour: id, raw: absent, normalized: absent };
        return tool === 'hey' && id === 'fin'
          ? {
              tool,
              behaviour: id,
              raw: layer('wrong'),
              normalized: layer('blind', { said: 'closed-early n/a' }),
            }
          : { tool, behaviour: id, raw: layer('right'), normalized: layer('right') };
      }),
    ),
    problems: [],
    ...overrides,
  };
}

const lines = (text: string): string[] => text.split('\n');

describe('the calibration on a terminal', () => {
  it('is a matrix that fits 100 columns, and two words per cell', () => {
    const text = CALIBRATION_REPORTERS.terminal(sample(), { columns: 100 });
    expect(Math.max(...lines(text).map((line) => line.length))).toBeLessThanOrEqual(100);
    expect(text).toMatch(/^ +wrk +hey +curl +autocannon +ab +ssee-tester$/m);
    expect(text).toMatch(
      /^fin +right\/right +WRONG\/blind +right\/right +right\/right +-\/- +right\/right$/m,
    );
    expect(text).not.toContain('\u001b');
  });

  it('is a list where the terminal is too narrow', () => {
    const text = CALIBRATION_REPORTERS.terminal(sample(), { columns: 80 });
    expect(Math.max(...lines(text).map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(text).toMatch(
      /^fin\n {2}wrk +report right, published right\n {2}hey +report WRONG, published blind$/m,
    );
  });

  it('shows what was read beside what is published, for every wrong cell', () => {
    const text = CALIBRATION_REPORTERS.terminal(sample(), { columns: 160 });
    expect(text).toContain('fin: every stream is closed by the server after three events');
    expect(text).toContain('- report: [200] 150 responses');
    expect(text).toContain('- published: closed-early n/a');
    expect(text).toContain('ab: not run: ab is not in PATH; apt-get install apache2-utils');
  });

  it('has colours only when they are asked for, and the same words with them', () => {
    const plain = CALIBRATION_REPORTERS.terminal(sample(), { columns: 120 });
    const painted = CALIBRATION_REPORTERS.terminal(sample(), { columns: 120, color: true });
    expect(painted).toContain('\u001b[31mWRONG\u001b[39m/\u001b[90mblind\u001b[39m');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the escapes are what is taken out
    expect(painted.replace(/\u001b\[\d+m/g, '')).toBe(plain);
  });

  it('begins with what was found', () => {
    expect(lines(CALIBRATION_REPORTERS.terminal(sample(), { columns: 200 }))[0]).toMatch(
      /^Of 95 reports of the tools 1 say the opposite of what the server did and 0 cannot tell; of 95 results as/,
    );
    const empty = { cells: [], state: 'interrupted' } as const;
    expect(CALIBRATION_REPORTERS.terminal(sample(empty), {})).toMatch(
      /^Nothing was judged\. Interrupted: the rest was not run\.$/m,
    );
  });
});

describe('the calibration in Markdown', () => {
  it('has a sign and a word in every cell', () => {
    const text = CALIBRATION_REPORTERS.md(sample(), {});
    const row = lines(text).find((line) => line.startsWith('| fin: is closed by the server'))!;
    expect(row.split('|').map((cell) => cell.trim())).toEqual([
      '',
      'fin: is closed by the server after three events',
      '✓ right / ✓ right',
      '✗ **wrong** / ○ blind',
      '✓ right / ✓ right',
      '✓ right / ✓ right',
      '- not run / - not run',
      '✓ right / ✓ right',
      '',
    ]);
  });

  it('lets no text of a tool become anything else', () => {
    const hostile = layer('wrong', { said: 'a|b <script> @user #1 `x` \u001b[31m' });
    const cells = sample().cells.map((cell) => ({ ...cell, raw: hostile }));
    const text = CALIBRATION_REPORTERS.md(sample({ cells }), {});
    expect(text).not.toMatch(/<script>|[^\\]`x`/);
    expect(text).not.toContain('\u001b');
    const widths = new Set(
      lines(text)
        .filter((line) => line.startsWith('| wrk '))
        .map((line) => line.replaceAll('\\|', '').split('|').length),
    );
    expect(widths).toEqual(new Set([7]));
  });
});

describe('the calibration in any format', () => {
  it('has the same bytes for the same calibration', () => {
    for (const report of Object.values(CALIBRATION_REPORTERS)) {
      expect(report(structuredClone(sample()), {})).toBe(report(sample(), {}));
    }
  });

  it('is complete as JSON', () => {
    expect(JSON.parse(CALIBRATION_REPORTERS.json(sample(), {}))).toEqual(
      JSON.parse(JSON.stringify(sample())),
    );
  });
});
