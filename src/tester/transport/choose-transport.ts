import type { ConnectionOptions } from 'node:tls';
import { HAS_HANDLES, HandleTransport } from './handle-transport.ts';
import { NetTransport } from './net-transport.ts';
import type { Endpoint, Transport } from './transport.ts';

/** `handle`: Node's TCP handles. `net`: the public socket API. `auto`: handles where this Node has them. */
export type TransportKind = 'auto' | 'handle' | 'net';

/** The transport for a load. TLS needs `net` in any case. @throws Error when handles are asked for and missing */
export function chooseTransport(
  kind: TransportKind,
  endpoint: Endpoint,
  options: { tls?: ConnectionOptions; readBufferBytes?: number } = {},
): Transport {
  if (kind === 'net' || options.tls !== undefined) return new NetTransport(endpoint, options);
  if (HAS_HANDLES) return new HandleTransport(endpoint, options.readBufferBytes);
  if (kind === 'handle') throw new Error(`Node ${process.version} does not offer its TCP handles`);
  return new NetTransport(endpoint, options);
}
