import type { WireExample, WireExampleKind, WireTrace } from '../model/wire.ts';

/** Where in a capture a finding can be looked at. */
export interface WireWitness {
  /** Wireshark display filter. */
  filter: string;
  /** Single cases, by frame number. */
  examples: WireExample[];
}

type Witness = (
  port: number,
  trace?: WireTrace,
) => {
  filter: string;
  of?: WireExampleKind | ((trace: WireTrace) => WireExample[]);
};

const byServer = (port: number, flag: string): string => `tcp.flags.${flag} == 1 && tcp.srcport == ${port}`;
const payload = (port: number): string => `tcp.srcport == ${port} && tcp.len > 0`;
const syns = 'tcp.flags.syn == 1 && tcp.flags.ack == 0';

/** Frames that a filter names, so that it can still be read. */
const MOST_FRAMES = 10;

/** Findings that the wire bears witness to, each with what to look for. */
const WITNESSES: Record<string, Witness> = {
  refused: (port) => ({ filter: `${byServer(port, 'reset')} && tcp.seq == 1`, of: 'refused' }),
  'server-resets': (port) => ({
    filter: byServer(port, 'reset'),
    of: ({ serverEnds }) => serverEnds.filter(({ how }) => how === 'reset'),
  }),
  'server-closes-early': (port) => ({
    filter: byServer(port, 'fin'),
    of: ({ serverEnds }) => serverEnds.filter(({ found }) => found === 'open'),
  }),
  'idle-timeout-cut': (port) => ({
    filter: byServer(port, 'fin'),
    of: ({ serverEnds }) => serverEnds.filter(({ found }) => found === 'open'),
  }),
  'never-answered': (port) => ({ filter: `tcp.port == ${port} && tcp.len > 0`, of: 'unanswered' }),
  'fd-limit-server': (port) => ({ filter: `tcp.port == ${port} && tcp.len > 0`, of: 'unanswered' }),
  'http-errors': () => ({ filter: 'http.response.code >= 400', of: 'http-error' }),
  'stalled-stream': (port) => ({ filter: payload(port), of: ({ unfinished }) => unfinished }),
  'missing-heartbeat': (port) => ({ filter: payload(port) }),
  'accept-queue-overflow': () => ({ filter: `${syns} && tcp.analysis.retransmission`, of: 'syn-again' }),
  'client-concurrency-short': () => ({ filter: syns }),
  'port-exhaustion': () => ({ filter: syns }),
  'connection-churn': () => ({ filter: syns }),
  'packet-loss': () => ({ filter: 'tcp.analysis.retransmission', of: 'retransmission' }),
  // Wireshark reckons the time since a stream's last packet before it filters, that since the last one shown afterwards.
  'global-pause': (port, trace) => ({
    filter:
      trace === undefined || trace.stalls.length === 0
        ? `${payload(port)} && tcp.time_delta > 0.1`
        : `frame.number in {${trace.stalls
            .slice(0, MOST_FRAMES)
            .map(({ packet }) => packet)
            .join(', ')}}`,
    of: ({ stalls }) =>
      [...stalls].sort((a, b) => b.lengthUs - a.lengthUs).map(({ packet }) => ({ packet, clientPort: 0 })),
  }),
  'slow-handler': (port) => ({ filter: `tcp.port == ${port} && tcp.len > 0`, of: 'slow-first-byte' }),
  'slow-first-event': (port) => ({ filter: payload(port), of: 'slow-first-event' }),
  'unflushed-response': (port) => ({ filter: payload(port) }),
  'proxy-buffered': (port) => ({ filter: payload(port) }),
  'network-latency': () => ({ filter: 'tcp.flags.syn == 1' }),
  'slow-reader': () => ({ filter: 'tcp.analysis.zero_window', of: 'zero-window' }),
  'stream-paced': (port) => ({ filter: payload(port) }),
  'endless-response': (port) => ({ filter: payload(port) }),
};

const MOST_EXAMPLES = 3;

/** What to look for in the capture of the evidence trial; undefined where a finding does not rest on packets. */
export function witnessOf(code: string, port: number, trace: WireTrace | undefined): WireWitness | undefined {
  const witness = WITNESSES[code]?.(port, trace);
  if (!witness) return undefined;
  const { filter, of } = witness;
  const examples =
    !trace || of === undefined ? [] : typeof of === 'string' ? (trace.examples[of] ?? []) : of(trace);
  return { filter, examples: examples.slice(0, MOST_EXAMPLES) };
}
