import { closeSync, openSync, readdirSync, readSync } from 'node:fs';

/** Ticks per second of every CPU time in /proc. Fixed at 100 in the kernel's interface to programs (USER_HZ). */
export const TICKS_PER_SECOND = 100;

/** The fields of /proc/<pid>/stat that the harness uses; names follow proc(5). */
export interface ProcStat {
  pid: number;
  /** Program name, cut at 15 bytes by the kernel; may contain spaces and brackets. */
  comm: string;
  /** One letter; Z and X mean that the process is over and only waits to be collected. */
  state: string;
  ppid: number;
  pgrp: number;
  session: number;
  utimeTicks: number;
  stimeTicks: number;
  /** User and system CPU of children that ended and were waited for. */
  cutimeTicks: number;
  cstimeTicks: number;
  threads: number;
  /** Since boot. Together with the pid it names one process for good. */
  startTimeTicks: number;
  rssPages: number;
}

/** Parse /proc/<pid>/stat or /proc/<pid>/task/<tid>/stat; undefined when the text is cut or something else. */
export function parseProcStat(text: string): ProcStat | undefined {
  const open = text.indexOf('(');
  // The name may contain `)` itself: only the last one ends it.
  const close = text.lastIndexOf(')');
  if (open < 0 || close < open) return undefined;
  const rest = text
    .slice(close + 2)
    .trim()
    .split(' ');
  // Fields are numbered from 1 in proc(5); the state is field 3 and the first one after the name.
  const field = (number: number): number => Number(rest[number - 3]);
  const stat: ProcStat = {
    pid: Number.parseInt(text, 10),
    comm: text.slice(open + 1, close),
    state: rest[0] ?? '',
    ppid: field(4),
    pgrp: field(5),
    session: field(6),
    utimeTicks: field(14),
    stimeTicks: field(15),
    cutimeTicks: field(16),
    cstimeTicks: field(17),
    threads: field(20),
    startTimeTicks: field(22),
    rssPages: field(24),
  };
  const complete = Object.values(stat).every((value) => typeof value === 'string' || Number.isFinite(value));
  return complete ? stat : undefined;
}

/** Undefined when there is no such process (any more). */
export function readProcStat(pid: number): ProcStat | undefined {
  const text = readProcFile(`/proc/${pid}/stat`);
  return text === undefined ? undefined : parseProcStat(text);
}

/** Every process that this user can see, in no order. Takes some 20 us per process. */
export function listProcStats(): ProcStat[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readProcStat(Number(name)))
    .filter((stat) => stat !== undefined);
}

/** False for processes that are over and only wait to be collected. */
export function isAlive(stat: ProcStat | undefined): stat is ProcStat {
  if (stat === undefined) return false;
  // Of a killed process the first thread may be over while others still hold its files and sockets open.
  return (stat.state !== 'Z' && stat.state !== 'X') || stat.threads > 1;
}

/**
 * A file under /proc/<pid>; undefined when the process is gone or is not ours to look at. Does with three system
 * calls for a short file, because samplers read some hundred of them per second.
 */
export function readProcFile(path: string): string | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'r');
    let text = '';
    for (;;) {
      const length = readSync(descriptor, readBuffer, 0, readBuffer.length, null);
      text += readBuffer.toString('latin1', 0, length);
      // The kernel hands out a short file whole; a full buffer, or a table of many rows, has more to come.
      if (length === 0 || (text.length < SHORT_FILE_BYTES && text.endsWith('\n'))) return text;
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // ESRCH: the process ended between open and read. EACCES, EPERM: another user's.
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES' || code === 'EPERM') return undefined;
    throw error;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

const readBuffer = Buffer.alloc(64 * 1024);

/** Tables such as net/tcp come in pieces of at least this size, every piece ending with a whole row. */
const SHORT_FILE_BYTES = 1024;
