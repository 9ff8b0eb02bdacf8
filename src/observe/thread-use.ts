import { readdirSync } from 'node:fs';
import { KeptFile, readBytes } from './kept-file.ts';

/** From /proc/<pid>/task/<tid>/schedstat, since the thread began. */
export interface ThreadTimes {
  ranNs: number;
  waitedNs: number;
  /**
   * How often it was given a CPU. Equals the sum of `voluntary_ctxt_switches` and `nonvoluntary_ctxt_switches` of its
   * status, which the kernel takes several times as long to print.
   */
  switches: number;
}

/**
 * Read the text of a schedstat into `times`.
 * @returns false, and nothing is changed, where the kernel was built without scheduler statistics
 */
export function parseSchedstat(text: Uint8Array, length: number, times: ThreadTimes): boolean {
  let at = 0;
  let ranNs = 0;
  let waitedNs = 0;
  let value = 0;
  let digits = 0;
  let fields = 0;
  for (; at < length && fields < 3; at++) {
    const digit = text[at]! - 48;
    if (digit >= 0 && digit <= 9) {
      value = value * 10 + digit;
      digits++;
      continue;
    }
    if (digits === 0) return false;
    if (fields === 0) ranNs = value;
    else if (fields === 1) waitedNs = value;
    else break;
    fields++;
    value = 0;
    digits = 0;
  }
  // Such a kernel may print three zeros. A thread that exists has run at least once.
  if (fields !== 2 || digits === 0 || value === 0) return false;
  times.ranNs = ranNs;
  times.waitedNs = waitedNs;
  times.switches = value;
  return true;
}

/** One thread's times, read again and again. */
export interface ThreadFile {
  /** Read them into `times`: `ended` when the thread is gone, `silent` where the kernel says nothing of it. */
  read(times: ThreadTimes): 'read' | 'ended' | 'silent';
  close(): void;
}

/** One thread and what it had used at the look before. */
class Thread implements ThreadTimes {
  ranNs = 0;
  waitedNs = 0;
  switches = 0;
  /** False until it was read once: until then there is nothing to compare with. */
  isKnown = false;
  readonly file: ThreadFile;

  constructor(file: ThreadFile) {
    this.file = file;
  }
}

/** What threads used between two looks, added up over those that were there at both. */
export class ThreadUse {
  /** -1 until a thread was compared. */
  busiestNs = -1;
  waitedNs = 0;
  switches = 0;
}

const nowTimes: ThreadTimes = { ranNs: 0, waitedNs: 0, switches: 0 };

/** The threads of one process. */
export class ProcessThreads {
  private readonly threads = new Map<string, Thread>();
  private readonly list: () => readonly string[];
  private readonly open: (tid: string) => ThreadFile;

  /** @param list ids of those that there are */
  constructor(list: () => readonly string[], open: (tid: string) => ThreadFile) {
    this.list = list;
    this.open = open;
  }

  /**
   * Add what each has used since the call before.
   * @param count threads that there are: they are listed again where these are others than before
   */
  add(count: number, use: ThreadUse): void {
    if (count !== this.threads.size) this.listAgain();
    let oneEnded = false;
    for (const [tid, thread] of this.threads) {
      if (advanceThread(thread, use)) continue;
      oneEnded = true;
      // Its number may be another thread's by now, which the old file would never show.
      thread.file.close();
      this.threads.delete(tid);
    }
    // As many as before, but not the same.
    if (!oneEnded || !this.listAgain()) return;
    for (const thread of this.threads.values()) if (!thread.isKnown) advanceThread(thread, use);
  }

  close(): void {
    for (const thread of this.threads.values()) thread.file.close();
  }

  /** @returns whether there are new ones */
  private listAgain(): boolean {
    const tids = new Set(this.list());
    let someAreNew = false;
    for (const [tid, thread] of this.threads) {
      if (tids.has(tid)) continue;
      thread.file.close();
      this.threads.delete(tid);
    }
    for (const tid of tids) {
      if (this.threads.has(tid)) continue;
      someAreNew = true;
      this.threads.set(tid, new Thread(this.open(tid)));
    }
    return someAreNew;
  }
}

/** @returns false when it has ended */
function advanceThread(thread: Thread, use: ThreadUse): boolean {
  const outcome = thread.file.read(nowTimes);
  if (outcome !== 'read') return outcome === 'silent';
  // One that has run less than before is another one with the same number.
  if (thread.isKnown && nowTimes.ranNs >= thread.ranNs) {
    use.busiestNs = Math.max(use.busiestNs, nowTimes.ranNs - thread.ranNs);
    use.waitedNs += nowTimes.waitedNs - thread.waitedNs;
    use.switches += nowTimes.switches - thread.switches;
  }
  thread.ranNs = nowTimes.ranNs;
  thread.waitedNs = nowTimes.waitedNs;
  thread.switches = nowTimes.switches;
  thread.isKnown = true;
  return true;
}

/** Its schedstat file, kept open. */
export function openThread(pid: number, tid: string): ThreadFile {
  const file = new KeptFile(`/proc/${pid}/task/${tid}/schedstat`);
  return {
    read(times) {
      const length = file.read();
      if (length === undefined) return 'ended';
      return parseSchedstat(readBytes, length, times) ? 'read' : 'silent';
    },
    close: () => file.close(),
  };
}

/** Ids of the threads of a process; none where it is gone or is not ours to look at. */
export function listThreads(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES') return [];
    throw error;
  }
}
