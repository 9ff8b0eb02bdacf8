import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UserError } from '../../src/model/errors.ts';
import type { TrialRecord } from '../../src/model/run-record.ts';
import { createRunStore, readRun, readTrialText, writeFileAtomically } from '../../src/run/run-store.ts';
import { makeRun } from '../helpers/evidence-builder.ts';

const AT = new Date('2026-01-02T03:04:05.678Z');
let base = '';

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'ssee-store-'));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

describe('createRunStore', () => {
  it('names the folder by time and scenario, safely for file systems', () => {
    const store = createRunStore(base, 'my scenario/../x', AT);
    expect(store.dir).toBe(join(base, '20260102T030405Z-my-scenario-..-x'));
  });

  it('gives a second run of the same second a folder of its own', () => {
    const first = createRunStore(base, 'twice', AT);
    const second = createRunStore(base, 'twice', AT);
    expect(second.dir).toBe(`${first.dir}-2`);
  });

  it('says what cannot be written and what to do', () => {
    writeFileSync(join(base, 'file'), '');
    expect(() => createRunStore(join(base, 'file', 'below'), 'x', AT)).toThrow(
      /cannot write results to .*file\/below: ENOTDIR; choose a folder you may write with --out DIR/,
    );
  });

  it('leaves no temporary file beside run.json', () => {
    const store = createRunStore(base, 'atomic', AT);
    store.write(makeRun([], []));
    store.write(makeRun([], [], { state: 'done' }));
    expect(readdirSync(store.dir).sort()).toEqual(['run.json', 'trials']);
    expect(readRun(store.dir).state).toBe('done');
  });
});

describe('writeFileAtomically', () => {
  it('leaves nothing beside a file that it could not write', () => {
    mkdirSync(join(base, 'folder'));
    expect(() => writeFileAtomically(join(base, 'folder'), 'text')).toThrow(/EISDIR/);
    expect(readdirSync(base)).toEqual(['folder']);
  });
});

describe('readRun', () => {
  it.each([
    ['an empty folder', undefined, /is not a run folder/],
    ['a file without a record', 'null', /is damaged: it holds no record of a run; measure again/],
    ['a file of another kind', '[]', /has schema "undefined"/],
    ['a file that lost a part', '{"schema": "ssee-bench/run/1"}', /is damaged: it has no plan or no trials/],
    ['a half-written file', '{"schema": "ssee', /is damaged/],
    ['a file of another version', '{"schema": "ssee-bench/run/9"}', /has schema "ssee-bench\/run\/9"/],
  ])('refuses %s in one line', (_name, text, message) => {
    if (text !== undefined) writeFileSync(join(base, 'run.json'), text);
    expect(() => readRun(base)).toThrow(message);
    expect(() => readRun(base)).toThrow(UserError);
  });
});

describe('readTrialText', () => {
  const trial = { id: 'r1-x', files: ['stdout.txt'] } as unknown as TrialRecord;

  it('reads what the trial stored and gives nothing for what it did not', () => {
    mkdirSync(join(base, 'trials/r1-x'), { recursive: true });
    writeFileSync(join(base, 'trials/r1-x/stdout.txt'), 'out');
    writeFileSync(join(base, 'trials/r1-x/other.txt'), 'not listed');
    expect(readTrialText(base, trial, 'stdout.txt')).toBe('out');
    expect(readTrialText(base, trial, 'other.txt')).toBe('');
  });

  it('names a file that was deleted, and what can be done about it', () => {
    expect(() => readTrialText(base, trial, 'stdout.txt')).toThrow(UserError);
    expect(() => readTrialText(base, trial, 'stdout.txt')).toThrow(
      /stdout\.txt is gone, though run\.json lists it; restore the run folder or measure again/,
    );
  });
});
