import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { TesterLatency, TesterResult } from '../../src/model/tester-report.ts';
import { frozenServerQuantile } from '../../src/stats/intended-latency.ts';
import type { LoadOptions } from '../../src/tester/load-options.ts';
import { type ArrivalSpec, countArrivals } from '../../src/tester/schedule/arrival-schedule.ts';
import { parseRate } from '../../src/tester/schedule/parse-rate.ts';
import { outcomesOf, runChecked } from './checked-load.ts';
import {
  CHUNKED_HEAD,
  chunk,
  eventsFrom,
  findClosedPort,
  loadOn,
  type RawServer,
  STREAM_HEAD,
  startRawServer,
} from './raw-server.ts';

let server: RawServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const EMPTY = `${STREAM_HEAD}Content-Length: 0\r\n\r\n`;
const ONE_EVENT = `${STREAM_HEAD}Content-Length: 9\r\n\r\ndata: x\n\n`;

async function loadAgainst(
  answer: (socket: Socket, requestNumber: number) => void,
  options: Partial<LoadOptions> = {},
): Promise<TesterResult> {
  server = await startRawServer(answer);
  return runChecked(loadOn(server.port, options));
}

function arrivalsOf(rate: string): ArrivalSpec {
  return { segments: parseRate(rate), pacing: 'uniform' };
}

describe('an open loop', () => {
  it.each(['300', '0..600/300ms', '100/100ms,800/100ms,200', '0/100ms,500'])(
    'sends at a rate of %s as many requests as its integral says',
    async (rate) => {
      const result = await loadAgainst((socket) => socket.write(ONE_EVENT), {
        arrivals: arrivalsOf(rate),
        // More than there are arrivals: none waits, however late this process is woken.
        connections: 200,
        durationMs: 300,
      });
      expect(outcomesOf(result)).toEqual(['completed']);
      const due = countArrivals(parseRate(rate), result.window.durationUs / 1000);
      expect(Math.abs(result.openLoop!.arrivals - due)).toBeLessThanOrEqual(1);
      expect(result.openLoop).toMatchObject({ unsent: 0 });
      // Every arrival has one time of each kind.
      const { responseTimes, sendLatenessUs, arrivals } = result.openLoop!;
      const counts = [...Object.values(responseTimes), sendLatenessUs].map((latency) => latency!.count);
      expect(counts).toEqual([arrivals, arrivals, arrivals, arrivals]);
      expect(server!.requests).toHaveLength(arrivals);
    },
  );

  it('shares the arrivals among workers so that together they are those of one', async () => {
    const rate = '0..600/300ms';
    const result = await loadAgainst((socket) => socket.write(ONE_EVENT), {
      arrivals: arrivalsOf(rate),
      workers: 2,
      connections: 300,
    });
    const due = countArrivals(parseRate(rate), result.window.durationUs / 1000);
    // Their windows begin a little apart: each may be one off at its own end.
    expect(Math.abs(result.openLoop!.arrivals - due)).toBeLessThanOrEqual(3);
    expect(server!.requests).toHaveLength(result.openLoop!.arrivals);
  });

  it.each([1, 3])(
    'counts requests that found no free connection until the end as unsent (%i threads)',
    async (workers) => {
      const result = await loadAgainst((socket) => socket.write(CHUNKED_HEAD), {
        workers,
        arrivals: arrivalsOf('200'),
        connections: 3,
        durationMs: 300,
        timeoutMs: 400,
      });
      const { arrivals, unsent, longestQueue } = result.openLoop!;
      expect(result.outcomes.attempted).toBe(3);
      expect(unsent).toBe(arrivals - 3);
      expect(longestQueue).toBe(unsent);
    },
  );

  it('loses no request that waits for its connection to be tried again', async () => {
    const port = await findClosedPort();
    const result = await runChecked(
      loadOn(port, { arrivals: arrivalsOf('2000'), connections: 1, durationMs: 300 }),
    );
    expect(outcomesOf(result)).toEqual(['refused']);
    expect(result.openLoop!.unsent).toBeGreaterThan(0);
  });

  it('counts the lateness of a request once, also where its kept connection was gone', async () => {
    const result = await loadAgainst(
      (socket, number) => {
        // Every other request is met by the end of a connection that has answered before.
        if (number % 2 === 1) socket.write(EMPTY);
        else socket.end();
      },
      { arrivals: arrivalsOf('100'), connections: 1, durationMs: 300, timeoutMs: 3000 },
    );
    expect(outcomesOf(result)).toEqual(['completed']);
    expect(result.staleReuses).toBeGreaterThan(0);
    expect(result.openLoop!.sendLatenessUs!.count).toBe(result.outcomes.attempted);
    expect(result.openLoop!.responseTimes.stream_us!.count).toBe(result.outcomes.attempted);
  });

  it('takes no stream that goes on after a loss for an arrival', async () => {
    const result = await loadAgainst(
      (socket, number) => {
        socket.write(CHUNKED_HEAD + chunk(`retry: 20\n${eventsFrom(number, number)}`));
        if (number <= 3) setTimeout(() => socket.destroy(), 20);
      },
      {
        arrivals: arrivalsOf('20/100ms,0/2s'),
        connections: 4,
        durationMs: 1200,
        stream: 'endless',
        reconnect: 'resume',
      },
    );
    expect(result.reconnects).toBe(3);
    expect(result.openLoop!.arrivals).toBe(2);
    expect(result.outcomes).toMatchObject({ attempted: 5, 'closed-early': 3, held: 2 });
    expect(result.openLoop!.responseTimes.ttfb_us!.count).toBe(2);
    expect(result.openLoop!.responseTimes.ttfe_us!.count).toBe(2);
    expect(result.openLoop!.sendLatenessUs!.count).toBe(2);
  });
});

const RATE_PER_SEC = 200;
const FREEZE_AT_MS = 1200;
const FREEZE_MS = 1500;

/** Answers at once, but not while it is frozen. Times in ms of this process' clock, which is the load's too. */
class FreezingServer {
  private firstAtMs = Number.NaN;
  private isFrozen = false;
  private seen = 0;
  private readonly waiting: Socket[] = [];
  frozenAtMs = Number.NaN;
  thawedAtMs = Number.NaN;
  /** All requests that were due in the freeze have come: from here on it is as if there had been none. */
  caughtUpAtMs = Number.NaN;

  readonly answer = (socket: Socket): void => {
    const nowMs = performance.now();
    if (this.seen++ === 0) {
      this.firstAtMs = nowMs;
      setTimeout(() => this.freeze(), FREEZE_AT_MS);
    }
    if (this.isFrozen) {
      this.waiting.push(socket);
      return;
    }
    socket.write(ONE_EVENT);
    const due = ((nowMs - this.firstAtMs) * RATE_PER_SEC) / 1000;
    if (this.thawedAtMs > 0 && Number.isNaN(this.caughtUpAtMs) && this.seen >= due - 1) {
      this.caughtUpAtMs = nowMs;
    }
  };

  private freeze(): void {
    this.isFrozen = true;
    this.frozenAtMs = performance.now();
    setTimeout(() => {
      this.isFrozen = false;
      this.thawedAtMs = performance.now();
      for (const socket of this.waiting) socket.write(ONE_EVENT);
    }, FREEZE_MS);
  }
}

const BEAT_MS = 5;

/** How long this process, load and server in one, was not given the processor when it wanted it. */
class StallMeter {
  private lastMs = performance.now();
  private readonly timer = setInterval(() => {
    const nowMs = performance.now();
    this.stalledMs += Math.max(0, nowMs - this.lastMs - 2 * BEAT_MS);
    this.lastMs = nowMs;
  }, BEAT_MS);
  stalledMs = 0;

  stop(): number {
    clearInterval(this.timer);
    return this.stalledMs;
  }
}

describe('a server that freezes during an open loop', () => {
  it('shows in the response times as it should, and hardly in the service times', async () => {
    const target = new FreezingServer();
    const stalls = new StallMeter();
    const result = await loadAgainst(target.answer, {
      arrivals: arrivalsOf(`${RATE_PER_SEC}`),
      connections: 20,
      durationMs: 5000,
      timeoutMs: 4000,
    });
    const stalledMs = stalls.stop();
    expect(outcomesOf(result)).toEqual(['completed']);

    const startMs = result.window.startedAtMs - performance.timeOrigin;
    const service = result.latencies.stream_us!;
    const response = result.openLoop!.responseTimes.stream_us!;
    const expectedUs = (quantile: number, freezeEndMs: number): number =>
      1000 *
      frozenServerQuantile(quantile, {
        windowMs: result.window.durationUs / 1000,
        serviceMs: service.p50 / 1000,
        freezeFromMs: target.frozenAtMs - startMs,
        freezeToMs: freezeEndMs - startMs,
      });
    for (const [quantile, measuredUs] of quantilesOf(response)) {
      // The model leaves out the rush in which those that waited are answered, which ends where the server says so,
      // and what the machine took: a freeze that is longer by as much delays no fewer requests, and each no less.
      const lowUs = expectedUs(quantile, target.thawedAtMs);
      const highUs = expectedUs(quantile, target.caughtUpAtMs + stalledMs);
      expect(measuredUs, `p${quantile * 100}`).toBeGreaterThan(lowUs * 0.98);
      expect(measuredUs, `p${quantile * 100}`).toBeLessThan(highUs * 1.02);
    }
    // Twenty of a thousand requests were under way: of the other 280 that users would have waited for, nothing shows.
    expect(service.p90).toBeLessThan(response.p90 / 5);
  });
});

function quantilesOf({ p90, p99, p999 }: TesterLatency): [number, number][] {
  return [
    [0.9, p90],
    [0.99, p99],
    [0.999, p999],
  ];
}
