import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type StartedTarget, startTarget, waitFor } from '../start-target.ts';
import { readEvents, WireClient } from '../wire-client.ts';

describe('the faulty target', () => {
  let target: StartedTarget;
  let client: WireClient;
  beforeEach(async () => {
    target = await startTarget('faulty');
    client = new WireClient(target.port);
  }, 60_000);
  afterEach(() => {
    client.leave();
    return target.stop();
  });

  const sequence = (body: string): number[] => readEvents(body).map(({ seq }) => seq);

  /** What the server counted once its only stream was over: how it ended, and the events in it. */
  async function counted(): Promise<{ ends: string[]; events: number; bodyBytes: number }> {
    const metrics = await waitFor(
      () => target.metrics(),
      (now) => now.get('streams_open') === 0,
    );
    const ends = [...metrics].filter(([key, n]) => key.startsWith('streams_total') && n > 0);
    return {
      ends: ends.map(([key, n]) => `${/end="(.*)"/.exec(key)![1]} ${n}`),
      events: metrics.get('events_total')!,
      bodyBytes: metrics.get('body_bytes_total')!,
    };
  }

  it('/endless goes on until the client leaves', async () => {
    client.request('/endless?interval=2ms&size=100');
    const { body } = await client.receives(({ chunks }) => chunks.length >= 10);
    expect(sequence(body).slice(0, 3)).toEqual([1, 2, 3]);
    expect(readEvents(body)[0]!.data).toHaveLength(100);
    client.leave();
    expect((await counted()).ends).toEqual(['client-closed 1']);
  });

  it('/stall sends one event and then nothing', async () => {
    await client.request('/stall').receives(({ chunks }) => chunks.length === 1);
    await target.metrics();
    expect(sequence(client.response.body)).toEqual([1]);
    expect(client.closedBy).toBeUndefined();
    client.leave();
    expect(await counted()).toMatchObject({ ends: ['stalled 1'], events: 1 });
  });

  it('/cut ends a stream unfinished at its age', async () => {
    client.request('/cut?age=60ms&interval=10ms');
    await waitFor(
      () => Promise.resolve(client.closedBy),
      (how) => how === 'fin',
    );
    expect(sequence(client.response.body).length).toBeGreaterThan(1);
    expect(client.response.isWhole).toBe(false);
    expect((await counted()).ends).toEqual(['closed-early 1']);
  });

  it('/leak sends a whole response and never closes its side, not even when the client has', async () => {
    const { isWhole } = await client.request('/leak?count=2&interval=1ms').completed();
    expect(isWhole).toBe(true);
    client.socket.end();
    await target.metrics();
    await target.metrics();
    expect(client.closedBy).toBeUndefined();
    // The connections of the readings themselves come and go; this one stays.
    expect((await target.metrics()).get('connections_open')).toBeGreaterThanOrEqual(2);
  });

  it('/hang never answers', async () => {
    client.request('/hang');
    await waitFor(
      () => target.metrics(),
      (metrics) => metrics.get('streams_open') === 1,
    );
    expect(client.bytes).toHaveLength(0);
    expect(client.closedBy).toBeUndefined();
    client.leave();
    expect(await counted()).toMatchObject({ ends: ['stalled 1'], events: 0, bodyBytes: 0 });
  });

  it('/fin ends between two chunks without the last one', async () => {
    const { body, isWhole, rest } = await client.request('/fin?interval=2ms').closed();
    expect(client.closedBy).toBe('fin');
    expect(sequence(body)).toEqual([1, 2, 3]);
    expect(body.endsWith('\n\n')).toBe(true);
    expect([isWhole, rest.length]).toEqual([false, 0]);
    expect(await counted()).toEqual({ ends: ['closed-early 1'], events: 3, bodyBytes: body.length });
  });

  it('/reset ends with an RST', async () => {
    const { body, isWhole } = await client.request('/reset?after=2&interval=2ms').closed();
    expect(client.closedBy).toBe('rst');
    expect(sequence(body)).toEqual([1, 2]);
    expect(isWhole).toBe(false);
    expect(await counted()).toMatchObject({ ends: ['reset 1'], events: 2 });
  });

  it('/truncated announces a chunk that it does not send to its end', async () => {
    const { body, chunks, isWhole } = await client.request('/truncated?interval=2ms').closed();
    expect(client.closedBy).toBe('fin');
    expect(isWhole).toBe(false);
    expect(chunks).toHaveLength(3);
    const tail = body.slice(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
    expect(tail).toMatch(/^id: 4\ndata: /);
    expect(tail).not.toContain('\n\n');
    expect(await counted()).toEqual({ ends: ['closed-early 1'], events: 3, bodyBytes: body.length });
  });

  it('/eof ends its body by closing, with neither length nor chunks', async () => {
    const { body, headers, status } = await client.request('/eof?count=4&interval=2ms').closed();
    expect(client.closedBy).toBe('fin');
    expect(status).toBe(200);
    expect(headers.get('connection')).toBe('close');
    expect([headers.has('content-length'), headers.has('transfer-encoding')]).toEqual([false, false]);
    expect(sequence(body)).toEqual([1, 2, 3, 4]);
    expect(await counted()).toEqual({ ends: ['completed 1'], events: 4, bodyBytes: body.length });
  });

  it('/unflushed sends head and paced events in one piece at the end', async () => {
    const startMs = performance.now();
    const { body, isWhole } = await client.request('/unflushed?count=4&interval=20ms').completed();
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(60);
    expect(isWhole).toBe(true);
    expect(client.reads).toHaveLength(1);
    const events = readEvents(body);
    expect(events.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    expect(new Set(events.map(({ tsUs }) => tsUs)).size).toBe(4);
    expect(await counted()).toEqual({ ends: ['completed 1'], events: 4, bodyBytes: body.length });
  });

  it('/slow-head sends nothing before its delay is over, then a good stream', async () => {
    const startMs = performance.now();
    await client.request('/slow-head?delay=80ms&count=2').receives(({ status }) => status === 200);
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(80);
    expect(sequence((await client.completed()).body)).toEqual([1, 2]);
    expect((await counted()).ends).toEqual(['completed 1']);
  });

  it('/503 is a complete small answer that keeps the connection', async () => {
    const { status, body } = await client.request('/503').completed();
    expect([status, body]).toEqual([503, 'busy\n']);
    client.reads.length = 0;
    expect((await client.request('/hello').completed()).body).toBe('hello\n');
    expect((await counted()).ends).toEqual([]);
  });

  it('/split-utf8 cuts every character of several bytes', async () => {
    const { chunks, body } = await client.request('/split-utf8?count=2&interval=2ms').completed();
    expect(sequence(body)).toEqual([1, 2]);
    expect(JSON.parse(readEvents(body)[0]!.data)).toMatchObject({ text: 'é€漢🚀' });
    // Four characters make five pieces per event; no piece but those of plain ASCII decodes by itself.
    expect(chunks).toHaveLength(10);
    expect(chunks.filter((chunk) => chunk.toString().includes('\ufffd'))).toHaveLength(10);
    expect(await counted()).toMatchObject({ ends: ['completed 1'], events: 2 });
  });

  it('/split-crlf cuts every CRLF of the events', async () => {
    const { chunks, body } = await client.request('/split-crlf?count=2&interval=2ms').completed();
    expect(body).toMatch(/^(id: \d\r\ndata: \{.*\}\r\n\r\n){2}$/);
    expect(chunks.some((chunk) => chunk.includes('\r\n'))).toBe(false);
    expect(chunks).toHaveLength(8);
    expect(await counted()).toMatchObject({ ends: ['completed 1'], events: 2 });
  });

  it('/one-byte spreads a good stream over many segments', async () => {
    const { body } = await client.request('/one-byte?count=2').completed();
    expect(sequence(body)).toEqual([1, 2]);
    // Head, events and last chunk in one write each would make at most four.
    expect(client.reads.length).toBeGreaterThan(20);
    expect((await counted()).ends).toEqual(['completed 1']);
  });

  it('/huge-line sends one event of 2 MiB, or of the size asked for', async () => {
    const { body } = await client.request('/huge-line').completed();
    expect(readEvents(body)[0]!.data).toHaveLength(2 * 1024 * 1024);
    client.reads.length = 0;
    const small = await client.request('/huge-line?size=1000').completed();
    expect(readEvents(small.body)[0]!.data).toHaveLength(1000);
    expect(await counted()).toEqual({
      ends: ['completed 2'],
      events: 2,
      bodyBytes: body.length + small.body.length,
    });
  });

  it('keeps the connection after a stream that ended properly, also for POST', async () => {
    const path = '/slow-head?delay=0&count=1';
    for (const options of [{}, { method: 'POST', body: 'x=1' }, {}]) {
      client.reads.length = 0;
      expect(sequence((await client.request(path, options).completed()).body)).toEqual([1]);
    }
    expect((await counted()).ends).toEqual(['completed 3']);
  });

  it('closes after the answer when the client asks for that', async () => {
    const headers = { Connection: 'close' };
    const { headers: answered, body } = await client.request('/hello', { headers }).closed();
    expect(answered.get('connection')).toBe('close');
    expect(body).toBe('hello\n');
    expect(client.closedBy).toBe('fin');
  });

  it.each([
    ['/one-byte?count=1', [1], 'completed 1'],
    ['/unflushed?count=2&interval=1ms', [1, 2], 'completed 1'],
    ['/fin?after=2&interval=1ms', [1, 2], 'closed-early 1'],
    ['/truncated?after=2&interval=1ms', [1, 2], 'closed-early 1'],
  ])('gives a client of HTTP/1.0 %s without chunks, ended by closing', async (path, expected, end) => {
    client.socket.write(`GET ${path} HTTP/1.0\r\nConnection: keep-alive\r\n\r\n`);
    const { status, headers, body } = await client.closed();
    expect(client.closedBy).toBe('fin');
    expect(status).toBe(200);
    expect([headers.get('connection'), headers.has('transfer-encoding')]).toEqual(['close', false]);
    expect(sequence(body)).toEqual(expected);
    expect(await counted()).toMatchObject({ ends: [end], bodyBytes: body.length });
  });

  it('resumes behind Last-Event-ID', async () => {
    const headers = { 'Last-Event-ID': '7' };
    const { body } = await client.request('/eof?count=2&interval=0', { headers }).closed();
    expect(sequence(body)).toEqual([8, 9]);
  });

  it('counts a client that leaves before the fault as having left', async () => {
    client.request('/reset?after=1000&interval=5ms');
    await client.receives(({ chunks }) => chunks.length > 0);
    client.leave();
    expect((await counted()).ends).toEqual(['client-closed 1']);
  });

  it.each(['/fin?count=3', '/hang?after=1', '/eof?interval=x', '/eof?count=0'])(
    'refuses %s with one line',
    async (path) => {
      const { status, body } = await client.request(path).completed();
      expect(status).toBe(400);
      expect(body).toMatch(/^[^\n]+\n$/);
    },
  );

  it.each([
    ['NONSENSE\r\n\r\n', 400],
    ['GET /hello HTTP/2.0\r\n\r\n', 505],
    ['POST /hello HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n', 411],
    ['POST /hello HTTP/1.1\r\nContent-Length: 9999999\r\n\r\n', 413],
    ['GET /hello HTTP/1.1\r\nno colon\r\n\r\n', 400],
  ])('answers %j with %i and closes', async (bytes, status) => {
    client.socket.write(bytes);
    expect((await client.closed()).status).toBe(status);
    expect(client.closedBy).toBe('fin');
  });

  it('counts each route', async () => {
    for (const path of ['/503', '/503', '/huge-line?size=1', '/nope']) {
      client.reads.length = 0;
      await client.request(path).completed();
    }
    const metrics = await target.metrics();
    expect(metrics.get('requests_total{route="/503"}')).toBe(2);
    expect(metrics.get('requests_total{route="/huge-line"}')).toBe(1);
    expect(metrics.get('requests_total{route="other"}')).toBe(1);
    expect(metrics.get('requests_total{route="/stall"}')).toBe(0);
  });
});
