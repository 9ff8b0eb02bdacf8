import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { LLM_LATENCIES, LLM_RATES, type LlmReport } from '../../src/model/llm-report.ts';
import { LlmMeter } from '../../src/sse/llm-meter.ts';
import { LlmTally } from '../../src/sse/llm-tally.ts';
import { summarizeLlm } from '../../src/sse/summarize-llm.ts';
import { LatencyRecorder } from '../../src/tester/latency-recorder.ts';

interface Stream {
  /** Times of the content chunks in us. */
  content: number[];
  tokens?: number;
  completed?: boolean;
}

function report(streams: Stream[], durationUs = 1_000_000): LlmReport {
  const tally = new LlmTally(() => new LatencyRecorder());
  const meter = new LlmMeter(tally);
  const send = (atUs: number, data: string): void => {
    meter.onData(Buffer.from(data), 0, data.length);
    meter.onDispatch(atUs);
  };
  for (const { content, tokens, completed = true } of streams) {
    meter.begin(0);
    for (const atUs of content) send(atUs, '{"choices":[{"delta":{"content":"x"}}]}');
    if (tokens !== undefined) send(content.at(-1) ?? 0, `{"usage":{"completion_tokens":${tokens}}}`);
    meter.onStreamEnd(completed);
  }
  return summarizeLlm(tally, durationUs);
}

describe('a report of token streams', () => {
  it('has every metric of both families where streams tell their tokens', () => {
    const { counts, outputTokensPerSec, vllm, aiperf } = report(
      [
        { content: [1000, 2000, 3000], tokens: 3 },
        { content: [2000, 4000, 6000], tokens: 3 },
      ],
      2_000_000,
    );
    expect(counts).toMatchObject({ begun: 2, completed: 2, outputTokens: 6, missingDone: 2 });
    expect(outputTokensPerSec).toEqual({ known: true, value: 3 });
    expect(vllm.ttft_us).toMatchObject({ count: 2, min: 1000, max: 2000, mean: 1500 });
    expect(vllm.itl_us).toMatchObject({ count: 4, min: 1000, max: 2000 });
    expect(vllm.tpot_us).toMatchObject({ count: 2, min: 1000, max: 2000 });
    expect(vllm.e2el_us).toMatchObject({ count: 2, min: 3000, max: 6000 });
    expect(aiperf.ttst_us).toMatchObject({ count: 2, min: 1000, max: 2000 });
    expect(aiperf.itl_us).toMatchObject({ count: 2, min: 1000, max: 2000 });
    expect(aiperf.output_tokens_per_sec_per_user).toMatchObject({ count: 2, min: 500, max: 1000, mean: 750 });
    expect([vllm.definition, vllm.whyNot, aiperf.definition, aiperf.whyNot]).toEqual([
      'vllm',
      {},
      'aiperf',
      {},
    ]);
  });

  it('never guesses tokens: without usage what takes them is absent with the reason', () => {
    const { outputTokensPerSec, vllm, aiperf } = report([{ content: [1000, 2000] }]);
    const reason =
      'no completed stream carried usage, so its tokens are not known: ask for stream_options.include_usage';
    expect(outputTokensPerSec).toEqual({ known: false, why: 'not-observable', detail: reason });
    expect([vllm.tpot_us, vllm.whyNot]).toEqual([null, { tpot_us: reason }]);
    expect([aiperf.itl_us, aiperf.output_tokens_per_sec_per_user]).toEqual([null, null]);
    expect(aiperf.whyNot).toEqual({ itl_us: reason, output_tokens_per_sec_per_user: reason });
  });

  it('has no sum of tokens where some streams did not tell theirs, but the times of those that did', () => {
    const { outputTokensPerSec, vllm } = report([{ content: [1000, 2000], tokens: 2 }, { content: [1000] }]);
    expect(outputTokensPerSec).toEqual({
      known: false,
      why: 'not-observable',
      detail: '1 of 2 completed streams carried no usage, so their tokens are not known',
    });
    expect(vllm.tpot_us).toMatchObject({ count: 1 });
  });

  it.each<[name: string, streams: Stream[], vllm: string[], aiperf: string[]]>([
    [
      'no streams',
      [],
      ['ttft_us', 'itl_us', 'tpot_us', 'e2el_us'],
      [
        'ttft_us',
        'ttfo_us',
        'ttst_us',
        'icl_us',
        'itl_us',
        'request_latency_us',
        'output_tokens_per_sec_per_user',
      ],
    ],
    [
      'streams that were cut',
      [{ content: [1, 2], tokens: 2, completed: false }],
      ['tpot_us', 'e2el_us'],
      ['itl_us', 'request_latency_us', 'output_tokens_per_sec_per_user'],
    ],
    [
      'streams of one token',
      [{ content: [1], tokens: 1 }],
      ['itl_us', 'tpot_us'],
      ['ttst_us', 'icl_us', 'itl_us', 'output_tokens_per_sec_per_user'],
    ],
    [
      'streams that came in one read',
      [{ content: [5, 5], tokens: 2 }],
      [],
      ['output_tokens_per_sec_per_user'],
    ],
  ])('has a reason for each metric that is null with %s', (_, streams, vllm, aiperf) => {
    const summary = report(streams);
    const nulls = (family: object): string[] =>
      Object.entries(family)
        .filter(([, value]) => value === null)
        .map(([id]) => id);
    expect(nulls(summary.vllm)).toEqual(vllm);
    expect(nulls(summary.aiperf)).toEqual(aiperf);
    expect(Object.keys(summary.vllm.whyNot)).toEqual(vllm);
    expect(Object.keys(summary.aiperf.whyNot)).toEqual(aiperf);
  });

  it('has no rate over no time and none of no stream', () => {
    expect(report([{ content: [1], tokens: 1 }], 0).outputTokensPerSec).toMatchObject({ why: 'no-samples' });
    expect(report([]).outputTokensPerSec).toMatchObject({ why: 'no-samples', detail: 'no stream completed' });
  });
});

describe('docs/llm-metrics.md', () => {
  const page = readFileSync(new URL('../../docs/llm-metrics.md', import.meta.url), 'utf8');

  it.each(Object.entries({ ...LLM_LATENCIES, ...LLM_RATES }))(
    'states %s with its definition id and formula',
    (id, { definition, formula }) => {
      const cells = page
        .split('\n')
        .filter((line) => line.startsWith('|'))
        .map((line) => line.split('|').map((cell) => cell.trim().replaceAll('`', '')));
      expect(cells).toContainEqual(['', id, definition, formula, '']);
    },
  );
});
