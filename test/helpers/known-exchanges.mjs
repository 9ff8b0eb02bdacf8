/**
 * Server and client in one process, on one port, doing a fixed set of things, so that a capture of it can be
 * compared with what is known. Usage: node known-exchanges.mjs PORT. The set, in order:
 *
 * - 3 connections with 4 requests each, answered by 2 events and the last chunk, closed by the client
 * - 2 connections on which the server says FIN after one event
 * - 2 connections that the server resets after one event
 * - 1 connection that the client resets in mid-stream
 * - 1 connection that carries nothing, closed by the client
 * - 2 attempts on the port when nobody listens any more
 */
import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const port = Number(process.argv[2]);
const host = '127.0.0.1';
const HEAD =
  'HTTP/1.1 200 OK\r\nCache-Control: no-cache\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n';
const EVENT = 'a\r\ndata: x\n\n\r\n';
const LAST_CHUNK = '0\r\n\r\n';
/** Long enough for two writes to be two segments and for data to leave before a reset. */
const PAUSE_MS = 15;

const server = net.createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
  socket.on('error', () => socket.destroy());
  socket.on('end', () => socket.end());
  socket.on('data', async (bytes) => {
    const path = bytes.toString().split(' ')[1];
    socket.write(HEAD);
    await sleep(PAUSE_MS);
    socket.write(EVENT);
    await sleep(PAUSE_MS);
    if (path === '/fin') socket.end();
    if (path === '/rst') socket.resetAndDestroy();
    if (path !== '/ok') return;
    socket.write(EVENT);
    await sleep(PAUSE_MS);
    socket.write(LAST_CHUNK);
  });
});

async function connect() {
  const socket = net.connect({ port, host, noDelay: true, allowHalfOpen: true });
  await once(socket, 'connect');
  return socket;
}

function request(socket, path) {
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
}

function readUntil(socket, text) {
  return new Promise((resolve) => {
    let seen = '';
    socket.on('data', function read(bytes) {
      seen += bytes;
      if (!seen.endsWith(text)) return;
      socket.off('data', read);
      resolve();
    });
  });
}

/** Resolves however it ended: a reset is among the things to be done. */
function closed(socket) {
  return new Promise((resolve) => socket.on('close', resolve));
}

async function askFourTimes() {
  const socket = await connect();
  for (let count = 0; count < 4; count++) {
    request(socket, '/ok');
    await readUntil(socket, LAST_CHUNK);
  }
  socket.end();
  await closed(socket);
}

async function beCut(path) {
  const socket = await connect();
  socket.on('error', () => socket.destroy());
  socket.on('data', () => {});
  socket.on('end', () => socket.end());
  request(socket, path);
  await closed(socket);
}

async function resetMidStream() {
  const socket = await connect();
  request(socket, '/hang');
  await readUntil(socket, EVENT);
  socket.resetAndDestroy();
}

async function sayNothing() {
  const socket = await connect();
  socket.on('data', () => {});
  socket.end();
  await closed(socket);
}

function beRefused() {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ port, host });
    socket.on('connect', () => reject(new Error(`somebody listens on port ${port}`)));
    socket.on('error', resolve);
  });
}

server.listen(port, host);
await once(server, 'listening');
await Promise.all([askFourTimes(), askFourTimes(), askFourTimes()]);
await Promise.all([beCut('/fin'), beCut('/fin'), beCut('/rst'), beCut('/rst')]);
await resetMidStream();
await sayNothing();
server.close();
await once(server, 'close');
await beRefused();
await beRefused();
