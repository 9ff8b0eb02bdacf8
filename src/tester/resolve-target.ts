import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { UserError } from '../model/errors.ts';

/** Where the load goes. */
export interface LoadTarget {
  /** Numeric address. */
  address: string;
  port: number;
  /** For the Host field: as in the URL. */
  authority: string;
  /** Path and query. */
  path: string;
  /** The URL is https. */
  tls: boolean;
  /** The host where it is a name: what TLS asks for and checks the certificate against. */
  servername?: string;
}

/**
 * Read a URL and resolve its host once, so that no connection waits for a name server.
 * @throws UserError with the remedy
 */
export async function resolveTarget(text: string): Promise<LoadTarget> {
  const url = readUrl(text);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const tls = url.protocol === 'https:';
  return {
    address: isIP(host) ? host : await resolveName(host),
    port: url.port === '' ? (tls ? 443 : 80) : Number(url.port),
    authority: url.host,
    path: url.pathname + url.search,
    tls,
    ...(isIP(host) ? {} : { servername: host }),
  };
}

function readUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol) || url.hostname === '') {
    throw new UserError(`${text}: not a URL; write it in full, e.g. http://127.0.0.1:8080/events`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new UserError('credentials in the URL are not sent; use -H "Authorization: ..."');
  }
  return url;
}

async function resolveName(host: string): Promise<string> {
  try {
    return (await lookup(host)).address;
  } catch (error) {
    throw new UserError(
      `${host}: name not found (${(error as NodeJS.ErrnoException).code}); use an IP address`,
    );
  }
}
