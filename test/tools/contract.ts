import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Reading } from '../../src/model/cell.ts';
import { METRIC_IDS } from '../../src/model/metrics.ts';
import { OUTCOME_ROWS } from '../../src/model/outcome.ts';
import type { ToolOutput, ToolResult, ToolTrial } from '../../src/model/tool.ts';
import type { LoadTool } from '../../src/tools/load-tool.ts';
import type { StoredRun } from '../helpers/stored-outputs.ts';

/** The suite of every normalizer over its stored outputs; `damaged` are those that are cut and changed as well. */
export function describeStoredOutputs(
  tool: LoadTool,
  runs: readonly StoredRun[],
  damaged: readonly StoredRun[] = runs,
): void {
  describe(`${tool.name}, every stored output`, () => {
    for (const { name, output, trial } of runs) {
      it(`${name}: numbers or reasons, the same each time`, () => {
        expectHonestResult(tool, output, trial);
        expectHonestResult(tool, output, { ...trial, stream: 'endless' });
      });
    }

    it('stays honest when its output is cut off or damaged', () => expectHonestUnderDamage(tool, damaged));

    it('has a sentence for everything it cannot see', () => expectReasons(tool));
  });
}

/** What every normalizer owes for every output, however broken. */
export function expectHonestResult(tool: LoadTool, output: ToolOutput, trial: ToolTrial): ToolResult {
  const result = tool.normalize(output, trial);
  expect(tool.normalize(structuredClone(output), structuredClone(trial))).toEqual(result);
  const readings = [...Object.entries(result.metrics), ...Object.entries(result.outcomes)] as [
    string,
    Reading,
  ][];
  if (result.events) readings.push(['events', result.events]);
  for (const [id, reading] of readings) expectHonestReading(tool, id, reading);
  expectPlainNumbers(result.extra ?? {}, 'extra');
  if (result.problem !== undefined) expect(result.problem).toMatch(/^\S.*[^.\s]$/);
  expect(result.problem === undefined || readings.every(([, reading]) => !reading.known)).toBe(true);
  return result;
}

function expectHonestReading(tool: LoadTool, id: string, reading: Reading): void {
  if (!reading.known) {
    expect(reading.detail, id).toMatch(/^\S.*[^.\s]$/);
    return;
  }
  expect(Number.isFinite(reading.value) && reading.value >= 0, `${id} is ${reading.value}`).toBe(true);
  if (id !== 'events') expect(tool.observes.has(id as never), `${tool.name} observes ${id}`).toBe(true);
  if (/_us_/.test(id)) expect(Number.isInteger(reading.value), `${id} is ${reading.value}`).toBe(true);
  if (!reading.interval) return;
  const [low, high] = reading.interval;
  expect(low >= 0 && low <= reading.value && reading.value <= high && high <= 1, id).toBe(true);
}

/** NaN, Infinity and negatives must not hide in the tool's own figures either. */
function expectPlainNumbers(value: unknown, path: string): void {
  if (typeof value === 'number') {
    if (!Number.isFinite(value) || value < 0) expect.fail(`${path} is ${value}`);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, member] of Object.entries(value)) expectPlainNumbers(member, `${path}.${key}`);
  }
}

/** Every metric and outcome has either a place in `observes` or a sentence why not. */
export function expectReasons(tool: LoadTool): void {
  for (const id of [...METRIC_IDS, ...OUTCOME_ROWS]) {
    if (!tool.observes.has(id)) expect(tool.whyNot(id), id).toMatch(/^\S.{10,}[^.\s]$/);
  }
}

/** Cut an output off anywhere, or change characters of it: what a kill or another version leaves. */
export function expectHonestUnderDamage(tool: LoadTool, runs: readonly StoredRun[]): void {
  const junk = fc.constantFrom(
    '-1',
    'NaN',
    'null',
    '1e999',
    '"',
    '{}',
    '[]',
    '-nan%',
    '\n',
    '9'.repeat(25),
    'x',
    '',
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...runs),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      junk,
      fc.constantFrom('cut', 'replace', 'insert'),
      ({ output, trial }, where, length, text, kind) => {
        const damage = (whole: string): string => {
          const at = Math.floor(where * whole.length);
          if (kind === 'cut') return whole.slice(0, at);
          const end = kind === 'insert' ? at : at + Math.ceil(length * 12);
          return whole.slice(0, at) + text + whole.slice(end);
        };
        expectHonestResult(
          tool,
          {
            ...output,
            stdout: damage(output.stdout),
            files: Object.fromEntries(
              Object.entries(output.files).map(([name, content]) => [name, damage(content)]),
            ),
          },
          trial,
        );
      },
    ),
    { numRuns: 300 },
  );
}
