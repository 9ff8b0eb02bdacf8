import { writeSync } from 'node:fs';
import type { AddressInfo, ListenOptions, Server } from 'node:net';
import { getSystemErrorMap, type ParseArgsConfig, parseArgs } from 'node:util';

export interface ListenFlags {
  host: string;
  port: number;
  /** Further flags by name, all boolean. */
  switches: Set<string>;
  /** Values of further options by name; those that were not given are absent. */
  values?: Map<string, string>;
}

/**
 * `--host`, `--port`, the named switches and options with a value from the command line; ends the process with code 2 on
 * anything else.
 */
export function readFlags(
  switchNames: readonly string[] = [],
  valueNames: readonly string[] = [],
): ListenFlags & { values: Map<string, string> } {
  const options: ParseArgsConfig['options'] = {
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '0' },
    ...Object.fromEntries(switchNames.map((name) => [name, { type: 'boolean' as const }])),
    ...Object.fromEntries(valueNames.map((name) => [name, { type: 'string' as const }])),
  };
  try {
    const { values } = parseArgs({ options });
    const port = String(values.port);
    if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
      throw new TypeError(`--port: want a number from 0 to 65535, got ${JSON.stringify(port)}`);
    }
    return {
      host: String(values.host),
      port: Number(port),
      switches: new Set(switchNames.filter((name) => values[name] === true)),
      values: new Map(
        valueNames.flatMap((name) => (values[name] === undefined ? [] : [[name, String(values[name])]])),
      ),
    };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    writeSync(2, `${error.message}\n`);
    process.exit(2);
  }
}

/**
 * Listens and says so on stdout. A port that cannot be had ends the process with code 1 and one line.
 * `afterwards` runs when the line is out.
 */
export function listen(
  server: Server,
  { host, port }: ListenFlags,
  options: ListenOptions = {},
  afterwards: () => void = () => {},
): void {
  const refuse = (error: NodeJS.ErrnoException): never => {
    writeSync(2, `cannot listen on ${joinHostPort(host, port)}: ${reasonOf(error)}\n`);
    process.exit(1);
  };
  server.once('error', refuse);
  // The kernel caps the backlog at net.core.somaxconn, which is what other servers use as theirs.
  server.listen({ host, port, backlog: 65_535, ...options }, () => {
    server.off('error', refuse);
    const address = server.address() as AddressInfo;
    writeSync(1, `listening on ${joinHostPort(address.address, address.port)}\n`);
    afterwards();
  });
}

/** At SIGTERM or SIGINT ends at once; open streams are cut by the kernel. */
export function exitOnSignals(): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(0));
}

function joinHostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function reasonOf(error: NodeJS.ErrnoException): string {
  const known = error.errno === undefined ? undefined : getSystemErrorMap().get(error.errno);
  return known?.[1] ?? error.message;
}
