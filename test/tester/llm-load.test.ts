import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { TesterResult } from '../../src/model/tester-report.ts';
import type { LoadOptions } from '../../src/tester/load-options.ts';
import { buildRequestBytes } from '../../src/tester/request-bytes.ts';
import { type StartedTarget, startTarget } from '../targets/start-target.ts';
import { outcomesOf, runChecked } from './checked-load.ts';
import { loadOn, type RawServer, STREAM_HEAD, startRawServer } from './raw-server.ts';

let server: RawServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

function chatRequest(query: string, body: unknown): Buffer {
  return buildRequestBytes({
    method: 'POST',
    authority: 'x',
    path: `/v1/chat/completions?${query}`,
    headers: { 'Content-Type': 'application/json' },
    body: Buffer.from(JSON.stringify(body)),
  });
}

describe('token streams of an endpoint whose tokens are known', () => {
  let target: StartedTarget;
  beforeAll(async () => {
    target = await startTarget('node-http');
  }, 120_000);
  afterAll(() => target.stop());

  const load = (request: Buffer, options: Partial<LoadOptions> = {}): Promise<TesterResult> =>
    runChecked(loadOn(target.port, { request, llm: true, connections: 3, ...options }));

  it.each([1, 2])('are counted and timed in both families of definitions (%i threads)', async (workers) => {
    const tokens = 8;
    const result = await load(
      chatRequest('ttft=5ms&itl=2ms', {
        stream: true,
        max_tokens: tokens,
        stream_options: { include_usage: true },
        messages: [],
      }),
      { workers },
    );
    expect(outcomesOf(result)).toEqual(['completed']);
    const { completed } = result.outcomes;
    expect(result.llm!.counts).toEqual({
      begun: completed,
      completed,
      cut: 0,
      streamsWithUsage: completed,
      streamsWithoutUsage: 0,
      missingDone: 0,
      withoutChunks: 0,
      // The role before the tokens and the reason for the end after them carry no text.
      chunks: completed * (tokens + 2),
      contentChunks: completed * tokens,
      otherEvents: 0,
      outputTokens: completed * tokens,
    });
    const { vllm, aiperf, outputTokensPerSec } = result.llm!;
    expect(vllm.whyNot).toEqual({});
    expect(vllm.ttft_us!.count).toBe(completed);
    expect(vllm.itl_us!.count).toBe(completed * (tokens + 1));
    expect(vllm.tpot_us!.count).toBe(completed);
    expect(vllm.e2el_us!.count).toBe(completed);
    expect(aiperf.ttft_us!.count).toBe(completed);
    expect(aiperf.icl_us!.count).toBe(completed * (tokens - 1));
    expect(aiperf.request_latency_us!.count).toBe(completed);
    // The role comes at once, the first token 5 ms after the request: the same name for two things.
    expect(aiperf.ttft_us!.min).toBeGreaterThanOrEqual(4000);
    expect(vllm.ttft_us!.p50).toBeLessThanOrEqual(aiperf.ttft_us!.p50);
    const seconds = (result.window.durationUs + result.window.drainUs) / 1e6;
    expect(outputTokensPerSec.known && outputTokensPerSec.value).toBeCloseTo(
      (completed * tokens) / seconds,
      0,
    );
  });

  it('without usage have no figure per token, and say why', async () => {
    const result = await load(chatRequest('ttft=1ms&itl=0', { stream: true, max_tokens: 2, messages: [] }));
    expect(outcomesOf(result)).toEqual(['completed']);
    expect(result.llm!.vllm.tpot_us).toBeNull();
    expect(result.llm!.vllm.whyNot.tpot_us).toContain('include_usage');
    expect(result.llm!.outputTokensPerSec.known).toBe(false);
  });

  it('cut at the end of the drain time are cut, and their first chunks count', async () => {
    const result = await load(
      chatRequest('ttft=1ms&itl=20ms', { stream: true, max_tokens: 1000, messages: [] }),
      {
        durationMs: 150,
        timeoutMs: 150,
      },
    );
    expect(result.outcomes).toMatchObject({ attempted: 3, 'client-aborted': 3 });
    expect(result.llm!.counts).toMatchObject({ begun: 3, completed: 0, cut: 3, outputTokens: 0 });
    expect(result.llm!.vllm.ttft_us!.count).toBe(3);
  });

  it('are not there where a request is refused', async () => {
    const result = await load(chatRequest('ttft=oops', { stream: true, messages: [] }));
    expect(outcomesOf(result)).toEqual(['http-error']);
    const { attempted } = result.outcomes;
    expect(result.llm!.counts).toMatchObject({ begun: attempted, completed: 0, cut: attempted, chunks: 0 });
  });
});

describe('a token stream whose request had to be sent again', () => {
  it('is one stream: the kept connection was gone before it was answered', async () => {
    const body = 'data: {"choices":[{"delta":{"content":"a"}}]}\n\ndata: [DONE]\n\n';
    server = await startRawServer((socket, number) => {
      if (number % 2 === 1) socket.write(`${STREAM_HEAD}Content-Length: ${body.length}\r\n\r\n${body}`);
      else socket.end();
    });
    const result = await runChecked(loadOn(server.port, { llm: true, connections: 1 }));
    expect(result.staleReuses).toBeGreaterThan(0);
    expect(outcomesOf(result)).toEqual(['completed']);
    expect(result.llm!.counts).toMatchObject({
      begun: result.outcomes.attempted,
      completed: result.outcomes.completed,
      cut: 0,
    });
  });
});
