import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../model/errors.ts';
import { isAlive, readProcStat } from './proc-stat.ts';
import { type FamilyLeader, killFamily, listFamily, type ProcessFamily } from './process-family.ts';
import { type Trace, undoTrace } from './traces.ts';

/** What one harness process has running, mirrored in a file so that a later one can end what a killed one left. */
export interface ProcessRegistry {
  /**
   * Note that a process is about to be started; on disk before it returns, so that a harness killed at any moment
   * leaves nothing unnoted.
   * @param what command line, shortened, for messages
   * @returns the tag to start it with, which no other process has
   */
  announce(what: string): string;
  /** Complete the note with the process that leads the family. Never throws: the tag alone finds it. */
  add(tag: string, leader: FamilyLeader): void;
  /** Forget a process of which nothing is left. Never throws: a note of nothing harms nobody. */
  remove(tag: string): void;
  /**
   * Note what is about to be changed beside processes; on disk before it returns.
   * @returns forgets the note, to be called when it has been undone. Never throws
   */
  note(trace: Trace): () => void;
  /**
   * End everything that is noted and undo the rest, at once and synchronously: for exit handlers. What could not be undone
   * stays noted.
   */
  killAll(): void;
  /**
   * Remove the file, except where a change is noted that was not undone: a later harness will try. Whatever is still noted
   * is not ended by this.
   */
  close(): void;
}

interface RegistryEntry extends ProcessFamily {
  what: string;
}

/** What was left, and is no more unless `undone` says so. */
export interface Reaped {
  /** The process that was started, or one of its descendants where that is not known; absent for what is no process. */
  pid?: number;
  /** Its command line, or what was done. */
  what: string;
  /** False for a change that could not be undone; absent for everything else. */
  undone?: false;
}

/** One line about what an earlier run had left. */
export function describeReaped({ pid, what, undone }: Reaped): string {
  if (undone === false) {
    return `could not undo what an earlier run had left, the next start will try again: ${what}`;
  }
  return pid === undefined
    ? `undid what an earlier run had left: ${what}`
    : `ended a process left by an earlier run: ${what} (pid ${pid})`;
}

interface RegistryFile {
  schema: 'ssee-bench/processes/1';
  harness: { pid: number; startTimeTicks: number };
  /** Pids mean something only within one boot and one pid namespace. */
  bootId: string;
  pidNamespace: string;
  processes: RegistryEntry[];
  /** Absent in files of earlier versions. */
  traces?: Trace[];
}

/**
 * Open the registry of this harness process.
 * @throws UserError when its folder cannot be had or belongs to somebody else
 */
export function openRegistry(options: { dir?: string } = {}): ProcessRegistry {
  const dir = options.dir ?? openRegistryFolder();
  const harness = { pid: process.pid, startTimeTicks: readProcStat(process.pid)!.startTimeTicks };
  const name = `${harness.pid}-${harness.startTimeTicks}-${registriesOpened++}`;
  const file = join(dir, `${name}.json`);
  const entries = new Map<string, RegistryEntry>();
  const traces = new Set<Trace>();
  const place = { bootId: readBootId(), pidNamespace: readPidNamespace() };
  let tags = 0;

  let closed = false;

  const save = (): void => {
    // A process may end after the registry was closed: its end must not bring the file back.
    if (closed) return;
    const content: RegistryFile = {
      schema: 'ssee-bench/processes/1',
      harness,
      ...place,
      processes: [...entries.values()],
      traces: [...traces],
    };
    writeFileSync(`${file}.tmp`, `${JSON.stringify(content)}\n`, { mode: 0o600 });
    renameSync(`${file}.tmp`, file);
  };
  save();

  const tryToSave = (): void => {
    try {
      save();
    } catch (error) {
      // A full disk, no descriptor left: what stands in the file names every process that runs, and some that do not.
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    }
  };

  return {
    announce(what) {
      const tag = `${name}-${tags++}`;
      entries.set(tag, { tag, what });
      try {
        save();
      } catch (error) {
        entries.delete(tag);
        throw error;
      }
      return tag;
    },
    add(tag, leader) {
      entries.set(tag, { ...entries.get(tag)!, leader });
      tryToSave();
    },
    remove(tag) {
      if (entries.delete(tag)) tryToSave();
    },
    note(trace) {
      traces.add(trace);
      try {
        save();
      } catch (error) {
        traces.delete(trace);
        throw error;
      }
      return () => {
        if (traces.delete(trace)) tryToSave();
      };
    },
    killAll() {
      for (const entry of entries.values()) killFamily(entry);
      let undoneAny = false;
      for (const trace of traces) {
        if (undoTrace(trace)?.undone !== false) undoneAny = traces.delete(trace) || undoneAny;
      }
      if (undoneAny) tryToSave();
    },
    close() {
      if (traces.size > 0) {
        entries.clear();
        tryToSave();
      } else rmSync(file, { force: true });
      closed = true;
    },
  };
}

/** Registries of one harness process must not share a file. */
let registriesOpened = 0;

/**
 * End what harness processes that are gone have left running, undo what they had changed, and forget them. Registries of living harnesses, of
 * an earlier boot and of other pid namespaces are left alone or, where they can mean nothing any more, removed.
 * What cannot be undone stays noted.
 * @returns one entry per started process of which something was still alive, and per change that was still there
 */
export function reapOrphans(options: { dir?: string } = {}): Reaped[] {
  const dir = options.dir ?? openRegistryFolder();
  const reaped: Reaped[] = [];
  for (const name of readdirSync(dir)) {
    const path = join(dir, name);
    if (name.endsWith('.json.tmp')) {
      if (!isHarnessAlive(harnessOfName(name))) rmSync(path, { force: true });
      continue;
    }
    if (!name.endsWith('.json')) continue;
    const file = readRegistryFile(path);
    // A harness that has just ended took its file along.
    if (file === 'gone') continue;
    if (file?.bootId === readBootId()) {
      if (file.pidNamespace !== readPidNamespace() || isHarnessAlive(file.harness)) continue;
      for (const entry of file.processes) {
        const [member] = listFamily(entry);
        if (!member) continue;
        killFamily(entry);
        reaped.push({ pid: entry.leader?.pid ?? member.pid, what: entry.what });
      }
      const left: Trace[] = [];
      for (const trace of file.traces ?? []) {
        const undoing = undoTrace(trace);
        if (!undoing) continue;
        const { undone, what } = undoing;
        reaped.push(undone ? { what } : { what, undone });
        if (!undone) left.push(trace);
      }
      if (left.length > 0) {
        keepTraces(path, file, left);
        continue;
      }
    }
    rmSync(path, { force: true });
  }
  return reaped;
}

/** Never throws: a file that cannot be written stays as it is, and names more than is left. */
function keepTraces(path: string, file: RegistryFile, traces: Trace[]): void {
  try {
    writeFileSync(`${path}.tmp`, `${JSON.stringify({ ...file, processes: [], traces })}\n`, { mode: 0o600 });
    renameSync(`${path}.tmp`, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  }
}

function isHarnessAlive(harness: { pid: number; startTimeTicks: number }): boolean {
  const stat = readProcStat(harness.pid);
  return isAlive(stat) && stat.startTimeTicks === harness.startTimeTicks;
}

function harnessOfName(name: string): { pid: number; startTimeTicks: number } {
  const [pid, startTimeTicks] = name.split('-').map(Number);
  return { pid: pid ?? 0, startTimeTicks: startTimeTicks ?? 0 };
}

/** Undefined for a file that is not one of ours: it was written atomically, so a cut one cannot be. */
function readRegistryFile(path: string): RegistryFile | 'gone' | undefined {
  try {
    const text = readFileSync(path, 'utf8');
    const content = JSON.parse(text) as RegistryFile;
    return content.schema === 'ssee-bench/processes/1' ? content : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'gone';
    throw error;
  }
}

function readBootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

function readPidNamespace(): string {
  return readlinkSync('/proc/self/ns/pid');
}

/**
 * A folder of this user alone: what stands in it decides which processes are killed.
 * @throws UserError when the folder is somebody else's
 */
function openRegistryFolder(): string {
  const runtimeDir = process.env.XDG_RUNTIME_DIR;
  if (runtimeDir && isOwnFolder(runtimeDir)) return ensureOwnFolder(join(runtimeDir, 'ssee-bench'));
  return ensureOwnFolder(join(tmpdir(), `ssee-bench-${process.getuid!()}`));
}

function ensureOwnFolder(dir: string): string {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UserError(
      `cannot make the folder ${dir} (${code}); set TMPDIR to a folder you can write to`,
      1,
    );
  }
  if (!isOwnFolder(dir)) {
    throw new UserError(`${dir} is not a folder of yours; remove it or set TMPDIR to another folder`, 1);
  }
  chmodSync(dir, 0o700);
  return dir;
}

/** A real folder, not a link, that belongs to this user. */
function isOwnFolder(dir: string): boolean {
  const stat = lstatSync(dir, { throwIfNoEntry: false });
  return stat?.isDirectory() === true && stat.uid === process.getuid!();
}
