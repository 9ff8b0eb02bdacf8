import { describe, expect, test } from 'vitest';
import { RULES } from '../../src/findings/index.ts';
import type { ArmEvidence } from '../../src/model/evidence.ts';
import type { Verdict } from '../../src/model/finding.ts';
import { makeArm, makeArmEvidence, makeWire, PACED } from '../helpers/evidence-builder.ts';
import { MORE_TABLES, type Parts, type Row } from './rule-tables.ts';

const endless = makeArm({ stream: 'endless' });
const limited = makeArm({ ratePerConnection: 10 });
const paced = (changes: Parts): Parts => ({ ...PACED, ...changes });
const wire = (values: Parameters<typeof makeWire>[0]): NonNullable<Parts['wire']> => ({
  ...PACED.wire!,
  ...knownOf(values),
});

function knownOf(values: Parameters<typeof makeWire>[0] = {}): Partial<NonNullable<Parts['wire']>> {
  const made = makeWire(values);
  return Object.fromEntries(Object.keys(values).map((key) => [key, made[key as keyof typeof made]]));
}

const HELD = {
  arm: endless,
  metrics: { events_per_sec: 1990, gap_us_p50: 50_100, gap_us_mean: 50_250, gap_us_p99: 54_000 },
  outcomes: { attempted: 100, held: 100 },
} satisfies Parts;

/** Counters of endless streams with events of 55 bytes, all cut by the client. */
function cutStreams(events: number, streams: number): NonNullable<Parts['truth']> {
  return {
    events,
    bodyBytes: events * 55,
    requests: streams,
    streamsCompleted: 0,
    streamsClientClosed: streams,
  };
}

/** What ssee-tester says of ids that were followed, and nothing else. */
function lossy(found: Record<string, number>, eventsTotal: number): Parts {
  const sequence = {
    gaps: 0,
    duplicates: 0,
    reordered: 0,
    rolledBack: 0,
    replayed: 0,
    lostOverReconnect: 0,
    ...found,
  };
  return { extra: { sequence, eventsTotal } };
}

const TABLES: Record<string, Row[]> = {
  ...MORE_TABLES,
  'stream-paced': [
    {
      when: 'connections are always inside a response and no CPU is busy',
      parts: PACED,
      outcome: 'found',
      says: /98 % of their time inside a response/,
    },
    {
      when: "there is no capture, but the tool's first byte comes at the beginning of the stream",
      parts: paced({ wire: undefined as never, metrics: { ...PACED.metrics, ttfb_us_mean: 700 } }),
      outcome: 'found',
      says: /98.5 % of a stream passes after its first byte/,
      against: /no capture/,
    },
    {
      when: 'nobody tells whether the streams were complete',
      parts: paced({
        // As where a capture failed: every figure of it is unknown.
        wire: makeWire(),
        truth: undefined as never,
        outcomes: {},
        metrics: { ...PACED.metrics, ttfb_us_mean: 700 },
      }),
      outcome: 'insufficient-data',
      says: /whether streams were complete, which wrk does not tell/,
    },
    {
      when: "there is no capture, and the tool's first byte comes at the end of the stream",
      parts: paced({ wire: undefined as never, metrics: { ...PACED.metrics, ttfb_us_mean: 45_000 } }),
      outcome: 'clear',
      says: /2.3 % of a stream/,
    },
    {
      when: 'the response begins at once and its first event comes at the end',
      parts: paced({ metrics: { ...PACED.metrics, ttfb_us_mean: 300, ttfe_us_mean: 45_000 } }),
      outcome: 'clear',
      says: /after its first event/,
    },
    {
      when: 'nothing shows where in the stream the time passes: any slow server obeys the same law',
      parts: paced({ wire: undefined as never }),
      outcome: 'insufficient-data',
      says: /capture/,
    },
    {
      when: 'streams take very different times',
      parts: paced({ metrics: { ...PACED.metrics, stream_us_p99: 400_000 } }),
      outcome: 'found',
      against: /irregular: .*p99 400 ms/,
    },
    {
      when: 'the receive windows of the clients closed',
      parts: paced({ wire: wire({ zero_windows: 100 }) }),
      outcome: 'clear',
      says: /windows 100 times/,
    },
    {
      when: 'a few receive windows closed',
      parts: paced({ wire: wire({ zero_windows: 99 }) }),
      outcome: 'found',
    },
    {
      when: 'the machine has no idle time but neither side owns it',
      parts: paced({ process: { idle: 0.02, toolCpuS: 14, targetCpuS: 15 } }),
      outcome: 'found',
      against: /2 % of its CPU time left/,
    },
    {
      when: 'other programs load the machine',
      parts: paced({ process: { unaccounted: 0.4 } }),
      outcome: 'found',
      against: /other programs/,
    },
    {
      when: 'the rate is half of what the durations allow',
      parts: paced({ metrics: { requests_per_sec: 1000, stream_us_mean: 46_000 } }),
      outcome: 'clear',
      says: /Little's law/,
    },
    {
      when: 'the time is spent before the response',
      parts: paced({ wire: wire({ transfer_share: 0.02, server_wait_share: 0.97 }) }),
      outcome: 'clear',
      says: /2 %/,
    },
    {
      when: 'the target has no CPU left',
      parts: paced({ process: { targetCpuShare: 0.97 } }),
      outcome: 'clear',
      says: /CPU is used up/,
    },
    {
      when: 'one thread of the tool is saturated',
      parts: paced({ process: { toolBusiestThread: 0.95 } }),
      outcome: 'clear',
    },
    {
      when: 'the target uses up the machine',
      parts: paced({ process: { idle: 0.03, targetCpuS: 40 } }),
      outcome: 'clear',
    },
    {
      when: 'the CPU was not observed',
      parts: paced({ process: null }),
      outcome: 'insufficient-data',
      says: /CPU/,
    },
    {
      when: 'the run cuts one in three streams',
      parts: paced({
        arm: makeArm({ durationMs: 4000, connections: 12 }),
        metrics: { requests_per_sec: 6, stream_us_mean: 1_407_000 },
      }),
      outcome: 'found',
      says: /8\.44 of 12 connections/,
    },
    {
      when: 'fewer streams end than the run can have cut',
      parts: paced({
        arm: makeArm({ durationMs: 4000, connections: 12 }),
        metrics: { requests_per_sec: 3, stream_us_mean: 1_407_000 },
      }),
      outcome: 'clear',
    },
    {
      when: 'the head waits as long as an event, as where connections take turns at a lock',
      parts: paced({
        metrics: { ...PACED.metrics, gap_us_p90: 48_000 },
        wire: wire({ wire_ttfb_us_p50: 24_000, transfer_share: 0.95, server_wait_share: 0.05 }),
      }),
      outcome: 'insufficient-data',
      says: /a profile of locks, or another number of connections/,
    },
    {
      when: 'the same, of a server whose profile shows no lock',
      parts: paced({
        metrics: { ...PACED.metrics, gap_us_p90: 48_000 },
        wire: wire({ wire_ttfb_us_p50: 24_000, transfer_share: 0.95, server_wait_share: 0.05 }),
        profile: { block_lock_ratio: 0.1, mutex_ratio: 0 },
      }),
      outcome: 'found',
    },
    {
      when: 'nobody counted events, so that nothing says that no lock makes the pace',
      parts: (({ truth: _, ...rest }) => rest)(PACED),
      outcome: 'found',
      against: /a lock that requests queue for looks the same/,
    },
    {
      when: 'events come in bunches and nobody knows how old they are',
      parts: paced({
        wire: wire({ segments_per_response: 4, events_per_segment: 18, wire_gap_us_mean: 90_000 }),
      }),
      outcome: 'insufficient-data',
      says: /the age of events/,
    },
    {
      when: 'the duration of streams is unknown',
      parts: paced({ metrics: { requests_per_sec: 2170 } }),
      outcome: 'insufficient-data',
    },
    {
      when: 'endless streams are all held at a steady pace',
      parts: HELD,
      outcome: 'found',
      says: /one event every 50.1 ms/,
    },
    {
      when: 'endless streams come in bursts, as a server sends that falls behind',
      parts: { ...HELD, metrics: { ...HELD.metrics, gap_us_p50: 10 } },
      outcome: 'insufficient-data',
      says: /irregular: median 10 us/,
    },
    {
      when: 'the gaps of endless streams are random',
      parts: { ...HELD, metrics: { ...HELD.metrics, gap_us_p50: 34_800, gap_us_p99: 231_000 } },
      outcome: 'insufficient-data',
      says: /p99 231 ms/,
    },
    {
      when: 'a few gaps of endless streams are far longer than the others',
      parts: { ...HELD, metrics: { ...HELD.metrics, gap_us_p99: 150_400 } },
      outcome: 'insufficient-data',
    },
    {
      when: 'the tail of the gaps is just within three medians',
      parts: { ...HELD, metrics: { ...HELD.metrics, gap_us_p99: 150_300 } },
      outcome: 'found',
      against: /strictly in turn/,
    },
    {
      when: 'events of endless streams queue on their way',
      parts: { ...HELD, metrics: { ...HELD.metrics, delivery_lag_us_p50: 900_000 } },
      outcome: 'clear',
      says: /900 ms after the server made them/,
    },
    {
      when: 'all events of endless streams take as long on a long way, as handshakes show',
      parts: {
        ...HELD,
        metrics: { ...HELD.metrics, delivery_lag_us_p50: 201_000, delivery_lag_us_p99: 204_000 },
        wire: wire({ handshake_us_p50: 200_000 }),
      },
      outcome: 'found',
      says: /201 ms after the server made them/,
    },
    {
      when: 'all events of endless streams are late by as much, on a short way or one that nobody saw',
      parts: {
        ...HELD,
        metrics: { ...HELD.metrics, delivery_lag_us_p50: 201_000, delivery_lag_us_p99: 204_000 },
      },
      outcome: 'insufficient-data',
      says: /behind full buffers/,
    },
    {
      when: 'events of endless streams are the later the longer',
      parts: {
        ...HELD,
        metrics: { ...HELD.metrics, delivery_lag_us_p50: 900_000, delivery_lag_us_p99: 1_800_000 },
      },
      outcome: 'clear',
      says: /1\.8 s at p99/,
    },
    {
      when: 'events of endless streams arrive at once',
      parts: { ...HELD, metrics: { ...HELD.metrics, delivery_lag_us_p50: 80 } },
      outcome: 'found',
      says: /80 us after the server made them/,
    },
    {
      when: 'some endless streams were lost',
      parts: { ...HELD, outcomes: { attempted: 100, held: 90 } },
      outcome: 'clear',
      says: /90 of 100/,
    },
    {
      when: 'events are far fewer than the gaps promise',
      parts: { ...HELD, metrics: { ...HELD.metrics, events_per_sec: 900 } },
      outcome: 'clear',
    },
    {
      when: 'the tool does not see events of endless streams',
      parts: { arm: endless, outcomes: {} },
      outcome: 'insufficient-data',
    },
  ],
  'tool-rate-limited': [
    {
      when: 'the limit is reached and streams would allow more',
      parts: { ...PACED, arm: limited, metrics: { requests_per_sec: 995, stream_us_mean: 46_000 } },
      outcome: 'found',
      says: /2,174 requests\/s would be possible/,
    },
    {
      when: 'only the wire shows the idle client',
      parts: {
        ...PACED,
        arm: limited,
        metrics: { requests_per_sec: 995 },
        wire: wire({ client_turn_share: 0.54 }),
      },
      outcome: 'found',
      says: /54 %/,
    },
    { when: 'no limit is configured', parts: PACED, outcome: 'clear', says: /no rate limit/ },
    {
      when: 'the rate is well below the limit',
      parts: { ...PACED, arm: limited, metrics: { requests_per_sec: 700, stream_us_mean: 46_000 } },
      outcome: 'clear',
      says: /70 %/,
    },
    {
      when: 'the rate is above the limit',
      parts: { ...PACED, arm: limited, metrics: { requests_per_sec: 1200, stream_us_mean: 46_000 } },
      outcome: 'clear',
    },
    {
      when: 'the streams alone allow no more',
      parts: { ...PACED, arm: limited, metrics: { requests_per_sec: 995, stream_us_mean: 100_000 } },
      outcome: 'clear',
    },
    {
      when: 'the rate is unknown',
      parts: { ...PACED, arm: limited, metrics: {} },
      outcome: 'insufficient-data',
      says: /requests/,
    },
    {
      when: 'neither durations nor the wire are known',
      parts: { arm: limited, metrics: { requests_per_sec: 995 } },
      outcome: 'insufficient-data',
    },
  ],
  'endless-response': [
    {
      when: 'events flow and no stream completes',
      parts: { arm: endless, truth: { requests: 100, streamsCompleted: 0, events: 60_000 } },
      outcome: 'found',
      says: /60,000 events on 100 requests/,
    },
    {
      when: 'no stream that is called finite ends within the run',
      parts: { truth: { requests: 100, streamsCompleted: 0, events: 60_000 } },
      outcome: 'found',
      says: /none of these streams finished within the run of 30s/,
      against: /a longer run/,
    },
    {
      when: 'only the wire shows the flow',
      parts: { arm: endless, wire: wire({ left_open: 100, requests_sent: 100 }) },
      outcome: 'found',
      says: /still being received/,
    },
    { when: 'the tool counts events', parts: HELD, outcome: 'clear', says: /counts events/ },
    { when: 'the tool saw responses finish', parts: PACED, outcome: 'clear' },
    {
      when: 'the target completed streams',
      parts: { truth: { requests: 100, streamsCompleted: 90, events: 900 } },
      outcome: 'clear',
    },
    {
      when: 'the target broke the streams off',
      parts: { truth: { requests: 100, streamsCompleted: 0, streamsReset: 100, events: 900 } },
      outcome: 'clear',
      says: /broke off 100/,
    },
    {
      when: 'the wire shows responses broken off',
      parts: { wire: wire({ rst_by_server: 60, left_open: 1 }) },
      outcome: 'clear',
      says: /broke off 60/,
    },
    {
      when: 'the server falls silent after one event',
      parts: { arm: endless, truth: { requests: 100, streamsCompleted: 0, events: 100 } },
      outcome: 'insufficient-data',
    },
    {
      when: 'nobody but the scenario calls it endless',
      parts: { arm: endless },
      outcome: 'insufficient-data',
    },
  ],
  'client-cpu-saturated': [
    {
      when: 'one thread of the tool is full and connections wait for it',
      parts: { process: { toolBusiestThread: 0.97 }, wire: wire({ client_turn_share: 0.6 }) },
      outcome: 'found',
      says: /97 %/,
    },
    {
      when: 'the tool is full but the wire does not show it',
      parts: { process: { toolCpuShare: 0.95 }, wire: wire({ client_turn_share: 0.02 }) },
      outcome: 'found',
      against: /2 %/,
    },
    {
      when: 'the tool uses up the machine',
      parts: { process: { idle: 0.04, toolCpuS: 40, targetCpuS: 10 } },
      outcome: 'found',
      says: /40.00 s of CPU against 10.00 s/,
    },
    {
      when: 'others use up the machine',
      parts: { process: { idle: 0.04, unaccounted: 0.5, toolCpuS: 40, targetCpuS: 10 } },
      outcome: 'clear',
    },
    { when: 'the tool has time to spare', parts: PACED, outcome: 'clear', says: /10 %/ },
    {
      when: 'the tool is just below the threshold',
      parts: { process: { toolCpuShare: 0.84, toolBusiestThread: 0.84 } },
      outcome: 'clear',
    },
    { when: 'its CPU was not observed', parts: { process: null }, outcome: 'insufficient-data' },
  ],
  'server-cpu-saturated': [
    {
      when: 'the target is full and connections are with it',
      parts: {
        process: { targetCpuShare: 0.98 },
        wire: wire({ server_wait_share: 0.7, transfer_share: 0.2 }),
      },
      outcome: 'found',
      says: /90 % of their time/,
    },
    {
      when: 'its only thread is full',
      parts: { process: { targetBusiestThread: 0.99, targetCpuShare: 0.5, idle: 0.05 } },
      outcome: 'found',
      says: /99 %/,
    },
    {
      when: 'the wire shows it waiting for the client',
      parts: {
        process: { targetCpuShare: 0.98 },
        wire: wire({ server_wait_share: 0.1, transfer_share: 0.1 }),
      },
      outcome: 'found',
      against: /20 %/,
    },
    {
      when: 'the target uses up the machine',
      parts: { process: { idle: 0.04, toolCpuS: 10, targetCpuS: 40 } },
      outcome: 'found',
    },
    {
      when: 'the machine is used up by both alike',
      parts: { process: { idle: 0.04, toolCpuS: 25, targetCpuS: 27 } },
      outcome: 'clear',
    },
    { when: 'the target has time to spare', parts: PACED, outcome: 'clear' },
    { when: 'its CPU was not observed', parts: { process: null }, outcome: 'insufficient-data' },
  ],
  'tool-misreports': [
    {
      when: 'the tool claims streams that the target did not complete',
      parts: {
        metrics: { requests_per_sec: 100 },
        extra: { bodyIntegrity: 'unverified', claimedResponses: 3000 },
        truth: { requests: 3000, streamsCompleted: 0, streamsReset: 3000, events: 9000 },
      },
      outcome: 'found',
      says: /3000 responses/,
    },
    {
      when: 'the tool counts far more streams than the target',
      parts: { outcomes: { completed: 5000 }, truth: { streamsCompleted: 3000 } },
      outcome: 'found',
      says: /5,000 completed streams, the target 3,000/,
    },
    {
      when: 'the tool counts far fewer events than the target, whose streams all ended',
      parts: { events: 100, truth: { events: 9000, streamsCompleted: 900, streamsClientClosed: 0 } },
      outcome: 'found',
      says: /100 events/,
    },
    {
      when: 'the missing events fit in the socket buffers of the streams that were cut',
      parts: { arm: endless, events: 5_137_731, truth: cutStreams(5_436_448, 4) },
      outcome: 'clear',
      says: /5,137,731 events, the target 5,436,448/,
    },
    {
      when: 'more events are missing than socket buffers can hold',
      parts: { arm: endless, events: 3_000_000, truth: cutStreams(5_436_448, 4) },
      outcome: 'found',
    },
    {
      when: 'the tool counts more events than the target wrote, however large the buffers are',
      parts: { arm: endless, events: 5_600_000, truth: cutStreams(5_436_448, 4) },
      outcome: 'found',
    },
    {
      when: 'streams were cut and the size of the missing events is not known',
      parts: { arm: endless, events: 100, truth: { events: 9000, streamsClientClosed: 4 } },
      outcome: 'insufficient-data',
    },
    {
      when: 'the tool denies resets that the wire shows',
      parts: { outcomes: { reset: 0 }, wire: wire({ rst_by_server: 300, requests_sent: 3000 }) },
      outcome: 'found',
      says: /no reset stream/,
    },
    {
      when: 'events outside the window make the difference',
      parts: { events: 100, extra: { eventsTotal: 8990 }, truth: { events: 9000, streamsClientClosed: 0 } },
      outcome: 'clear',
    },
    {
      when: 'streams on their way at the end make the difference',
      parts: { outcomes: { completed: 2900 }, truth: { streamsCompleted: 3000 } },
      outcome: 'clear',
    },
    {
      when: 'tool and target agree',
      parts: PACED,
      outcome: 'clear',
      says: /65,100 completed streams, the target 65,120/,
    },
    {
      when: 'a plain route is answered, which is no stream to the target',
      parts: {
        outcomes: { completed: 3000, 'http-error': 0 },
        truth: { requests: 3004, streamsCompleted: 0, streamsClientClosed: 0, events: 0 },
      },
      outcome: 'clear',
      says: /3,000 answered requests, the target 3,004/,
    },
    {
      when: 'a plain route answers errors, which the tool does not call completed',
      parts: {
        outcomes: { completed: 0, 'http-error': 3000 },
        truth: { requests: 3000, streamsCompleted: 0, events: 0 },
      },
      outcome: 'clear',
    },
    {
      when: 'the tool claims more answers than a plain route gave',
      parts: { outcomes: { completed: 3000 }, truth: { requests: 1500, streamsCompleted: 0, events: 0 } },
      outcome: 'found',
      says: /3,000 answered requests, the target 1,500/,
    },
    {
      when: 'the tool claims streams of which the target completed none',
      parts: {
        outcomes: { completed: 3000 },
        truth: { requests: 3000, streamsCompleted: 0, streamsReset: 3000, events: 9000 },
      },
      outcome: 'found',
      says: /3,000 completed streams, the target 0/,
    },
    {
      when: 'there is nothing to hold it against',
      parts: { outcomes: { completed: 100 } },
      outcome: 'insufficient-data',
    },
  ],
  'server-closes-early': [
    {
      when: 'the wire shows a tenth of them',
      parts: { wire: wire({ server_closed_mid_response: 660 }) },
      outcome: 'found',
      says: /closed 10 %/,
    },
    {
      when: 'only the target says so',
      parts: paced({ truth: { requests: 1000, streamsClosedEarly: 50 } }),
      outcome: 'found',
      says: /50 of 1,000/,
      against: /the wire: 0/,
    },
    {
      when: 'only the tool sees it',
      parts: { outcomes: { attempted: 100, 'closed-early': 100 } },
      outcome: 'found',
      says: /100 %/,
    },
    {
      when: 'every one that the wire shows was a reset',
      parts: { wire: wire({ server_closed_mid_response: 660, rst_by_server: 660 }) },
      outcome: 'clear',
      says: /the wire: 0/,
    },
    {
      when: 'it is one in a thousand',
      parts: { outcomes: { attempted: 1000, 'closed-early': 1 } },
      outcome: 'clear',
      says: /1 of 1,000/,
    },
    { when: 'nobody counted', parts: {}, outcome: 'insufficient-data' },
  ],
  'server-resets': [
    {
      when: 'the wire shows it',
      parts: { wire: wire({ rst_by_server: 3300 }) },
      outcome: 'found',
      says: /reset 50 %/,
    },
    {
      when: 'the tool sees it and the wire does not',
      parts: { outcomes: { attempted: 100, reset: 20 }, wire: PACED.wire! },
      outcome: 'found',
      against: /the wire: 0 of 6,600/,
    },
    {
      when: 'target and ssee-tester count one in 200',
      parts: {
        arm: makeArm({ id: 'ssee-tester', tool: 'ssee-tester' }),
        outcomes: { attempted: 10_040, reset: 52 },
        truth: { requests: 10_040, streamsReset: 52 },
      },
      outcome: 'found',
      says: /reset 0\.52 % \(95 %: 0\.39 % to 0\.68 %\) of the streams/,
      against: /too rare to limit the row/,
    },
    {
      when: 'the wire alone shows more than the end of every connection',
      parts: { wire: wire({ requests_sent: 60_000, rst_by_server: 105 }) },
      outcome: 'found',
      says: /the wire: 105 of 60,000/,
    },
    {
      when: 'the wire alone shows a few, which the end of the measurement may have made',
      parts: { wire: wire({ rst_by_server: 60 }) },
      outcome: 'clear',
      says: /60 of 6,600/,
    },
    {
      when: 'a tool that may count what it broke itself alone saw a few',
      parts: { outcomes: { attempted: 10_000, reset: 50 } },
      outcome: 'clear',
    },
    {
      when: 'there are four of them, which is no rate',
      parts: { truth: { requests: 10_000, streamsReset: 4 } },
      outcome: 'clear',
    },
    { when: 'nothing was reset', parts: PACED, outcome: 'clear' },
    { when: 'nobody counted', parts: {}, outcome: 'insufficient-data' },
  ],
  'events-lost': [
    {
      when: 'one id in 1000 never came',
      parts: lossy({ gaps: 90 }, 96_000),
      outcome: 'found',
      says: /0\.094 % \(95 %: .*\).*ids: 90 of 96,090 were jumped over/s,
      against: /only witness: a server may skip ids by design/,
    },
    {
      when: 'the target itself wrote as many as came',
      parts: { ...lossy({ gaps: 900 }, 9100), truth: { events: 9100 } },
      outcome: 'found',
      says: /the target counts 9,100 events written, the tool 9,100 received/,
    },
    {
      when: 'there are no ids, and complete streams have too few events',
      parts: { ...lossy({}, 9800), outcomes: { attempted: 1000, completed: 1000 } },
      outcome: 'found',
      says: /1,000 complete streams of 10, at least 200 too few/,
    },
    {
      when: 'the target alone counts too few, and the tool counts no events',
      parts: { truth: { streamsCompleted: 1000, events: 9900 } },
      outcome: 'found',
      says: /the target: 9,900 events/,
    },
    {
      when: 'ids jump at every event',
      parts: lossy({ gaps: 9000 }, 10_000),
      outcome: 'insufficient-data',
      says: /such ids do not count the events of a stream/,
    },
    {
      when: 'ids jump by design: with what is missing, streams would have more events than was declared',
      parts: { ...lossy({ gaps: 1500 }, 10_000), outcomes: { attempted: 1000, completed: 1000 } },
      outcome: 'clear',
      says: /the ids jump by design/,
    },
    {
      when: 'ids are missing after reconnects alone',
      parts: lossy({ gaps: 0, lostOverReconnect: 40 }, 10_000),
      outcome: 'clear',
      says: /40 ids more were missing after reconnects/,
    },
    { when: 'four are missing', parts: lossy({ gaps: 4 }, 96_000), outcome: 'clear' },
    {
      when: 'complete streams have all that was declared',
      parts: { ...lossy({}, 10_040), outcomes: { attempted: 1010, completed: 1000 } },
      outcome: 'clear',
      says: /10,040 events, and 1,000 complete streams of 10/,
    },
    {
      when: 'no id was jumped over, which is so without ids as well',
      parts: { ...lossy({ gaps: 0 }, 10_000), arm: endless },
      outcome: 'insufficient-data',
      says: /events without ids cannot be told from events in order/,
    },
    { when: 'nobody counted', parts: {}, outcome: 'insufficient-data' },
  ],
  refused: [
    {
      when: 'nobody listens',
      parts: { outcomes: { attempted: 100, refused: 100 } },
      outcome: 'found',
      says: /100 %/,
    },
    {
      when: 'the wire shows RSTs to SYNs',
      parts: { wire: wire({ refused: 400, connections_opened: 500 }) },
      outcome: 'found',
      says: /80 %/,
    },
    {
      when: 'the target died',
      parts: {
        outcomes: { attempted: 100, refused: 60 },
        record: { target: { name: 'x', isolated: true, died: { code: null, signal: 'SIGKILL', atMs: 900 } } },
      },
      outcome: 'found',
      says: /SIGKILL/,
    },
    { when: 'every connection was accepted', parts: PACED, outcome: 'clear' },
    { when: 'nobody counted', parts: {}, outcome: 'insufficient-data' },
  ],
};

test('every rule has a table, and every table all three answers', () => {
  expect(Object.keys(TABLES).sort()).toEqual(RULES.map((rule) => rule.code).sort());
  for (const [code, rows] of Object.entries(TABLES)) {
    expect([...new Set(rows.map((row) => row.outcome))].sort(), code).toEqual([
      'clear',
      'found',
      'insufficient-data',
    ]);
  }
});

test('the weight of a withdrawn figure is the share of responses that were not what the tool took them for', () => {
  const rule = RULES.find(({ code }) => code === 'tool-misreports')!;
  const verdict = rule.evaluate(
    makeArmEvidence({
      metrics: { requests_per_sec: 100 },
      extra: { bodyIntegrity: 'unverified', claimedResponses: 3000 },
      truth: { requests: 3000, streamsCompleted: 2700, streamsReset: 300, events: 9000 },
    }),
  );
  expect(verdict).toMatchObject({ outcome: 'found', weight: 0.1 });
});

describe.each(RULES.map((rule) => ({ rule, code: rule.code })))('$code', ({ rule, code }) => {
  test.each(TABLES[code]!)('is $outcome when $when', ({ parts, outcome, says, against }) => {
    const verdict = rule.evaluate(makeArmEvidence(definedOf(parts)));
    expect(verdict).toMatchObject({ outcome });
    if (says) expect(groundsOf(verdict)).toMatch(says);
    if (against) expect(verdict.outcome === 'found' ? verdict.against.join('\n') : '').toMatch(against);
    if (verdict.outcome === 'found') {
      expect(verdict.because.length).toBeGreaterThan(0);
      expect(verdict.weight).toBeGreaterThan(0);
      expect(verdict.weight).toBeLessThanOrEqual(1);
      expect([verdict.sentence, ...verdict.because, ...verdict.against].join(' ')).not.toMatch(
        /NaN|undefined|Infinity|caused by/,
      );
    }
  });
});

test('no rule throws or finds anything on an arm of which nothing is known', () => {
  const nothing: ArmEvidence = makeArmEvidence({ process: null });
  for (const rule of RULES) expect(rule.evaluate(nothing).outcome, rule.code).not.toBe('found');
});

function groundsOf(verdict: Verdict): string {
  if (verdict.outcome === 'insufficient-data') return verdict.missing.join('\n');
  return [...(verdict.outcome === 'found' ? [verdict.sentence] : []), ...verdict.because].join('\n');
}

/** Rows take a part away by setting it to undefined. */
function definedOf(parts: Parts): Parts {
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined)) as Parts;
}
