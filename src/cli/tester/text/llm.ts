import type { LlmRate, LlmReport } from '../../../model/llm-report.ts';
import type { TesterLatency, TesterReport } from '../../../model/tester-report.ts';
import { formatCount, formatRate } from '../../../stats/format-figure.ts';
import { LATENCY_COLUMNS, latencyCells } from './latencies.ts';
import { continued, labelled, tableRow } from './lines.ts';

const NAME_COLUMNS = 18;
const VLLM_LABELS = { ttft_us: 'TTFT', itl_us: 'ITL', tpot_us: 'TPOT', e2el_us: 'E2EL' } as const;
const AIPERF_LABELS = {
  ttft_us: 'TTFT',
  ttfo_us: 'TTFO',
  ttst_us: 'TTST',
  icl_us: 'ICL',
  itl_us: 'ITL',
  request_latency_us: 'request latency',
} as const;
const RATE = 'output_tokens_per_sec_per_user';

/** Tokens, and both families of token latencies by name. Empty where streams were not read as such. */
export function describeLlm({ llm }: TesterReport): string[] {
  if (llm === undefined) return [];
  const { vllm, aiperf } = llm;
  return [
    ...describeTokens(llm),
    '',
    tableRow('as vLLM has it', NAME_COLUMNS, LATENCY_COLUMNS),
    ...rowsOf(VLLM_LABELS, vllm),
    ...reasonsOf(VLLM_LABELS, vllm.whyNot),
    '',
    tableRow('as AIPerf has it', NAME_COLUMNS, LATENCY_COLUMNS),
    ...rowsOf(AIPERF_LABELS, aiperf),
    ...(aiperf[RATE] === null ? [] : [tableRow('tokens/s per user', NAME_COLUMNS, rateCells(aiperf[RATE]))]),
    ...reasonsOf({ ...AIPERF_LABELS, [RATE]: 'tokens/s per user' }, aiperf.whyNot),
  ];
}

function describeTokens({ counts, outputTokensPerSec }: LlmReport): string[] {
  const { begun, completed, cut, streamsWithUsage, missingDone, withoutChunks, otherEvents } = counts;
  const rate = outputTokensPerSec;
  const faults = [
    [cut, 'cut'],
    [completed - streamsWithUsage, 'without usage'],
    [missingDone, 'without [DONE]'],
    [withoutChunks, 'without a chunk'],
  ] as const;
  const listed = faults
    .filter(([count]) => count > 0)
    .map(([count, word]) => `, ${formatCount(count)} ${word}`);
  return [
    ...labelled('output tokens', rate.known ? `${formatRate(rate.value)}/s` : `not known: ${rate.detail}`),
    ...continued(
      `${formatCount(counts.outputTokens)} known of completed streams; ${formatCount(counts.contentChunks)} content chunks in all`,
    ),
    ...labelled('token streams', `${formatCount(begun)} begun${listed.join('')}`),
    ...(otherEvents > 0
      ? continued(`${formatCount(otherEvents)} events that are no chunks, as where a server reports an error`)
      : []),
  ];
}

function rowsOf<Id extends string>(
  labels: Record<Id, string>,
  values: NoInfer<Record<Id, TesterLatency | null>>,
): string[] {
  return (Object.keys(labels) as Id[]).flatMap((id) => {
    const latency = values[id];
    return latency === null ? [] : [tableRow(labels[id], NAME_COLUMNS, latencyCells(latency))];
  });
}

/** Lines for what there is none of. Metrics with the same reason share one. */
function reasonsOf<Id extends string>(
  labels: Record<Id, string>,
  whyNot: NoInfer<Partial<Record<Id, string>>>,
): string[] {
  const byReason = new Map<string, string[]>();
  for (const id of Object.keys(labels) as Id[]) {
    const reason = whyNot[id];
    if (reason !== undefined) byReason.set(reason, [...(byReason.get(reason) ?? []), labels[id]]);
  }
  return [...byReason].flatMap(([reason, names]) => labelled('', `no ${names.join(', ')}: ${reason}`));
}

/** A rate is better when it is higher: its p99 is of the fastest streams. There is no p999. */
function rateCells({ p50, p90, p99, max }: LlmRate): string[] {
  return [formatRate(p50), formatRate(p90), formatRate(p99), '', formatRate(max)];
}
