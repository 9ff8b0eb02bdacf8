/**
 * A TCP proxy that passes every piece of data on later, in order, in both directions: the latency of a network where the
 * kernel cannot add one. What it does to a connection's end it does after the same delay.
 */
import { connect, createServer, type Socket } from 'node:net';
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
const delayMs = Number(values.delay);
const targetPort = Number(values.to);

const server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
  const target = connect({ host: '127.0.0.1', port: targetPort, noDelay: true, allowHalfOpen: true });
  forward(client, target);
  forward(target, client);
});
exitOnSignals();
listen(server, { host: values.host, port: Number(values.port), switches: new Set() });

function forward(from: Socket, to: Socket): void {
  from.on('data', (bytes) => {
    setTimeout(() => {
      if (!to.destroyed) to.write(bytes);
    }, delayMs);
  });
  from.on('end', () => setTimeout(() => to.end(), delayMs));
  from.on('error', () => setTimeout(() => to.resetAndDestroy(), delayMs));
}
