import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SetupError } from './setup-error.mjs';

/** A cold npm cache on a slow line plus a package manager that waits for another one. */
const WAIT_MS = 15 * 60_000;
const POLL_MS = 100;

/**
 * Run `work` while holding a lock folder, so that two starts at once do not install over each other.
 *
 * The folder holds one file named after its owner (pid and start time). It is created complete and moved into
 * place: moving a folder onto one that is not empty fails, so there is one winner and never a lock without an
 * owner. A dead owner's file is deleted by its own name, which cannot hit the lock of a living one.
 *
 * @param {string} folder absolute path of the lock
 * @param {() => unknown} work
 * @param {(line: string) => void} say told once when there is somebody to wait for
 */
export async function withLock(folder, work, say) {
  const owner = ownerName(process.pid);
  const deadline = Date.now() + WAIT_MS;
  let told = false;
  while (!tryToTake(folder, owner)) {
    const holder = readHolder(folder);
    if (holder === undefined) continue;
    if (!isAlive(holder)) {
      removeIfThere(unlinkSync, join(folder, holder));
      continue;
    }
    if (!told) say(`waiting for another start to finish setting up (pid ${pidOf(holder)})`);
    told = true;
    if (Date.now() > deadline) {
      throw new SetupError(`pid ${pidOf(holder)} still holds ${folder}: end that process and start again`);
    }
    await sleep(POLL_MS);
  }
  try {
    return await work();
  } finally {
    removeIfThere(unlinkSync, join(folder, owner));
    removeIfThere(rmdirSync, folder);
  }
}

function tryToTake(folder, owner) {
  const own = join(dirname(folder), `${basename(folder)}.${owner}`);
  try {
    mkdirSync(own, { recursive: true });
    writeFileSync(join(own, owner), '');
  } catch (error) {
    throw new SetupError(`cannot write to ${dirname(folder)} (${error.code}): make it writable for you`);
  }
  try {
    renameSync(own, folder);
    return true;
  } catch (error) {
    unlinkSync(join(own, owner));
    rmdirSync(own);
    if (error.code === 'ENOTEMPTY' || error.code === 'EEXIST') return false;
    throw error;
  }
}

function readHolder(folder) {
  try {
    return readdirSync(folder)[0];
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Another start may have removed it first, or taken the emptied folder over. */
function removeIfThere(remove, path) {
  try {
    remove(path);
  } catch (error) {
    if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(error.code)) throw error;
  }
}

/** The start time tells a process from a later one that got the same pid. */
function ownerName(pid) {
  return `${pid}-${startTime(pid) ?? 'unknown'}`;
}

function isAlive(holder) {
  const pid = pidOf(holder);
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    if (error.code !== 'EPERM') return false;
  }
  return ownerName(pid) === holder;
}

function pidOf(holder) {
  return Number(holder.split('-')[0]);
}

/** Clock ticks since boot at which a process started, field 22 of its stat; undefined where there is no /proc. */
function startTime(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The command name in field 2 may contain spaces and brackets: count from its closing bracket.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    // No /proc, or the process has ended: the pid alone has to do.
    return undefined;
  }
}
