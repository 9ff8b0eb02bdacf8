import { afterEach, describe, expect, it } from 'vitest';
import type { LiveSample } from '../../../src/model/live-sample.ts';
import { OUTCOMES } from '../../../src/model/outcome.ts';
import { runChecked } from '../checked-load.ts';
import { CHUNKED_HEAD, chunk, eventsFrom, loadOn, type RawServer, startRawServer } from '../raw-server.ts';

let server: RawServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** Everything of a sample that is counted from the start of the load. */
function cumulative(sample: LiveSample): Record<string, number> {
  const { attempted, events, bytesReceived, outcomes, timeouts, errors, statusCodes, latencies } = sample;
  const flat: Record<string, number> = { attempted, events, bytesReceived };
  const add = (prefix: string, counts: object): void => {
    for (const [name, count] of Object.entries(counts)) flat[`${prefix}.${name}`] = count as number;
  };
  add('outcomes', outcomes);
  add('timeouts', timeouts);
  add('errors', errors);
  add('statusCodes', statusCodes ?? {});
  for (const [name, { le, count, sumUs }] of Object.entries(latencies)) {
    add(`latencies.${name}`, { count, sumUs, ...le });
  }
  return flat;
}

describe.each([1, 2])('live samples of %i threads', (workers) => {
  it('never fall in what is counted from the start, and the last one is the report', async () => {
    server = await startRawServer((socket, number) => {
      if (number % 7 === 0) {
        socket.write('HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n');
        return;
      }
      socket.write(CHUNKED_HEAD + chunk(eventsFrom(1, 2)));
      if (number % 11 === 0) {
        socket.resetAndDestroy();
        return;
      }
      setTimeout(() => socket.write(`${chunk(eventsFrom(3, 3))}0\r\n\r\n`), 20);
    });
    const samples: LiveSample[] = [];
    const result = await runChecked(loadOn(server.port, { workers, connections: 6, durationMs: 2300 }), {
      onSample: (sample) => samples.push(sample),
    });

    expect(samples.length).toBeGreaterThanOrEqual(3);
    for (const [index, sample] of samples.entries()) {
      const before = samples[index - 1];
      expect(sample.atMs - (before?.atMs ?? 0)).toBeCloseTo(sample.intervalMs, 6);
      expect(sample.intervalMs).toBeGreaterThan(0);
      const now = cumulative(sample);
      for (const [name, count] of Object.entries(before ? cumulative(before) : {})) {
        expect(now[name], name).toBeGreaterThanOrEqual(count);
      }
      expect(sample.connectionsOpen).toBeLessThanOrEqual(6);
      for (const { le, count } of Object.values(sample.latencies)) {
        expect([...le, count]).toEqual([...le, count].sort((a, b) => a - b));
      }
    }

    const last = samples.at(-1)!;
    const { attempted, ...outcomes } = result.outcomes;
    expect(last).toMatchObject({
      attempted,
      outcomes,
      events: result.eventsTotal,
      bytesReceived: result.bytesReceived,
      timeouts: result.timeouts,
      errors: result.errors,
      statusCodes: result.statusCodes,
      connectionsOpen: 0,
      connectionsAsked: 6,
    });
    expect(outcomes.completed).toBeGreaterThan(0);
    expect(outcomes['http-error']).toBeGreaterThan(0);
    expect(outcomes.reset).toBeGreaterThan(0);
    for (const [live, base] of [
      ['ttfb', 'ttfb_us'],
      ['ttfe', 'ttfe_us'],
      ['gap', 'gap_us'],
      ['stream', 'stream_us'],
    ] as const) {
      const { count, sumUs } = last.latencies[live];
      const reported = result.latencies[base]!;
      expect(count).toBe(reported.count);
      expect(sumUs / count).toBeCloseTo(reported.mean, 6);
    }
    // Rates are of intervals: together they are the whole.
    const sum = (of: (sample: LiveSample) => number): number =>
      samples.reduce((total, sample) => total + (of(sample) * sample.intervalMs) / 1000, 0);
    expect(sum((sample) => sample.requestsPerSec)).toBeCloseTo(outcomes.completed, 6);
    expect(sum((sample) => sample.eventsPerSec)).toBeCloseTo(result.eventsTotal, 6);
    expect(sum((sample) => sample.bytesPerSec)).toBeCloseTo(result.bytesReceived, 4);
    expect(OUTCOMES.reduce((total, outcome) => total + last.outcomes[outcome], 0)).toBe(attempted);
  });

  it('come once at the end of a load that is shorter than a second', async () => {
    server = await startRawServer((socket) => socket.write(`${CHUNKED_HEAD}0\r\n\r\n`));
    const samples: LiveSample[] = [];
    const result = await runChecked(loadOn(server.port, { workers, durationMs: 100 }), {
      onSample: (sample) => samples.push(sample),
    });
    expect(samples).toHaveLength(1);
    expect(samples[0]!.outcomes.completed).toBe(result.outcomes.completed);
  });
});
