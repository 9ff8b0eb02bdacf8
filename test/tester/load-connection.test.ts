import { afterEach, describe, expect, it } from 'vitest';
import type { LoadOptions } from '../../src/tester/load-options.ts';
import { runLoad } from '../../src/tester/run-load.ts';
import { startTarget } from '../targets/start-target.ts';
import { loadOn, type RawServer, STREAM_HEAD, startRawServer } from './raw-server.ts';

let server: RawServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

describe.each(['handle', 'net'] as const)('a busy tester on the %s transport', (transport) => {
  /** Every wake-up finds all that has come in the meantime at once. */
  async function loadWhileBusy(path: string, options: Partial<LoadOptions> = {}) {
    const target = await startTarget('faulty');
    const timer = setInterval(() => {
      const until = performance.now() + 30;
      while (performance.now() < until);
    }, 5);
    try {
      const request = Buffer.from(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
      return await runLoad(loadOn(target.port, { request, transport, ...options }));
    } finally {
      clearInterval(timer);
      await target.stop();
    }
  }

  it('tells a reset that comes with the last data from an end', async () => {
    const { outcomes, errors } = await loadWhileBusy('/reset?after=2&interval=1ms');
    expect(outcomes.attempted).toBeGreaterThan(0);
    expect(outcomes).toMatchObject({ reset: outcomes.attempted, 'closed-early': 0 });
    expect(errors).toEqual({ ECONNRESET: outcomes.attempted });
  });

  it('takes an end that comes with the last data for what it is', async () => {
    const { outcomes, errors } = await loadWhileBusy('/eof?count=2&interval=1ms');
    expect(outcomes.completed).toBeGreaterThan(0);
    expect(outcomes.completed).toBe(outcomes.attempted);
    expect(errors).toEqual({});
  });
});

describe('an open loop', () => {
  it('accounts for arrivals that a connection took over and never sent', async () => {
    // One connection does 50 of 200 streams per second at most, so that it always finds the next one waiting.
    server = await startRawServer((socket) => setTimeout(() => socket.resetAndDestroy(), 20));
    const segments = [{ fromPerSec: 200, toPerSec: 200, durationMs: 200 }];
    const { outcomes, openLoop } = await runLoad(
      loadOn(server.port, { connections: 1, arrivals: { segments, pacing: 'uniform' } }),
    );
    expect(openLoop!.arrivals).toBe(40);
    expect(openLoop!.unsent).toBeGreaterThan(0);
    expect(outcomes.attempted + openLoop!.unsent).toBe(40);
  });
});

describe('a stream with a content coding', () => {
  const body = Buffer.from('1f8b0800000000000003', 'hex').toString('latin1');
  const answer = `${STREAM_HEAD}Content-Encoding: gzip\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  async function loadWith(accept: string, options: Partial<LoadOptions> = {}) {
    server = await startRawServer((socket) => socket.write(answer, 'latin1'));
    const request = Buffer.from(`GET / HTTP/1.1\r\nHost: x\r\n${accept}\r\n`);
    return runLoad(loadOn(server.port, { request, durationMs: 100, ...options }));
  }

  it('that was not asked for is no event stream, and the audit says so', async () => {
    const { outcomes, firstError, audit, connectionsOpened } = await loadWith(
      'Accept-Encoding: br, gzip;q=0\r\n',
    );
    expect(outcomes.attempted).toBeGreaterThan(0);
    expect(outcomes['http-error']).toBe(outcomes.attempted);
    expect(firstError).toBe('Content-Encoding gzip, which the request did not ask for');
    expect(audit.head.find(({ header }) => header === 'Content-Encoding')).toMatchObject({
      verdict: 'wrong',
    });
    // The body is read to its end, so that the connection is good for the next.
    expect(connectionsOpened).toBe(2);
  });

  it('that was asked for is a stream whose events cannot be read', async () => {
    const { outcomes, eventsTotal, audit } = await loadWith('accept-encoding:gzip\r\n');
    expect(outcomes.completed).toBe(outcomes.attempted);
    expect(eventsTotal).toBe(0);
    expect(audit.head.find(({ header }) => header === 'Content-Encoding')).toMatchObject({ verdict: 'ok' });
  });

  it('is of no interest where any answer will do', async () => {
    const { outcomes } = await loadWith('', { expectEventStream: false });
    expect(outcomes.completed).toBe(outcomes.attempted);
  });
});
