/** What wrk's text report says. Members are undefined where the report has no such line or no number in it. */
export interface WrkText {
  requests: number;
  durationS: number;
  /** Rounded to two decimals of its unit. */
  bytes?: number;
  requestsPerSec?: number;
  /** Added to by wrk's own correction, rounded to two decimals of their unit. */
  latencyUs: { p50?: number; p90?: number; p99?: number; max?: number; mean?: number };
  errors: { connect: number; read: number; write: number; timeout: number; status: number };
}

const TIME_US: Record<string, number> = { us: 1, ms: 1e3, s: 1e6, m: 60e6, h: 3600e6 };
const BYTES: Record<string, number> = { B: 1, KB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30, TB: 2 ** 40 };

/** Read the text report; undefined when there is none (usage, refused, killed before the end). */
export function parseWrkText(text: string): WrkText | undefined {
  const total = /^ {2}(\d+) requests in (\d+(?:\.\d+)?)(us|ms|s|m|h), (\d+(?:\.\d+)?)([KMGT]?B) read$/m.exec(
    text,
  );
  if (!total) return undefined;
  const requests = Number(total[1]);
  const durationS = (Number(total[2]) * TIME_US[total[3]!]!) / 1e6;
  const socket = /^ {2}Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)$/m.exec(text);
  const status = /^ {2}Non-2xx or 3xx responses: (\d+)$/m.exec(text);
  const rate = /^Requests\/sec: +(\d+(?:\.\d+)?)$/m.exec(text);
  const latency = /^ {4}Latency +(\S+) +(\S+) +(\S+) /m.exec(text);
  return {
    requests,
    durationS,
    bytes: Number(total[4]) * BYTES[total[5]!]!,
    ...(rate ? { requestsPerSec: Number(rate[1]) } : {}),
    latencyUs: {
      ...named('mean', readTimeUs(latency?.[1])),
      ...named('max', readTimeUs(latency?.[3])),
      ...named('p50', readPercentileUs(text, 50)),
      ...named('p90', readPercentileUs(text, 90)),
      ...named('p99', readPercentileUs(text, 99)),
    },
    errors: {
      connect: Number(socket?.[1] ?? 0),
      read: Number(socket?.[2] ?? 0),
      write: Number(socket?.[3] ?? 0),
      timeout: Number(socket?.[4] ?? 0),
      status: Number(status?.[1] ?? 0),
    },
  };
}

function readPercentileUs(text: string, percent: number): number | undefined {
  return readTimeUs(new RegExp(`^ {5}${percent}% +(\\S+) *$`, 'm').exec(text)?.[1]);
}

function readTimeUs(text: string | undefined): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(us|ms|s|m|h)$/.exec(text ?? '');
  return match ? Math.round(Number(match[1]) * TIME_US[match[2]!]!) : undefined;
}

function named<K extends string>(key: K, value: number | undefined): { [P in K]?: number } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]: number });
}
