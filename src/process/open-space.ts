import { UserError } from '../model/errors.ts';
import { openIsolatedSpace } from './isolated-space.ts';
import type { NetworkSpace } from './network-space.ts';
import type { ProcessRegistry } from './process-registry.ts';
import { runToEnd } from './run-to-end.ts';
import { openSharedSpace } from './shared-space.ts';

export type Isolation = { available: true } | { available: false; reason: string };

export interface OpenSpaceOptions {
  registry: ProcessRegistry;
  /** A server that runs already is outside every new namespace: its trials need the shared loopback. @default false */
  shared?: boolean;
}

/** A network namespace where this machine and user allow one, the shared loopback otherwise. */
export async function openSpace(options: OpenSpaceOptions): Promise<NetworkSpace> {
  if (options.shared || !(await probeIsolation(options.registry)).available) return openSharedSpace();
  return openIsolatedSpace(options.registry);
}

let probed: Promise<Isolation> | undefined;

/**
 * Can trials have a network namespace of their own? Proved by making and entering one; the answer is kept.
 * @param registry notes what the proof starts, so that whoever is interrupted can end it
 */
export function probeIsolation(registry: ProcessRegistry): Promise<Isolation> {
  probed ??= tryIsolation(registry);
  return probed;
}

async function tryIsolation(registry: ProcessRegistry): Promise<Isolation> {
  try {
    const space = await openIsolatedSpace(registry);
    try {
      return await tryEntering(space, registry);
    } finally {
      await space.close();
    }
  } catch (error) {
    if (error instanceof UserError) return { available: false, reason: error.message };
    throw error;
  }
}

async function tryEntering(space: NetworkSpace, registry: ProcessRegistry): Promise<Isolation> {
  const exit = await runToEnd(
    {
      argv: [process.execPath, '--version'],
      deadlineMs: 10_000,
      signals: [{ signal: 'SIGKILL', waitMs: 1000 }],
    },
    {
      stdoutFile: '/dev/null',
      stderrFile: '/dev/null',
      wrap: (argv) => space.wrap(argv),
      signal: new AbortController().signal,
      registry,
    },
  );
  if (exit.code === 0) return { available: true };
  return { available: false, reason: 'a network namespace can be made but not entered by nsenter' };
}
