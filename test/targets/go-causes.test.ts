import { expect, it } from 'vitest';
import { runTarget, startTarget } from './start-target.ts';
import { WireClient } from './wire-client.ts';

it('the reasons to be slow leave the streams of go-nethttp what they are', async () => {
  const args = [
    '--lock',
    'shared',
    '--write-time',
    '1ms',
    '--garbage',
    '10',
    '--json',
    '50',
    '--slow-headers',
  ];
  const target = await startTarget('go-nethttp', args);
  const clients = [new WireClient(target.port), new WireClient(target.port)];
  try {
    const headers = { 'X-Blanks': `a${' '.repeat(500)}b` };
    for (const client of clients) client.request('/events?count=3', { headers });
    for (const client of clients) {
      const { status, body } = await client.completed();
      expect(status).toBe(200);
      const events = body.split('\n\n').slice(0, -1);
      expect(events).toHaveLength(3);
      for (const [index, event] of events.entries()) {
        const { seq, ts, fields } = JSON.parse(/^data: (.*)$/m.exec(event)![1]!);
        expect(seq).toBe(index + 1);
        expect(ts).toBeGreaterThan(0);
        expect(Object.keys(fields)).toHaveLength(50);
      }
      // The second request of a connection is read in another place of net/http than the first.
      client.request('/hello', { headers });
      await client.receives(({ rest }) => rest.toString().endsWith('hello\n'));
    }
    const metrics = await target.metrics();
    expect(metrics.get('header_parse_seconds_count')).toBe(4);
    expect(metrics.get('events_total')).toBe(6);
  } finally {
    for (const client of clients) client.leave();
    await target.stop();
  }
}, 120_000);

it('a lock of another kind is refused with code 2', async () => {
  const { code, stderr } = await runTarget('go-nethttp', ['--lock', 'none']);
  expect(code).toBe(2);
  expect(stderr).toMatch(/want shared or own/);
}, 120_000);
