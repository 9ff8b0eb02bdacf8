import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BEHAVIOURS } from '../../src/evidence/calibration-behaviours.ts';
import type { Calibration, CalibrationCell } from '../../src/model/calibration.ts';
import { MARK_VARIABLE, markedProcesses } from '../helpers/marked-processes.ts';
import { type CliResult, findRunDir, makeOutDir, runCli, startCli, waitFor } from '../helpers/run-cli.ts';

function readCalibration(runDir: string): Calibration {
  return JSON.parse(readFileSync(join(runDir, 'calibration.json'), 'utf8')) as Calibration;
}

/** Stops a calibration after its first trials and says how it ended and what ran at that moment. */
async function interruptCalibration(outDir: string) {
  const cli = startCli(['calibrate', '--tools', 'curl', '--out', outDir], {
    env: { [MARK_VARIABLE]: outDir },
  });
  await waitFor('the first tenth of the trials', () => cli.stderrSoFar().includes('['), 120_000);
  const running = markedProcesses(outDir);
  cli.child.kill('SIGINT');
  const { code, lastLine } = await cli.done;
  return { code, calibration: readCalibration(lastLine), running };
}

const interruptedDir = makeOutDir();
let interrupted: ReturnType<typeof interruptCalibration>;
// Beside the whole calibration below: neither is about rates.
beforeAll(() => {
  interrupted = interruptCalibration(interruptedDir);
  // Whoever awaits it is told; until then a failure must not end the process.
  interrupted.catch(() => undefined);
});
afterAll(() => rmSync(interruptedDir, { recursive: true, force: true }));

describe('ssee-bench calibrate', () => {
  const outDir = makeOutDir();
  let result: CliResult;
  let calibration: Calibration;

  beforeAll(async () => {
    result = await runCli(['calibrate', '--tools', 'hey,ssee-tester', '--out', outDir], {
      env: { COLUMNS: '100' },
    });
    calibration = readCalibration(findRunDir(outDir));
  }, 300_000);
  afterAll(() => rmSync(outDir, { recursive: true, force: true }));

  const cellsOf = (tool: string): CalibrationCell[] => calibration.cells.filter((cell) => cell.tool === tool);

  it('ends with 0, names its folder last and leaves JSON and Markdown there', () => {
    expect(result.stderr).not.toMatch(/internal error/);
    expect(result.code).toBe(0);
    expect(result.lastLine).toBe(findRunDir(outDir));
    expect(existsSync(join(result.lastLine, 'calibration.md'))).toBe(true);
    expect(result.stdout).toMatch(/^fin +WRONG\/blind +right\/right$/m);
  });

  it('finds ssee-tester right about everything, as printed and as published', () => {
    const cells = cellsOf('ssee-tester');
    expect(cells).toHaveLength(BEHAVIOURS.length);
    for (const { behaviour, raw, normalized } of cells) {
      expect(raw, behaviour).toMatchObject({ verdict: 'right' });
      expect(normalized, behaviour).toMatchObject({ verdict: 'right' });
    }
  });

  it('finds hey wrong about streams that break, and nothing wrong that is published of it', () => {
    const wrong = cellsOf('hey').filter(({ raw }) => raw.state === 'judged' && raw.verdict === 'wrong');
    expect(wrong.map(({ behaviour }) => behaviour)).toEqual([
      'endless',
      'stall',
      'fin',
      'reset',
      'truncated',
    ]);
    for (const { raw } of wrong)
      expect(raw).toMatchObject({ said: expect.stringMatching(/^\[200\] \d+ responses/) });
    for (const { behaviour, normalized } of cellsOf('hey')) {
      expect(normalized, behaviour).toMatchObject({ state: 'judged' });
      expect(normalized, behaviour).not.toMatchObject({ verdict: 'wrong' });
    }
  });
});

describe('ssee-bench calibrate, interrupted', () => {
  it('judges what it has, ends with 130 and leaves nothing running', async () => {
    const { code, calibration, running } = await interrupted;
    expect(running).not.toEqual([]);
    expect(code).toBe(130);
    expect(calibration.state).toBe('interrupted');
    const judged = calibration.cells.filter(({ raw }) => raw.state === 'judged');
    expect(judged.length).toBeGreaterThan(0);
    expect(judged.length).toBeLessThan(calibration.cells.length);
    expect(markedProcesses(interruptedDir)).toEqual([]);
  }, 180_000);
});

describe('ssee-bench calibrate, misused', () => {
  it.each([
    [['--tools', 'siege'], /^--tools siege: no load tool is called that; choose from wrk, /],
    [['--format', 'pdf'], /^--format pdf: choose from terminal, md, json$/m],
    [['scenario.yaml'], /too many arguments/],
  ])('%j ends with 2 and one line', async (args, message) => {
    const { code, stderr, stdout } = await runCli(['calibrate', '--no-install', ...args]);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(stdout).toBe('');
  });
});
