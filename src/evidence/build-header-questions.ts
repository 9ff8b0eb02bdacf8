import type { HeaderQuestion } from '../model/ablation.ts';
import type { Cell } from '../model/cell.ts';
import type { ArmComparison } from '../model/comparison.ts';
import type { Arm } from '../model/plan.ts';
import { formatPercent, formatRate, formatUs } from '../stats/format-figure.ts';

/**
 * Smallest difference of rates that counts. Unit: ratio. Reason: rates of one row differ by one or two percent from
 * round to round, and trials of different length by another one; whoever blames headers speaks of factors. Doubt: a
 * smaller effect that is really there needs an ablation, which compares within rounds.
 */
const SAME_WITHIN = 1.05;

interface Member {
  arm: Arm;
  compared: ArmComparison;
}

/** One answer per variant in which requests are replayed: do rates follow the bytes or the client that sends them? */
export function buildHeaderQuestions(arms: readonly Member[]): HeaderQuestion[] {
  const variants = new Set(arms.filter(({ arm }) => arm.replay !== undefined).map(({ arm }) => arm.variant));
  return [...variants].map((variant) => {
    const own = arms.filter(({ arm }) => arm.variant === variant);
    const replays = own.filter(({ arm }) => arm.replay !== undefined);
    const sources = own.filter(({ arm }) => replays.some(({ arm: { replay } }) => replay === arm.id));
    const testers = own.filter(({ arm }) => arm.tool === 'ssee-tester' && isFree(arm) && !arm.replay);
    return answer(variant ?? null, sources, testers, replays);
  });
}

/** A limit of its own would be the answer instead. */
function isFree(arm: Arm): boolean {
  return arm.ratePerConnection === undefined && arm.readBytesPerSec === undefined;
}

function answer(
  variant: string | null,
  sources: readonly Member[],
  testers: readonly Member[],
  replays: readonly Member[],
): HeaderQuestion {
  const members = [...new Set([...sources, ...testers, ...replays])];
  const metric = members[0]?.arm.stream === 'endless' ? 'events_per_sec' : 'requests_per_sec';
  const rateOf = ({ compared }: Member): number | undefined => numberIn(compared.metrics[metric]);
  const rangeOf = ({ compared }: Member): [number, number][] => {
    const cell = compared.metrics[metric];
    const rate = numberIn(cell);
    return rate === undefined ? [] : [(cell.known ? cell.range : undefined) ?? [rate, rate]];
  };
  const sameClient = [...testers, ...replays]
    .filter(({ arm }) => isFree(arm))
    .flatMap((one) => rateOf(one) ?? []);
  const clients = replays.flatMap((replay) => {
    const source = sources.find(({ arm }) => arm.id === replay.arm.replay && isFree(arm));
    const [theirs, ours] = [source && rateOf(source), rateOf(replay)];
    if (!source || replay.arm.bare || !theirs || !ours) return [];
    return [{ name: source.arm.id, theirs, ours, apart: apartBy([rangeOf(source), rangeOf(replay)].flat()) }];
  });
  const byBytes =
    sameClient.length > 1
      ? apartBy([...testers, ...replays].filter(({ arm }) => isFree(arm)).flatMap(rangeOf))
      : undefined;
  const byClient = clients.length > 0 ? furthest(clients.map(({ apart }) => apart)) : undefined;
  const follows = decide(byBytes, byClient);
  return {
    variant,
    follows,
    sentence: [
      VERDICTS[follows],
      ...(byBytes === undefined
        ? []
        : [`ssee-tester with ${sameClient.length} requests: ${rangeText(sameClient)} ${UNITS[metric]}`]),
      ...clients.map(
        ({ name, theirs, ours }) =>
          `the bytes of ${name}: ${formatRate(theirs)} by itself, ${formatRate(ours)} by ssee-tester`,
      ),
      ...describeParsing(members, metric),
    ].join('; '),
    requests: members.map(({ arm, compared }) => ({
      arm: arm.id,
      client: arm.tool,
      request: arm.bare ? 'bare' : (arm.replay ?? arm.id),
      rate: compared.metrics[metric],
      bytes: requestLength(compared),
      header_parse_us_mean: compared.truth.header_parse_us_mean!,
      header_parse_us_p50: compared.truth.header_parse_us_p50!,
    })),
  };
}

const UNITS = { requests_per_sec: 'requests/s', events_per_sec: 'events/s' };
const VERDICTS: Record<HeaderQuestion['follows'], string> = {
  bytes: 'rates follow the bytes of the request, not the client',
  client: 'rates follow the client, not the bytes of the request',
  both: 'rates follow the bytes of the request and the client',
  neither: 'rates follow neither the bytes of the request nor the client',
  unknown: 'whether rates follow the bytes of the request or the client is unproven',
};

/** Whether rates differ; `unclear` where their medians do and their rounds overlap. */
type Apart = 'same' | 'apart' | 'unclear';

/** @param ranges lowest and highest of the rounds of each row */
function apartBy(ranges: readonly (readonly [number, number])[]): Apart {
  const middles = ranges.map(([low, high]) => (low + high) / 2);
  const [least, most] = [Math.min(...middles), Math.max(...middles)];
  if (most <= least * SAME_WITHIN) return 'same';
  const leastHigh = Math.min(...ranges.map(([, high]) => high));
  const mostLow = Math.max(...ranges.map(([low]) => low));
  return mostLow > leastHigh ? 'apart' : 'unclear';
}

function furthest(all: readonly Apart[]): Apart {
  if (all.includes('apart')) return 'apart';
  return all.includes('unclear') ? 'unclear' : 'same';
}

function decide(byBytes: Apart | undefined, byClient: Apart | undefined): HeaderQuestion['follows'] {
  if (byBytes === undefined || byClient === undefined) return 'unknown';
  if (byBytes === 'unclear' || byClient === 'unclear') return 'unknown';
  if (byBytes === 'apart') return byClient === 'apart' ? 'both' : 'bytes';
  return byClient === 'apart' ? 'client' : 'neither';
}

/** The dearest and the cheapest head, and what the difference is worth at the highest rate. Medians: a mean holds every wait for a CPU. */
function describeParsing(members: readonly Member[], metric: keyof typeof UNITS): string[] {
  const parses = members.flatMap(({ arm, compared }) => {
    const us = numberIn(compared.truth.header_parse_us_p50);
    return us === undefined ? [] : [{ arm, us }];
  });
  if (parses.length < 2) return [];
  const [cheapest, dearest] = [
    parses.reduce((a, b) => (b.us < a.us ? b : a)),
    parses.reduce((a, b) => (b.us > a.us ? b : a)),
  ];
  const rates = members.flatMap(({ compared }) => numberIn(compared.metrics[metric]) ?? []);
  const worth =
    metric === 'requests_per_sec' && rates.length > 0
      ? `, at ${formatRate(Math.max(...rates))} requests/s ${formatPercent(((dearest.us - cheapest.us) * Math.max(...rates)) / 1e6)} of one CPU apart`
      : '';
  return [
    `the target takes ${formatUs(cheapest.us)} (${cheapest.arm.id}) to ${formatUs(dearest.us)} (${dearest.arm.id}) from the first byte of a request to its handler (median)${worth}`,
  ];
}

function rangeText(values: readonly number[]): string {
  return `${formatRate(Math.min(...values))} to ${formatRate(Math.max(...values))}`;
}

function numberIn(cell: Cell | undefined): number | undefined {
  return cell?.known && typeof cell.value === 'number' ? cell.value : undefined;
}

function requestLength({ wire }: ArmComparison): number | null {
  const cell = wire.request_bytes;
  return cell?.known ? Buffer.from(String(cell.value), 'base64').length : null;
}
