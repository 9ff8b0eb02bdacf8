import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type StartedTarget, startTarget, waitFor } from './start-target.ts';
import { readEvents, WireClient } from './wire-client.ts';

const FAMILIES: Record<string, string> = {
  ssee_target_connections_total: 'counter',
  ssee_target_connections_open: 'gauge',
  ssee_target_requests_total: 'counter',
  ssee_target_streams_total: 'counter',
  ssee_target_streams_open: 'gauge',
  ssee_target_events_total: 'counter',
  ssee_target_comments_total: 'counter',
  ssee_target_body_bytes_total: 'counter',
  ssee_target_header_parse_seconds: 'histogram',
};
const ENDS = ['completed', 'client-closed', 'reset', 'closed-early', 'write-error', 'stalled'];

describe.each(['go-nethttp', 'node-http', 'faulty'] as const)('the metrics page of %s', (name) => {
  let target: StartedTarget;
  beforeEach(async () => {
    target = await startTarget(name);
  }, 120_000);
  afterEach(() => target.stop());

  it('is Prometheus text 0.0.4 with help and type of every family', async () => {
    const response = await fetch(`http://127.0.0.1:${target.port}/metrics`);
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    const text = await response.text();
    for (const [family, kind] of Object.entries(FAMILIES)) {
      expect(text).toMatch(new RegExp(`^# HELP ${family} \\S.*\n# TYPE ${family} ${kind}\n${family}`, 'm'));
    }
    for (const line of text.trimEnd().split('\n')) {
      expect(line).toMatch(/^(# (HELP|TYPE) .+|[a-z_]+(\{[a-z]+="[^"]*"\})? \d+(\.\d+)?)$/);
    }
  });

  it('has every stream end from the start', async () => {
    const metrics = await target.metrics();
    for (const end of ENDS) expect(metrics.get(`streams_total{end="${end}"}`)).toBe(0);
  });

  it('has rising buckets from 1 us to 1 s that end in the count', async () => {
    const client = new WireClient(target.port).request('/hello');
    await client.completed();
    const metrics = await target.metrics();
    const buckets = [...metrics].filter(([key]) => key.startsWith('header_parse_seconds_bucket'));
    const bounds = buckets.map(([key]) => Number(/le="(.*)"/.exec(key)![1]!.replace('+Inf', 'Infinity')));
    expect(bounds[0]).toBe(1e-6);
    expect(bounds.slice(-2)).toEqual([1, Number.POSITIVE_INFINITY]);
    expect(bounds).toHaveLength(20);
    expect(bounds).toEqual(bounds.toSorted((a, b) => a - b));
    const counts = buckets.map(([, count]) => count);
    expect(counts).toEqual(counts.toSorted((a, b) => a - b));
    expect(counts.at(-1)).toBe(1);
    expect(metrics.get('header_parse_seconds_count')).toBe(1);
    client.leave();
  });

  it('observes a header-parse time for each request but those of the harness', async () => {
    const client = new WireClient(target.port);
    for (const path of ['/hello', '/healthz', '/metrics', '/hello', '/nope', '/hello']) {
      client.reads.length = 0;
      await client.request(path).completed();
    }
    const metrics = await target.metrics();
    expect(metrics.get('header_parse_seconds_count')).toBe(4);
    expect(metrics.get('requests_total{route="/hello"}')).toBe(3);
    expect(metrics.get('requests_total{route="/healthz"}')).toBe(1);
    expect(metrics.get('requests_total{route="other"}')).toBe(1);
    client.leave();
  });

  it('observes each of several requests that arrive in one read', async () => {
    const client = new WireClient(target.port);
    client.socket.write('GET /hello HTTP/1.1\r\nHost: t\r\n\r\n'.repeat(3));
    await waitFor(
      () => client.bytes.toString().split('hello\n').length - 1,
      (answers) => answers === 3,
    );
    expect((await target.metrics()).get('header_parse_seconds_count')).toBe(3);
    client.leave();
  });

  it('starts the header-parse time at the first byte of a request, not at its last', async () => {
    const client = new WireClient(target.port);
    client.socket.write('GET /hello HTTP/1.1\r\nHo');
    // By the time of these answers the server has read the bytes above.
    for (let i = 0; i < 5; i++) await target.metrics();
    await new Promise((next) => setTimeout(next, 120));
    client.socket.write('st: t\r\n\r\n');
    await client.completed();
    expect((await target.metrics()).get('header_parse_seconds_sum')).toBeGreaterThanOrEqual(0.1);
    client.leave();
  });

  it('does not take the idle time between two requests, nor a body, for header parsing', async () => {
    const client = new WireClient(target.port).request('/hello');
    await client.completed();
    await new Promise((next) => setTimeout(next, 1100));
    client.reads.length = 0;
    client.socket.write('POST /nope HTTP/1.1\r\nHost: t\r\nContent-Length: 4\r\n\r\nbo');
    await new Promise((next) => setTimeout(next, 50));
    client.socket.write('dy');
    await client.completed();
    client.reads.length = 0;
    await client.request('/hello').completed();
    const metrics = await target.metrics();
    expect(metrics.get('header_parse_seconds_count')).toBe(3);
    // Two idle seconds would show in the last bucket; a parse does not take one.
    expect(metrics.get('header_parse_seconds_bucket{le="1"}')).toBe(3);
    client.leave();
  });

  it('counts connections as they come and go', async () => {
    // One connection of its own: fetch opens and closes as it likes.
    const observer = new WireClient(target.port);
    const count = async (key: string): Promise<number> => {
      observer.reads.length = 0;
      const { body } = await observer.request('/metrics').completed();
      return Number(new RegExp(`^ssee_target_${key} (\\d+)$`, 'm').exec(body)![1]);
    };
    expect([await count('connections_total'), await count('connections_open')]).toEqual([1, 1]);
    const clients = [1, 2, 3].map(() => new WireClient(target.port));
    await waitFor(
      () => count('connections_open'),
      (open) => open === 4,
    );
    for (const client of clients) client.leave();
    await waitFor(
      () => count('connections_open'),
      (open) => open === 1,
    );
    expect(await count('connections_total')).toBe(4);
    observer.leave();
  });
});

describe.each(['go-nethttp', 'node-http'] as const)('the stream counters of %s', (name) => {
  let target: StartedTarget;
  const clients: WireClient[] = [];
  const open = (path: string): WireClient => {
    const client = new WireClient(target.port).request(path);
    clients.push(client);
    return client;
  };
  const metricsWhen = (key: string, value: number): Promise<Map<string, number>> =>
    waitFor(
      () => target.metrics(),
      (metrics) => metrics.get(key) === value,
    );
  beforeEach(async () => {
    target = await startTarget(name);
  }, 120_000);
  afterEach(() => {
    for (const client of clients.splice(0)) client.leave();
    return target.stop();
  });

  it('equal what completed streams delivered, comments and bytes included', async () => {
    const bodies = await Promise.all(
      [
        'count=20&interval=2ms&burst=3',
        'count=2&interval=90ms&heartbeat=20ms',
        'count=500&size=300',
        'count=9&flush=false',
      ]
        .map((query) => open(`/events?${query}`).completed())
        .map(async (response) => (await response).body),
    );
    const metrics = await target.metrics();
    const comments = bodies.join('').split(': hb\n\n').length - 1;
    expect(comments).toBeGreaterThan(0);
    expect(metrics.get('events_total')).toBe(20 + 2 + 500 + 9);
    expect(bodies.flatMap(readEvents)).toHaveLength(20 + 2 + 500 + 9);
    expect(metrics.get('comments_total')).toBe(comments);
    expect(metrics.get('body_bytes_total')).toBe(bodies.join('').length);
    expect(metrics.get('streams_total{end="completed"}')).toBe(4);
    expect(metrics.get('streams_open')).toBe(0);
  });

  it('count the events of a stream that the client cut, and stop at once', async () => {
    const client = open('/events?burst=5&interval=1h');
    await client.receives(({ body }) => readEvents(body).length === 5);
    expect((await target.metrics()).get('streams_open')).toBe(1);
    client.leave();
    const metrics = await metricsWhen('streams_open', 0);
    expect(metrics.get('streams_total{end="client-closed"}')).toBe(1);
    expect(metrics.get('events_total')).toBe(5);
    expect(metrics.get('body_bytes_total')).toBe(client.response.body.length);
  });

  it('count a client that leaves before head or first event', async () => {
    const early = ['head=1h', 'first=1h'].map((query) => open(`/events?${query}`));
    await metricsWhen('streams_open', 2);
    for (const client of early) client.leave();
    const metrics = await metricsWhen('streams_total{end="client-closed"}', 2);
    expect(metrics.get('events_total')).toBe(0);
    expect(metrics.get('streams_open')).toBe(0);
  });

  it('count a client that closes only its sending side as gone', async () => {
    const client = open('/events?interval=20ms');
    await client.receives(({ chunks }) => chunks.length > 0);
    client.socket.end();
    const metrics = await metricsWhen('streams_total{end="client-closed"}', 1);
    expect(metrics.get('streams_open')).toBe(0);
  });

  it('count only whole events that the kernel took when a client that does not read leaves', async () => {
    const client = open('/events?interval=0&size=20000');
    client.socket.pause();
    let last = -1;
    await waitFor(
      async () => {
        await new Promise((next) => setTimeout(next, 50));
        const now = (await target.metrics()).get('body_bytes_total')!;
        const isStuck = now > 0 && now === last;
        last = now;
        return isStuck;
      },
      (isStuck) => isStuck,
    );
    client.leave();
    const metrics = await metricsWhen('streams_total{end="client-closed"}', 1);
    const events = metrics.get('events_total')!;
    const bytesOf = (n: number): number =>
      Array.from({ length: n }, (_, i) => `id: ${i + 1}\ndata: \n\n`.length + 20_000).reduce(
        (a, b) => a + b,
        0,
      );
    expect(events).toBeGreaterThan(0);
    expect(metrics.get('body_bytes_total')).toBeGreaterThanOrEqual(bytesOf(events));
    expect(metrics.get('body_bytes_total')).toBeLessThan(bytesOf(events + 1));
  });

  it('do not count refused requests as streams', async () => {
    await open('/events?count=x').completed();
    const metrics = await target.metrics();
    expect(metrics.get('requests_total{route="/events"}')).toBe(1);
    for (const end of ENDS) expect(metrics.get(`streams_total{end="${end}"}`)).toBe(0);
  });
});

describe('profiles of go-nethttp', () => {
  it.each([
    [[], 404],
    [['--pprof'], 200],
  ])(
    'with flags %j are answered with %i',
    async (flags, status) => {
      const target = await startTarget('go-nethttp', flags);
      try {
        const base = `http://127.0.0.1:${target.port}/debug`;
        expect((await fetch(`${base}/pprof/goroutine?debug=1`)).status).toBe(status);
        expect((await fetch(`${base}/trace?seconds=0.05`)).status).toBe(status);
        // Fetching a profile is the harness's doing; only where there is none is it an unknown route.
        const counted = status === 404 ? 2 : 0;
        expect((await target.metrics()).get('requests_total{route="other"}')).toBe(counted);
      } finally {
        await target.stop();
      }
    },
    120_000,
  );
});
