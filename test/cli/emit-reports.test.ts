import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { emitReports, FORMATS, parseFormats } from '../../src/cli/emit-reports.ts';
import { UserError } from '../../src/model/errors.ts';
import { USUAL_FORMATS } from '../../src/run/write-reports.ts';
import { sampleComparison, sampleRun } from '../helpers/sample-comparison.ts';

let dir = '';
let stdout = '';

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'ssee-emit-'));
  stdout = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    stdout += text;
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  rmSync(dir, { recursive: true, force: true });
});

function emit(formats: string[], quiet = false): string[] {
  return emitReports(dir, { run: sampleRun().run, arms: [], comparison: sampleComparison() }, formats, {
    quiet,
  });
}

it('writes the files that are asked for and no other', () => {
  expect(emit(['csv-wide', 'github-action-benchmark', 'prometheus'])).toEqual([]);
  expect(readdirSync(dir).sort()).toEqual([
    'benchmark-bigger.json',
    'benchmark-smaller.json',
    'comparison-wide.csv',
    'metrics.prom',
  ]);
  expect(stdout).toBe('');
});

it('writes a file for every format but those that are printed', () => {
  expect(emit(FORMATS, true)).toEqual([]);
  expect(readdirSync(dir)).toEqual(
    expect.arrayContaining([
      'report.html',
      'junit.xml',
      'bencher.json',
      'benchstat.txt',
      'github-summary.md',
    ]),
  );
  expect(readFileSync(join(dir, 'report.html'), 'utf8')).toMatch(/^<!doctype html>/);
});

it('prints the table unless it is to be quiet, and annotations whenever they are asked for', () => {
  emit(['terminal', 'github-annotations'], true);
  expect(stdout).toMatch(/^::warning /);
  stdout = '';
  emit(['terminal']);
  expect(stdout).toMatch(/requests\/s/);
  expect(stdout).not.toMatch(/^::/m);
});

it('adds the summary to the one of the GitHub job, and says when that cannot be', () => {
  const summary = join(dir, 'step-summary');
  vi.stubEnv('GITHUB_STEP_SUMMARY', summary);
  emit(['github-summary']);
  emit(['github-summary']);
  const text = readFileSync(summary, 'utf8');
  expect(text).toBe(readFileSync(join(dir, 'github-summary.md'), 'utf8').repeat(2));
  vi.stubEnv('GITHUB_STEP_SUMMARY', join(dir, 'none', 'step-summary'));
  expect(emit(['github-summary'])).toEqual([
    expect.stringMatching(/cannot write the job summary to .*ENOENT/),
  ]);
});

it('knows its formats and names the one that is none', () => {
  expect(parseFormats(USUAL_FORMATS)).toEqual(['terminal', 'md', 'csv', 'json', 'html', 'junit']);
  expect(parseFormats(' html , bencher ')).toEqual(['html', 'bencher']);
  expect(() => parseFormats('html,pdf')).toThrow(UserError);
  expect(() => parseFormats('toString')).toThrow(/--format toString: this version writes terminal,/);
});
