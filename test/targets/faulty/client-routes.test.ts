import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EventDecoder } from '../../../src/sse/event-decoder.ts';
import { type StartedTarget, startTarget, waitFor } from '../start-target.ts';
import { WireClient } from '../wire-client.ts';

describe('the routes of the faulty target for the state machine of a client', () => {
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

  const idsOf = (body: string): number[] => [...body.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));

  /** The samples of one family by their kind, zeros left out, once no stream is open. */
  async function counted(family: string): Promise<Record<string, number>> {
    const metrics = await waitFor(
      () => target.metrics(),
      (now) => now.get('streams_open') === 0,
    );
    const samples = [...metrics].filter(([key, n]) => key.startsWith(`${family}{`) && n > 0);
    return Object.fromEntries(samples.map(([key, n]) => [/="(.*)"/.exec(key)![1]!, n]));
  }

  it('/sequence sends the ids of a list, several in a write, and counts what they amount to', async () => {
    const { body, chunks } = await client
      .request('/sequence?ids=1,2,5,4,4,3,9,2,10,11,12,13,14,1&interval=0&burst=4')
      .completed();
    expect(idsOf(body)).toEqual([1, 2, 5, 4, 4, 3, 9, 2, 10, 11, 12, 13, 14, 1]);
    expect(chunks).toHaveLength(4);
    expect(await counted('sequence_total')).toEqual({
      // 6, 7 and 8 when 14 has come, and 1 lies below them then.
      gap: 3,
      duplicate: 2,
      reordered: 2,
      'rolled-back': 1,
    });
    expect(await counted('streams_total')).toEqual({ completed: 1 });
    expect((await target.metrics()).get('events_total')).toBe(14);
  });

  it('/sequence varies with its seed and with nothing else', async () => {
    const path = '/sequence?count=60&interval=0&gap=0.1&dup=0.1&rollback=0.1&reorder=0.1&seed=';
    const bodies: string[] = [];
    for (const seed of [7, 7, 8]) {
      client.reads.length = 0;
      const headers = { 'Last-Event-ID': '99' };
      bodies.push((await client.request(path + seed, { headers }).completed()).body);
    }
    const [first, again, other] = bodies.map(idsOf);
    expect(first).toHaveLength(60);
    expect(first![0]).toBe(1);
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    const kinds = ['duplicate', 'gap', 'reordered', 'rolled-back'];
    expect(Object.keys(await counted('sequence_total')).sort()).toEqual(kinds);
  });

  it('/sequence counts what is missing when the client leaves', async () => {
    client.request('/sequence?ids=1,3,4,9&interval=10s&burst=3');
    await client.receives(({ chunks }) => chunks.length === 1);
    client.leave();
    expect(await counted('sequence_total')).toEqual({ gap: 1 });
    expect(await counted('streams_total')).toEqual({ 'client-closed': 1 });
  });

  it('/comments sends heartbeats, long ones and control characters', async () => {
    const { body } = await client
      .request('/comments?count=20&interval=0&comments=4&long=0.3&control=0.3')
      .completed();
    const lines = body
      .split('\n')
      .filter((line) => line.startsWith(':'))
      .map((line) => line.slice(1));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    const hasControl = (line: string): boolean => /[\u0000-\u001f\u007f]/.test(line);
    expect(await counted('comment_kinds_total')).toEqual({
      control: lines.filter(hasControl).length,
      long: lines.filter((line) => line.length > 256).length,
      heartbeat: lines.filter((line) => !hasControl(line) && line.length <= 256).length,
    });
    expect(lines.some((line) => line.length === 256)).toBe(true);
    expect((await target.metrics()).get('comments_total')).toBe(80);
    expect((await target.metrics()).get('events_total')).toBe(20);
  });

  it('/retry sends its values in turn', async () => {
    const { body } = await client.request('/retry?count=7&interval=0&values=0,10,11,-5,soon,').completed();
    expect([...body.matchAll(/^retry: (.*)$/gm)].map(([, value]) => value)).toEqual([
      '0',
      '10',
      '11',
      '-5',
      'soon',
      '',
      '0',
    ]);
    expect(await counted('retries_total')).toEqual({ 'up-to-10': 3, 'over-10': 1, negative: 1, text: 2 });
  });

  it('/lossy-resume repeats and leaves out ids after each break, and ends in silence', async () => {
    const path = '/lossy-resume?after=3&interval=1ms&lost=2&doubled=1&times=2&retry=40ms';
    const first = await client.request(path).closed();
    expect(client.closedBy).toBe('fin');
    expect(idsOf(first.body)).toEqual([1, 2, 3]);
    const decoder = new EventDecoder(() => {});
    decoder.push(Buffer.from(first.body));
    expect(decoder.retryMs).toBe(40);

    const second = new WireClient(target.port).request(path, { headers: { 'Last-Event-ID': '3' } });
    expect(idsOf((await second.closed()).body)).toEqual([3, 6, 7, 8]);

    const third = new WireClient(target.port).request(path, { headers: { 'Last-Event-ID': '8' } });
    const { body } = await third.receives(({ chunks }) => chunks.length === 4);
    expect(idsOf(body)).toEqual([8, 11, 12, 13]);
    expect(third.closedBy).toBeUndefined();
    third.leave();

    expect(await counted('sequence_total')).toEqual({ replayed: 2, 'lost-over-reconnect': 4 });
    expect(await counted('streams_total')).toEqual({ 'closed-early': 2, stalled: 1 });
    expect(await counted('retries_total')).toEqual({ 'over-10': 3 });
  });

  it('/lossy-resume breaks by a reset where asked to, for ever by default', async () => {
    const headers = { 'Last-Event-ID': '700' };
    const { body } = await client
      .request('/lossy-resume?after=2&interval=1ms&fault=reset', { headers })
      .closed();
    expect(client.closedBy).toBe('rst');
    expect(idsOf(body)).toEqual([699, 700, 703, 704]);
    expect(await counted('streams_total')).toEqual({ reset: 1 });
  });

  it.each([
    '/sequence?gap=1.5',
    '/sequence?gap=-0.1',
    '/sequence?ids=',
    '/sequence?ids=1,,2',
    '/sequence?ids=a',
    '/sequence?count=0',
    '/comments?comments=0',
    '/retry?values=a b',
    '/lossy-resume?fault=stall',
    '/lossy-resume?after=0',
  ])('refuses %s with one line', async (path) => {
    const { status, body } = await client.request(encodeURI(path)).completed();
    expect(status).toBe(400);
    expect(body).toMatch(/^bad value for \w+: .*, want .*\n$/);
  });
});
