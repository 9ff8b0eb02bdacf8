import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { runTarget, startTarget, waitFor } from './start-target.ts';
import { WireClient } from './wire-client.ts';

describe.each(['go-nethttp', 'node-http', 'faulty'] as const)('the process of %s', (name) => {
  it('ends with code 1 and one line when the port is taken', async () => {
    const holder = createServer();
    await new Promise<void>((listening) => holder.listen(0, '127.0.0.1', listening));
    const { port } = holder.address() as { port: number };
    try {
      const { code, stdout, stderr } = await runTarget(name, ['--port', String(port)]);
      expect(code).toBe(1);
      expect(stdout).toBe('');
      expect(stderr).toBe(`cannot listen on 127.0.0.1:${port}: address already in use\n`);
    } finally {
      holder.close();
    }
  }, 120_000);

  it.each([['--nonsense'], ['positional'], ['--port', 'abc']])(
    'refuses %s with code 2',
    async (...args) => {
      const { code, stderr } = await runTarget(name, args);
      expect(code).toBe(2);
      expect(stderr).not.toBe('');
    },
    120_000,
  );

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'ends with code 0 at %s and cuts its open streams',
    async (signal) => {
      const target = await startTarget(name);
      const client = new WireClient(target.port).request(name === 'faulty' ? '/endless' : '/events');
      await client.receives(({ chunks }) => chunks.length > 0);
      process.kill(target.pid, signal);
      expect(await target.exited).toEqual({ code: 0, signal: null });
      expect((await client.closed()).isWhole).toBe(false);
    },
    120_000,
  );
});

describe('faulty --never-accept', () => {
  it('listens, lets the queue of two fill up, answers nobody and ends at SIGTERM', async () => {
    const target = await startTarget('faulty', ['--never-accept']);
    const clients: WireClient[] = [];
    try {
      for (let queued = 1; queued <= 2; queued++) {
        const client = new WireClient(target.port).request('/hello');
        clients.push(client);
        await waitFor(
          () => client.socket.connecting,
          (connecting) => !connecting,
        );
      }
      clients.push(new WireClient(target.port));
      // The third gets no answer to its SYN: it stays in SYN_SENT (02) and its SYN is sent again.
      await waitFor(
        () => socketsInSynSent(target.port),
        (sockets) => sockets.length === 1 && sockets[0]!.retransmits > 0,
      );
      expect(clients.map(({ socket }) => socket.connecting)).toEqual([false, false, true]);
      expect(clients.flatMap(({ reads }) => reads)).toEqual([]);
      process.kill(target.pid, 'SIGTERM');
      expect(await target.exited).toEqual({ code: null, signal: 'SIGTERM' });
    } finally {
      for (const client of clients) client.leave();
      await target.stop();
    }
  }, 30_000);
});

function socketsInSynSent(port: number): { retransmits: number }[] {
  const remote = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[2] === remote && fields[3] === '02')
    .map((fields) => ({ retransmits: Number.parseInt(fields[6]!, 16) }));
}
