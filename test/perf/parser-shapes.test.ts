import { createParser } from 'eventsource-parser';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeStream, SHAPES, type ShapeName } from '../../perf/parser-shapes.ts';
import { EventDecoder, type StreamEvent } from '../../src/sse/event-decoder.ts';

describe.each(Object.keys(SHAPES) as ShapeName[])('the stream of %s events', (shape) => {
  it('is the same to both parsers, event by event, whatever its length', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300_000 }), (bytes) => {
        const stream = makeStream(shape, bytes);
        const ours: StreamEvent[] = [];
        const decoder = new EventDecoder((event) => ours.push(event));
        for (const split of stream.splits) decoder.push(split);
        const theirs: string[] = [];
        const parser = createParser({ onEvent: ({ data }) => theirs.push(data) });
        for (const text of stream.texts) parser.feed(text);
        expect(ours.map(({ data }) => data)).toEqual(theirs);
        expect(ours).toHaveLength(stream.events);
        expect(stream.bytes).toBeGreaterThanOrEqual(bytes);
      }),
      { numRuns: 15 },
    );
  });

  it('has LF line ends alone and splits of at most 64 KiB', () => {
    const { splits, texts, bytes } = makeStream(shape, 200_000);
    expect(Buffer.concat(splits).includes(0x0d)).toBe(false);
    expect(Buffer.concat(splits).toString()).toBe(texts.join(''));
    expect(splits.reduce((sum, split) => sum + split.length, 0)).toBe(bytes);
    expect(Math.max(...splits.map((split) => split.length))).toBe(65_536);
  });
});
