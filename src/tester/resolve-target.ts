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
}

/**
 * Read a URL and resolve its host once, so that no connection waits for a name server.
 * @throws UserError with the remedy
 */
export async function resolveTarget(text: string): Promise<LoadTarget> {
  const url = readUrl(text);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return {
    address: isIP(host) ? host : await resolveName(host),
    port: url.port === '' ? 80 : Number(url.port),
    authority: url.host,
    path: url.pathname + url.search,
  };
}

function readUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'https:') {
    throw new UserError(`${text}: https is not supported; use the http:// port of the server`);
  }
  if (url?.protocol !== 'http:' || url.hostname === '') {
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
