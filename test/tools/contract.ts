import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect } from 'vitest';
import type { Reading } from '../../src/model/cell.ts';
import { METRIC_IDS } from '../../src/model/metrics.ts';
import { OUTCOME_ROWS } from '../../src/model/outcome.ts';
import type { ProcessExit, ToolOutput, ToolResult, ToolTrial } from '../../src/model/tool.ts';
import type { LoadTool } from '../../src/tools/load-tool.ts';
import { makeExit, makeTrial } from './run-tool.ts';

const FIXTURES = join(import.meta.dirname, '../fixtures/tools');

export interface StoredRun {
  name: string;
  output: ToolOutput;
  trial: ToolTrial;
}

/** Outputs stored as NAME.txt with NAME.err. Exit codes were not kept; no normalizer may rest on them. */
export function readPlainFixtures(prefix: string): StoredRun[] {
  return readdirSync(FIXTURES)
    .filter((file) => file.startsWith(prefix) && file.endsWith('.txt'))
    .map((file) => readPlainFixture(file.replace(/\.txt$/, '')));
}

export function readPlainFixture(name: string, overrides: Partial<ToolTrial> = {}): StoredRun {
  const names = readdirSync(FIXTURES);
  const read = (file: string): string =>
    names.includes(file) ? readFileSync(join(FIXTURES, file), 'utf8') : '';
  return {
    name,
    output: { exit: makeExit(), stdout: read(`${name}.txt`), stderr: read(`${name}.err`), files: {} },
    trial: makeTrial(overrides),
  };
}

/** Outputs of the adapters' own command lines, with the trial they belong to. */
export function readRecordedRuns(tool: LoadTool): StoredRun[] {
  return readdirSync(join(FIXTURES, 'recorded'))
    .filter((name) => name.startsWith(`${tool.name}-`))
    .map((name) => readRecordedRun(tool, name));
}

export function readRecordedRun(tool: LoadTool, name: string): StoredRun {
  const dir = join(FIXTURES, 'recorded', name);
  const read = (file: string): string => readFileSync(join(dir, file), 'utf8');
  const stored = JSON.parse(read('trial.json')) as { exit: ProcessExit; trial: ToolTrial };
  const present = readdirSync(dir);
  return {
    name,
    output: {
      exit: stored.exit,
      stdout: read('stdout.txt'),
      stderr: read('stderr.txt'),
      files: Object.fromEntries(
        tool.outputFiles.filter((file) => present.includes(file)).map((file) => [file, read(file)]),
      ),
    },
    trial: stored.trial,
  };
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
