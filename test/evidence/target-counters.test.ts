import { expect, test } from 'vitest';
import { readTargetCounters } from '../../src/evidence/target-counters.ts';

interface Counts {
  connections?: number;
  events?: number;
  /** Requests for /metrics, and as many for /healthz. */
  scrapes?: number;
  streams?: Partial<Record<string, number>>;
  buckets?: [number, number, number];
}

function exposition({
  connections = 0,
  events = 0,
  scrapes = 0,
  streams = {},
  buckets = [0, 0, 0],
}: Counts): string {
  return [
    '# TYPE ssee_target_connections_total counter',
    `ssee_target_connections_total ${connections}`,
    `ssee_target_connections_open ${Math.max(0, 5 - connections)}`,
    `ssee_target_requests_total{route="/events"} ${connections * 2}`,
    `ssee_target_requests_total{route="/metrics"} ${scrapes}`,
    `ssee_target_requests_total{route="/healthz"} ${scrapes}`,
    ...Object.entries(streams).map(([end, count]) => `ssee_target_streams_total{end="${end}"} ${count}`),
    `ssee_target_events_total ${events}`,
    `ssee_target_header_parse_seconds_bucket{le="0.000001"} ${buckets[0]}`,
    `ssee_target_header_parse_seconds_bucket{le="0.000005"} ${buckets[1]}`,
    `ssee_target_header_parse_seconds_bucket{le="+Inf"} ${buckets[2]}`,
    `ssee_target_header_parse_seconds_sum ${buckets[2] * 3e-6}`,
    `ssee_target_header_parse_seconds_count ${buckets[2]}`,
    'go_goroutines 12',
  ].join('\n');
}

test('what is counted is the growth, without the requests of the harness and their connections', () => {
  const before = exposition({
    connections: 2,
    events: 10,
    scrapes: 1,
    streams: { completed: 1, 'client-closed': 0 },
  });
  const after = exposition({
    connections: 13,
    events: 110,
    scrapes: 4,
    streams: { completed: 21, 'client-closed': 3 },
  });
  expect(readTargetCounters(before, after)).toEqual({
    connections: 5,
    requests: 22,
    streamsCompleted: 20,
    streamsClientClosed: 3,
    streamsReset: 0,
    streamsClosedEarly: 0,
    streamsWriteError: 0,
    streamsStalled: 0,
    events: 100,
  });
});

test('a family that is not exported stays undefined instead of 0', () => {
  const counters = readTargetCounters('ssee_target_events_total 1', 'ssee_target_events_total 5');
  expect(counters).toEqual({ events: 4 });
});

test('connections are not known where the target does not say how many requests were for the harness', () => {
  const total = (connections: number): string => `ssee_target_connections_total ${connections}`;
  expect(readTargetCounters(total(1), `${total(9)}\nssee_target_events_total 5`)).toEqual({ events: 5 });
});

test('header-parse quantiles are interpolated inside their bucket', () => {
  const counters = readTargetCounters(exposition({}), exposition({ connections: 1, buckets: [0, 100, 100] }));
  expect(counters?.headerParse).toEqual({ count: 100, p50Us: 3, p99Us: 5, meanUs: 3 });
});

test('samples beyond the last bound are reported as that bound', () => {
  const counters = readTargetCounters(exposition({}), exposition({ buckets: [0, 10, 100] }));
  expect(counters?.headerParse?.p99Us).toBe(5);
});

test('a counter that went down or vanished means a restart: nothing is known', () => {
  expect(readTargetCounters(exposition({ events: 10 }), exposition({ events: 9 }))).toBeUndefined();
  expect(
    readTargetCounters(exposition({ streams: { reset: 1 } }), exposition({ streams: { completed: 4 } })),
  ).toBeUndefined();
});

test('a gauge may go down', () => {
  expect(
    readTargetCounters(exposition({ connections: 1 }), exposition({ connections: 4 }))?.connections,
  ).toBe(3);
});

test('without both readings, or with those of another program, nothing is known', () => {
  expect(readTargetCounters(undefined, exposition({}))).toBeUndefined();
  expect(readTargetCounters(exposition({}), undefined)).toBeUndefined();
  expect(readTargetCounters('up 1', 'up 1')).toBeUndefined();
});
