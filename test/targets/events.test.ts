import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type StartedTarget, startTarget, waitFor } from './start-target.ts';
import { readEvents, WireClient } from './wire-client.ts';

describe.each(['go-nethttp', 'node-http'] as const)('event streams of %s', (name) => {
  let target: StartedTarget;
  const clients: WireClient[] = [];
  const open = (): WireClient => {
    const client = new WireClient(target.port);
    clients.push(client);
    return client;
  };
  beforeAll(async () => {
    target = await startTarget(name);
  }, 120_000);
  afterAll(() => target.stop());
  afterEach(() => {
    for (const client of clients.splice(0)) client.leave();
  });

  it('answers with the head of an unbuffered, uncached, chunked event stream', async () => {
    const { status, headers } = await open().request('/events?count=1').completed();
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/event-stream');
    expect(headers.get('cache-control')).toBe('no-cache');
    expect(headers.get('x-accel-buffering')).toBe('no');
    expect(headers.get('transfer-encoding')).toBe('chunked');
  });

  it('sends exactly count events, each with id, sequence number and timestamp in a chunk of its own', async () => {
    const beforeUs = Date.now() * 1000;
    const { chunks, rest } = await open().request('/events?count=3&interval=5ms').completed();
    const afterUs = (Date.now() + 1) * 1000;
    expect(chunks).toHaveLength(3);
    expect(rest).toHaveLength(0);
    for (const [i, chunk] of chunks.entries()) {
      expect(chunk.toString()).toMatch(
        new RegExp(`^id: ${i + 1}\ndata: \\{"seq":${i + 1},"ts":\\d{16}\\}\n\n$`),
      );
      const { tsUs } = readEvents(chunk.toString())[0]!;
      // One clock tick of slack: the millisecond clock and the microsecond clock are read differently.
      expect(tsUs).toBeGreaterThanOrEqual(beforeUs - 2000);
      expect(tsUs).toBeLessThanOrEqual(afterUs + 2000);
    }
  });

  it('takes at least (count - 1) intervals for a finite stream', async () => {
    const client = open();
    const startMs = performance.now();
    await client.request('/events?count=6&interval=20ms').completed();
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(5 * 20);
  });

  it('keeps to its schedule: after a pause of the whole process the missed events follow at once', async () => {
    const client = open().request('/events?count=40&interval=20ms');
    await client.receives(({ chunks }) => chunks.length >= 2);
    process.kill(target.pid, 'SIGSTOP');
    await new Promise((resume) => setTimeout(resume, 300));
    process.kill(target.pid, 'SIGCONT');
    const events = readEvents((await client.completed()).body);
    const gapsUs = events.slice(1).map((event, i) => event.tsUs - events[i]!.tsUs);
    expect(events).toHaveLength(40);
    // 300 ms hold 15 events; a server that slept an interval after each would have no short gap at all.
    expect(gapsUs.filter((gapUs) => gapUs < 10_000).length).toBeGreaterThanOrEqual(8);
  });

  it('never ends a stream without count', async () => {
    const client = open().request('/events?interval=1ms');
    const { isWhole } = await client.receives(({ chunks }) => chunks.length >= 20);
    expect(isWhole).toBe(false);
    expect(readEvents(client.response.body).map(({ seq }) => seq)).toEqual(
      client.response.chunks.map((_, i) => i + 1),
    );
  });

  it('writes burst events at a time, and fewer in the last write', async () => {
    const { chunks } = await open().request('/events?count=7&burst=3&interval=5ms').completed();
    expect(chunks.map((chunk) => readEvents(chunk.toString()).length)).toEqual([3, 3, 1]);
  });

  it.each([
    [60, 60],
    [48, 48],
    [40, 40],
    [10_000, 10_000],
    [3, 31],
  ])('pads data to size=%i, so that it is %i bytes long', async (size, expected) => {
    const { body } = await open().request(`/events?count=1&size=${size}`).completed();
    const [event] = readEvents(body);
    expect(event!.data).toHaveLength(expected);
    expect(event!.seq).toBe(1);
  });

  it('burns CPU before each event when asked to', async () => {
    const client = open();
    const startMs = performance.now();
    const { body } = await client.request('/events?count=3&cpu=10ms').completed();
    expect(readEvents(body)).toHaveLength(3);
    // Calibrated to the CPU as it is: half of the time asked for is certainly needed.
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(15);
  });

  it('ends the connection behind the response when asked to', async () => {
    const client = open();
    const { headers, isWhole } = await client.request('/events?count=1&close=true').completed();
    expect(isWhole).toBe(true);
    expect(headers.get('connection')).toBe('close');
    await waitFor(
      () => Promise.resolve(client.closedBy),
      (how) => how === 'fin',
    );
  });

  it('fills silence with comments', async () => {
    const { body } = await open().request('/events?count=2&interval=300ms&heartbeat=100ms').completed();
    expect(readEvents(body)).toHaveLength(2);
    expect(body).toMatch(/^id: 1\ndata: .*\n\n(: hb\n\n)+id: 2\ndata: .*\n\n$/);
  });

  it('sends the head at once and the first event later when asked to', async () => {
    const startMs = performance.now();
    await open().request('/events?count=1&first=60ms').completed();
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(60);
    // So late that no delay of this process can bring both together.
    const waiting = open().request('/events?count=1&first=25s');
    const { body } = await waiting.receives(({ status }) => status !== undefined);
    expect(body).toBe('');
  });

  it('sends the head later when asked to', async () => {
    const client = open();
    const startMs = performance.now();
    await client.request('/events?count=1&head=60ms').receives(({ status }) => status !== undefined);
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(60);
  });

  it('holds head and events back until the end when flushing is off and little is sent', async () => {
    const client = open().request('/events?count=5&interval=5ms&flush=false');
    const { chunks } = await client.completed();
    expect(chunks.map((chunk) => readEvents(chunk.toString()).length)).toEqual([5]);
    expect(client.reads[0]!.includes('id: 1\n')).toBe(true);
  });

  it('sends about 4 KB at a time when flushing is off', async () => {
    const { chunks } = await open().request('/events?count=10&size=1000&flush=false').completed();
    expect(chunks.map((chunk) => readEvents(chunk.toString()).length)).toEqual([5, 5]);
  });

  it('resumes behind Last-Event-ID', async () => {
    const headers = { 'Last-Event-ID': '41' };
    const { body } = await open().request('/events?count=3', { headers }).completed();
    expect(readEvents(body).map(({ id, seq }) => [id, seq])).toEqual([
      [42, 42],
      [43, 43],
      [44, 44],
    ]);
  });

  it('starts anew for a Last-Event-ID that it cannot have sent', async () => {
    const headers = { 'Last-Event-ID': 'abc' };
    const { body } = await open().request('/events?count=1', { headers }).completed();
    expect(readEvents(body)[0]!.id).toBe(1);
  });

  it('answers POST with the same stream and keeps the connection', async () => {
    const client = open().request('/events?count=2', { method: 'POST', body: '{"a":1}' });
    const { body } = await client.completed();
    expect(readEvents(body)).toHaveLength(2);
    client.reads.length = 0;
    client.request('/hello');
    expect((await client.completed()).body).toBe('hello\n');
  });

  it('answers two requests sent together one after the other', async () => {
    const client = open().request('/events?count=1').request('/hello');
    await waitFor(
      () => client.bytes.toString(),
      (text) => text.endsWith('hello\n'),
    );
    expect(readEvents(client.response.body)).toHaveLength(1);
  });

  it.each([
    ['count=-1', 'count'],
    ['count=1.5', 'count'],
    ['count=', 'count'],
    ['interval=5', 'interval'],
    ['interval=-5ms', 'interval'],
    ['interval=25h', 'interval'],
    ['burst=0', 'burst'],
    ['size=99999999999', 'size'],
    ['flush=maybe', 'flush'],
    ['intervall=5ms', 'intervall'],
    ['burst=10000&size=10000', 'burst'],
    ['__proto__=1', '__proto__'],
  ])('refuses %s with one line that names %s', async (query, word) => {
    const { status, body } = await open().request(`/events?${query}`).completed();
    expect(status).toBe(400);
    expect(body).toMatch(/^[^\n]+\n$/);
    expect(body).toContain(word);
  });

  it.each(['0', '5ms', '1.5ms', '500us', '0.001s', '1ms500us'])(
    'takes interval=%s, as Go writes durations',
    async (interval) => {
      const { status, chunks } = await open().request(`/events?count=2&interval=${interval}`).completed();
      expect(status).toBe(200);
      expect(chunks).toHaveLength(2);
    },
  );

  it('answers the fixed routes with their length', async () => {
    const client = open();
    for (const [path, status, body] of [
      ['/hello', 200, 'hello\n'],
      ['/healthz', 200, 'ok\n'],
      ['/nope', 404, 'no such route\n'],
    ] as const) {
      client.reads.length = 0;
      const response = await client.request(path).completed();
      expect([response.status, response.body]).toEqual([status, body]);
      expect(response.headers.get('content-length')).toBe(String(body.length));
    }
  });

  it('refuses other methods', async () => {
    const { status, headers } = await open().request('/events', { method: 'DELETE' }).completed();
    expect(status).toBe(405);
    expect(headers.get('allow')).toBe('GET, POST');
    const hello = await open().request('/hello', { method: 'POST', body: '' }).completed();
    expect(hello.status).toBe(405);
  });
});
