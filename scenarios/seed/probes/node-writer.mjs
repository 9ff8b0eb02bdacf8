// A server of one event of 1 KiB per response: /naive joins strings, /pooled fills one buffer again and again.
import { createServer } from 'node:http';

const PAD = 'x'.repeat(1024);
const HEAD = { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' };
const room = Buffer.alloc(4096);
let seq = 0;

function naive() {
  let text = `id: ${seq}\n`;
  text += 'event: message\n';
  text += `data: ${JSON.stringify({ seq, ts: Date.now(), pad: PAD })}\n`;
  return `${text}\n`;
}

function pooled() {
  let end = room.write(
    `id: ${seq}\nevent: message\ndata: {"seq":${seq},"ts":${Date.now()},"pad":"`,
    'latin1',
  );
  end += room.write(PAD, end, 'latin1');
  end += room.write('"}\n\n', end, 'latin1');
  // The socket may keep what it was given until later, so it gets bytes of its own, from the pool of Node.
  return Buffer.from(room.subarray(0, end));
}

const server = createServer((request, response) => {
  if (request.url === '/healthz') return response.end('ok\n');
  seq += 1;
  response.writeHead(200, HEAD);
  response.write(request.url === '/pooled' ? pooled() : naive());
  return response.end();
});
server.listen(Number(process.argv[2]), '127.0.0.1');
