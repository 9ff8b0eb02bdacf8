import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { UserError } from '../../src/model/errors.ts';
import { writeReports } from '../../src/run/write-reports.ts';
import { sampleComparison, sampleRun } from '../helpers/sample-comparison.ts';

let dir = '';

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'ssee-reports-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

it('names the file that cannot be written, the cause and the remedy, and writes the others', () => {
  mkdirSync(join(dir, 'report.md'));
  const { run } = sampleRun();
  const write = () => writeReports(dir, { run, arms: [], comparison: sampleComparison() }, ['md', 'csv']);
  expect(write).toThrow(UserError);
  expect(write).toThrow(/^cannot write .*report\.md: EISDIR; make room there .*ssee-bench report/);
  expect(readdirSync(dir).sort()).toEqual(['comparison.csv', 'report.md']);
});
