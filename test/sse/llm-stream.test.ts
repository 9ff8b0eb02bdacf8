import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ResponseParser } from '../../src/http/response-parser.ts';
import type { LlmReport } from '../../src/model/llm-report.ts';
import { EventParser } from '../../src/sse/event-parser.ts';
import { LlmMeter } from '../../src/sse/llm-meter.ts';
import { LlmTally } from '../../src/sse/llm-tally.ts';
import { summarizeLlm } from '../../src/sse/summarize-llm.ts';
import { LatencyRecorder } from '../../src/tester/latency-recorder.ts';
import { type StartedTarget, startTarget } from '../targets/start-target.ts';

const ignore = (): void => {};
const nowUs = (): number => performance.now() * 1000;

/** Asks the queries one after the other over one plain socket and measures what comes back. */
async function measureStreams(port: number, queries: string[], body: string): Promise<LlmReport> {
  const tally = new LlmTally(() => new LatencyRecorder());
  const meter = new LlmMeter(tally);
  let readAtUs = 0;
  const events = new EventParser({
    onData: (buf, start, end) => meter.onData(buf, start, end),
    onDispatch: () => meter.onDispatch(readAtUs),
    onId: ignore,
    onEventType: ignore,
    onRetry: ignore,
    onComment: ignore,
    onDiscard: ignore,
  });
  const startUs = nowUs();
  await new Promise<void>((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let next = 0;
    const response = new ResponseParser({
      onHead: ignore,
      onBody: (buf, start, end) => {
        events.push(buf, start, end);
      },
      onEnd: () => {
        meter.onStreamEnd(true);
        if (next === queries.length) socket.end(resolve);
        else send();
      },
    });
    const send = (): void => {
      response.next();
      events.reset();
      meter.begin(nowUs());
      socket.write(
        `POST /v1/chat/completions?${queries[next++]} HTTP/1.1\r\nHost: t\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
    };
    socket.on('connect', send);
    socket.on('data', (bytes) => {
      readAtUs = nowUs();
      response.push(bytes, 0, bytes.length);
      if (response.error) reject(new Error(response.error.detail));
    });
    socket.on('error', reject);
  });
  return summarizeLlm(tally, nowUs() - startUs);
}

describe('the streams of a real server', () => {
  let target: StartedTarget;
  beforeAll(async () => {
    target = await startTarget('node-http');
  }, 120_000);
  afterAll(() => target.stop());

  it('are counted as it sent them: chunks, content, tokens, [DONE]', async () => {
    const { counts, outputTokensPerSec, vllm, aiperf } = await measureStreams(
      target.port,
      [
        'tokens=5&ttft=3ms&itl=2ms',
        'tokens=7&chunk=3&ttft=0&itl=0',
        'tokens=0&ttft=0',
        'tokens=2&done=false&ttft=0&itl=1ms',
      ],
      '{"model":"m","messages":[],"stream":true,"stream_options":{"include_usage":true}}',
    );
    expect(counts).toEqual({
      begun: 4,
      completed: 4,
      cut: 0,
      streamsWithUsage: 4,
      streamsWithoutUsage: 0,
      missingDone: 1,
      withoutChunks: 0,
      // Each stream has a chunk with the role and one with the finish reason beside its content.
      chunks: 2 * 4 + (5 + 3 + 0 + 2),
      contentChunks: 5 + 3 + 0 + 2,
      otherEvents: 0,
      outputTokens: 5 + 7 + 0 + 2,
    });
    expect(outputTokensPerSec.known).toBe(true);
    const samples = (family: object): Record<string, number> =>
      Object.fromEntries(
        Object.entries(family).flatMap(([id, value]) =>
          value?.count === undefined ? [] : [[id, value.count]],
        ),
      );
    expect(samples(vllm)).toEqual({ ttft_us: 4, itl_us: 18 - 4, tpot_us: 3, e2el_us: 4 });
    expect(samples(aiperf)).toMatchObject({
      ttft_us: 3,
      ttfo_us: 3,
      ttst_us: 3,
      icl_us: 10 - 3,
      itl_us: 3,
      request_latency_us: 3,
    });
    // Counted by the server: chunks, four with usage, three [DONE].
    expect((await target.metrics()).get('events_total')).toBe(counts.chunks + 4 + 3);
  });

  it('that tell no usage have no tokens, and an answer that is no stream has no chunks', async () => {
    const silent = await measureStreams(target.port, ['tokens=3&ttft=0&itl=0'], '{"stream":true}');
    expect(silent.counts).toMatchObject({ streamsWithUsage: 0, streamsWithoutUsage: 1, contentChunks: 3 });
    expect(silent.vllm.tpot_us).toBeNull();
    expect(silent.outputTokensPerSec.known).toBe(false);
    const whole = await measureStreams(target.port, ['tokens=3&ttft=0&itl=0'], '{}');
    expect(whole.counts).toMatchObject({ completed: 1, withoutChunks: 1, missingDone: 1, otherEvents: 0 });
  });
});
