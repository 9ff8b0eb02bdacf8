import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ResponseParser } from '../../src/http/response-parser.ts';
import type { LlmCounts, LlmLatencyId } from '../../src/model/llm-report.ts';
import { EventParser, type EventVisitor } from '../../src/sse/event-parser.ts';
import { LlmMeter } from '../../src/sse/llm-meter.ts';
import { addLlmCounts, type LatencySink, LlmTally } from '../../src/sse/llm-tally.ts';

class ListSink implements LatencySink {
  readonly values: number[] = [];

  recordUs(us: number, times: number): void {
    for (let i = 0; i < times; i++) this.values.push(us);
  }
}

const createTally = (): LlmTally<ListSink> => new LlmTally(() => new ListSink());

/** The sinks that got something. */
function recorded(tally: LlmTally<ListSink>): Partial<Record<LlmLatencyId | 'milliTokensPerSec', number[]>> {
  const sinks = { ...tally.latencies, milliTokensPerSec: tally.milliTokensPerSec };
  return Object.fromEntries(
    Object.entries(sinks)
      .filter(([, sink]) => sink.values.length > 0)
      .map(([id, sink]) => [id, sink.values]),
  );
}

/** Counts that are not 0. */
const counted = ({ counts }: LlmTally<ListSink>): Partial<LlmCounts> =>
  Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0));

const chunk = (delta: object, more: object = {}): string =>
  JSON.stringify({ id: 'c', choices: [{ index: 0, delta, finish_reason: null }], ...more });
const ROLE = chunk({ role: 'assistant', content: '' });
const STOP = JSON.stringify({ id: 'c', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
const DONE = '[DONE]';
const says = (content: string): string => chunk({ content });
const usage = (tokens: number): string =>
  JSON.stringify({ id: 'c', choices: [], usage: { prompt_tokens: 1, completion_tokens: tokens } });

type TimedEvent = [atUs: number, data: string];

function feed(meter: LlmMeter, events: TimedEvent[]): void {
  for (const [atUs, data] of events) {
    const bytes = Buffer.from(data);
    meter.onData(bytes, 0, bytes.length);
    meter.onDispatch(atUs);
  }
}

function measure(requestAtUs: number, events: TimedEvent[], completed = true): LlmTally<ListSink> {
  const tally = createTally();
  const meter = new LlmMeter(tally);
  meter.begin(requestAtUs);
  feed(meter, events);
  meter.onStreamEnd(completed);
  return tally;
}

/** docs/llm-metrics.md works through this one. */
const EXAMPLE: TimedEvent[] = [
  [5_000, ROLE],
  [100_000, says('One')],
  [110_000, says(' two')],
  [130_000, says(' three four')],
  [135_000, STOP],
  [136_000, usage(4)],
  [136_000, DONE],
];

describe('a stream', () => {
  it('is measured in both families: the example of the documentation', () => {
    const tally = measure(0, EXAMPLE);
    expect(recorded(tally)).toEqual({
      vllm_ttft_us: [5_000],
      vllm_itl_us: [95_000, 10_000, 20_000, 5_000],
      vllm_tpot_us: [43_333],
      vllm_e2el_us: [135_000],
      aiperf_ttft_us: [100_000],
      aiperf_ttfo_us: [100_000],
      aiperf_ttst_us: [10_000],
      aiperf_icl_us: [10_000, 20_000],
      aiperf_itl_us: [10_000],
      aiperf_request_latency_us: [130_000],
      milliTokensPerSec: [100_000],
    });
    expect(counted(tally)).toEqual({
      begun: 1,
      completed: 1,
      streamsWithUsage: 1,
      chunks: 5,
      contentChunks: 3,
      outputTokens: 4,
    });
  });

  it('is timed from its request, whatever the origin of the clock and its fractions', () => {
    const originUs = 1.7e15 + 0.25;
    const moved = EXAMPLE.map(([atUs, data]): TimedEvent => [originUs + atUs, data]);
    expect(recorded(measure(originUs, moved))).toEqual(recorded(measure(0, EXAMPLE)));
    expect(recorded(measure(0.4, [[10.6, ROLE]], false))).toEqual({ vllm_ttft_us: [10] });
  });

  it('without usage has no metric that takes a number of tokens', () => {
    const tally = measure(
      0,
      EXAMPLE.filter(([, data]) => data !== usage(4)),
    );
    expect(Object.keys(recorded(tally))).not.toContain('vllm_tpot_us');
    expect(Object.keys(recorded(tally))).not.toContain('aiperf_itl_us');
    expect(Object.keys(recorded(tally))).not.toContain('milliTokensPerSec');
    expect(tally.counts).toMatchObject({ streamsWithUsage: 0, streamsWithoutUsage: 1, outputTokens: 0 });
  });

  it('of one token has no time between tokens, but its token counts', () => {
    const tally = measure(0, [
      [10, says('a')],
      [20, STOP],
      [20, usage(1)],
      [20, DONE],
    ]);
    expect(Object.keys(recorded(tally)).sort()).toEqual([
      'aiperf_request_latency_us',
      'aiperf_ttfo_us',
      'aiperf_ttft_us',
      'vllm_e2el_us',
      'vllm_itl_us',
      'vllm_ttft_us',
    ]);
    expect(tally.counts.outputTokens).toBe(1);
  });

  it('that came in one read has no rate, as no time passed', () => {
    const tally = measure(0, [
      [10, says('a')],
      [10, says('b')],
      [10, usage(2)],
      [10, DONE],
    ]);
    expect(recorded(tally).aiperf_itl_us).toEqual([0]);
    expect(recorded(tally).milliTokensPerSec).toBeUndefined();
  });

  it('with usage in every chunk counts the last one', () => {
    const told = (content: string, tokens: number): string =>
      chunk({ content }, { usage: { completion_tokens: tokens } });
    const tally = measure(0, [
      [1, told('a', 1)],
      [2, told('b', 2)],
      [3, told('c', 5)],
      [3, DONE],
    ]);
    expect(tally.counts).toMatchObject({ streamsWithUsage: 1, outputTokens: 5, chunks: 3, otherEvents: 0 });
  });

  it('without [DONE] is reported', () => {
    const tally = measure(0, EXAMPLE.slice(0, -1));
    expect(tally.counts.missingDone).toBe(1);
  });

  it('that reports an error and nothing else has no chunks', () => {
    const tally = measure(0, [
      [10, '{"error":{"message":"overloaded"}}'],
      [11, DONE],
    ]);
    expect(recorded(tally)).toEqual({});
    expect(counted(tally)).toEqual({
      begun: 1,
      completed: 1,
      streamsWithoutUsage: 1,
      withoutChunks: 1,
      otherEvents: 1,
    });
  });

  it('that is cut keeps its first chunk and gaps, and has neither an end nor tokens', () => {
    const tally = measure(0, EXAMPLE, false);
    expect(Object.keys(recorded(tally)).sort()).toEqual([
      'aiperf_icl_us',
      'aiperf_ttfo_us',
      'aiperf_ttft_us',
      'aiperf_ttst_us',
      'vllm_itl_us',
      'vllm_ttft_us',
    ]);
    expect(counted(tally)).toEqual({ begun: 1, cut: 1, chunks: 5, contentChunks: 3 });
  });

  it('that reasons first has its first token and its first output at different times', () => {
    const tally = measure(0, [
      [10, chunk({ reasoning_content: 'hm' })],
      [20, chunk({ reasoning_content: 'ah' })],
      [30, says('x')],
    ]);
    expect(recorded(tally)).toMatchObject({
      aiperf_ttft_us: [10],
      aiperf_ttfo_us: [30],
      aiperf_icl_us: [10, 10],
    });
  });

  it('whose clock went back counts as 0', () => {
    expect(
      recorded(
        measure(50, [
          [40, says('a')],
          [30, says('b')],
        ]),
      ),
    ).toMatchObject({
      vllm_ttft_us: [0],
      vllm_itl_us: [0],
    });
  });

  it('may have a document over several data lines', () => {
    const tally = createTally();
    const meter = new LlmMeter(tally);
    const long = says('x'.repeat(10_000)).replaceAll(',', ',\n');
    const pretty = [says('a'), says('b'), usage(2)].map((data) => JSON.stringify(JSON.parse(data), null, 2));
    meter.begin(0);
    for (const [i, data] of [...pretty, long, DONE].entries()) {
      for (const line of data.split('\n')) meter.onData(Buffer.from(line), 0, Buffer.byteLength(line));
      meter.onDispatch(10 * i);
    }
    meter.onStreamEnd(true);
    expect(counted(tally)).toEqual({
      begun: 1,
      completed: 1,
      streamsWithUsage: 1,
      chunks: 3,
      contentChunks: 3,
      outputTokens: 2,
    });
  });

  it('starts anew after one that broke off within an event', () => {
    const tally = createTally();
    const meter = new LlmMeter(tally);
    const half = Buffer.from(says('x').slice(0, 20));
    meter.begin(0);
    meter.onData(half, 0, half.length);
    meter.onStreamEnd(false);
    meter.begin(100);
    feed(meter, [
      [110, says('y')],
      [120, DONE],
    ]);
    meter.onStreamEnd(true);
    expect(recorded(tally).vllm_ttft_us).toEqual([10]);
    expect(tally.counts).toMatchObject({ begun: 2, completed: 1, cut: 1, chunks: 1, missingDone: 0 });
  });

  it('that nobody ended is cut by the next, and one that has ended ends once', () => {
    const tally = createTally();
    const meter = new LlmMeter(tally);
    meter.onStreamEnd(true);
    meter.begin(0);
    meter.begin(10);
    meter.onStreamEnd(true);
    meter.onStreamEnd(true);
    feed(meter, [[20, says('late')]]);
    expect(tally.counts).toMatchObject({ begun: 2, completed: 1, cut: 1, chunks: 0 });
  });
});

describe('the tally', () => {
  it('adds up the connections that share it, and the counts of threads', () => {
    const tally = createTally();
    for (const tokens of [2, 3]) {
      const meter = new LlmMeter(tally);
      meter.begin(0);
      feed(meter, [
        [10, says('a')],
        [20, usage(tokens)],
        [20, DONE],
      ]);
      meter.onStreamEnd(true);
    }
    expect(tally.counts).toMatchObject({ begun: 2, completed: 2, chunks: 2, outputTokens: 5 });
    addLlmCounts(tally.counts, measure(0, EXAMPLE).counts);
    expect(tally.counts).toMatchObject({ begun: 3, completed: 3, chunks: 7, outputTokens: 9, cut: 0 });
  });
});

/** A response in chunks of the given sizes, one after the other in rotation. */
function encodeResponse(body: string, sizes: number[]): Buffer {
  const bytes = Buffer.from(body);
  const parts = [
    Buffer.from('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n'),
  ];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const part = bytes.subarray(at, at + sizes[i % sizes.length]!);
    parts.push(Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n'));
    at += part.length;
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
}

/** Through both parsers in the given pieces, all of them read into the same buffer; event n has the time 1000 n. */
function measureBytes(wire: Buffer, cuts: number[]): LlmTally<ListSink> {
  const tally = createTally();
  const meter = new LlmMeter(tally);
  let events = 0;
  const ignore = (): void => {};
  const visitor: EventVisitor = {
    onData: (buf, start, end) => meter.onData(buf, start, end),
    onDispatch: () => meter.onDispatch(1000 * ++events),
    onId: ignore,
    onEventType: ignore,
    onRetry: ignore,
    onComment: ignore,
    onDiscard: ignore,
  };
  const parser = new EventParser(visitor);
  let ended = false;
  const response = new ResponseParser({
    onHead: ignore,
    onBody: (buf, start, end) => {
      parser.push(buf, start, end);
    },
    onEnd: () => {
      ended = true;
    },
  });
  meter.begin(0);
  const readBuffer = Buffer.alloc(wire.length);
  const places = [...new Set(cuts.map((cut) => cut % wire.length))].sort((a, b) => a - b);
  for (const [i, from] of [0, ...places].entries()) {
    const size = wire.copy(readBuffer, 0, from, places[i] ?? wire.length);
    response.push(readBuffer, 0, size);
    readBuffer.fill('"');
  }
  meter.onStreamEnd(ended);
  return tally;
}

describe('any stream', () => {
  const word = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('', '"', '\\', '[DONE]', '"usage":{}'),
  );
  const data = fc.oneof(
    word.map(says),
    word.map((reasoning) => chunk({ reasoning_content: reasoning, content: null })),
    word.map((text) => JSON.stringify({ choices: [{ text }] })),
    word.map((args) => chunk({ tool_calls: [{ function: { arguments: args } }] })),
    fc.nat({ max: 1000 }).map(usage),
    fc.nat({ max: 1000 }).map((tokens) => chunk({ content: 'x' }, { usage: { completion_tokens: tokens } })),
    fc.constantFrom(ROLE, STOP, DONE, '{"error":{}}', 'ping', ''),
  );
  const format = fc.record({
    end: fc.constantFrom('\n', '\r\n', '\r'),
    indent: fc.constantFrom(0, 2),
    comment: fc.boolean(),
  });

  it('gives the same result however its bytes are cut', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 5 });
    const cuts = fc.array(fc.nat({ max: 1_000_000 }), { maxLength: 30 });
    fc.assert(
      fc.property(
        fc.array(data, { maxLength: 12 }),
        format,
        sizes,
        cuts,
        (events, { end, indent, comment }, ...rest) => {
          const [chunkSizes, places] = rest;
          const lines = events.flatMap((event) => [
            ...(comment ? [': ping', ''] : []),
            ...(indent > 0 && event.startsWith('{') ? JSON.stringify(JSON.parse(event), null, indent) : event)
              .split('\n')
              .map((line) => `data: ${line}`),
            '',
          ]);
          const wire = encodeResponse(lines.map((line) => line + end).join(''), chunkSizes);
          const tally = measureBytes(wire, places);
          const direct = measure(
            0,
            events.map((event, i): TimedEvent => [1000 * (i + 1), event]),
          );
          expect(recorded(tally)).toEqual(recorded(direct));
          expect(tally.counts).toEqual(direct.counts);
        },
      ),
      { numRuns: 500 },
    );
  });

  /** An event in lines, and in how many of them it breaks off when its stream does. */
  const streams = fc.array(
    fc.record({
      events: fc.array(data, { maxLength: 6 }),
      isCut: fc.boolean(),
      openLines: fc.nat({ max: 4 }),
      indent: fc.constantFrom(0, 1),
    }),
  );

  it('is measured on its own, whatever came before it on the connection', () => {
    fc.assert(
      fc.property(streams, (series) => {
        const tally = createTally();
        const meter = new LlmMeter(tally);
        const sum = createTally();
        const sendLines = (event: string, indent: number, most = Number.POSITIVE_INFINITY): void => {
          const text =
            indent > 0 && event.startsWith('{') ? JSON.stringify(JSON.parse(event), null, 1) : event;
          for (const line of text.split('\n').slice(0, most)) {
            meter.onData(Buffer.from(line), 0, Buffer.byteLength(line));
          }
        };
        for (const { events, isCut, openLines, indent } of series) {
          meter.begin(0);
          for (const [i, event] of events.entries()) {
            sendLines(event, indent);
            meter.onDispatch(i);
          }
          if (isCut) sendLines(usage(5), 1, openLines);
          meter.onStreamEnd(!isCut);
          const alone = measure(
            0,
            events.map((event, i): TimedEvent => [i, event]),
            !isCut,
          );
          addLlmCounts(sum.counts, alone.counts);
          for (const [id, sink] of Object.entries(alone.latencies)) {
            sum.latencies[id as LlmLatencyId].values.push(...sink.values);
          }
          sum.milliTokensPerSec.values.push(...alone.milliTokensPerSec.values);
        }
        expect(recorded(tally)).toEqual(recorded(sum));
        expect(tally.counts).toEqual(sum.counts);
      }),
      { numRuns: 500 },
    );
  });

  it('keeps the counts in balance', () => {
    fc.assert(
      fc.property(fc.array(data, { maxLength: 10 }), fc.boolean(), (events, completed) => {
        const { counts, latencies } = measure(
          0,
          events.map((event, i): TimedEvent => [i, event]),
          completed,
        );
        expect(counts.completed + counts.cut).toBe(counts.begun);
        expect(counts.streamsWithUsage + counts.streamsWithoutUsage).toBe(counts.completed);
        expect(latencies.vllm_ttft_us.values.length + latencies.vllm_itl_us.values.length).toBe(
          counts.chunks,
        );
        expect(latencies.aiperf_ttft_us.values.length + latencies.aiperf_icl_us.values.length).toBe(
          counts.contentChunks,
        );
        expect(latencies.vllm_e2el_us.values.length).toBe(counts.completed - counts.withoutChunks);
      }),
    );
  });
});
