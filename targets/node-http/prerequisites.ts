/** What a stream may have to wait for before its head, as handlers wait for a database: a name, and a disk. */
import { Resolver } from 'node:dns/promises';
import { writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';

const RESOLVE_WITHIN_MS = 500;
/** Blocks that are there already: a write to them needs nothing of the file system's journal, which others share. */
const LOG_BYTES = 1024 * 1024;

export interface Prerequisites {
  /** Resolves when a stream may begin; rejects with what was not to be had, in one line. */
  wait(): Promise<void>;
  /** An address for the name; rejects where there is none. */
  resolveName(): Promise<string>;
}

/**
 * @param name is asked for before each stream, where it can be had at all when the server starts
 * @param log file, relative to the trial's folder, to which each stream writes a line that is on the disk before it begins
 */
export async function preparePrerequisites(
  name: string | undefined,
  log: string | undefined,
): Promise<Prerequisites> {
  const resolver = new Resolver({ timeout: RESOLVE_WITHIN_MS, tries: 1 });
  const resolveName = async (): Promise<string> => {
    if (name === undefined) throw new Error('no name to resolve; start with --resolve NAME');
    const [address] = await resolver.resolve4(name);
    if (address === undefined) throw new Error(`${name} has no address`);
    return address;
  };
  const resolves = name !== undefined && (await canResolve(resolveName));
  const writeLine = log === undefined ? undefined : await openLog(log);
  return {
    resolveName,
    async wait() {
      await Promise.all([resolves ? resolveName() : undefined, writeLine?.()]);
    },
  };
}

async function canResolve(resolveName: () => Promise<string>): Promise<boolean> {
  try {
    await resolveName();
    return true;
  } catch (error) {
    writeSync(2, `streams do not wait for a name: ${(error as Error).message}\n`);
    return false;
  }
}

async function openLog(log: string): Promise<() => Promise<void>> {
  const file = await open(join(process.env.SSEE_TRIAL_DIR ?? '.', log), 'w');
  await file.write(Buffer.alloc(LOG_BYTES, '\n'));
  await file.sync();
  let at = 0;
  let syncing: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  /** Lines that come while the disk works go out together, as every log does it. */
  const sync = (): Promise<void> => {
    if (!syncing) {
      syncing = file.datasync().finally(() => {
        syncing = undefined;
      });
      return syncing;
    }
    next ??= syncing
      .catch(() => undefined)
      .then(() => {
        next = undefined;
        return sync();
      });
    return next;
  };
  return async () => {
    const line = `${Date.now()}\n`;
    const position = at;
    at = (at + line.length) % (LOG_BYTES - 64);
    await file.write(line, position);
    await sync();
  };
}
