import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunRecord } from '../../src/model/run-record.ts';
import { deriveComparison } from '../../src/run/derive-comparison.ts';
import { requireTool } from '../../src/tools/index.ts';
import { makeArm, makeRecord, makeRun } from '../helpers/evidence-builder.ts';

let dir = '';

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'ssee-derive-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function store(run: RunRecord): RunRecord {
  writeFileSync(join(dir, 'run.json'), JSON.stringify(run));
  return run;
}

describe('deriveComparison', () => {
  it('takes a trial whose tool was never started for none', () => {
    const notStarted = makeRecord({
      state: 'interrupted',
      reason: 'interrupted while measuring; figures cover the time until then',
      exit: { ...makeRecord().exit!, spawnError: 'not started, because the run was interrupted' },
    });
    store(makeRun([makeArm()], [notStarted], { state: 'interrupted' }));
    const { arms, comparison } = deriveComparison(dir, requireTool);
    expect(arms[0]!.evidence).toBeUndefined();
    expect(comparison.arms[0]!.trials).toMatchObject([{ id: 'r1-wrk', state: 'interrupted' }]);
    expect(comparison.verdict).toContain('nothing was measured');
  });

  it('takes one that was cut off while it ran for what it is', () => {
    store(makeRun([makeArm()], [makeRecord({ state: 'interrupted', reason: 'x' })]));
    expect(deriveComparison(dir, requireTool).arms[0]!.evidence).toBeDefined();
  });

  it('reads of the target’s standard error what it wrote while the tool ran', () => {
    const look = (queue: number): string =>
      `SCHED 9ms: gomaxprocs=1 idleprocs=0 threads=3 idlethreads=1 runqueue=${queue} [ 0 ]\n`;
    // What is no text would be three bytes once it had been decoded.
    const parts = [
      Buffer.concat([Buffer.from(look(99)), Buffer.alloc(60, 0xff), Buffer.from('\n')]),
      Buffer.from(look(5)),
      Buffer.from(look(98)),
    ];
    const [from, until] = [parts[0]!.length, parts[0]!.length + parts[1]!.length];
    mkdirSync(join(dir, 'trials/r1-wrk'), { recursive: true });
    writeFileSync(join(dir, 'trials/r1-wrk/target-stderr.txt'), Buffer.concat(parts));
    const record = makeRecord({ files: ['target-stderr.txt'], targetStderr: [from, until] });
    store(makeRun([makeArm()], [record]));
    const { arms, comparison } = deriveComparison(dir, requireTool);
    const { truth } = comparison.arms[0]!;
    expect(truth.go_run_queue_max).toMatchObject({ known: true, value: 5 });
    expect(truth.gc_cycles).toMatchObject({ known: false, detail: expect.stringContaining('gctrace=1') });
    // A log is no counter: nobody witnessed a stream.
    expect(arms[0]!.evidence!.truth).toBeUndefined();
    expect(truth.requests).toMatchObject({ detail: expect.stringContaining('could not be read') });
  });

  it('reads the files of a run whose record is newer than the stored one', () => {
    const run = store(makeRun([makeArm()], [], { state: 'running' }));
    mkdirSync(join(dir, 'trials/r1-wrk'), { recursive: true });
    writeFileSync(join(dir, 'trials/r1-wrk/stderr.txt'), 'wrk: out of memory');
    const newer = { ...run, trials: [makeRecord({ files: ['stderr.txt'] })] };
    expect(deriveComparison(dir, requireTool).arms[0]!.evidence).toBeUndefined();
    expect(deriveComparison(dir, requireTool, newer).arms[0]!.evidence).toBeDefined();
  });
});
