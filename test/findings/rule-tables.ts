import type { Verdict } from '../../src/model/finding.ts';
import type { ProfileFigureId } from '../../src/model/profile.ts';
import type { ProcessRecord, TrialRecord } from '../../src/model/run-record.ts';
import type { ServerEnd, UnansweredRequest, UnfinishedResponse, WireEvidence } from '../../src/model/wire.ts';
import { makeArm, makeWire, PACED, type TrialParts } from '../helpers/evidence-builder.ts';

export type Parts = TrialParts & {
  process?: Partial<ProcessRecord> | null;
  profile?: Partial<Record<ProfileFigureId, number>>;
};

export interface Row {
  /** State of the world, as a sentence. */
  when: string;
  parts: Parts;
  outcome: Verdict['outcome'];
  /** Text that must stand in the sentence or its grounds. */
  says?: RegExp;
  /** Text that must stand among the counter-evidence. */
  against?: RegExp;
}

type WireValues = Parameters<typeof makeWire>[0];

/** The wire of a healthy paced stream with some figures changed. */
function wire(values: WireValues = {}): WireEvidence {
  const made = makeWire(values);
  const known = Object.fromEntries(Object.keys(values).map((key) => [key, made[key as keyof typeof made]]));
  return { ...PACED.wire!, ...known };
}

const kernel = (
  counters: Record<string, number>,
  more: Partial<NonNullable<TrialRecord['kernel']>> = {},
): Partial<TrialRecord> => ({ kernel: { isolated: true, counters, ...more } });

const sockets = (values: Partial<NonNullable<NonNullable<TrialRecord['kernel']>['sockets']>> = {}) => ({
  looks: 10,
  looksWithQueue: 0,
  acceptQueueMax: 0,
  closeWaitBefore: 0,
  closeWaitMax: 0,
  closeWaitAfter: 0,
  establishedMax: 100,
  timeWaitBefore: 0,
  timeWaitMax: 0,
  ...values,
});

const ends = (
  count: number,
  ageMs: (index: number) => number,
  found: ServerEnd['found'] = 'open',
): ServerEnd[] =>
  Array.from({ length: count }, (_, index) => ({
    how: 'fin' as const,
    found,
    ageUs: ageMs(index) * 1000,
    idleUs: 20_000,
    packet: index + 1,
    clientPort: 40_000 + index,
  }));

const waits = (count: number, waitUs: number): UnansweredRequest[] =>
  Array.from({ length: count }, (_, index) => ({ packet: index + 1, clientPort: 40_000 + index, waitUs }));
const silent = (count: number, found: UnfinishedResponse['found']): UnfinishedResponse[] =>
  ends(count, () => 0).map(({ packet, clientPort }) => ({
    packet,
    clientPort,
    silenceUs: 960_000,
    windowOpen: true,
    found,
  }));

/** Fifteen of thirty streams died at 5 s, of what is given. */
const lifetimes = (deaths: object) => ({
  count: 30,
  deaths: { fin: 0, rst: 0, stall: 0, protocol: 0, ...deaths },
  clusters: [{ ageMs: 5001, nominalMs: 5000, count: 15, share: 1, spreadMs: 2, round: true }],
});

const short = makeArm({ timeoutMs: 1000 });
/** An evidence trial longer than the timeout of `short`. */
const threeSeconds = { durationMs: 3000 };
const stall = (lengthMs: number, values: object = {}) => ({
  atUs: 1_000_000,
  lengthUs: lengthMs * 1000,
  waiting: 0,
  open: 100,
  resumed: true,
  packet: 77,
  ...values,
});
/** A server that takes 40 ms before its head, and has nothing to compute. */
const WAITING: WireValues = {
  server_wait_share: 0.95,
  transfer_share: 0.02,
  client_turn_share: 0.03,
  wire_ttfb_us_p50: 40_000,
  handshake_us_p50: 40,
  requests_sent: 6000,
  segments_per_response: 6,
  events_per_segment: 1,
};
/** The same in a capture of headers alone, which has no events. */
const { events_per_segment: _, ...UNCOUNTED } = WAITING;
const BUNCHED: WireValues = { ...WAITING, segments_per_response: 1, events_per_segment: 10 };
const proxied = makeArm({
  target: { use: 'go-nethttp', args: [], env: {}, cwd: '/', ready: { withinMs: 1 }, proxy: { use: 'nginx' } },
});

/** A target that uses up the machine beside a cheap tool. */
const BUSY = { idle: 0.02, targetCpuS: 55, targetCpuShare: 0.91, toolCpuS: 3, toolCpuShare: 0.05 };
/** Both at full speed on the same CPUs, which idle a little while they wait for each other. */
const NEARLY_BUSY = { idle: 0.13, targetCpuS: 26, targetCpuShare: 0.43, toolCpuS: 11, toolCpuShare: 0.18 };
const flushed = wire({ segments_per_response: 22, events_per_segment: 1 });
/** As long as `WAITING`, in a queue for one lock. */
const QUEUED = { block_lock_ratio: 97, mutex_ratio: 90, observer_ratio: 1 };

const PROFILE_TABLES: Record<string, Row[]> = {
  'lock-contention': [
    {
      when: 'nearly all handlers wait for a lock that somebody always holds',
      parts: { profile: QUEUED, wire: wire(WAITING) },
      outcome: 'found',
      says: /97 % of connection time.*97\.0 handlers.*90\.00 s per second/s,
    },
    {
      when: 'a third of them does',
      parts: { profile: { block_lock_ratio: 34, mutex_ratio: 0.9 } },
      outcome: 'found',
      against: /proof of 54\.3 %/,
    },
    {
      when: 'the mutex profile alone was taken',
      parts: { profile: { mutex_ratio: 0.98 } },
      outcome: 'found',
      says: /how much of their time passes in that queue takes a block profile/,
    },
    {
      when: 'a few of them do',
      parts: { profile: { block_lock_ratio: 15, mutex_ratio: 0.9 } },
      outcome: 'clear',
      says: /15\.0 handlers/,
    },
    {
      when: 'they are blocked for a lock that nobody is seen to hold',
      parts: { profile: { block_lock_ratio: 90, mutex_ratio: 0.1 } },
      outcome: 'clear',
    },
    {
      when: 'no profile was asked for',
      parts: { wire: wire(WAITING) },
      outcome: 'insufficient-data',
      says: /asks for no profile/,
    },
    {
      when: 'the program has its profiles of locks switched off',
      parts: { profile: { gc_share: 0.1 } },
      outcome: 'insufficient-data',
    },
  ],
  'gc-pressure': [
    {
      when: 'a busy target does little else than allocate',
      parts: { process: BUSY, profile: { gc_share: 0.58, malloc_share: 0.32 } },
      outcome: 'found',
      says: /90 % of its CPU time/,
    },
    {
      when: 'it takes two fifths, on a machine that is nearly busy',
      parts: { process: NEARLY_BUSY, profile: { gc_share: 0.3, malloc_share: 0.1 } },
      outcome: 'found',
      against: /proof of 40 %/,
    },
    {
      when: 'memory is allocated and hardly ever collected',
      parts: { process: BUSY, profile: { gc_share: 0.04, malloc_share: 0.5 } },
      outcome: 'clear',
    },
    {
      when: 'it takes as much as that of a healthy server',
      parts: { process: BUSY, profile: { gc_share: 0.15, malloc_share: 0.06 } },
      outcome: 'clear',
      says: /15 %/,
    },
    {
      when: 'the target has CPU to spare',
      parts: { profile: { gc_share: 0.58, malloc_share: 0.32 } },
      outcome: 'clear',
      says: /CPU to spare/,
    },
    {
      when: 'strangers use up the machine',
      parts: {
        process: { ...NEARLY_BUSY, unaccounted: 0.3 },
        profile: { gc_share: 0.58, malloc_share: 0.32 },
      },
      outcome: 'clear',
    },
    { when: 'there is no profile', parts: { process: BUSY }, outcome: 'insufficient-data' },
    {
      when: 'the CPU of the target was not observed',
      parts: { process: null, profile: { gc_share: 0.58, malloc_share: 0.32 } },
      outcome: 'insufficient-data',
    },
  ],
  'serialization-cost': [
    {
      when: 'half of the CPU of a busy target goes into JSON',
      parts: { process: BUSY, profile: { json_share: 0.5, gc_share: 0.2 } },
      outcome: 'found',
      says: /50 % of its CPU time.*another 20 %/s,
    },
    {
      when: 'a third does',
      parts: { process: BUSY, profile: { json_share: 0.34 } },
      outcome: 'found',
      against: /proof of 76 %/,
    },
    {
      when: 'a seventh does',
      parts: { process: BUSY, profile: { json_share: 0.14 } },
      outcome: 'clear',
    },
    {
      when: 'the target has CPU to spare',
      parts: { profile: { json_share: 0.6 } },
      outcome: 'clear',
    },
    {
      when: 'the profile slowed the target down',
      parts: { process: BUSY, profile: { json_share: 0.6, observer_ratio: 0.5 } },
      outcome: 'found',
      against: /50 % of the rate/,
    },
    {
      when: 'the tool is what limits, as the connections show',
      parts: {
        process: { targetCpuShare: 0.9, toolCpuShare: 0.95 },
        wire: wire({ server_wait_share: 0.1, transfer_share: 0.1, client_turn_share: 0.8 }),
        profile: { json_share: 0.6 },
      },
      outcome: 'clear',
    },
    { when: 'there is no profile', parts: { process: BUSY }, outcome: 'insufficient-data' },
  ],
  'flush-bound': [
    {
      when: 'a busy target writes twenty events of a response one by one',
      parts: { process: BUSY, wire: flushed, profile: { syscall_write_share: 0.8, write_flush_share: 0.05 } },
      outcome: 'found',
      says: /77\.3 % of its CPU time.*22\.0 segments/s,
      against: /loopback/,
    },
    {
      when: 'the machine idles a little',
      parts: {
        process: NEARLY_BUSY,
        wire: flushed,
        profile: { syscall_write_share: 0.8, write_flush_share: 0.05 },
      },
      outcome: 'found',
    },
    {
      when: 'it writes a response at once',
      parts: {
        process: BUSY,
        wire: wire({ segments_per_response: 1, events_per_segment: 20 }),
        profile: { syscall_write_share: 0.8 },
      },
      outcome: 'clear',
      says: /20\.0 events in each/,
    },
    {
      when: 'a response is a head, one event and an end',
      parts: {
        process: BUSY,
        wire: wire({ segments_per_response: 3, events_per_segment: 1 }),
        profile: { syscall_write_share: 0.8, write_flush_share: 0.1 },
      },
      outcome: 'clear',
    },
    {
      when: 'events go out together',
      parts: {
        process: BUSY,
        wire: wire({ segments_per_response: 5, events_per_segment: 4 }),
        profile: { syscall_write_share: 0.8 },
      },
      outcome: 'clear',
    },
    {
      when: 'its work lies between the writes',
      parts: { process: BUSY, wire: flushed, profile: { syscall_write_share: 0.1 } },
      outcome: 'clear',
    },
    {
      when: 'nobody saw how events were sent',
      parts: { process: BUSY, profile: { syscall_write_share: 0.8 } },
      outcome: 'insufficient-data',
      says: /segments/,
    },
    { when: 'there is no profile', parts: { process: BUSY, wire: flushed }, outcome: 'insufficient-data' },
  ],
  'header-cost': [
    {
      when: 'profile and histogram of a busy target say so',
      parts: {
        process: BUSY,
        profile: { header_parse_share: 0.8 },
        truth: { headerParse: { count: 60_000, p50Us: 700, p99Us: 1500, meanUs: 750 } },
      },
      outcome: 'found',
      says: /76\.4 % of its CPU time on parsing.*700 us/s,
    },
    {
      when: 'the histogram alone says so',
      parts: {
        process: BUSY,
        truth: { headerParse: { count: 60_000, p50Us: 700, p99Us: 1500, meanUs: 750 } },
      },
      outcome: 'found',
      against: /waits for a CPU/,
    },
    {
      when: 'the histogram holds waits that the profile does not',
      parts: {
        process: BUSY,
        profile: { header_parse_share: 0.05 },
        truth: { headerParse: { count: 60_000, p50Us: 700, p99Us: 1500, meanUs: 750 } },
      },
      outcome: 'clear',
      says: /5 % of the target's CPU time/,
    },
    {
      when: 'many quick heads add up in the histogram alone',
      parts: {
        process: BUSY,
        truth: { headerParse: { count: 3_000_000, p50Us: 9, p99Us: 40, meanUs: 10 } },
      },
      outcome: 'clear',
    },
    {
      when: 'one connection waits for its heads to be parsed',
      parts: {
        wire: wire({ ...WAITING, wire_ttfb_us_p50: 431, server_wait_share: 0.8 }),
        truth: { headerParse: { count: 3000, p50Us: 385, p99Us: 500, meanUs: 390 } },
      },
      outcome: 'found',
      says: /385 us to parse a request head, of the 431 us/,
    },
    {
      when: 'heads take most of a CPU that is not short, and nobody saw what answers wait for',
      parts: { truth: { headerParse: { count: 30_000, p50Us: 385, p99Us: 500, meanUs: 390 } } },
      outcome: 'insufficient-data',
      says: /a capture: how long answers wait beside the 385 us/,
    },
    {
      when: 'heads take little of a CPU that is not short',
      parts: { truth: { headerParse: { count: 3000, p50Us: 385, p99Us: 500, meanUs: 390 } } },
      outcome: 'clear',
    },
    {
      when: 'parsing is a small part of the wait',
      parts: {
        wire: wire(WAITING),
        truth: { headerParse: { count: 3000, p50Us: 385, p99Us: 500, meanUs: 390 } },
      },
      outcome: 'clear',
    },
    {
      when: 'a tool that sends much is slow, and nobody asked the target',
      parts: { process: BUSY, wire: wire({ request_bytes: 'R0VUIC8=' }) },
      outcome: 'insufficient-data',
      says: /histogram/,
    },
  ],
};

export const MORE_TABLES: Record<string, Row[]> = {
  ...PROFILE_TABLES,
  'server-crashed': [
    {
      when: 'the target ended by itself',
      parts: {
        record: {
          state: 'failed',
          target: { name: 't', isolated: true, pid: 1, died: { code: 3, signal: null, atMs: 1400 } },
        },
      },
      outcome: 'found',
      says: /exit code 3, 1\.4 s/,
    },
    {
      when: 'the target outlived the trial',
      parts: { record: { target: { name: 't', isolated: true, pid: 1 } } },
      outcome: 'clear',
    },
    { when: "the target is somebody else's", parts: {}, outcome: 'insufficient-data' },
  ],
  'fd-limit-server': [
    {
      when: 'every descriptor is used and connections queue',
      parts: {
        process: { targetOpenFiles: 24, targetOpenFileLimit: 24 },
        record: kernel({}, { sockets: sockets({ looksWithQueue: 8, acceptQueueMax: 12 }) }),
      },
      outcome: 'found',
      says: /12 connections waited to be accepted/,
    },
    {
      when: 'one descriptor is left',
      parts: {
        process: { targetOpenFiles: 23, targetOpenFileLimit: 24 },
        outcomes: { attempted: 100, 'no-headers': 10 },
      },
      outcome: 'found',
      says: /10 streams as no-headers/,
    },
    {
      when: 'two are left',
      parts: { process: { targetOpenFiles: 22, targetOpenFileLimit: 24 }, outcomes: { 'no-headers': 10 } },
      outcome: 'clear',
    },
    {
      when: 'the limit is reached, and some requests were open when the run ended',
      parts: {
        arm: short,
        process: { targetOpenFiles: 24, targetOpenFileLimit: 24 },
        wire: wire({ unanswered_requests: 9 }),
        trace: { unanswered: waits(9, 800_000) },
      },
      outcome: 'clear',
    },
    {
      when: 'the limit is reached, and some requests waited for their whole timeout',
      parts: {
        arm: short,
        process: { targetOpenFiles: 24, targetOpenFileLimit: 24 },
        wire: wire({ unanswered_requests: 9 }),
        trace: { unanswered: waits(9, 950_000) },
      },
      outcome: 'found',
    },
    {
      when: 'the limit is reached and nobody suffers',
      parts: { process: { targetOpenFiles: 24, targetOpenFileLimit: 24 } },
      outcome: 'clear',
      says: /nobody is seen/,
    },
    { when: 'there is no limit', parts: { process: { targetOpenFiles: 24 } }, outcome: 'clear' },
    { when: 'nobody looked', parts: {}, outcome: 'insufficient-data' },
  ],
  'port-exhaustion': [
    {
      when: 'the range is in use and the tool fails for it',
      parts: {
        extra: { errors: { EADDRNOTAVAIL: 40 } },
        record: kernel(
          {},
          {
            sockets: sockets({ establishedMax: 20, timeWaitMax: 4 }),
            settings: { portRange: [20_000, 20_023], somaxconn: 4096 },
          },
        ),
      },
      outcome: 'found',
      says: /40 connects of the tool failed/,
    },
    {
      when: 'the range is in use and fewer connects than asked for were tried',
      parts: {
        wire: wire({ connect_attempts: 24 }),
        record: kernel(
          {},
          {
            sockets: sockets({ establishedMax: 24 }),
            settings: { portRange: [20_000, 20_023], somaxconn: 4096 },
          },
        ),
      },
      outcome: 'found',
      says: /24 connects of 100/,
    },
    {
      when: 'just under four fifths of the range are in use',
      parts: {
        record: kernel(
          {},
          {
            sockets: sockets({ establishedMax: 79 }),
            settings: { portRange: [20_001, 20_100], somaxconn: 4096 },
          },
        ),
      },
      outcome: 'clear',
    },
    {
      when: 'the range is full and everybody has what he needs',
      parts: {
        record: kernel(
          {},
          {
            sockets: sockets({ establishedMax: 100 }),
            settings: { portRange: [20_001, 20_100], somaxconn: 4096 },
          },
        ),
      },
      outcome: 'clear',
      says: /every connect got one/,
    },
    { when: 'nobody looked at the sockets', parts: {}, outcome: 'insufficient-data' },
  ],
  'accept-queue-overflow': [
    {
      when: 'one connect in fifty overflows',
      parts: {
        wire: wire({ syn_retransmissions: 30 }),
        record: kernel(
          { ListenOverflows: 20, ActiveOpens: 1000 },
          { settings: { portRange: null, somaxconn: 4 } },
        ),
      },
      outcome: 'found',
      says: /30 SYNs had to be sent again.*\n.*longer than 4/s,
    },
    {
      when: 'just more than one in a hundred does',
      parts: { record: kernel({ ListenOverflows: 11, ActiveOpens: 1000 }) },
      outcome: 'found',
    },
    {
      when: 'one in a hundred does',
      parts: { record: kernel({ ListenOverflows: 10, ActiveOpens: 1000 }) },
      outcome: 'clear',
    },
    {
      when: "the counters are everybody's",
      parts: {
        record: { kernel: { isolated: false, counters: { ListenOverflows: 500, ActiveOpens: 1000 } } },
      },
      outcome: 'insufficient-data',
      says: /namespace/,
    },
  ],
  'client-concurrency-short': [
    {
      when: 'a quarter of the connections was never tried',
      parts: { wire: wire({ connect_attempts: 76, probe_connections: 1 }) },
      outcome: 'found',
      says: /75 connections instead of 100/,
    },
    {
      when: "one of a hundred is missing by the kernel's count",
      parts: { record: kernel({ ActiveOpens: 99 }) },
      outcome: 'found',
    },
    {
      when: 'the tool is out of descriptors',
      parts: {
        process: { toolOpenFiles: 24, toolOpenFileLimit: 24 },
        wire: wire({ connect_attempts: 20, probe_connections: 0 }),
      },
      outcome: 'found',
      says: /24 of 24 descriptors/,
    },
    { when: 'all were opened', parts: { wire: wire({ connect_attempts: 101 }) }, outcome: 'clear' },
    {
      when: 'some had no time left for a request',
      parts: { wire: wire({ connect_attempts: 101, probe_connections: 30 }) },
      outcome: 'clear',
    },
    {
      when: 'a rate limit needs fewer',
      parts: { arm: makeArm({ ratePerConnection: 1 }), wire: wire({ connect_attempts: 50 }) },
      outcome: 'clear',
    },
    {
      when: 'there are fewer ports than connections',
      parts: {
        wire: wire({ connect_attempts: 24 }),
        record: kernel({}, { settings: { portRange: [20_000, 20_023], somaxconn: 1 } }),
      },
      outcome: 'clear',
    },
    { when: 'nobody counted connects', parts: {}, outcome: 'insufficient-data' },
  ],
  'never-answered': [
    {
      when: 'requests wait for the whole timeout',
      parts: {
        arm: short,
        wire: wire({ unanswered_requests: 100, requests_sent: 100 }),
        trace: { unanswered: waits(100, 1_000_000) },
      },
      outcome: 'found',
      says: /longest wait without an answer was 1 s/,
    },
    {
      when: 'requests are open when the run ends, none for long',
      parts: {
        arm: short,
        wire: wire({ unanswered_requests: 100, requests_sent: 200 }),
        trace: { unanswered: waits(100, 890_000) },
      },
      outcome: 'clear',
    },
    {
      when: 'answers take nearly as long as the timeout, and others are open when the run ends',
      parts: {
        arm: short,
        wire: wire({ unanswered_requests: 100, requests_sent: 200, wire_ttfb_us_max: 950_000 }),
        trace: { unanswered: waits(100, 920_000) },
      },
      outcome: 'clear',
    },
    {
      when: 'one answer came late, and others are open for a moment when the run ends',
      parts: {
        arm: short,
        wire: wire({
          unanswered_requests: 100,
          requests_sent: 200,
          longest_wait_us: 950_000,
          wire_ttfb_us_max: 950_000,
        }),
        trace: { unanswered: waits(100, 50_000) },
      },
      outcome: 'clear',
    },
    {
      when: 'one answer came long after the timeout, and others never',
      parts: {
        arm: short,
        wire: wire({ unanswered_requests: 100, requests_sent: 200, wire_ttfb_us_max: 2_000_000 }),
        trace: { unanswered: waits(100, 997_000) },
      },
      outcome: 'found',
    },
    {
      when: 'the tool alone counted them',
      parts: { outcomes: { attempted: 100, 'no-headers': 2 } },
      outcome: 'found',
    },
    {
      when: 'one in a hundred is missing',
      parts: { outcomes: { attempted: 100, 'no-headers': 1 } },
      outcome: 'clear',
    },
    { when: 'nobody counted', parts: {}, outcome: 'insufficient-data' },
  ],
  'http-errors': [
    {
      when: 'every answer is an error',
      parts: { wire: wire({ http_errors: 6600 }) },
      outcome: 'found',
      says: /100 % of the requests/,
    },
    {
      when: 'two in a hundred are',
      parts: { outcomes: { attempted: 100, 'http-error': 2 } },
      outcome: 'found',
    },
    {
      when: 'one in a hundred is',
      parts: { outcomes: { attempted: 100, 'http-error': 1 } },
      outcome: 'clear',
    },
    {
      when: 'answers have a good status and another type, which the wire does not look at',
      parts: {
        outcomes: { attempted: 174, 'http-error': 174 },
        wire: wire({ http_errors: 0, requests_sent: 174 }),
        answers: {
          total: 174,
          otherwise: 174,
          isWhole: true,
          first: 'status 200 with Content-Type text/html, wanted text/event-stream',
        },
      },
      outcome: 'found',
      says: /^100 % of the requests were not answered with the event stream .* Content-Type text\/html/,
    },
    { when: 'nobody saw a status', parts: {}, outcome: 'insufficient-data' },
  ],
  'idle-timeout-cut': [
    {
      when: 'streams are cut at one second',
      parts: {
        wire: wire({ requests_sent: 60 }),
        trace: { serverEnds: ends(50, (index) => 1000 + (index % 5)) },
      },
      outcome: 'found',
      says: /at the age of 1 s/,
    },
    {
      when: 'they are cut at ages of every kind',
      parts: {
        wire: wire({ requests_sent: 60 }),
        trace: { serverEnds: ends(50, (index) => 300 + 37 * index) },
      },
      outcome: 'clear',
      says: /no round time/,
    },
    {
      when: 'they end properly at a round age',
      parts: {
        wire: wire({ requests_sent: 60 }),
        trace: { serverEnds: ends(50, () => 1000, 'complete') },
      },
      outcome: 'clear',
    },
    {
      when: 'they end at a round age, and only tool and target know that they were complete',
      parts: {
        outcomes: { attempted: 60, 'closed-early': 0 },
        truth: { requests: 60, streamsClosedEarly: 0 },
        wire: wire({ requests_sent: 60 }),
        trace: { serverEnds: ends(50, () => 1000, 'undecidable') },
      },
      outcome: 'clear',
      says: /the tool counted 0 of 60/,
    },
    {
      when: 'they end at a round age, and nobody knows whether they were complete',
      parts: {
        wire: wire({ requests_sent: 60 }),
        trace: { serverEnds: ends(50, () => 1000, 'undecidable') },
      },
      outcome: 'insufficient-data',
      says: /50 of 60 responses were complete/,
    },
    {
      when: 'they end at a round age, and only the tool knows that they were cut',
      parts: {
        outcomes: { attempted: 60, 'closed-early': 50 },
        wire: wire({ requests_sent: 60 }),
        trace: { serverEnds: ends(50, () => 1000, 'undecidable') },
      },
      outcome: 'found',
    },
    {
      when: 'a tenth of them were cut, and the wire cannot tell which',
      parts: {
        outcomes: { attempted: 60, 'closed-early': 6 },
        wire: wire({ requests_sent: 60 }),
        trace: { serverEnds: ends(50, () => 1000, 'undecidable') },
      },
      outcome: 'insufficient-data',
    },
    {
      when: 'they are reset at a round age, as after equal work',
      parts: {
        wire: wire({ requests_sent: 60 }),
        trace: {
          serverEnds: ends(50, (index) => 1000 + (index % 5)).map((end) => ({ ...end, how: 'reset' })),
        },
      },
      outcome: 'insufficient-data',
      says: /failure after equal work/,
    },
    {
      when: 'they are cut after the end of the capture, and the tool gives no ages',
      parts: {
        outcomes: { attempted: 30, 'closed-early': 15 },
        wire: wire({ requests_sent: 40 }),
        trace: {},
      },
      outcome: 'insufficient-data',
      says: /the tool counted 15 of 30/,
    },
    {
      when: 'they are cut after the end of the capture, and the tool gives their ages',
      parts: {
        outcomes: { attempted: 30, 'closed-early': 15 },
        wire: wire({ requests_sent: 40 }),
        trace: {},
        extra: { lifetimes: lifetimes({ fin: 15 }) },
      },
      outcome: 'found',
      says: /at the age of 5 s/,
    },
    {
      when: 'the tool gave them up at a round age of its own',
      parts: { extra: { lifetimes: lifetimes({ stall: 15 }) } },
      outcome: 'insufficient-data',
    },
    { when: 'there is no capture', parts: {}, outcome: 'insufficient-data' },
  ],
  'stalled-stream': [
    {
      when: 'streams were silent for the whole timeout when their client left',
      parts: {
        arm: short,
        record: threeSeconds,
        wire: wire({ requests_sent: 100 }),
        trace: {
          unfinished: silent(40, 'open'),
        },
      },
      outcome: 'found',
      says: /the wire: 40 of 100 streams silent for more than 1s/,
    },
    {
      when: 'their clients had closed their windows',
      parts: {
        arm: short,
        record: threeSeconds,
        wire: wire({ requests_sent: 100 }),
        trace: {
          unfinished: [{ packet: 1, clientPort: 2, silenceUs: 2_000_000, windowOpen: false, found: 'open' }],
        },
      },
      outcome: 'clear',
    },
    {
      when: 'they were silent for less',
      parts: {
        arm: short,
        record: threeSeconds,
        wire: wire({ requests_sent: 10 }),
        trace: {
          unfinished: [{ packet: 1, clientPort: 2, silenceUs: 940_000, windowOpen: true, found: 'open' }],
        },
      },
      outcome: 'clear',
    },
    {
      when: 'idle connections are silent, and nobody saw whether their responses had ended',
      parts: {
        arm: short,
        record: threeSeconds,
        wire: wire({ requests_sent: 100 }),
        trace: { unfinished: silent(40, 'undecidable') },
      },
      outcome: 'insufficient-data',
    },
    {
      when: 'idle connections are silent, and tool and target know of no stall',
      parts: {
        arm: short,
        record: threeSeconds,
        outcomes: { attempted: 100, stalled: 0 },
        truth: { requests: 100, streamsStalled: 0 },
        wire: wire({ requests_sent: 100 }),
        trace: { unfinished: silent(40, 'undecidable') },
      },
      outcome: 'clear',
    },
    {
      when: 'the target counted stalls',
      parts: { truth: { requests: 100, streamsStalled: 90 } },
      outcome: 'found',
    },
    {
      when: 'the tool counted one in a hundred',
      parts: { outcomes: { attempted: 100, stalled: 1 } },
      outcome: 'clear',
    },
    {
      when: 'the capture is shorter than the timeout',
      parts: { record: { durationMs: 1000 }, wire: wire(), trace: {} },
      outcome: 'insufficient-data',
    },
  ],
  'missing-heartbeat': [
    {
      when: 'silences longer than the timeout end with data',
      parts: {
        arm: short,
        record: threeSeconds,
        wire: wire({ wire_gap_us_max: 1_320_000, wire_gap_us_p90: 1_300_000 }),
      },
      outcome: 'found',
      says: /silent for 1\.3 s/,
    },
    {
      when: 'the longest is as long as the timeout',
      parts: {
        arm: short,
        record: threeSeconds,
        wire: wire({ wire_gap_us_max: 1_000_000, wire_gap_us_p90: 990_000 }),
      },
      outcome: 'clear',
    },
    {
      when: 'one is an exception',
      parts: {
        arm: short,
        record: threeSeconds,
        wire: wire({ wire_gap_us_max: 1_500_000, wire_gap_us_p90: 40_000 }),
      },
      outcome: 'clear',
      says: /exception/,
    },
    {
      when: 'events of many segments are as far apart',
      parts: {
        arm: short,
        record: threeSeconds,
        metrics: { stream_us_mean: 2_800_000 },
        truth: { events: 300, streamsCompleted: 100 },
        wire: wire({ wire_gap_us_max: 1_402_000, wire_gap_us_p90: 300, wire_gap_us_p99: 1_390_000 }),
      },
      outcome: 'found',
      says: /one in a hundred is longer than 1\.39 s/,
    },
    {
      when: 'events are as far apart, and comments may bridge all but one of the silences',
      parts: {
        arm: short,
        record: threeSeconds,
        metrics: { gap_us_p90: 1_400_000 },
        wire: wire({ wire_gap_us_max: 1_402_000, wire_gap_us_p90: 300_000, wire_gap_us_p99: 400_000 }),
      },
      outcome: 'insufficient-data',
    },
    {
      when: 'the capture is too short',
      parts: { record: { durationMs: 3000 }, wire: wire() },
      outcome: 'insufficient-data',
    },
  ],
  'leaked-connections': [
    {
      when: 'CLOSE_WAIT is left after the tool has ended',
      parts: {
        record: {
          ...kernel({ ActiveOpens: 1000 }, { sockets: sockets({ closeWaitMax: 60 }) }),
          leftover: { established: 0, closeWait: 60, timeWait: 0, waitedMs: 3000 },
        },
      },
      outcome: 'found',
      says: /grew from 0 to 60/,
    },
    {
      when: 'one in a hundred is left',
      parts: {
        record: {
          ...kernel({ ActiveOpens: 1000 }),
          leftover: { established: 0, closeWait: 10, timeWait: 0, waitedMs: 3000 },
        },
      },
      outcome: 'clear',
    },
    {
      when: 'none is left',
      parts: { record: { leftover: { established: 0, closeWait: 0, timeWait: 90, waitedMs: 50 } } },
      outcome: 'clear',
    },
    { when: 'nobody looked', parts: {}, outcome: 'insufficient-data' },
  ],
  'global-pause': [
    {
      when: 'everybody waits for half a second',
      parts: { wire: wire({ wire_gap_us_p90: 50_000, stalls: 1 }), trace: { stalls: [stall(500)] } },
      outcome: 'found',
      says: /500 ms while 100 connections waited \(until packet 77\)/,
    },
    {
      when: 'for 200 ms',
      parts: { wire: wire({ wire_gap_us_p90: 50_000 }), trace: { stalls: [stall(200)] } },
      outcome: 'found',
    },
    {
      when: 'for 199 ms',
      parts: { wire: wire({ wire_gap_us_p90: 50_000 }), trace: { stalls: [stall(199)] } },
      outcome: 'clear',
    },
    {
      when: 'streams are silent for so long as a rule',
      parts: { wire: wire({ wire_gap_us_p90: 500_000 }), trace: { stalls: [stall(510), stall(1499)] } },
      outcome: 'clear',
    },
    {
      when: 'events of many segments are so far apart, by the tool',
      parts: {
        metrics: { gap_us_p90: 501_000 },
        wire: wire({ wire_gap_us_p90: 284, segments_per_response: 96 }),
        trace: { stalls: [stall(498), stall(499), stall(499)] },
      },
      outcome: 'clear',
      says: /never silent/,
    },
    {
      when: 'events of many segments are so far apart, by the length of streams and the number of events',
      parts: {
        metrics: { stream_us_mean: 4_500_000 },
        truth: { events: 600, streamsCompleted: 100 },
        wire: wire({ wire_gap_us_p90: 1000, segments_per_response: 300 }),
        trace: { stalls: [stall(880), stall(880), stall(880)] },
      },
      outcome: 'clear',
    },
    {
      when: 'silences come again and nobody knows how far apart events are',
      parts: { wire: wire({ wire_gap_us_p90: 284 }), trace: { stalls: [stall(498), stall(499)] } },
      outcome: 'insufficient-data',
      says: /2 silences towards everybody, of 997 ms in all, may be the pace/,
    },
    {
      when: 'the whole server pauses twice while events are close together',
      parts: {
        metrics: { gap_us_p90: 52_000 },
        wire: wire({ wire_gap_us_p90: 284 }),
        trace: { stalls: [stall(498), stall(499)] },
      },
      outcome: 'found',
    },
    {
      when: 'windows were closed on each connection for as long as everybody waited',
      parts: {
        record: threeSeconds,
        wire: wire({ wire_gap_us_p90: 50_000, zero_windows: 300 }),
        trace: { stalls: [stall(500)], closedWindows: { closedUs: 60e6, wholeUs: 300e6 } },
      },
      outcome: 'insufficient-data',
      says: /which windows were closed during the longest silence.*for 20 % of connection time/,
    },
    {
      when: 'events come in bursts, so that few gaps are long, and as long as the silences',
      parts: {
        metrics: { gap_us_p90: 40, gap_us_p99: 499_000 },
        wire: wire({ wire_gap_us_p90: 40 }),
        trace: { stalls: [stall(498), stall(499)] },
      },
      outcome: 'insufficient-data',
      says: /may be the pace/,
    },
    {
      when: 'silences fill most of the time, however close together events are as a rule',
      parts: {
        record: threeSeconds,
        metrics: { gap_us_p90: 40, gap_us_p99: 60 },
        wire: wire({ wire_gap_us_p90: 40 }),
        trace: { stalls: [stall(800), stall(800)] },
      },
      outcome: 'insufficient-data',
    },
    {
      when: 'three connections are all there are',
      parts: { wire: wire({ wire_gap_us_p90: 50_000 }), trace: { stalls: [stall(500, { open: 3 })] } },
      outcome: 'clear',
    },
    {
      when: 'nobody who waited got anything afterwards',
      parts: { wire: wire({ wire_gap_us_p90: 50_000 }), trace: { stalls: [stall(500, { resumed: false })] } },
      outcome: 'clear',
    },
    {
      when: 'every client had closed its receive window',
      parts: { wire: wire({ wire_gap_us_p90: 50_000, zero_windows: 100 }), trace: { stalls: [stall(500)] } },
      outcome: 'clear',
    },
    {
      when: 'nearly every client had closed its receive window once',
      parts: { wire: wire({ wire_gap_us_p90: 50_000, zero_windows: 99 }), trace: { stalls: [stall(500)] } },
      outcome: 'found',
    },
    {
      when: 'the accept queue overflowed, after which connections wait',
      parts: {
        wire: wire({ wire_gap_us_p90: 50_000 }),
        trace: { stalls: [stall(500)] },
        record: kernel({ ListenOverflows: 9 }),
      },
      outcome: 'clear',
    },
    {
      when: 'there is no capture, but the target was stopped by a signal',
      parts: { process: { targetStoppedMs: 400 } },
      outcome: 'found',
      against: /no capture/,
    },
    { when: 'there is no capture', parts: {}, outcome: 'insufficient-data' },
  ],
  'packet-loss': [
    {
      when: 'six in a thousand segments had to be sent again',
      parts: { wire: wire({ retransmissions: 61 }), record: kernel({ RetransSegs: 60, OutSegs: 10_000 }) },
      outcome: 'found',
      says: /had to send 60 of 10,000/,
    },
    {
      when: 'five in a thousand had to',
      parts: { record: kernel({ RetransSegs: 50, OutSegs: 10_000 }) },
      outcome: 'clear',
    },
    {
      when: 'the receivers had it all already',
      parts: {
        wire: wire({ retransmissions: 400 }),
        record: kernel({ RetransSegs: 400, OutSegs: 10_000, TCPDSACKRecv: 395 }),
      },
      outcome: 'clear',
      says: /395 for want of patience/,
    },
    {
      when: 'an accept queue threw them away',
      parts: { record: kernel({ RetransSegs: 400, OutSegs: 10_000, TCPSynRetrans: 150, ListenDrops: 240 }) },
      outcome: 'clear',
    },
    {
      when: 'four segments of few were lost',
      parts: { record: kernel({ RetransSegs: 4, OutSegs: 100 }) },
      outcome: 'clear',
    },
    { when: 'the wire alone shows none', parts: { wire: wire({ retransmissions: 0 }) }, outcome: 'clear' },
    {
      when: 'the wire alone shows repeats, needed or not',
      parts: { wire: wire({ retransmissions: 400 }) },
      outcome: 'insufficient-data',
      says: /needed/,
    },
  ],
  'capture-incomplete': [
    {
      when: 'two in a thousand packets were dropped',
      parts: { wire: wire({ dropped_by_kernel: 20, captured_packets: 9980 }) },
      outcome: 'found',
      says: /0\.2 % of its packets/,
      against: /measured trials run without/,
    },
    {
      when: 'one in a thousand was',
      parts: { wire: wire({ dropped_by_kernel: 10, captured_packets: 9990 }) },
      outcome: 'clear',
    },
    { when: 'there is no capture', parts: {}, outcome: 'insufficient-data' },
  ],
  'server-cpu-throttled': [
    {
      when: 'the quota stops it in every other period',
      parts: { process: { targetThrottled: 0.5, targetRunQueueShare: 2 } },
      outcome: 'found',
      says: /in 50 % of the periods/,
    },
    { when: 'in one of ten', parts: { process: { targetThrottled: 0.1 } }, outcome: 'clear' },
    { when: 'in a little more', parts: { process: { targetThrottled: 0.11 } }, outcome: 'found' },
    {
      when: 'no quota is known and its threads run at once',
      parts: { process: { targetRunQueueShare: 0.05 } },
      outcome: 'clear',
    },
    {
      when: 'no quota is known, and its threads wait while CPUs idle',
      parts: { process: { targetRunQueueShare: 2 } },
      outcome: 'insufficient-data',
      says: /idled 50 %/,
    },
    { when: 'nobody looked', parts: {}, outcome: 'insufficient-data' },
  ],
  'client-throttled': [
    {
      when: 'the quota stops it in every other period',
      parts: { process: { toolThrottled: 0.5 } },
      outcome: 'found',
      says: /load generator/,
    },
    { when: 'in one of ten', parts: { process: { toolThrottled: 0.1 } }, outcome: 'clear' },
    { when: 'nobody looked', parts: {}, outcome: 'insufficient-data' },
  ],
  'proxy-buffered': [
    {
      when: 'ten segments become one, when the last has come',
      parts: {
        arm: proxied,
        wire: wire({ segments_per_response: 1, wire_ttfb_us_p50: 100_000 }),
        upstream: wire({ segments_per_response: 11, wire_ttfb_us_p50: 400, wire_gap_us_mean: 10_000 }),
      },
      outcome: 'found',
      says: /11 segments between target and proxy, 1 between/,
    },
    {
      when: 'it passes on every segment',
      parts: {
        arm: proxied,
        wire: wire({ segments_per_response: 11, wire_ttfb_us_p50: 700 }),
        upstream: wire({ segments_per_response: 11, wire_ttfb_us_p50: 400, wire_gap_us_mean: 10_000 }),
      },
      outcome: 'clear',
    },
    {
      when: 'it joins the segments of responses that are short anyway',
      parts: {
        arm: proxied,
        wire: wire({ segments_per_response: 1, wire_ttfb_us_p50: 40_000 }),
        upstream: wire({ segments_per_response: 3, wire_ttfb_us_p50: 400, wire_gap_us_mean: 100 }),
      },
      outcome: 'clear',
    },
    { when: 'there is no proxy', parts: PACED, outcome: 'clear' },
    {
      when: 'only one side was captured',
      parts: { arm: proxied, wire: wire() },
      outcome: 'insufficient-data',
    },
  ],
  'network-latency': [
    {
      when: 'a handshake takes as long as an answer',
      parts: { wire: wire({ ...WAITING, handshake_us_p50: 38_000 }) },
      outcome: 'found',
      says: /38 ms there and back/,
    },
    {
      when: 'a proxy adds most of the wait',
      parts: {
        arm: proxied,
        wire: wire(WAITING),
        upstream: wire({ ...WAITING, wire_ttfb_us_p50: 300 }),
      },
      outcome: 'found',
      says: /adds 39\.7 ms/,
    },
    {
      when: 'the proxy collects the response in the meantime',
      parts: {
        arm: proxied,
        wire: wire({ ...WAITING, segments_per_response: 1, wire_ttfb_us_p50: 100_000 }),
        upstream: wire({ segments_per_response: 11, wire_ttfb_us_p50: 400, wire_gap_us_mean: 10_000 }),
      },
      outcome: 'clear',
      says: /no latency/,
    },
    { when: 'a handshake is quick', parts: { wire: wire(WAITING) }, outcome: 'clear' },
    {
      when: 'a handshake takes a third of a millisecond less than one',
      parts: { wire: wire({ ...WAITING, handshake_us_p50: 999 }) },
      outcome: 'clear',
    },
    {
      when: 'the machine has no idle time to answer handshakes in',
      parts: { process: { idle: 0.02 }, wire: wire({ ...WAITING, handshake_us_p50: 38_000 }) },
      outcome: 'clear',
    },
    { when: 'there is no capture', parts: {}, outcome: 'insufficient-data' },
  ],
  'slow-first-event': [
    {
      when: 'most time passes between head and first event',
      parts: { wire: wire({ first_event_share: 0.8, wire_ttfb_us_p50: 300, wire_ttfe_us_p50: 100_300 }) },
      outcome: 'found',
      says: /100 ms later/,
    },
    {
      when: 'just under half of it does',
      parts: { wire: wire({ first_event_share: 0.49, wire_ttfb_us_p50: 300, wire_ttfe_us_p50: 100_300 }) },
      outcome: 'clear',
    },
    {
      when: 'it is three milliseconds at most',
      parts: { wire: wire({ first_event_share: 0.9, wire_ttfb_us_p50: 300, wire_ttfe_us_p50: 3290 }) },
      outcome: 'clear',
    },
    {
      when: 'the target waits for a CPU as long',
      parts: {
        process: { targetRunQueueShare: 0.51, idle: 0.02 },
        wire: wire({ first_event_share: 0.9, wire_ttfb_us_p50: 300, wire_ttfe_us_p50: 100_300 }),
      },
      outcome: 'clear',
    },
    {
      when: 'the first event of an endless stream comes three gaps late',
      parts: {
        arm: makeArm({ stream: 'endless' }),
        metrics: { gap_us_p50: 50_000 },
        wire: wire({ first_event_share: 0.1, wire_ttfb_us_p50: 300, wire_ttfe_us_p50: 200_300 }),
      },
      outcome: 'found',
    },
    {
      when: 'a quota holds the target',
      parts: {
        process: { targetThrottled: 0.6 },
        wire: wire({ first_event_share: 0.9, wire_ttfb_us_p50: 300, wire_ttfe_us_p50: 100_300 }),
      },
      outcome: 'clear',
    },
    { when: 'there is no capture', parts: {}, outcome: 'insufficient-data' },
  ],
  'unflushed-response': [
    {
      when: 'ten events come in one segment and are old',
      parts: { metrics: { delivery_lag_us_mean: 20_000 }, wire: wire(BUNCHED) },
      outcome: 'found',
      says: /10 events came per data segment/,
    },
    {
      when: 'they are fresh, as of a server that makes them at once',
      parts: { metrics: { delivery_lag_us_mean: 300 }, wire: wire(BUNCHED) },
      outcome: 'clear',
      says: /300 us old/,
    },
    {
      when: 'two come together',
      parts: { metrics: { delivery_lag_us_mean: 20_000 }, wire: wire({ ...BUNCHED, events_per_segment: 2 }) },
      outcome: 'found',
    },
    {
      when: 'fewer than two come together',
      parts: {
        metrics: { delivery_lag_us_mean: 20_000 },
        wire: wire({ ...BUNCHED, events_per_segment: 1.9 }),
      },
      outcome: 'clear',
    },
    {
      when: 'bunches follow each other at once',
      parts: { metrics: { delivery_lag_us_mean: 20_000 }, wire: wire({ ...BUNCHED, wire_ttfb_us_p50: 400 }) },
      outcome: 'clear',
    },
    {
      when: 'the target sends them one by one and a proxy bunches them',
      parts: {
        arm: proxied,
        metrics: { delivery_lag_us_mean: 20_000 },
        wire: wire(BUNCHED),
        upstream: wire({ events_per_segment: 1 }),
      },
      outcome: 'clear',
    },
    {
      when: 'nobody knows how old they are',
      parts: { wire: wire(BUNCHED) },
      outcome: 'insufficient-data',
      says: /age of events/,
    },
  ],
  'slow-handler': [
    {
      when: 'nobody counted how many events a response had',
      parts: { wire: makeWire(UNCOUNTED) },
      outcome: 'insufficient-data',
      says: /keeps its events back/,
    },
    {
      when: 'the tool counted one event for each segment',
      parts: { wire: makeWire(UNCOUNTED), outcomes: { completed: 1000 }, events: 6000 },
      outcome: 'found',
    },
    {
      when: 'the tool counted events of streams that hardly ever ended',
      parts: { wire: makeWire(UNCOUNTED), outcomes: { completed: 499 }, events: 6000 },
      outcome: 'insufficient-data',
      says: /by the target, the tool or a full capture/,
    },
    {
      when: 'the tool counted more events than segments',
      parts: { wire: makeWire(UNCOUNTED), outcomes: { completed: 1000 }, events: 12_000 },
      outcome: 'insufficient-data',
      says: /2 events came per data segment/,
    },
    {
      when: 'connections wait for heads and no CPU is busy',
      parts: { wire: wire(WAITING) },
      outcome: 'found',
      says: /40 ms before a response begins/,
    },
    {
      when: 'half of the time',
      parts: { wire: wire({ ...WAITING, server_wait_share: 0.5 }) },
      outcome: 'found',
    },
    {
      when: 'a little less than half',
      parts: { wire: wire({ ...WAITING, server_wait_share: 0.49 }) },
      outcome: 'clear',
    },
    {
      when: 'for less than 3 ms each',
      parts: { wire: wire({ ...WAITING, wire_ttfb_us_p50: 2990 }) },
      outcome: 'clear',
    },
    {
      when: 'the target has no CPU left',
      parts: { process: { targetCpuShare: 0.97 }, wire: wire(WAITING) },
      outcome: 'clear',
    },
    {
      when: 'a quota holds the target',
      parts: { process: { targetThrottled: 0.26 }, wire: wire(WAITING) },
      outcome: 'clear',
    },
    {
      when: 'the target waits for a CPU as long',
      parts: { process: { targetRunQueueShare: 0.51, idle: 0.02 }, wire: wire(WAITING) },
      outcome: 'clear',
      says: /waited for a CPU/,
    },
    {
      when: 'a profile shows that requests queue for a lock',
      parts: { wire: wire(WAITING), profile: QUEUED },
      outcome: 'clear',
      says: /97\.0 handlers waited for a lock/,
    },
    {
      when: 'a profile shows that none do',
      parts: { wire: wire(WAITING), profile: { block_lock_ratio: 0, mutex_ratio: 0 } },
      outcome: 'found',
    },
    {
      when: 'the target got half a CPU on a crowded machine, and waited for one the other half',
      parts: {
        process: { targetRunQueueShare: 0.498, targetCpuS: 15, idle: 0.1003, unaccounted: 0.49 },
        wire: wire(WAITING),
      },
      outcome: 'clear',
      says: /waited for a CPU 49\.8 %/,
    },
    {
      when: 'the target never slept on a crowded machine, and waited for a CPU a sixth of the time',
      parts: {
        process: { targetRunQueueShare: 0.162, targetCpuS: 22.7, idle: 0.066, unaccounted: 0.466 },
        wire: wire(WAITING),
      },
      outcome: 'clear',
    },
    {
      when: 'the target worked as much on a machine with room',
      parts: {
        process: { targetRunQueueShare: 0.162, targetCpuS: 22.7, idle: 0.4 },
        wire: wire(WAITING),
      },
      outcome: 'found',
    },
    {
      when: 'the target waits for a CPU half of the time at most',
      parts: {
        process: { targetRunQueueShare: 0.5, idle: 0.02, toolCpuS: 4, targetCpuS: 4 },
        wire: wire(WAITING),
      },
      outcome: 'found',
    },
    {
      when: 'connections wait to be accepted most of the time',
      parts: {
        wire: wire(WAITING),
        record: kernel({}, { sockets: sockets({ looks: 10, looksWithQueue: 6 }) }),
      },
      outcome: 'clear',
    },
    {
      when: 'a queue is found at half of the looks',
      parts: {
        wire: wire(WAITING),
        record: kernel({}, { sockets: sockets({ looks: 10, looksWithQueue: 5 }) }),
      },
      outcome: 'found',
    },
    {
      when: 'all events come at once, and nobody knows how old they are',
      parts: { wire: wire(BUNCHED) },
      outcome: 'insufficient-data',
      says: /age of events/,
    },
    {
      when: 'all events come at once, half as old as the wait',
      parts: { wire: wire(BUNCHED), metrics: { delivery_lag_us_mean: 20_000 } },
      outcome: 'clear',
    },
    {
      when: 'all events come at once, and fresh',
      parts: { wire: wire(BUNCHED), metrics: { delivery_lag_us_mean: 200 } },
      outcome: 'found',
      says: /10 events came per data segment, made at once/,
    },
    {
      when: 'more than a tenth of the requests waited in vain and for longer than any other',
      parts: {
        wire: wire({ ...WAITING, unanswered_requests: 601, wire_ttfb_us_max: 50_000 }),
        trace: { unanswered: waits(601, 50_001) },
      },
      outcome: 'clear',
    },
    {
      when: 'a tenth did',
      parts: {
        wire: wire({ ...WAITING, unanswered_requests: 600, wire_ttfb_us_max: 50_000 }),
        trace: { unanswered: waits(600, 50_001) },
      },
      outcome: 'found',
    },
    {
      when: 'half of the requests were open when the run ended, for as long as others wait',
      parts: {
        wire: wire({
          ...WAITING,
          requests_sent: 20,
          unanswered_requests: 10,
          wire_ttfb_us_p50: 2_000_000,
          wire_ttfb_us_max: 2_001_000,
        }),
        trace: { unanswered: waits(10, 990_000) },
      },
      outcome: 'found',
      says: /2 s before a response begins/,
    },
    {
      when: 'a proxy adds the wait',
      parts: { arm: proxied, wire: wire(WAITING), upstream: wire({ ...WAITING, wire_ttfb_us_p50: 300 }) },
      outcome: 'clear',
    },
    { when: 'there is no capture', parts: {}, outcome: 'insufficient-data' },
  ],
  'slow-reader': [
    {
      when: 'windows close while the tool has CPU to spare',
      parts: {
        wire: wire({ zero_windows: 3 }),
        trace: { closedWindows: { closedUs: 80e6, wholeUs: 100e6 } },
        record: kernel({ TCPToZeroWindowAdv: 5 }),
      },
      outcome: 'found',
      says: /advertised 5 closed windows/,
    },
    {
      when: 'they close often, for moments',
      parts: {
        wire: wire({ zero_windows: 160 }),
        trace: { closedWindows: { closedUs: 1e6, wholeUs: 100e6 } },
      },
      outcome: 'clear',
      says: /160 times, for 1 % of connection time/,
    },
    {
      when: 'events arrive sooner than the next is made',
      parts: {
        metrics: { delivery_lag_us_p99: 40_000, gap_us_p50: 500_000 },
        wire: wire({ zero_windows: 160 }),
        trace: { closedWindows: { closedUs: 8e6, wholeUs: 100e6 } },
      },
      outcome: 'clear',
      says: /clients keep up/,
    },
    { when: 'two closed', parts: { wire: wire({ zero_windows: 2 }) }, outcome: 'clear' },
    {
      when: 'the tool has no CPU to read faster',
      parts: { process: { toolCpuShare: 0.99 }, wire: wire({ zero_windows: 30 }) },
      outcome: 'clear',
    },
    {
      when: 'a quota stops the tool',
      parts: { process: { toolThrottled: 0.5 }, wire: wire({ zero_windows: 30 }) },
      outcome: 'clear',
    },
    {
      when: 'the measured trials saw none',
      parts: { wire: wire({ zero_windows: 30 }), record: kernel({ TCPToZeroWindowAdv: 0 }) },
      outcome: 'found',
      against: /advertised no closed window/,
    },
    { when: 'there is no capture', parts: {}, outcome: 'insufficient-data' },
  ],
  'connection-churn': [
    {
      when: 'every request makes a connection, 5000 of them per second',
      parts: {
        record: { durationMs: 1000 },
        wire: wire({ requests_per_connection: 1, connections_opened: 5000, first_fin_by_server: 4900 }),
      },
      outcome: 'found',
      says: /takes 20\.4 % of the 2\.0 CPUs.*\n.*the server closes first/s,
    },
    {
      when: 'they take little more than a tenth',
      parts: {
        record: { durationMs: 1000 },
        wire: wire({ requests_per_connection: 1, connections_opened: 2600 }),
      },
      outcome: 'found',
      against: /proof of 1\.\d+ %|proof of 2 %/,
    },
    {
      when: 'others take half of the machine',
      parts: {
        record: { durationMs: 1000 },
        process: { unaccounted: 0.5 },
        wire: wire({ requests_per_connection: 1, connections_opened: 1300 }),
      },
      outcome: 'found',
    },
    {
      when: 'there are too few to cost a tenth',
      parts: {
        record: { durationMs: 1000 },
        wire: wire({ requests_per_connection: 1, connections_opened: 2300 }),
      },
      outcome: 'clear',
    },
    {
      when: 'connections are used for more than one request now and then',
      parts: {
        record: { durationMs: 1000 },
        wire: wire({ requests_per_connection: 1.11, connections_opened: 9000 }),
      },
      outcome: 'clear',
    },
    {
      when: 'the kernel counted connections, and only the tool its streams',
      parts: {
        process: { windowMs: 1000 },
        record: kernel({ ActiveOpens: 5000 }),
        outcomes: { attempted: 5010 },
      },
      outcome: 'found',
      says: /by the kernel there were 1 requests per connection and 5,000 new/,
    },
    {
      when: 'the tool began twice as many streams as the kernel saw connections',
      parts: {
        process: { windowMs: 1000 },
        record: kernel({ ActiveOpens: 5000 }),
        outcomes: { attempted: 10_000 },
      },
      outcome: 'clear',
    },
    { when: 'nobody counted', parts: {}, outcome: 'insufficient-data' },
  ],
  'host-interference': [
    {
      when: 'others take a third of a full machine',
      parts: { process: { idle: 0.05, unaccounted: 0.34 } },
      outcome: 'found',
      says: /34 % of the machine/,
    },
    { when: 'the hypervisor takes it', parts: { process: { idle: 0.05, steal: 0.2 } }, outcome: 'found' },
    { when: 'others take a fifth', parts: { process: { idle: 0.05, unaccounted: 0.2 } }, outcome: 'clear' },
    {
      when: 'there is idle time all the same',
      parts: { process: { idle: 0.16, unaccounted: 0.34 } },
      outcome: 'clear',
    },
    { when: 'nobody looked', parts: { process: null }, outcome: 'insufficient-data' },
  ],
  'server-single-threaded': [
    {
      when: 'one thread is full and a CPU idles',
      parts: {
        process: { windowMs: 10_000, targetCpuS: 9.9, targetBusiestThread: 0.97, idle: 0.3 },
        wire: wire({ server_wait_share: 0.9, transfer_share: 0.05 }),
      },
      outcome: 'found',
      says: /0\.99 CPUs/,
    },
    {
      when: 'threads take turns on one CPU and connections wait for it',
      parts: {
        process: { windowMs: 10_000, targetCpuS: 9.9, targetBusiestThread: 0.6, idle: 0.3 },
        wire: wire({ server_wait_share: 0.9 }),
      },
      outcome: 'found',
    },
    {
      when: 'nobody saw its threads, and it uses one CPU',
      parts: {
        process: { windowMs: 10_000, targetCpuS: 9.9, targetBusiestThread: undefined as never, idle: 0.3 },
        wire: wire({ server_wait_share: 0.9 }),
      },
      outcome: 'insufficient-data',
      says: /of its threads/,
    },
    {
      when: 'threads side by side happen to use one CPU together',
      parts: {
        process: { windowMs: 10_000, targetCpuS: 9.9, targetBusiestThread: 0.59, idle: 0.3 },
        wire: wire({ server_wait_share: 0.9 }),
      },
      outcome: 'clear',
    },
    {
      when: 'a paced server happens to use one CPU',
      parts: {
        process: { windowMs: 10_000, targetCpuS: 9.9, targetBusiestThread: 0.6, idle: 0.3 },
        wire: wire(),
      },
      outcome: 'clear',
    },
    {
      when: 'the thread uses 85 %',
      parts: { process: { windowMs: 10_000, targetCpuS: 8.5, targetBusiestThread: 0.85, idle: 0.3 } },
      outcome: 'clear',
    },
    {
      when: 'no CPU idles',
      parts: { process: { windowMs: 10_000, targetCpuS: 9.9, targetBusiestThread: 0.97, idle: 0.1 } },
      outcome: 'clear',
    },
    { when: 'nobody looked', parts: { process: null }, outcome: 'insufficient-data' },
  ],
  'host-saturated': [
    {
      when: 'both use the whole machine',
      parts: { process: { idle: 0.02, toolCpuS: 25, targetCpuS: 30 } },
      outcome: 'found',
    },
    {
      when: 'one uses half again as much',
      parts: { process: { idle: 0.02, toolCpuS: 20, targetCpuS: 30 } },
      outcome: 'clear',
    },
    {
      when: 'a tenth is left',
      parts: { process: { idle: 0.1, toolCpuS: 25, targetCpuS: 30 } },
      outcome: 'clear',
    },
    {
      when: 'others use it too',
      parts: { process: { idle: 0.02, toolCpuS: 25, targetCpuS: 30, unaccounted: 0.3 } },
      outcome: 'clear',
    },
    { when: 'nobody looked', parts: { process: null }, outcome: 'insufficient-data' },
  ],
};
