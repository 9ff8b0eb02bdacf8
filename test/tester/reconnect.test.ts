import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { TesterResult } from '../../src/model/tester-report.ts';
import type { LoadOptions } from '../../src/tester/load-options.ts';
import { outcomesOf, runChecked } from './checked-load.ts';
import { CHUNKED_HEAD, chunk, eventsFrom, loadOn, type RawServer, startRawServer } from './raw-server.ts';

let server: RawServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function loadAgainst(
  answer: (socket: Socket, requestNumber: number) => void,
  options: Partial<LoadOptions> = {},
): Promise<TesterResult> {
  server = await startRawServer(answer);
  return runChecked(loadOn(server.port, { connections: 1, stream: 'endless', durationMs: 1000, ...options }));
}

/** Data of the event that a test waits for: what was to be seen has been seen. */
const LAST = 'the last one';

/** A load that ends when it has read the last event, however long a busy machine takes. */
async function loadToLast(
  answer: (socket: Socket, requestNumber: number) => void,
  options: Partial<LoadOptions> = {},
): Promise<TesterResult> {
  server = await startRawServer(answer);
  const seen = new AbortController();
  return runChecked(
    loadOn(server.port, {
      connections: 1,
      stream: 'endless',
      durationMs: 15_000,
      timeoutMs: 15_000,
      // No stream would be resumed in time that does not follow its server.
      retryDefaultMs: 3_600_000,
      ...options,
    }),
    {
      signal: seen.signal,
      onEvents: (events) => {
        if (events.some(({ data }) => data === LAST)) seen.abort();
      },
    },
  );
}

function lastEvent(id: number): string {
  return chunk(`id: ${id}\ndata: ${LAST}\n\n`);
}

/** A stream that sends the text and is cut when the client has had time to read it. */
function sendAndCut(socket: Socket, text: string): void {
  socket.write(CHUNKED_HEAD + chunk(text), () => setTimeout(() => socket.destroy(), 20));
}

const askedAfter = (request: string): string | undefined => /^last-event-id: ?(.*)\r$/im.exec(request)?.[1];

describe.each(['handle', 'net'] as const)('a stream that is resumed (%s)', (transport) => {
  it('asks for what follows the last event, after the time that the server has set', async () => {
    const result = await loadToLast(
      (socket, number) => {
        if (number === 1) sendAndCut(socket, `retry: 20\n${eventsFrom(1, 7)}`);
        else socket.write(CHUNKED_HEAD + chunk(eventsFrom(8, 8)) + lastEvent(9));
      },
      { transport, reconnect: 'resume' },
    );
    expect(server!.requests.map(askedAfter)).toEqual([undefined, '7']);
    expect(result.reconnects).toBe(1);
    expect(result.outcomes).toMatchObject({ attempted: 2, 'closed-early': 1, held: 1 });
    expect(result.recoveryUs).toMatchObject({ count: 1 });
    expect(Object.values(result.sequence)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(result.audit.retry).toMatchObject({ seen: 1, bad: 0, overLimit: 0 });
  });

  it('tells events that were sent again from events that were lost', async () => {
    const result = await loadToLast(
      (socket, number) => {
        if (number === 1) sendAndCut(socket, `retry: 10\n${eventsFrom(1, 7)}`);
        // 5 to 7 again, which the client has; 8 and 9 are gone.
        else if (number === 2) sendAndCut(socket, eventsFrom(5, 7) + eventsFrom(10, 12));
        else socket.write(CHUNKED_HEAD + lastEvent(13));
      },
      { transport, reconnect: 'resume' },
    );
    expect(server!.requests.map(askedAfter)).toEqual([undefined, '7', '12']);
    expect(result.sequence).toEqual({
      gaps: 0,
      duplicates: 0,
      reordered: 0,
      rolledBack: 0,
      replayed: 3,
      lostOverReconnect: 2,
    });
  });
});

describe('a stream that is resumed', () => {
  it('sends an id that is no number as it is, and none of an event that was never complete', async () => {
    await loadToLast(
      (socket, number) => {
        if (number === 1) sendAndCut(socket, 'retry: 10\nid: 1526-0/\u00e4\ndata\n\nid: 1526-1\ndata: half');
        else socket.write(CHUNKED_HEAD + lastEvent(1));
      },
      { reconnect: 'resume', request: requestWith('Last-Event-ID: 99') },
    );
    const sent = server!.requests.map(askedAfter);
    // Bytes are shown with one character each.
    expect(sent).toEqual(['99', Buffer.from('1526-0/\u00e4').toString('latin1')]);
    expect(server!.requests[1]!.match(/last-event-id/gi)).toHaveLength(1);
  });

  it('asks after the highest id of the data where the ids stand there', async () => {
    const result = await loadToLast(
      (socket, number) => {
        if (number === 1) sendAndCut(socket, 'retry: 10\nid: x\ndata: {"n":41}\n\n');
        else socket.write(CHUNKED_HEAD + chunk('data: {"n":43}\n\n') + lastEvent(1));
      },
      { reconnect: 'resume', idFrom: 'pointer:/n' },
    );
    expect(server!.requests.map(askedAfter)).toEqual([undefined, '41']);
    expect(result.sequence.lostOverReconnect).toBe(1);
  });

  it('is resumed after an orderly end too, on the connection that is there', async () => {
    const result = await loadToLast(
      (socket, number) => {
        socket.write(CHUNKED_HEAD + chunk(`retry: 10\n${eventsFrom(number, number)}`));
        socket.write(number <= 2 ? '0\r\n\r\n' : lastEvent(4));
      },
      { reconnect: 'resume' },
    );
    expect(server!.requests.map(askedAfter)).toEqual([undefined, '1', '2']);
    expect(result.outcomes).toMatchObject({ attempted: 3, completed: 2, held: 1 });
    expect(result.connectionsOpened).toBe(1);
  });

  it('is tried again until the server is back, and recovered once', async () => {
    const result = await loadToLast(
      (socket, number) => {
        if (number === 1) sendAndCut(socket, `retry: 10\n${eventsFrom(1, 2)}`);
        else if (number <= 3) socket.end();
        else socket.write(CHUNKED_HEAD + lastEvent(3));
      },
      { reconnect: 'resume' },
    );
    expect(server!.requests.map(askedAfter)).toEqual([undefined, '2', '2', '2']);
    expect(result.outcomes).toMatchObject({ attempted: 4, 'closed-early': 3, held: 1 });
    expect(result.recoveryUs).toMatchObject({ count: 1 });
    expect(Object.values(result.sequence)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('does not follow a retry above the limit, and counts it', async () => {
    const result = await loadToLast(
      (socket, number) => {
        // An hour would end the load before its second request.
        if (number === 1) sendAndCut(socket, `retry: 3600000\nretry: x\n${eventsFrom(1, 1)}`);
        else socket.write(CHUNKED_HEAD + lastEvent(2));
      },
      { reconnect: 'resume', retryLimit: 10, retryDefaultMs: 20 },
    );
    expect(server!.requests).toHaveLength(2);
    expect(result.audit.retry).toEqual({ seen: 1, bad: 1, overLimit: 1, limit: 10 });
  });

  it('that was not resumed before the end has lost what was missing then', async () => {
    const result = await loadAgainst(
      (socket) => sendAndCut(socket, `retry: 60000\n${eventsFrom(1, 1)}${eventsFrom(4, 4)}`),
      {
        reconnect: 'resume',
      },
    );
    expect(result.outcomes).toMatchObject({ attempted: 1, 'closed-early': 1 });
    expect(result.sequence).toMatchObject({ gaps: 2, lostOverReconnect: 0 });
  });
});

describe('streams that are not replaced', () => {
  it('stay dead, and the others live on', async () => {
    const result = await loadAgainst(
      (socket, number) => {
        if (number <= 3) sendAndCut(socket, eventsFrom(1, 1));
        else if (number === 4) socket.write(`${CHUNKED_HEAD + chunk(eventsFrom(1, 1))}0\r\n\r\n`);
        else socket.write(CHUNKED_HEAD + chunk(eventsFrom(1, 1)));
      },
      { connections: 6, reconnect: 'never' },
    );
    expect(server!.requests).toHaveLength(6);
    expect(result.outcomes).toMatchObject({ attempted: 6, 'closed-early': 3, completed: 1, held: 2 });
    expect(result).toMatchObject({ connectionsOpened: 6, reconnects: 0 });
    expect(result.survival).toMatchObject({
      lifetimes: 6,
      deaths: { fin: 3, rst: 0, stall: 0, protocol: 0 },
    });
    expect(result.survival!.steps.at(-1)!.survival).toBeLessThan(1);
  });
});

describe('streams that begin afresh', () => {
  it('have no Last-Event-ID, and their ids are not compared with those before', async () => {
    const result = await loadToLast((socket, number) => {
      if (number <= 2) sendAndCut(socket, eventsFrom(number * 100, number * 100 + 1));
      else socket.write(CHUNKED_HEAD + lastEvent(1));
    });
    expect(server!.requests.map(askedAfter)).toEqual([undefined, undefined, undefined]);
    expect(outcomesOf(result)).toEqual(['held', 'closed-early']);
    expect(result.reconnects).toBe(2);
    expect(result.recoveryUs).toBeNull();
    expect(Object.values(result.sequence)).toEqual([0, 0, 0, 0, 0, 0]);
  });
});

function requestWith(field: string): Buffer {
  return Buffer.from(`GET /events HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n${field}\r\n\r\n`);
}
