import { representativeTrials } from '../evidence/build-arm-evidence.ts';
import { readingValue } from '../model/cell.ts';
import type { ArmEvidence } from '../model/evidence.ts';
import type { Rule, Verdict } from '../model/finding.ts';
import { formatPercent, formatUs } from '../stats/format-figure.ts';
import { confidenceOf, judgeCpuCause, profileShare } from './target-cpu-cause.ts';

/**
 * Share of the target's CPU that reading and parsing request heads takes. Unit: ratio 0..1. Reason: small answers to small
 * requests were at 0.16 to 0.2, one healthy head of 1.7 KB at 0.25 to 0.31, 60 headers at 0.34 to 0.43, a quadratic parser at 0.9.
 * Doubt: what other servers need for the same bytes is not known; replaying other bytes would tell.
 */
const SHARE = { from: 0.4, to: 0.6 };

/** The same for the share of the wait for a first byte, where CPU is not what limits. Reason: a half is most of it. Doubt: the wait on the wire includes the kernel's part, so that the true share is a little higher. */
const WAIT_SHARE = { from: 0.3, to: 0.6 };

/**
 * Shortest parse that the histogram alone may be believed for, and that anybody waits for. Unit: us. Reason: healthy heads
 * took 5 to 20, of which a part is the way to the handler and no parsing. Doubt: many headers cost a server of small answers
 * a good part of its CPU in less; a profile tells.
 */
const LEAST_PARSE_US = 100;

/**
 * Parsing request heads is what the target's time goes into. Rests on the target's own witnesses alone, its profile or its
 * histogram: that a tool which sends more headers is slower proves nothing about them.
 */
export const headerCost: Rule = {
  code: 'header-cost',
  needs: [
    "a CPU profile of the target (observe.profile: [cpu]), or its header-parse histogram; the target's CPU time, or a capture",
  ],
  evaluate(evidence) {
    const profiled = profileShare(evidence, 'header_parse_share');
    const counted = histogramShare(evidence);
    const parse = evidence.truth?.headerParse;
    const short = profiled === undefined && parse !== undefined && parse.p50Us < LEAST_PARSE_US;
    const shares = [profiled, short ? 0 : counted?.share].filter((share) => share !== undefined);
    // Time on the clock holds waits for a CPU as well: where both witnesses spoke, the lower one is believed.
    const share = shares.length === 0 ? undefined : Math.min(...shares);
    const texts = [
      ...(profiled === undefined
        ? []
        : [`reading and parsing request heads took ${formatPercent(profiled)} of the target's CPU time`]),
      ...(counted ? [counted.text] : []),
    ];
    const bytes = requestBytes(evidence);
    const verdict = judgeCpuCause(evidence, {
      share,
      range: SHARE,
      missing: 'a CPU profile of the target, or its header-parse histogram with its CPU time',
      shareText: texts.join('; '),
      sentence: `The server spends ${formatPercent(share ?? 0)} of its CPU time on parsing request heads${parse ? `, ${formatUs(parse.p50Us)} for each (median)` : ''}.`,
      because: bytes === undefined ? [] : [`a request has ${bytes} bytes`],
      against:
        profiled === undefined
          ? ['the histogram holds waits for a CPU as well; a profile, or replaying other bytes, would tell']
          : [],
    });
    return verdict.outcome === 'found' ? verdict : (judgeWait(evidence, share ?? 0, texts) ?? verdict);
  },
};

/** The target's histogram against the CPU time that it used: an upper bound of the share. */
function histogramShare({
  truth,
  process,
  trials,
}: ArmEvidence): { share: number; text: string } | undefined {
  const parse = truth?.headerParse;
  const { targetCpuS } = process;
  if (!parse || parse.count === 0 || targetCpuS === undefined || targetCpuS <= 0) return undefined;
  // Heads of all rounds against the CPU time of one. The median: a mean would be ruled by the few that lost their CPU in
  // the middle.
  const heads = parse.count / representativeTrials(trials).length;
  const spentS = (parse.p50Us * heads) / 1e6;
  const share = Math.min(1, spentS / targetCpuS);
  return {
    share,
    text: `the target's own histogram: ${formatUs(parse.p50Us)} from the first byte of a request to its handler (median), ${spentS.toFixed(2)} s against ${targetCpuS.toFixed(2)} s of CPU`,
  };
}

/** Heads that answers wait for, without anybody being short of CPU: one connection, for example. */
function judgeWait(
  { truth, wire }: ArmEvidence,
  cpuShare: number,
  texts: readonly string[],
): Verdict | undefined {
  const parse = truth?.headerParse;
  const ttfbUs = readingValue(wire?.wire_ttfb_us_p50);
  const wait = readingValue(wire?.server_wait_share);
  if (!parse || parse.p50Us < LEAST_PARSE_US) return undefined;
  if (!ttfbUs || wait === undefined) {
    if (confidenceOf(cpuShare, SHARE) === 0) return undefined;
    const missing = `a capture: how long answers wait beside the ${formatUs(parse.p50Us)} that a head takes`;
    return { outcome: 'insufficient-data', missing: [missing] };
  }
  const share = Math.min(1, parse.p50Us / ttfbUs) * wait;
  const confidence = confidenceOf(share, WAIT_SHARE);
  if (confidence === 0) return undefined;
  return {
    outcome: 'found',
    class: 'wait',
    weight: share,
    sentence: `The server takes ${formatUs(parse.p50Us)} to parse a request head, of the ${formatUs(ttfbUs)} before a response begins.`,
    because: [
      ...texts,
      `connections waited for the first byte of a response ${formatPercent(wait)} of their time, ${formatUs(ttfbUs)} each (median)`,
    ],
    against:
      confidence < 1 ? [`that is ${formatPercent(share)} of connection time: others may weigh as much`] : [],
    explains: { codes: ['slow-handler'], confidence },
  };
}

function requestBytes({ wire }: ArmEvidence): number | undefined {
  const bytes = wire?.request_bytes;
  return bytes?.known ? Buffer.from(bytes.value, 'base64').length : undefined;
}
