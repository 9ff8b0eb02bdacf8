import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TesterReport } from '../../src/model/tester-report.ts';
import { runTester } from './run-tester.ts';

interface Request {
  method: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

let server: Server;
let url: string;
let requests: Request[] = [];
const folder = mkdtempSync(join(tmpdir(), 'ssee-tester-'));

beforeAll(async () => {
  server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      requests.push({ method: request.method!, headers: request.headers, body: Buffer.concat(pieces) });
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.end('data: x\n\n');
    });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/ask`;
});
beforeEach(() => {
  requests = [];
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
  rmSync(folder, { recursive: true, force: true });
});

async function load(...args: string[]): Promise<TesterReport> {
  const { code, stdout, stderr } = await runTester([url, '-c', '2', '-d', '150ms', '--json', ...args]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as TesterReport;
}

describe('a request with a body', () => {
  it('is sent with its length and type, byte for byte', async () => {
    const text = '{"q":"größer"}';
    const report = await load('-X', 'post', '--body', text, '-H', 'Content-Type: application/json');
    expect(report.outcomes.completed).toBe(report.outcomes.attempted);
    expect(report.options).toMatchObject({ method: 'POST', bodyBytes: Buffer.byteLength(text) });
    expect(requests.length).toBeGreaterThan(1);
    for (const { method, headers, body } of requests) {
      expect(method).toBe('POST');
      expect(headers['content-type']).toBe('application/json');
      expect(headers.accept).toBe('text/event-stream');
      expect(body.toString()).toBe(text);
    }
  });

  it.each(['handle', 'net'])(
    'may come from a file of any bytes, larger than one write takes (%s)',
    async (transport) => {
      const bytes = Buffer.from(
        Array.from({ length: 300_000 }, (_, index) => (index * 7 + (index >> 8)) & 0xff),
      );
      const file = join(folder, 'body');
      writeFileSync(file, bytes);
      const report = await load('-X', 'PUT', '--body-file', file, '--transport', transport);
      expect(report.outcomes.completed).toBe(report.outcomes.attempted);
      expect(report.options).toMatchObject({ method: 'PUT', bodyBytes: bytes.length, bodyFile: file });
      expect(requests.length).toBeGreaterThan(1);
      for (const { method, body } of requests) {
        expect(method).toBe('PUT');
        expect(body.equals(bytes)).toBe(true);
      }
    },
  );

  it('is told from the bytes of a whole request too', async () => {
    const file = join(folder, 'request');
    writeFileSync(file, 'POST /x HTTP/1.1\r\nHost: y\r\nContent-Length: 3\r\n\r\nabc');
    const report = await load('--request-file', file);
    expect(report.options).toMatchObject({ method: 'POST', bodyBytes: 3, requestFile: file });
    expect(requests[0]!.body.toString()).toBe('abc');
  });
});
