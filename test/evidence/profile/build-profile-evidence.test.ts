import { describe, expect, it } from 'vitest';
import { buildArmEvidence } from '../../../src/evidence/build-arm-evidence.ts';
import { buildComparison } from '../../../src/evidence/build-comparison.ts';
import {
  buildProfileEvidence,
  type ReadProfiles,
} from '../../../src/evidence/profile/build-profile-evidence.ts';
import { PROFILE_DEFINITIONS } from '../../../src/evidence/profile/definitions.ts';
import { readCpuProfiles } from '../../../src/evidence/profile/read-cpuprofile.ts';
import { readProfileFigure } from '../../../src/evidence/profile/read-profile-figure.ts';
import { known, readingValue } from '../../../src/model/cell.ts';
import {
  CPU_CATEGORIES,
  GOROUTINE_STATES,
  type ProfileFigureId,
  type ProfileItem,
  type StackKind,
} from '../../../src/model/profile.ts';
import type { TrialRecord } from '../../../src/model/run-record.ts';
import { comparisonSchema } from '../../../src/report/comparison-schema.ts';
import { REPORTERS } from '../../../src/report/index.ts';
import { makeArm, makeRecord, makeRun, makeTrial } from '../../helpers/evidence-builder.ts';
import { goProfile, profileBytes } from '../../helpers/profiles.ts';

function item(
  kind: StackKind,
  overrides: Partial<Extract<ProfileItem, { state: 'done' }>> = {},
): ProfileItem {
  return { kind, state: 'done', files: [`${kind}.pb.gz`], startedMs: 500, windowMs: 1000, ...overrides };
}

/** A profile trial whose files are fixtures: `{cpu: 'events'}`. */
function profiled(names: Partial<Record<StackKind, string>>): {
  record: TrialRecord;
  profiles: ReadProfiles;
} {
  const profiles: ReadProfiles = {};
  for (const [kind, name] of Object.entries(names) as [StackKind, string][]) {
    profiles[kind] = { ok: true, profile: goProfile(`${name}-${kind}`) };
  }
  const items = (Object.keys(names) as StackKind[]).map((kind) => item(kind));
  const record = makeRecord({
    id: 'profile-wrk',
    kind: 'profile',
    round: 0,
    durationMs: 2000,
    profile: { source: 'pprof', items },
  });
  record.exit = { ...record.exit!, wallMs: 2010 };
  return { record, profiles };
}

function build(names: Partial<Record<StackKind, string>>) {
  const { record, profiles } = profiled(names);
  return buildProfileEvidence(record, profiles, known(0.98))!;
}

const figureOf = (evidence: ReturnType<typeof build>, id: ProfileFigureId) =>
  readingValue(evidence.figures[id]);

describe('the figures of a profile', () => {
  it('have a definition each, and no other has', () => {
    expect(Object.keys(build({ cpu: 'events' }).figures).sort()).toEqual(
      Object.keys(PROFILE_DEFINITIONS).sort(),
    );
  });

  it('are shares of CPU time that add up to one, with the interval that so few samples leave', () => {
    const evidence = build({ cpu: 'events' });
    const sum = CPU_CATEGORIES.reduce(
      (total, category) => total + (figureOf(evidence, `${category}_share`) ?? 0),
      0,
    );
    expect(sum).toBeCloseTo(1, 9);
    const { syscall_write_share: write, native_share: native } = evidence.figures;
    expect(write).toMatchObject({ known: true, value: 46 / 67 });
    const [low, high] = write.known ? write.interval! : [0, 0];
    expect([low, high].map((bound) => Math.round(bound * 100))).toEqual([56, 79]);
    expect(native).toMatchObject({ known: false, why: 'not-observable' });
    expect(figureOf(evidence, 'cpu_samples')).toBe(67);
    expect(figureOf(evidence, 'cpu_cores')).toBeCloseTo(0.67, 2);
    expect(figureOf(evidence, 'handler_phase_share')).toBe(49 / 67);
    expect(figureOf(evidence, 'read_request_phase_share')).toBe(5 / 67);
    expect(figureOf(evidence, 'finish_request_phase_share')).toBe(6 / 67);
    expect(figureOf(evidence, 'allocation_share')).toBe(2 / 67);
    expect(figureOf(evidence, 'observer_ratio')).toBe(0.98);
  });

  it('tell a lock that is always contended from paced streams', () => {
    const lock = build({ block: 'lock', mutex: 'lock' });
    expect(figureOf(lock, 'block_lock_ratio')).toBeCloseTo(14.7, 0);
    expect(figureOf(lock, 'mutex_ratio')).toBeCloseTo(14, 0);
    expect(figureOf(lock, 'runtime_lock_ratio')).toBeLessThan(0.01);
    const paced = build({ block: 'paced' });
    expect(figureOf(paced, 'block_lock_ratio')).toBeLessThan(0.01);
    expect(figureOf(paced, 'block_channel_ratio')).toBeGreaterThan(10);
  });

  it('count the locks of the runtime apart', () => {
    const evidence = build({ mutex: 'headers' });
    expect(figureOf(evidence, 'mutex_ratio')).toBe(0);
    expect(figureOf(evidence, 'runtime_lock_ratio')).toBeGreaterThan(0);
  });

  it('leave out what the profiles themselves wait for', () => {
    const waits = build({ block: 'lock' });
    expect(figureOf(waits, 'block_channel_ratio')).toBe(0);
    expect(waits.hot[0]!.byCumulative.map(({ name }) => name).join()).not.toContain('pprof');
  });

  it('count goroutines by what they wait for', () => {
    const evidence = build({ goroutine: 'lock' });
    const states = GOROUTINE_STATES.map((state) => figureOf(evidence, `goroutines_${state}`)!);
    expect(states.reduce((sum, count) => sum + count, 0)).toBe(figureOf(evidence, 'goroutines'));
    expect(figureOf(evidence, 'goroutines_lock')).toBe(14);
  });

  it('name the functions that most went into, each once', () => {
    const [cpu] = build({ cpu: 'events' }).hot;
    expect(cpu).toMatchObject({ kind: 'cpu', total: 0.67, unit: 's' });
    expect(cpu!.bySelf[0]!.name).toBe('internal/runtime/syscall/linux.Syscall6');
    expect(cpu!.byCumulative[0]).toMatchObject({ name: 'net/http.(*conn).serve' });
    expect(new Set(cpu!.byCumulative.map(({ name }) => name)).size).toBe(cpu!.byCumulative.length);
  });

  it('of a recursive function count it once', () => {
    const { record } = profiled({ cpu: 'events' });
    const stacks = [{ frames: ['f', 'g', 'f'], value: 1e9, samples: 100 }];
    const evidence = buildProfileEvidence(
      record,
      { cpu: { ok: true, profile: { unit: 'ns', stacks } } },
      known(1),
    )!;
    expect(evidence.hot[0]!.byCumulative).toEqual([
      { name: 'f', self: 1, cumulative: 1 },
      { name: 'g', self: 0, cumulative: 1 },
    ]);
  });

  it('of a Node target are those that it has', () => {
    const { record } = profiled({});
    record.profile = { source: 'inspector', items: [item('cpu')] };
    const cpu = readCpuProfiles([profileBytes('node-events.cpuprofile').toString()]);
    const evidence = buildProfileEvidence(record, { cpu }, known(1))!;
    expect(figureOf(evidence, 'syscall_write_share')).toBeCloseTo(0.728, 3);
    expect(evidence.figures.syscall_write_share).not.toHaveProperty('interval');
    for (const id of ['lock_share', 'malloc_share', 'syscall_read_share', 'handler_phase_share'] as const) {
      expect(evidence.figures[id]).toMatchObject({ known: false, why: 'not-observable' });
    }
  });
});

describe('what a profile cannot say', () => {
  it('of a kind that was not asked for', () => {
    expect(build({ cpu: 'events' }).figures.mutex_ratio).toEqual({
      known: false,
      why: 'not-collected',
      detail: 'a mutex profile was not asked for',
    });
  });

  it('of one that could not be had, is damaged or has been deleted', () => {
    const { record } = profiled({});
    const failed: ProfileItem = { kind: 'cpu', state: 'failed', reason: 'it answered 404' };
    record.profile = { source: 'pprof', items: [failed, item('block'), item('mutex')] };
    const profiles: ReadProfiles = { block: { ok: false, reason: 'the profile is empty' } };
    const evidence = buildProfileEvidence(record, profiles, known(1))!;
    expect(evidence.figures.gc_share).toMatchObject({ known: false, detail: 'it answered 404' });
    expect(evidence.figures.block_lock_ratio).toMatchObject({ known: false, detail: 'the profile is empty' });
    expect(evidence.figures.mutex_ratio).toMatchObject({
      known: false,
      detail: 'mutex.pb.gz is no longer in the run folder',
    });
    expect(evidence.items[1]).toEqual({ kind: 'block', state: 'failed', reason: 'the profile is empty' });
  });

  it.each([
    [19, false],
    [20, true],
  ])('of %i samples has shares: %s', (samples, told) => {
    const { record } = profiled({ cpu: 'events' });
    const stacks = [{ frames: ['main.f'], value: samples * 1e7, samples }];
    const evidence = buildProfileEvidence(
      record,
      { cpu: { ok: true, profile: { unit: 'ns', stacks } } },
      known(1),
    )!;
    expect(evidence.figures.other_share.known).toBe(told);
    expect(evidence.figures.cpu_samples).toMatchObject({ value: samples });
  });

  it('of waits that the target does not record', () => {
    const { record } = profiled({});
    record.profile = { source: 'pprof', items: [item('block'), item('mutex')] };
    const empty = { ok: true, profile: { unit: 'ns', stacks: [] } } as const;
    const { figures } = buildProfileEvidence(record, { block: empty, mutex: empty }, known(1))!;
    expect(figures.block_lock_ratio).toMatchObject({
      why: 'no-samples',
      detail: 'the profile is empty: the target does not call runtime.SetBlockProfileRate',
    });
    expect(figures.mutex_ratio).toMatchObject({
      detail: expect.stringContaining('or no lock was waited for'),
    });
  });

  it.each([
    [1400, undefined],
    [1399, 'the load had ended 101 ms before the profile did'],
  ])('with a load that ended after %i ms has the note %s', (wallMs, note) => {
    const { record, profiles } = profiled({ cpu: 'events' });
    record.exit = { ...record.exit!, wallMs };
    const { cpu_samples } = buildProfileEvidence(record, profiles, known(1))!.figures;
    expect(cpu_samples.known && cpu_samples.note).toBe(note);
  });

  it('where there is none at all', () => {
    const evidence = buildArmEvidence(makeArm(), [makeTrial()]);
    expect(evidence.profile).toBeUndefined();
    expect(readProfileFigure(evidence, 'gc_share')).toMatchObject({
      known: false,
      detail: 'the scenario asks for no profile of the target',
    });
  });
});

describe('an arm with a profile trial', () => {
  const arm = makeArm({ durationMs: 2000 });
  const measured = makeTrial({
    arm,
    metrics: { requests_per_sec: 1000, stream_us_p50: 400 },
    record: { durationMs: 2000 },
  });
  const { record, profiles } = profiled({ cpu: 'events', block: 'events', goroutine: 'paced' });
  const watched = makeTrial({ arm, metrics: { requests_per_sec: 900, stream_us_p50: 440 }, record });
  const evidence = buildArmEvidence(arm, [measured, watched], { record, profiles });

  it('takes no figure but the profile from it', () => {
    expect(evidence.metrics.requests_per_sec).toMatchObject({ value: 1000 });
    expect(evidence.trials.map(({ kind }) => kind)).toEqual(['measured']);
  });

  it('says how much the profile slowed it down', () => {
    expect(evidence.profile!.figures.observer_ratio).toMatchObject({ value: 0.9, note: 'of requests/s' });
    expect(readProfileFigure(evidence, 'observer_ratio')).toMatchObject({ value: 0.9 });
  });

  const run = makeRun([arm], [makeRecord({ durationMs: 2000 }), record]);
  const comparison = buildComparison(
    run,
    [{ arm, evidence, findings: [], probe: run.tools.wrk }],
    'verdict.',
  );

  it('publishes cells, functions and files that fit the schema', () => {
    const [published] = comparison.arms;
    expect(comparisonSchema.safeParse(comparison).error).toBeUndefined();
    expect(published!.profile!.syscall_write_share).toMatchObject({
      known: true,
      unit: 'ratio',
      definition: 'profile-category/1',
    });
    expect(published!.profileDetail!.files[0]).toEqual({
      kind: 'cpu',
      file: 'trials/profile-wrk/cpu.pb.gz',
      flameGraph: 'flame-cpu.html',
      reason: null,
    });
  });

  it('shows shares and functions in every report for readers', () => {
    for (const format of ['terminal', 'md'] as const) {
      const text = REPORTERS[format](comparison, { columns: 4000 });
      expect(text).toMatch(/syscall write 68\.7 %/);
      expect(text).toContain('flame-cpu.html');
      expect(text).toMatch(
        /most CPU in the function itself: internal\/runtime\/syscall\/linux\.Syscall6 68\.7/,
      );
      expect(text).toMatch(/rate with profile \/ rate without: 0\.90/);
    }
    expect(REPORTERS.csv(comparison, {})).toMatch(/wrk,profile\.syscall_write_share,0\.686567,ratio,/);
  });

  it('gives the reason where the trial was not done', () => {
    const failed = makeRecord({ ...record, state: 'failed', reason: 'the target ended' });
    delete failed.profile;
    const without = buildComparison(
      makeRun([arm], [makeRecord(), failed]),
      [{ arm, evidence: buildArmEvidence(arm, [measured]), findings: [], probe: undefined }],
      'verdict.',
    );
    expect(without.arms[0]!.profile!.gc_share).toMatchObject({ known: false, detail: 'the target ended' });
    expect(without.arms[0]!.profileDetail).toBeUndefined();
    expect(REPORTERS.terminal(without, {})).toContain('wrk: no profile (the target ended)');
  });

  it('has no such part where no profile was asked for', () => {
    const plain = buildComparison(
      makeRun([arm], [makeRecord()]),
      [{ arm, evidence: buildArmEvidence(arm, [measured]), findings: [], probe: undefined }],
      'verdict.',
    );
    expect(plain.arms[0]).not.toHaveProperty('profile');
    expect(REPORTERS.csv(plain, {})).not.toContain('profile.');
  });
});
