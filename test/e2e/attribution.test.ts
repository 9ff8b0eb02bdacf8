import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Comparison } from '../../src/model/comparison.ts';
import { findRunDir, makeOutDir, ROOT, readComparison, readRunRecord, runCli } from '../helpers/run-cli.ts';

/** The handful that needs no rights; `npm run verify:attribution` runs them all. */
const CASES = [
  { name: 'never-answered', expected: 'never-answered', needsWire: false },
  { name: 'http-errors', expected: 'http-errors', needsWire: false },
  { name: 'global-pause', expected: 'global-pause', needsWire: false },
  { name: 'slow-handler', expected: 'slow-handler', needsWire: true },
];

const outDirs = new Map(CASES.map(({ name }) => [name, makeOutDir()]));

// Two at a time: neither the causes nor their evidence are a matter of CPU time.
beforeAll(async () => {
  const waiting = [...CASES];
  const runNext = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const scenario = join('scenarios/planted', `${next.name}.yaml`);
      await runCli(['run', scenario, '--out', outDirs.get(next.name)!, '--quiet']);
    }
  };
  await Promise.all([runNext(), runNext()]);
}, 240_000);
afterAll(() => {
  for (const outDir of outDirs.values()) rmSync(outDir, { recursive: true, force: true });
});

describe.each(CASES)('planted: $name', ({ name, expected, needsWire }) => {
  let comparison: Comparison;
  let runDir: string;

  beforeAll(() => {
    runDir = findRunDir(outDirs.get(name)!);
    comparison = readComparison(runDir);
  });

  it('is named first, or nothing is where there was no capture to see it on', () => {
    const captured = readRunRecord(runDir).trials.some(({ capture }) => capture?.state === 'done');
    const [first] = comparison.arms[0]!.findings;
    expect(first!.because.length).toBeGreaterThan(0);
    expect(first!.code).toBe(captured || !needsWire ? expected : 'unproven');
  });

  it('is explained from the stored run', async () => {
    const { code, stdout } = await runCli(['explain', runDir, comparison.arms[0]!.id, expected]);
    expect(code).toBe(0);
    expect(stdout).toContain(`${expected}: `);
    expect(stdout).toContain(`src/findings/${expected}.ts`);
    expect(readFileSync(join(ROOT, 'src/findings', `${expected}.ts`), 'utf8')).toContain(
      `code: '${expected}'`,
    );
  });
});

it('a figure that there is not is a usage error with a suggestion', async () => {
  const outDir = makeOutDir();
  await runCli([
    'run',
    'scenarios/quick.yaml',
    '--out',
    outDir,
    '--quiet',
    '--tools',
    'ssee-tester',
    '--duration',
    '1s',
  ]);
  const runDir = findRunDir(outDir);
  const { code, stderr } = await runCli(['explain', runDir, 'ssee-tester', 'ttfe_us_p98']);
  expect(code).toBe(2);
  expect(stderr).toMatch(/no figure and no finding called ttfe_us_p98; did you mean "ttfe_us_p9/);
  rmSync(outDir, { recursive: true, force: true });
}, 60_000);
