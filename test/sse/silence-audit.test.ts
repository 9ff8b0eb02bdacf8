import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_SILENCE_LIMIT_MS, SilenceAudit } from '../../src/sse/silence-audit.ts';

/** Signs of one stream at these times, the first of which starts it; then the run ends, or the stream does before. */
function followStream(audit: SilenceAudit, timesMs: readonly number[], endMs?: number): void {
  let lastMs = timesMs[0]!;
  for (const atMs of timesMs.slice(1)) {
    audit.sign(atMs, lastMs);
    lastMs = atMs;
  }
  if (endMs !== undefined) audit.openSilence(endMs, lastMs);
}

describe('silences', () => {
  it('are the times between signs of life; the longest is kept', () => {
    const audit = new SilenceAudit();
    followStream(audit, [1000, 1500, 9500, 9600]);
    expect(audit).toMatchObject({ longestSilenceMs: 8000, longestIsOpen: false, silencesOverLimit: 0 });
  });

  it('count as over the limit only above it, each once', () => {
    const audit = new SilenceAudit();
    followStream(audit, [0, 30_000, 60_000.5, 60_001, 90_001, 200_000]);
    expect(audit.silencesOverLimit).toBe(2);
    expect(DEFAULT_SILENCE_LIMIT_MS).toBe(30_000);
  });

  it('are measured against the limit that is given', () => {
    const audit = new SilenceAudit(100);
    followStream(audit, [0, 100, 201, 202]);
    expect(audit.silencesOverLimit).toBe(1);
  });

  it('of several streams are counted together', () => {
    const audit = new SilenceAudit(100);
    followStream(audit, [0, 150]);
    followStream(audit, [50, 60, 300]);
    expect(audit).toMatchObject({ longestSilenceMs: 240, silencesOverLimit: 2 });
  });

  it('have no longest before the first is over', () => {
    const audit = new SilenceAudit();
    expect(audit.longestSilenceMs).toBeNaN();
    audit.sign(5, Number.NaN);
    audit.openSilence(5, Number.NaN);
    expect(audit.longestSilenceMs).toBeNaN();
    expect(audit.silencesOverLimit).toBe(0);
    audit.sign(5, 5);
    expect(audit.longestSilenceMs).toBe(0);
  });

  it('that last at the end of the run count as they are, and are marked as open when the longest', () => {
    const audit = new SilenceAudit(100);
    followStream(audit, [0, 50], 150);
    expect(audit).toMatchObject({ longestSilenceMs: 100, longestIsOpen: true, silencesOverLimit: 0 });
    followStream(audit, [0, 50], 151);
    expect(audit).toMatchObject({ longestSilenceMs: 101, longestIsOpen: true, silencesOverLimit: 1 });
    followStream(audit, [0, 300], 310);
    expect(audit).toMatchObject({ longestSilenceMs: 300, longestIsOpen: false, silencesOverLimit: 2 });
    // Equally long and over: what is known for certain stays.
    followStream(audit, [0], 300);
    expect(audit).toMatchObject({ longestSilenceMs: 300, longestIsOpen: false, silencesOverLimit: 3 });
  });

  it('do not run backwards', () => {
    const audit = new SilenceAudit();
    audit.sign(5, 10);
    expect(audit.longestSilenceMs).toBeNaN();
  });
});

describe('comments', () => {
  it('are counted, with the longest time from one to the next of a stream', () => {
    const audit = new SilenceAudit();
    audit.comment(0, Number.NaN);
    expect(audit.longestCommentIntervalMs).toBeNaN();
    audit.comment(15_000, 0);
    audit.comment(15_100, 15_000);
    audit.comment(40_000, Number.NaN);
    expect(audit).toMatchObject({ comments: 4, longestCommentIntervalMs: 15_000 });
  });

  it('are no silences of their own', () => {
    const audit = new SilenceAudit();
    audit.comment(40_000, 0);
    expect(audit.longestSilenceMs).toBeNaN();
    expect(audit.silencesOverLimit).toBe(0);
  });
});

describe('any streams', () => {
  it('are judged as by lists of their intervals', () => {
    const stream = fc.record({
      gapsMs: fc.array(fc.nat(50), { maxLength: 10 }),
      openMs: fc.option(fc.nat(50), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(stream, { maxLength: 6 }), fc.nat(50), (streams, limitMs) => {
        const audit = new SilenceAudit(limitMs);
        for (const { gapsMs, openMs } of streams) {
          const timesMs = [1000];
          for (const gapMs of gapsMs) timesMs.push(timesMs.at(-1)! + gapMs);
          followStream(audit, timesMs, openMs === undefined ? undefined : timesMs.at(-1)! + openMs);
        }
        const all = streams.flatMap(({ gapsMs, openMs }) => [
          ...gapsMs,
          ...(openMs === undefined ? [] : [openMs]),
        ]);
        expect(audit.silencesOverLimit).toBe(all.filter((silenceMs) => silenceMs > limitMs).length);
        expect(audit.longestSilenceMs).toBe(all.length === 0 ? Number.NaN : Math.max(...all));
      }),
    );
  });
});
