import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { httpDownload } from '../../src/process/space-probes.ts';

/** Every byte value, in an order that is no text. */
const EVERY_BYTE = Buffer.from(Array.from({ length: 70_000 }, (_, index) => (index * 167) % 256));

let dir: string;
let server: Server;
let url: string;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'download-'));
  server = createServer((request, response) => {
    if (request.url === '/silent') return;
    if (request.url === '/cut') {
      response.setHeader('Content-Length', 1000);
      response.write('half');
      setImmediate(() => response.destroy());
    } else if (request.url === '/missing') {
      response.statusCode = 404;
      response.end('x'.repeat(5000));
    } else response.end(EVERY_BYTE);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(dir, { recursive: true });
});

describe('httpDownload', () => {
  it('writes a body byte for byte', async () => {
    const file = join(dir, 'body');
    expect(await httpDownload(`${url}/`, file, 5000)).toEqual({ status: 200, bytes: EVERY_BYTE.length });
    expect(readFileSync(file).equals(EVERY_BYTE)).toBe(true);
  });

  it('makes no file of a refusal and keeps the beginning of its words', async () => {
    const file = join(dir, 'body');
    expect(await httpDownload(`${url}/missing`, file, 5000)).toEqual({
      status: 404,
      bytes: 0,
      words: 'x'.repeat(300),
    });
    expect(existsSync(file)).toBe(false);
  });

  it('rejects for a server that is silent, cuts the body or is not there', async () => {
    const file = join(dir, 'body');
    await expect(httpDownload(`${url}/silent`, file, 50)).rejects.toThrow(/no complete answer within 50 ms/);
    await expect(httpDownload(`${url}/cut`, file, 5000)).rejects.toThrow();
    server.close();
    server.closeAllConnections();
    await expect(httpDownload(`${url}/`, file, 5000)).rejects.toThrow(/ECONNREFUSED/);
  });

  it('rejects where the file cannot be written', async () => {
    await expect(httpDownload(`${url}/`, join(dir, 'no/such/folder'), 5000)).rejects.toThrow(/ENOENT/);
  });
});
