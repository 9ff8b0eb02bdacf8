import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readProbe } from '../../src/claims/read-probe.ts';
import type { ProbeRecord, ProbeSpec } from '../../src/model/claim.ts';

const SPEC: ProbeSpec = { name: 'p', command: ['p'], cwd: '/', reads: 'json', withinMs: 1000 };
const DONE: ProbeRecord = { state: 'done', argv: ['p'], file: 'p.txt', wallMs: 10 };

describe('a probe', () => {
  it('prints figures with and without a unit', () => {
    const output =
      '{"figures": {"open": {"value": 6, "unit": "connections"}, "joined": "a\\nb", "ok": true}}';
    expect(readProbe(SPEC, DONE, output)).toEqual({
      state: 'done',
      reason: null,
      figures: {
        open: { value: 6, unit: 'connections' },
        joined: { value: 'a\nb', unit: '' },
        ok: { value: true, unit: '' },
      },
    });
  });

  it.each([
    ['{"skipped": "no chromium"}', 'skipped', 'no chromium'],
    ['', 'failed', 'it printed no JSON: nothing at all'],
    ['oops', 'failed', 'it printed no JSON: oops'],
    ['[]', 'failed', 'it printed no figures'],
    ['{"figures": {}}', 'failed', 'it printed no figures'],
    ['{"figures": {"a": null}}', 'failed', 'its figure a is no value'],
    ['{"figures": {"a": 1e999}}', 'failed', 'its figure a is no value'],
  ])('that prints %j is %s', (output, state, reason) => {
    expect(readProbe(SPEC, DONE, output)).toEqual({ state, reason, figures: {} });
  });

  it('reads benchmarks of Go where it is told so', () => {
    const spec: ProbeSpec = { ...SPEC, reads: 'go-bench' };
    expect(readProbe(spec, DONE, 'BenchmarkA 1 2 ns/op').figures).toHaveProperty(['a.ns_per_op']);
    expect(readProbe(spec, DONE, 'FAIL')).toMatchObject({
      state: 'failed',
      reason: 'it printed no benchmark: FAIL',
    });
  });

  it('that failed, never ran or lost its output says so', () => {
    expect(
      readProbe(SPEC, { state: 'failed', argv: ['p'], reason: 'it took too long' }, undefined),
    ).toMatchObject({
      state: 'failed',
      reason: 'it took too long',
    });
    expect(readProbe(SPEC, undefined, undefined).state).toBe('skipped');
    expect(readProbe(SPEC, DONE, undefined).state).toBe('failed');
  });

  it('whatever it prints, it is done with figures or has a reason', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), fc.constantFrom('json', 'go-bench'), (output, reads) => {
        const { state, reason, figures } = readProbe({ ...SPEC, reads: reads as 'json' }, DONE, output);
        expect(state === 'done').toBe(reason === null);
        expect(Object.keys(figures).length > 0).toBe(state === 'done');
      }),
    );
  });
});
