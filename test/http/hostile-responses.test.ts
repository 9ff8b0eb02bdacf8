import { describe, expect, it } from 'vitest';
import { readHostileCorpus } from '../helpers/hostile-corpus.ts';
import { cutAt, cutEverywhere, readPieces } from '../helpers/read-pieces.ts';

const corpus = readHostileCorpus();

describe('the parsers on what a hostile server sends', () => {
  it.each(corpus)('$about: the same however it is cut', ({ bytes, limits, error, events, rest }) => {
    const whole = readPieces([bytes], limits);
    expect(whole.error).toBe(error);
    expect(whole.calls.filter((call) => call === 'dispatch')).toHaveLength(events);
    if (whole.error === undefined && whole.finish === 'already-complete') expect(whole.rest).toBe(rest);
    expect(readPieces(cutEverywhere(bytes), limits)).toEqual(whole);
    const step = Math.max(1, Math.floor(bytes.length / 400));
    for (let at = 1; at < bytes.length; at += step) {
      expect(readPieces(cutAt(bytes, [at]), limits)).toEqual(whole);
    }
  });
});
