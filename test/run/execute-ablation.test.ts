import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { known } from '../../src/model/cell.ts';
import type { AblationRecord, RunRecord } from '../../src/model/run-record.ts';
import { executeAblation } from '../../src/run/execute-ablation.ts';
import { readAblation } from '../../src/run/read-ablation.ts';
import type { LoadTool } from '../../src/tools/load-tool.ts';
import { makeArm, makeRecord, makeRun } from '../helpers/evidence-builder.ts';

const PLAN = { rounds: 6, sliceMs: 1000 };
const EXIT = { code: 0, signal: null, overran: false, sent: [], startedAtMs: 0, wallMs: 1000 };
const REQUEST = Buffer.from('GET / HTTP/1.1\r\nHost: a\r\nB: 1\r\nC: 2\r\n\r\n');

let runDir: string;
beforeEach(() => {
  runDir = mkdtempSync(join(tmpdir(), 'ssee-ablation-'));
});
afterEach(() => rmSync(runDir, { recursive: true, force: true }));

/** A target whose parse time is the length of the request and whose rate is 1000 / length. */
async function ablate(request = REQUEST, stopAfter = Number.POSITIVE_INFINITY) {
  const dir = join(runDir, 'trials', 'ablation-x');
  const controller = new AbortController();
  let requests = 0;
  let parseS = 0;
  mkdirSync(dir, { recursive: true });
  const record = await executeAblation({
    dir,
    request,
    plan: PLAN,
    signal: controller.signal,
    async runSlice(sliceDir, file) {
      const { length } = readFileSync(file);
      requests += 10;
      parseS += 10 * length * 1e-6;
      writeFileSync(join(sliceDir, 'stdout.txt'), String(1000 / length));
      if (requests / 10 === stopAfter) controller.abort();
      return EXIT;
    },
    async scrape(sliceDir, file) {
      const name = 'ssee_target_header_parse_seconds';
      const lines = [
        `${name}_bucket{le="+Inf"} ${requests}`,
        `${name}_sum ${parseS}`,
        `${name}_count ${requests}`,
      ];
      writeFileSync(join(sliceDir, file), `${lines.join('\n')}\n`);
    },
  });
  return record;
}

/** Takes the rate from the output as it is. */
const TOOL = {
  normalize: ({ stdout }: { stdout: string }) => ({
    metrics: { events_per_sec: known(Number(stdout)) },
    outcomes: {},
    caveats: [],
  }),
} as unknown as LoadTool;

function runOf(ablation: AblationRecord | undefined): RunRecord {
  const arm = makeArm({ id: 'x', tool: 'ssee-tester', replay: 'wrk', ablate: 'headers' });
  const record = makeRecord({
    id: 'ablation-x',
    armId: 'x',
    kind: 'ablation',
    ...(ablation ? { ablation } : {}),
  });
  const run = makeRun([arm], ablation ? [record] : []);
  run.plan.trials = [
    {
      id: 'ablation-x',
      armId: 'x',
      kind: 'ablation',
      round: 0,
      durationMs: 1000,
      capture: 'off',
      ablation: PLAN,
    },
  ];
  return run;
}

describe('an ablation trial', () => {
  it('sends every request once per round, each of them in every place of the order', async () => {
    const { slices, requests } = await ablate();
    expect(requests.map(({ bytes }) => bytes)).toEqual([REQUEST.length, 33, 33, 27]);
    expect(slices.slice(0, 12).map(({ round, request }) => `${round}-${request}`)).toEqual([
      '1-0',
      '1-1',
      '1-2',
      '1-3',
      '2-1',
      '2-2',
      '2-3',
      '2-0',
      '3-2',
      '3-3',
      '3-0',
      '3-1',
    ]);
    expect(slices).toHaveLength(24);
  });

  it('is read back from what it stored', async () => {
    const run = runOf(await ablate());
    const ablation = readAblation(runDir, run, run.plan.arms[0]!, TOOL)!;
    expect(ablation.rows.map(({ change, header, bytes }) => [change, header, bytes])).toEqual([
      ['whole', null, 39],
      ['without', 'B', 33],
      ['without', 'C', 33],
      ['bare', null, 27],
      ['with', 'B', 33],
      ['with', 'C', 33],
    ]);
    for (const { bytes, header_parse_us_mean, rate } of ablation.rows) {
      expect((header_parse_us_mean as { value: number }).value).toBeCloseTo(bytes, 0);
      expect((rate as { value: number }).value).toBeCloseTo(1000 / bytes, 6);
    }
    expect(ablation.sentence).toMatch(
      /^B costs 15\.4 % of the rate, C costs 15\.4 % of the rate; bare against/,
    );
  });

  it('ends early when it is interrupted, and what it has counts', async () => {
    const run = runOf(await ablate(REQUEST, 5));
    const ablation = readAblation(runDir, run, run.plan.arms[0]!, TOOL)!;
    expect(run.trials[0]!.ablation!.slices).toHaveLength(5);
    expect(ablation.rows.find(({ change }) => change === 'bare')!.rate_ratio).toMatchObject({ known: true });
  });

  it('says that there is none where the run ended before it, and is none where nobody asked', async () => {
    const run = runOf(undefined);
    expect(readAblation(runDir, run, run.plan.arms[0]!, TOOL)).toMatchObject({
      rows: [],
      sentence: 'no header was left out: the run ended before it',
    });
    expect(readAblation(runDir, makeRun([makeArm()], []), makeArm(), TOOL)).toBeUndefined();
  });

  it('refuses a request of too many headers', async () => {
    const many = Array.from({ length: 21 }, (_, index) => `H${index}: 1`).join('\r\n');
    await expect(ablate(Buffer.from(`GET / HTTP/1.1\r\n${many}\r\n\r\n`))).rejects.toThrow(
      'the request has 21 headers to leave out; an ablation takes up to 20',
    );
  });
});
