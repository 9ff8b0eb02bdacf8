import { Session } from 'node:inspector';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { type AgentAnswer, type AgentOrder, SOCKET_VARIABLE } from './inspector-protocol.ts';

/**
 * Loaded by `--import` into every thread of a Node target in a profile trial, those excepted whose code is a text (Node
 * 20 does not load it there): takes its CPU profile when the harness says so. A Unix socket, because it is reached from outside of the target's network namespace, and because Node's own
 * inspector port would be counted among the target's. Never holds the target up and never makes it fail.
 */
const path = process.env[SOCKET_VARIABLE];
if (path !== undefined) attach(path);

function attach(socketPath: string): void {
  const socket = connect(socketPath);
  socket.unref();
  socket.on('error', () => socket.destroy());
  const session = new Session();
  const orders = createInterface({ input: socket });
  // It passes on what happens to the socket, and without a listener the target would die of it.
  orders.on('error', () => undefined);
  orders.on('line', (line) => {
    const order = line as AgentOrder;
    if (order === 'start') {
      session.connect();
      session.post('Profiler.enable');
      session.post('Profiler.start');
    } else if (order === 'stop') {
      session.post('Profiler.stop', (error, result) => {
        const answer: AgentAnswer = error ? { failed: error.message } : { profile: result.profile };
        socket.end(`${JSON.stringify(answer)}\n`);
        session.disconnect();
      });
    }
  });
}
