import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { historyCommand } from '../../src/cli/history-command.ts';
import type { History } from '../../src/model/history.ts';
import { historyComparisons } from '../helpers/history-runs.ts';

let dir: string;
let stdout: string;
let stderr: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'ssee-history-'));
  stdout = '';
  stderr = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    stdout += String(text);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(dir, { recursive: true, force: true });
});

function writeRuns(count: number, name = (night: number) => `night-${night}`): void {
  for (const [night, comparison] of historyComparisons(count).entries()) {
    const folder = join(dir, name(night));
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'comparison.json'), JSON.stringify(comparison));
    writeFileSync(join(folder, 'report.html'), '<!doctype html>');
  }
}

const readHistory = (folder = dir): History =>
  JSON.parse(readFileSync(join(folder, 'history.json'), 'utf8')) as History;

describe('ssee-bench history', () => {
  it('writes index.html and history.json beside the runs, and prints where', () => {
    writeRuns(3);
    expect(historyCommand(dir, {})).toBe(0);
    expect(stdout).toBe(`${join(dir, 'index.html')}\n`);
    expect(stderr).toBe('');
    expect(readFileSync(join(dir, 'index.html'), 'utf8')).toContain('href="night-2/report.html"');
    expect(readHistory().scenarios[0]!.runs.map(({ report }) => report)).toEqual([
      'night-0/report.html',
      'night-1/report.html',
      'night-2/report.html',
    ]);
  });

  it('prints names of folders without control characters', () => {
    writeRuns(1);
    mkdirSync(join(dir, 'odd\u001b[31m'));
    writeFileSync(join(dir, 'odd\u001b[31m', 'comparison.json'), '{');
    expect(historyCommand(dir, {})).toBe(0);
    expect(stderr).toMatch(/^[^\p{Cc}]*odd \[31m[^\p{Cc}]*\n$/u);
  });

  it('links to reports from another folder, through links and odd names', () => {
    writeRuns(1, () => 'a#b ?c%d');
    const elsewhere = join(dir, 'out');
    mkdirSync(join(dir, 'real'));
    symlinkSync(join(dir, 'real'), elsewhere);
    historyCommand(dir, { out: join(elsewhere, 'deep') });
    const [run] = readHistory(join(dir, 'real/deep')).scenarios[0]!.runs;
    const target = new URL(run!.report!, `file://${join(dir, 'real/deep/index.html')}`);
    expect(existsSync(target)).toBe(true);
  });

  it('leaves broken and foreign folders out, with a line and a remedy for each', () => {
    writeRuns(2);
    writeFileSync(join(dir, 'baseline.json'), '{}');
    for (const [name, file, text] of [
      ['calibration', 'calibration.json', '{}'],
      ['damaged', 'comparison.json', '{"schema":'],
      ['foreign', 'photo.jpg', ''],
      ['old', 'comparison.json', '{"schema":"ssee-bench/comparison/0"}'],
      ['unreported', 'run.json', '{}'],
    ] as const) {
      mkdirSync(join(dir, name));
      writeFileSync(join(dir, name, file), text);
    }
    expect(historyCommand(dir, {})).toBe(0);
    const lines = stderr.trim().split('\n');
    expect(lines).toHaveLength(4);
    expect(lines[0]).toMatch(
      /damaged: left out: comparison\.json is damaged or foreign: .*ssee-bench report/,
    );
    expect(lines[1]).toBe(`${join(dir, 'foreign')}: left out: it is no run folder`);
    expect(lines[2]).toMatch(/old: left out: .*its schema is "ssee-bench\/comparison\/0"/);
    expect(lines[3]).toMatch(/unreported: left out: it has no comparison\.json; make it: ssee-bench report/);
    expect(readHistory().warnings).toEqual(lines);
    stderr = '';
    historyCommand(dir, { out: join(dir, 'trends') });
    expect(stderr.trim().split('\n')).toHaveLength(4);
    historyCommand(dir, {});
    expect(stderr).not.toContain('trends');
  });

  it.each([
    ['an empty folder', '', /holds no run that can be read; measure first: ssee-bench run/],
    ['no folder', 'nothing', /is not there; name the folder that run folders are in/],
  ])('is told %s as a mistake of the caller, with the remedy', (_, name, message) => {
    expect(() => historyCommand(join(dir, name), {})).toThrow(
      expect.objectContaining({ exitCode: 2, message: expect.stringMatching(message) }),
    );
  });

  it('says where it cannot write, as a failure of its own', () => {
    writeRuns(1);
    writeFileSync(join(dir, 'taken'), '');
    expect(() => historyCommand(dir, { out: join(dir, 'taken') })).toThrow(
      expect.objectContaining({
        exitCode: 1,
        message: expect.stringMatching(/choose a folder you may write/),
      }),
    );
  });

  it('takes five hundred runs', () => {
    writeRuns(500, (night) => `night-${String(night).padStart(3, '0')}`);
    expect(historyCommand(dir, {})).toBe(0);
    const [scenario] = readHistory().scenarios;
    expect(scenario!.runs).toHaveLength(500);
    expect(scenario!.series.every(({ points }) => points.length === 500)).toBe(true);
  });
});
