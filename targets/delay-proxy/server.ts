/**
 * A TCP proxy that passes every piece of data on later, in order, in both directions: the latency of a network where the
 * kernel cannot add one. What it does to a connection's end it does after the same delay. A number of milliseconds on a
 * line of its standard input is the delay from then on; where that is a pipe, it ends with it.
 */
import { fstatSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { exitOnSignals, listen } from '../shared/listen.ts';

const { values } = parseArgs({
  options: {
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '0' },
    to: { type: 'string', default: '0' },
    delay: { type: 'string', default: '20' },
  },
});
let delayMs = Number(values.delay);
const targetPort = Number(values.to);

const server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
  const target = connect({ host: '127.0.0.1', port: targetPort, noDelay: true, allowHalfOpen: true });
  forward(client, target);
  forward(target, client);
});
exitOnSignals();
if (fstatSync(0).isFIFO() || fstatSync(0).isSocket()) {
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    if (/^\d+$/.test(line)) delayMs = Number(line);
  });
  lines.on('close', () => process.exit(0));
}
listen(server, { host: values.host, port: Number(values.port), switches: new Set() });

function forward(from: Socket, to: Socket): void {
  let dueMs = 0;
  const waiting: (() => void)[] = [];
  // A shorter delay must not let what comes later overtake what came before.
  const later = (act: () => void): void => {
    const nowMs = performance.now();
    if (delayMs === 0 && waiting.length === 0) {
      act();
      return;
    }
    dueMs = Math.max(dueMs, nowMs + delayMs);
    waiting.push(act);
    // Timers that are due in one millisecond fire in any order of their lists: whoever fires first takes the first.
    setTimeout(() => waiting.shift()!(), dueMs - nowMs);
  };
  from.on('data', (bytes) =>
    later(() => {
      if (!to.destroyed) to.write(bytes);
    }),
  );
  from.on('end', () => later(() => to.end()));
  from.on('error', () => later(() => to.resetAndDestroy()));
}
