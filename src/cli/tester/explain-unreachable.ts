import type { TesterReport } from '../../model/tester-report.ts';
import { cleanText } from '../../report/clean-text.ts';

type Ends = Pick<TesterReport, 'outcomes' | 'errors' | 'firstError'>;

/** Errors by which not one connection may come about, and what helps; the first one that occurred is told. */
const REMEDIES: readonly [pattern: RegExp, remedy: string][] = [
  [/^(EMFILE|ENFILE)$/, 'raise the open-file limit (ulimit -n)'],
  [
    /^(EADDRNOTAVAIL|EADDRINUSE)$/,
    'wait for ports in TIME_WAIT, widen net.ipv4.ip_local_port_range, or use --source-addresses',
  ],
  [/^(ENOBUFS|ENOMEM)$/, 'this machine has no memory left for connections'],
  [/^ERR_TLS_CERT_ALTNAME_INVALID$/, 'ask for a name of the certificate by --servername'],
  [
    /SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|^CERT_/,
    'trust its authority by --ca FILE, or leave the certificate unchecked by --insecure',
  ],
  [/CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE/, 'give the certificate of the client by --cert and --key'],
  [/^ERR_SSL_/, 'is that a TLS port? Otherwise use http://'],
];

/**
 * Why nothing could be measured, and what to do, in one line.
 * @returns undefined where at least one connection came about
 */
export function explainUnreachable(url: string, { outcomes, errors, firstError }: Ends): string | undefined {
  if (outcomes.attempted === 0) return `${url}: no stream was begun in the time; give a longer --duration`;
  const kinds = Object.keys(errors);
  const known = REMEDIES.find(([pattern]) => kinds.some((kind) => pattern.test(kind)));
  // What this machine has run out of counts as given up by the client.
  const unmade = outcomes.refused + (known === undefined ? 0 : outcomes['client-aborted']);
  if (unmade === 0 || unmade < outcomes.attempted) return undefined;
  const remedy = known?.[1] ?? 'start the server or correct host and port';
  return `${url} cannot be reached: ${cleanText(firstError ?? 'no connection')}; ${remedy}`;
}
