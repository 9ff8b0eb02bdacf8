import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TesterReport } from '../../src/model/tester-report.ts';
import { createAuthority, issueCertificate } from './certificates.ts';
import { CHUNKED_HEAD, chunk, eventsFrom } from './raw-server.ts';
import { type Ran, runTester } from './run-tester.ts';

const authority = createAuthority('Test CA');
const identity = issueCertificate(authority, 'events.test', ['events.test']);
const client = issueCertificate(authority, 'client');
const folder = mkdtempSync(join(tmpdir(), 'ssee-tester-'));
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const ca = file('ca.pem', authority.cert);
const cert = file('client.pem', client.cert);
const key = file('client.key', client.key);

let server: Server;
let url: string;
const clients: (string | undefined)[] = [];
const sockets = new Set<TLSSocket>();

beforeAll(async () => {
  server = createServer(
    { ...identity, ca: authority.cert, requestCert: true, rejectUnauthorized: false },
    (socket) => {
      sockets.add(socket);
      clients.push(socket.getPeerCertificate().subject?.CN as string | undefined);
      socket.on('error', () => socket.destroy());
      socket.on('data', () => socket.write(`${CHUNKED_HEAD}${chunk(eventsFrom(1, 2))}0\r\n\r\n`));
    },
  );
  server.on('tlsClientError', () => {});
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/events`;
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await new Promise((closed) => server.close(closed));
  rmSync(folder, { recursive: true, force: true });
});

const load = (...args: string[]): Promise<Ran> =>
  runTester([url, '-c', '2', '-d', '150ms', '--json', ...args]);

describe('ssee-tester against an https URL', () => {
  it('trusts the authority, asks for the name and shows the certificate that it is given', async () => {
    const args = ['--ca', ca, '--servername', 'events.test', '--cert', cert, '--key', key];
    const { code, stdout, stderr } = await load(...args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { outcomes, eventsTotal } = JSON.parse(stdout) as TesterReport;
    expect(outcomes.completed).toBe(outcomes.attempted);
    expect(eventsTotal).toBe(2 * outcomes.completed);
    expect(clients).toEqual(['client', 'client']);
  });

  it('leaves the certificate unchecked with --insecure', async () => {
    const { code, stdout } = await load('--insecure');
    expect(code).toBe(0);
    expect((JSON.parse(stdout) as TesterReport).outcomes.completed).toBeGreaterThan(0);
  });

  it.each([
    ['without the authority', [], /--ca FILE, or leave the certificate unchecked by --insecure\n$/],
    ['without the name', ['--ca', ca], /ask for a name of the certificate by --servername\n$/],
  ])('exits 1 %s and says what would help', async (_, args, remedy) => {
    const { code, stderr } = await load(...args);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^https:.* cannot be reached: /);
    expect(stderr).toMatch(remedy);
  });
});
