import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Server, type TLSSocket, type TlsOptions } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import type { TesterResult } from '../../src/model/tester-report.ts';
import type { LoadOptions } from '../../src/tester/load-options.ts';
import { createAuthority, issueCertificate } from './certificates.ts';
import { outcomesOf, runChecked } from './checked-load.ts';
import { CHUNKED_HEAD, chunk, eventsFrom, loadOn } from './raw-server.ts';

const authority = createAuthority('Test CA');
const stranger = createAuthority('Another CA');
const identity = issueCertificate(authority, 'events.test', ['events.test']);
const client = issueCertificate(authority, 'client');

let server: Server | undefined;
const sockets = new Set<TLSSocket>();
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  server?.close();
  if (server) await once(server, 'close');
  server = undefined;
});

/** What the server saw of one connection. */
interface Seen {
  servername: string | false;
  alpn: string | false | null;
  clientName: string | undefined;
}

async function loadOverTls(
  tls: LoadOptions['tls'] & object,
  serverOptions: TlsOptions = {},
  options: Partial<LoadOptions> = {},
): Promise<{ result: TesterResult; seen: Seen[] }> {
  const seen: Seen[] = [];
  server = createServer({ ...identity, ALPNProtocols: ['http/1.1'], ...serverOptions }, (socket) => {
    sockets.add(socket);
    seen.push({
      servername: (socket as TLSSocket & { servername: string | false }).servername,
      alpn: socket.alpnProtocol,
      clientName: socket.getPeerCertificate().subject?.CN as string | undefined,
    });
    socket.on('error', () => socket.destroy());
    socket.on('data', () => socket.write(`${CHUNKED_HEAD}${chunk(eventsFrom(1, 3))}0\r\n\r\n`));
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const result = await runChecked(loadOn(port, { durationMs: 200, tls, ...options }));
  return { result, seen };
}

describe('a load over TLS', () => {
  it('is one as over TCP where the authority is trusted and the name is right', async () => {
    const { result, seen } = await loadOverTls({
      ca: authority.cert,
      servername: 'events.test',
      ALPNProtocols: ['http/1.1'],
    });
    expect(outcomesOf(result)).toEqual(['completed']);
    expect(result.connectionsOpened).toBe(2);
    expect(result.eventsTotal).toBe(3 * result.outcomes.completed);
    expect(seen[0]).toEqual({ servername: 'events.test', alpn: 'http/1.1', clientName: undefined });
  });

  it('is one with two workers', async () => {
    const { result } = await loadOverTls(
      { ca: authority.cert, servername: 'events.test' },
      {},
      { workers: 2 },
    );
    expect(outcomesOf(result)).toEqual(['completed']);
    expect(result.eventsTotal).toBe(3 * result.outcomes.completed);
  });

  it.each([
    [
      'an authority that is not trusted',
      { ca: stranger.cert, servername: 'events.test' },
      /UNABLE_TO|SELF_SIGNED/,
    ],
    ['the wrong name', { ca: authority.cert, servername: 'other.test' }, /ERR_TLS_CERT_ALTNAME_INVALID/],
    ['an address where the certificate has none', { ca: authority.cert }, /ERR_TLS_CERT_ALTNAME_INVALID/],
  ])('is refused for %s, whose code is counted', async (_, tls, code) => {
    const { result } = await loadOverTls(tls);
    expect(outcomesOf(result)).toEqual(['refused']);
    expect(Object.keys(result.errors)).toEqual([expect.stringMatching(code)]);
    expect(result.connectionsOpened).toBe(0);
  });

  it('does not look at the certificate when it is told so', async () => {
    const { result } = await loadOverTls({ rejectUnauthorized: false });
    expect(outcomesOf(result)).toEqual(['completed']);
  });

  it('shows the certificate of the client to a server that asks for it', async () => {
    const { result, seen } = await loadOverTls(
      { ca: authority.cert, servername: 'events.test', ...client },
      { requestCert: true, rejectUnauthorized: true, ca: authority.cert },
    );
    expect(outcomesOf(result)).toEqual(['completed']);
    expect(seen[0]!.clientName).toBe('client');
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'is refused by a server that asks in vain for a certificate (%s)',
    async (version) => {
      const { result } = await loadOverTls(
        { ca: authority.cert, servername: 'events.test' },
        { requestCert: true, ca: authority.cert, minVersion: version, maxVersion: version },
      );
      expect(outcomesOf(result).filter((outcome) => outcome !== 'reset')).toEqual(['refused']);
      // The alert may be overtaken by the reset that follows it.
      expect(result.outcomes.refused).toBeGreaterThan(0);
    },
  );

  it('is refused by a server that hangs up in the handshake', async () => {
    const { result } = await loadOverTls(
      { ca: authority.cert, servername: 'events.test' },
      { SNICallback: (_, done) => done(new Error('no such name')) },
    );
    expect(outcomesOf(result)).toEqual(['refused']);
    expect(result.connectionsOpened).toBe(0);
  });

  it('reads slowly where it is asked to, though records come whole', async () => {
    const bytesPerSec = 200_000;
    const { result } = await loadOverTls(
      { ca: authority.cert, servername: 'events.test' },
      {},
      { slowReaders: { share: 1, bytesPerSec }, durationMs: 400 },
    );
    const seconds = (result.window.durationUs + result.window.drainUs) / 1e6 + 0.05;
    expect(result.bytesReceived).toBeLessThanOrEqual(2 * (bytesPerSec * seconds + 16_384));
    expect(result.timeouts.headers).toBe(0);
  });
});
