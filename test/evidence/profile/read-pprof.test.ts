import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { totalOf } from '../../../src/evidence/profile/fold-stacks.ts';
import { readPprof } from '../../../src/evidence/profile/read-pprof.ts';
import { cumulativeMs, encodeCpuProfile, goProfile, profileBytes } from '../../helpers/profiles.ts';

/** By `go tool pprof -top -cum`, in milliseconds. */
const TRUTH: Record<string, Record<string, number>> = {
  'events-cpu': {
    'net/http.serverHandler.ServeHTTP': 490,
    'syscall.write': 460,
    'net/http.(*response).finishRequest': 60,
    'net/http.(*conn).readRequest': 50,
    'syscall.read': 30,
    'runtime.mallocgc': 20,
    'runtime.mcall': 20,
    'net/textproto.readMIMEHeader': 10,
  },
  'headers-cpu': {
    'net/http.(*conn).readRequest': 350,
    'net/textproto.readMIMEHeader': 250,
    'runtime.mcall': 110,
    'runtime.mallocgc': 70,
    'runtime.gcBgMarkWorker': 20,
  },
  'close-cpu': {
    'net/http.(*Server).Serve': 130,
    'net/http.(*response).finishRequest': 90,
    'runtime.mcall': 70,
  },
};
const TOTAL_MS: Record<string, number> = { 'events-cpu': 670, 'headers-cpu': 750, 'close-cpu': 380 };

describe('profiles of real Go servers', () => {
  it.each(Object.keys(TRUTH))('%s: every function has the time that go tool pprof gives it', (name) => {
    const profile = goProfile(name);
    expect(totalOf(profile.stacks) / 1e6).toBe(TOTAL_MS[name]);
    const ours = Object.keys(TRUTH[name]!).map((fn) => [fn, cumulativeMs(profile, fn)]);
    expect(Object.fromEntries(ours)).toEqual(TRUTH[name]);
  });

  it('have one sample per 10 ms, and say what time they cover', () => {
    const { stacks, durationS } = goProfile('events-cpu');
    expect(stacks.reduce((sum, { samples }) => sum + samples!, 0)).toBe(67);
    expect(durationS).toBeCloseTo(1, 2);
  });

  it('put inlined functions below their caller', () => {
    const { stacks } = goProfile('events-cpu');
    const write = stacks.find(({ frames }) => frames.includes('syscall.write'))!.frames;
    expect(write.indexOf('syscall.Write')).toBe(write.indexOf('syscall.write') - 1);
    expect(write[0]).toBe('net/http.(*conn).serve');
  });

  it('of goroutines count them', () => {
    expect(goProfile('lock-goroutine').unit).toBe('count');
    expect(totalOf(goProfile('lock-goroutine').stacks)).toBeGreaterThan(16);
  });

  it('of another kind are refused by name', () => {
    expect(readPprof(profileBytes('events-cpu.pb.gz'), 'mutex')).toEqual({
      ok: false,
      reason: 'it holds samples, cpu where delay was expected',
    });
  });
});

/** Names that a damaged or hostile program could have. */
const name = fc.oneof(
  fc.constantFrom(
    'main.f',
    'a;b',
    '<script>alert(1)</script>',
    '',
    '\u0000',
    'x\u0000y',
    '__proto__',
    'constructor',
  ),
  fc.string({ unit: 'binary', maxLength: 12 }),
);
const stack = fc.record({
  frames: fc.array(name, { minLength: 1, maxLength: 8 }),
  samples: fc.integer({ min: 1, max: 50 }),
  ns: fc.integer({ min: 1, max: 1e9 }),
});

describe('folding', () => {
  test('conserves totals, whatever the names and however they are inlined', () => {
    fc.assert(
      fc.property(
        fc.array(stack, { minLength: 1, maxLength: 20 }),
        fc.boolean(),
        fc.boolean(),
        (stacks, inlined, plain) => {
          const reading = readPprof(encodeCpuProfile(stacks, { inlined, plain }), 'cpu');
          if (!reading.ok) throw new Error(reading.reason);
          const { stacks: folded } = reading.profile;
          expect(totalOf(folded)).toBe(stacks.reduce((sum, { ns }) => sum + ns, 0));
          expect(folded.reduce((sum, { samples }) => sum + samples!, 0)).toBe(
            stacks.reduce((sum, { samples }) => sum + samples, 0),
          );
          const keys = folded.map(({ frames }) => frames.join('\u0000'));
          expect(new Set(keys).size).toBe(keys.length);
          expect(new Set(folded.map(({ frames }) => frames.length))).toEqual(
            new Set(stacks.map(({ frames }) => frames.length)),
          );
        },
      ),
    );
  });

  test('leaves out what is not above zero, as deltas can be', () => {
    const reading = readPprof(
      encodeCpuProfile([
        { frames: ['a'], samples: 1, ns: 0 },
        { frames: ['a', 'b'], samples: 1, ns: 5 },
      ]),
      'cpu',
    );
    expect(reading).toMatchObject({ ok: true, profile: { stacks: [{ frames: ['a', 'b'], value: 5 }] } });
  });
});

describe('damaged files', () => {
  it('are said to be damaged or empty', () => {
    expect(readPprof(Buffer.alloc(0), 'cpu')).toEqual({ ok: false, reason: 'the profile is empty' });
    expect(readPprof(profileBytes('events-cpu.pb.gz').subarray(0, 900), 'cpu')).toMatchObject({
      ok: false,
      reason: expect.stringMatching(/^the profile is damaged: /),
    });
    expect(readPprof(Buffer.from('404 page not found\n'), 'cpu').ok).toBe(false);
  });

  test('never throw, whatever bytes are changed', () => {
    const real = gunzipSync(profileBytes('events-cpu.pb.gz'));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(real.length - 1), fc.nat(255)), { minLength: 1, maxLength: 30 }),
        fc.boolean(),
        (changes, gzip) => {
          const bytes = Buffer.from(real);
          for (const [at, byte] of changes) bytes[at] = byte;
          const reading = readPprof(gzip ? gzipSync(bytes) : bytes, 'cpu');
          expect(
            reading.ok ? reading.profile.stacks.every(({ value }) => value > 0) : reading.reason,
          ).toBeTruthy();
        },
      ),
      { numRuns: 150 },
    );
  });

  test('never throw, whatever they hold', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(typeof readPprof(bytes, 'block').ok).toBe('boolean');
      }),
    );
  });
});
