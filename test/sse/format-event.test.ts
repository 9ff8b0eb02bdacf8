import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventDecoder, type StreamEvent } from '../../src/sse/event-decoder.ts';
import { formatComment, formatEvent } from '../../src/sse/format-event.ts';

function read(text: string): { events: StreamEvent[]; comments: number } {
  const events: StreamEvent[] = [];
  const decoder = new EventDecoder((event) => events.push(event));
  decoder.push(Buffer.from(text));
  return { events, comments: decoder.comments };
}

const text = fc.string({ unit: 'grapheme' });
const oneLine = text.map((value) => value.replace(/[\r\n\0]/g, ''));
/** Readers take a leading BOM off the stream and no other one: it is not part of any field here. */
const frame = fc.record({ id: oneLine, type: oneLine.filter((value) => value !== ''), data: text });

describe('formatEvent', () => {
  it('arrives as it was sent, with every line end as LF', () => {
    fc.assert(
      fc.property(fc.array(frame), (frames) => {
        const { events } = read(frames.map(formatEvent).join(''));
        expect(events).toEqual(
          frames.map(({ id, type, data }) => ({ id, type, data: data.replace(/\r\n?/g, '\n') })),
        );
      }),
    );
  });

  it('is a message without a type and keeps the id of the stream without an id', () => {
    const { events } = read(formatEvent({ id: '7', data: 'a' }) + formatEvent({ data: 'b' }));
    expect(events).toEqual([
      { id: '7', type: 'message', data: 'a' },
      { id: '7', type: 'message', data: 'b' },
    ]);
  });

  it.each(['a\nb', 'a\rb', 'a\0b'])('refuses the id %j', (id) => {
    expect(() => formatEvent({ id, data: '' })).toThrow(RangeError);
  });

  it('refuses a type of two lines', () => {
    expect(() => formatEvent({ type: 'a\nb', data: '' })).toThrow(RangeError);
  });
});

it('a comment is no event, whatever stands in it', () => {
  fc.assert(
    fc.property(text, (value) => {
      const { events, comments } = read(formatComment(value));
      expect(events).toEqual([]);
      expect(comments).toBeGreaterThan(0);
    }),
  );
});
