import { readlinkSync } from 'node:fs';
import { UserError } from '../../model/errors.ts';
import { findExecutable } from '../../process/find-executable.ts';
import type { NetworkSpace } from '../../process/network-space.ts';
import { readProcFile } from '../../process/proc-stat.ts';
import type { ProcessRegistry } from '../../process/process-registry.ts';
import { runToEnd } from '../../process/run-to-end.ts';
import { listEstablished } from '../../target/port-sockets.ts';

/** Where health probes come from: on loopback every address of 127/8 is one's own, and no tool uses this one. */
export const PROBE_ADDRESS = '127.0.0.9';

export interface RuleContext {
  space: NetworkSpace;
  registry: ProcessRegistry;
  /** That the tool connects to. */
  port: number;
}

/**
 * Filter what comes in on loopback, behind the tap: a capture shows what was dropped, and that it was sent again.
 * @returns forgets the note of the rules, to be called when they are removed
 * @throws UserError where nft is missing or refuses
 */
export async function addRules(
  context: RuleContext,
  table: string,
  rules: readonly string[],
): Promise<() => void> {
  const namespace = readlinkSync(`/proc/${context.space.pid}/ns/net`);
  const forget = context.registry.note({ kind: 'rules', table, namespace });
  // One transaction: all rules at one moment or none.
  const script = [
    `add table inet ${table}`,
    `add chain inet ${table} input { type filter hook input priority 0 ; }`,
    ...rules.map((rule) => `add rule inet ${table} input ${rule}`),
  ].join('; ');
  try {
    await run(context, ['nft', script], 'nftables');
  } catch (error) {
    forget();
    throw error;
  }
  return forget;
}

export function removeRules(context: RuleContext, table: string): Promise<void> {
  return run(context, ['nft', `delete table inet ${table}`], 'nftables');
}

/**
 * Reset every connection of the port from its server side.
 * @throws UserError where ss is missing, refuses, or leaves some as they were: a kernel that cannot end them says nothing
 */
export async function resetConnections(context: RuleContext): Promise<void> {
  const filter = `sport = :${context.port} and not dst ${PROBE_ADDRESS}`;
  let left = readEstablished(context);
  for (let attempt = 0; attempt < KILL_ATTEMPTS; attempt++) {
    await run(
      context,
      ['ss', '--kill', '--no-header', '--tcp', 'state', 'established', `( ${filter} )`],
      'iproute2',
    );
    const now = new Set(readEstablished(context));
    left = left.filter((each) => now.has(each));
    if (left.length === 0) return;
  }
  throw new UserError(
    `ss --kill left ${left.length} connections established; the kernel needs CONFIG_INET_DIAG_DESTROY`,
    1,
  );
}

/** One that is just being accepted may escape the first. */
const KILL_ATTEMPTS = 3;
const PROBE_ADDRESS_HEX = '0900007F';

function readEstablished({ space, port }: RuleContext): string[] {
  const tables = ['tcp', 'tcp6'].map((name) => readProcFile(`/proc/${space.pid}/net/${name}`) ?? '');
  return listEstablished(tables.join('\n'), port, PROBE_ADDRESS_HEX);
}

/** Not to be cut short by an interrupt: what was added has to be removed. */
const unabortable = new AbortController().signal;

async function run(
  { space, registry }: RuleContext,
  [program, ...args]: [string, ...string[]],
  debianPackage: string,
): Promise<void> {
  const path = findExecutable(program);
  if (path === undefined) throw new UserError(`${program} is missing; install ${debianPackage}`, 1);
  const exit = await runToEnd(
    { argv: [path, ...args], deadlineMs: 10_000, signals: [{ signal: 'SIGKILL', waitMs: 1000 }] },
    {
      stdoutFile: '/dev/null',
      stderrFile: '/dev/null',
      wrap: (argv) => space.wrap(argv),
      signal: unabortable,
      registry,
    },
  );
  if (exit.code !== 0) {
    throw new UserError(
      `${program} refused \`${args.join(' ')}\` (exit code ${exit.code ?? exit.signal})`,
      1,
    );
  }
}
