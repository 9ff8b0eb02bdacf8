import { parseGoDurationMs } from './duration.ts';

/** What a client may ask of an event stream. */
export interface StreamQuery {
  /** Number of events; 0 for an endless stream. */
  count: number;
  intervalMs: number;
  /** Events per write. */
  burst: number;
  /** Wanted length of an event's data in bytes. */
  sizeBytes: number;
  /** Silence after which a comment is sent; 0 for none. */
  heartbeatMs: number;
  headMs: number;
  firstMs: number;
  flush: boolean;
  /** CPU time burnt before each event. */
  cpuMs: number;
  /** End the connection behind the response. */
  close: boolean;
}

/** A message for a 400 answer, in one line. */
export interface BadQuery {
  problem: string;
}

export type ParameterKind =
  | 'duration'
  | 'boolean'
  /** A share from 0 to 1. */
  | 'ratio'
  | { min: number; max: number }
  /** Text that matches as a whole; `want` completes "want ...". */
  | { pattern: RegExp; want: string };

const MAX_DURATION_MS = 24 * 3_600_000;
const MAX_WRITE_BYTES = 64 * 1024 * 1024;
const DEFAULT_INTERVAL_MS = 100;

/** Ranges of whole-number parameters; durations go from 0 to 24h. */
export const COUNT = { min: 0, max: 1_000_000_000 };
export const SIZE = { min: 0, max: 16 * 1024 * 1024 };

const STREAM_PARAMETERS: Record<string, ParameterKind> = {
  count: COUNT,
  burst: { min: 1, max: 10_000 },
  size: SIZE,
  interval: 'duration',
  heartbeat: 'duration',
  head: 'duration',
  first: 'duration',
  flush: 'boolean',
  cpu: 'duration',
  close: 'boolean',
};

/** The query of `/events`. */
export function parseStreamQuery(query: string): StreamQuery | BadQuery {
  const values = readParameters(query, STREAM_PARAMETERS);
  if ('problem' in values) return values;
  const number = (name: string, fallback: number): number => Number(values.get(name) ?? fallback);
  const count = number('count', 0);
  const burst = number('burst', 1);
  const sizeBytes = number('size', 0);
  if (burst * sizeBytes > MAX_WRITE_BYTES) return { problem: 'burst times size is above 64 MiB' };
  return {
    count,
    intervalMs: number('interval', count === 0 ? DEFAULT_INTERVAL_MS : 0),
    burst,
    sizeBytes,
    heartbeatMs: number('heartbeat', 0),
    headMs: number('head', 0),
    firstMs: number('first', 0),
    flush: values.get('flush') !== false,
    cpuMs: number('cpu', 0),
    close: values.get('close') === true,
  };
}

/**
 * The parameters of a query by name, durations in milliseconds. An unknown one is a problem: a misspelt parameter
 * would otherwise measure another stream than the one asked for.
 */
export function readParameters(
  query: string,
  kinds: Record<string, ParameterKind>,
): Map<string, number | boolean | string> | BadQuery {
  const values = new Map<string, number | boolean | string>();
  for (const [name, text] of new URLSearchParams(query)) {
    const kind = Object.hasOwn(kinds, name) ? kinds[name]! : undefined;
    if (kind === undefined) return { problem: `unknown parameter ${JSON.stringify(name)}` };
    const value = readValue(text, kind);
    if (value === undefined) {
      return { problem: `bad value for ${name}: ${JSON.stringify(text)}, want ${describeKind(kind)}` };
    }
    values.set(name, value);
  }
  return values;
}

function readValue(text: string, kind: ParameterKind): number | boolean | string | undefined {
  if (kind === 'boolean') return text === 'true' ? true : text === 'false' ? false : undefined;
  if (kind === 'duration') {
    const ms = parseGoDurationMs(text);
    return ms !== undefined && ms <= MAX_DURATION_MS ? ms : undefined;
  }
  if (kind === 'ratio') return /^(?:0?\.\d{1,9}|0|1|1\.0{1,9})$/.test(text) ? Number(text) : undefined;
  if ('pattern' in kind) return kind.pattern.test(text) ? text : undefined;
  if (!/^\d{1,10}$/.test(text)) return undefined;
  const value = Number(text);
  return value >= kind.min && value <= kind.max ? value : undefined;
}

function describeKind(kind: ParameterKind): string {
  if (kind === 'boolean') return 'true or false';
  if (kind === 'duration') return 'a duration from 0 to 24h, like 5ms';
  if (kind === 'ratio') return 'a share from 0 to 1, like 0.1';
  if ('pattern' in kind) return kind.want;
  return `a whole number from ${kind.min} to ${kind.max}`;
}

/** The sequence number in a Last-Event-ID header; 0 when there is none that this server has sent. */
export function resumeAfter(lastEventId: string | undefined): number {
  return lastEventId !== undefined && /^\d{1,15}$/.test(lastEventId) ? Number(lastEventId) : 0;
}
