import type { CpuCategory, CpuPhase, GoroutineState } from '../../model/profile.ts';

/**
 * Names as in Go 1.18 to 1.26. Root first where a phase owns what happens inside it, leaf second: `net/url` shows up
 * below readRequest and in handlers alike, and a `read` inside readRequest is a syscall, not parsing. All frames here
 * are root first.
 */

const PHASES: Record<CpuPhase, RegExp> = {
  read_request: /^net\/http\.\(\*conn\)\.readRequest$/,
  handler: /^net\/http\.serverHandler\.ServeHTTP$/,
  finish_request: /^net\/http\.\(\*response\)\.finishRequest$/,
};

const PROFILER = /^(runtime\/pprof|net\/http\/pprof|runtime\/trace)\./;

const GC =
  /^(gcWriteBarrier|runtime\.(gc[A-Z]\w*|bgsweep|bgscavenge|wbBufFlush\w*|sweepone|deductSweepCredit|\(\*sweepLocked\)\.\w+)(\.func\d+)*)$/;

/** The package of system calls, with the reads and writes of sockets and files by their names there. */
const SYSCALL_READ =
  /^(syscall|golang\.org\/x\/sys\/unix)\.(read|Read|readv|recvfrom|Recvfrom|recvmsg|pread)$/;
const SYSCALL_WRITE =
  /^(syscall|golang\.org\/x\/sys\/unix)\.(write|Write|writev|sendto|Sendto|sendmsg|sendmsgN|SendmsgN|sendfile|Sendfile|pwrite)$|^internal\/poll\.writev$/;

const SCHEDULER =
  /^runtime\.(mcall|mstart\d?|mstart|schedule|findRunnable|findrunnable|park_m|gosched_m|goschedImpl|goexit0|startm|stopm|mPark|wakep|ready|goready|resetspinning|netpoll|sysmon|futex|futexsleep|futexwakeup|notesleep|notewakeup|entersyscall|exitsyscall|usleep|osyield|Gosched)(\.func\d+)*$/;

const LOCK =
  /^(sync\.\(\*(Mutex|RWMutex|Cond|WaitGroup)\)\.|internal\/sync\.\(\*Mutex\)\.|sync\.runtime_Sem|internal\/sync\.runtime_Sem|runtime\.(semacquire|semrelease|lock2|unlock2|lockWithRank|unlockWithRank)\w*$)/;

const JSON_CODEC =
  /^(encoding\/json[./]|github\.com\/(json-iterator\/go|goccy\/go-json|bytedance\/sonic|segmentio\/encoding\/json|mailru\/easyjson)[./])/;

const WRITE_FLUSH =
  /^(net\/http\.\(\*(response|chunkWriter|timeoutWriter|ResponseController)\)\.|net\/http\.checkConnErrorWriter\.|net\/http\/internal\.\(\*chunkedWriter\)\.|net\/http\.Header\.(write|Write|sorted)|bufio\.\(\*Writer\)\.|net\.\(\*(conn|netFD)\)\.Write|internal\/poll\.\(\*FD\)\.Write)/;

const CONNECTION =
  /^(net\/http\.\(\*Server\)\.(Serve|trackConn|newConn)|net\/http\.\(\*conn\)\.(close|closeWriteAndWait|setState|finalFlush)|net\.\(\*\w*(Listener|netFD)\)\.(accept|Accept|AcceptTCP|Close|init)|net\.newTCPConn|net\.\(\*conn\)\.Close|internal\/poll\.\(\*FD\)\.(Accept|Close|Init))$/;

const MALLOC =
  /^runtime\.(mallocgc\w*|newobject|newarray|makeslice|makemap\w*|growslice|rawstring\w*|rawbyteslice|slicebytetostring|stringtoslicebyte|concatstrings?\d?)$/;
const ALLOCATION = /^runtime\.mallocgc$/;

/**
 * The single category of a CPU sample. The order of the questions is the definition:
 * 1. profiler, gc: whoever they interrupt, the time is theirs;
 * 2. syscall_read, syscall_write: on loopback a write runs the receiver's TCP stack as well, so its share is high there;
 * 3. scheduler, lock: outside of them nobody would look for them;
 * 4. header_parse: the rest of readRequest, its allocations included; they would go with the headers;
 * 5. json: likewise; 6. write_flush: the rest of finishRequest and of writing responses; 7. connection: accept, set-up
 * and close, their syscalls included; 8. malloc; 9. handler: the rest below ServeHTTP; 10. other.
 */
export function classifyGoStack(frames: readonly string[]): CpuCategory {
  const has = (pattern: RegExp): boolean => frames.some((frame) => pattern.test(frame));
  if (has(PROFILER)) return 'profiler';
  if (has(GC)) return 'gc';
  if (has(SYSCALL_WRITE)) return 'syscall_write';
  if (has(SYSCALL_READ)) return 'syscall_read';
  if (has(SCHEDULER)) return 'scheduler';
  if (has(LOCK)) return 'lock';
  const phase = phaseOfGoStack(frames);
  if (phase === 'read_request') return 'header_parse';
  if (has(JSON_CODEC)) return 'json';
  if (phase === 'finish_request' || has(WRITE_FLUSH)) return 'write_flush';
  if (has(CONNECTION)) return 'connection';
  if (has(MALLOC)) return 'malloc';
  return phase === 'handler' ? 'handler' : 'other';
}

/** The step of serving a request that a stack belongs to, everything below it included. */
export function phaseOfGoStack(frames: readonly string[]): CpuPhase | undefined {
  for (const frame of frames) {
    for (const phase of Object.keys(PHASES) as CpuPhase[]) {
      if (PHASES[phase].test(frame)) return phase;
    }
  }
  return undefined;
}

/** True where memory is being allocated, for whatever purpose, help for the collector included. */
export function allocatesInGo(frames: readonly string[]): boolean {
  return frames.some((frame) => ALLOCATION.test(frame));
}

/** True for what the profiles themselves cause: their handlers wait, and are blocked, for as long as they last. */
export function isGoProfiler(frames: readonly string[]): boolean {
  return frames.some((frame) => PROFILER.test(frame));
}

/** What a goroutine of the block profile waited for. */
export type BlockCause = 'lock' | 'condition' | 'channel';

const BLOCK_CONDITION = /^sync\.\(\*(Cond|WaitGroup)\)\.Wait$|^sync\.runtime_notifyListWait$/;
const BLOCK_CHANNEL = /^runtime\.(selectgo|chanrecv\d?|chansend\d?|block)$/;

/** A select or a channel is as often a server that waits for its next event as one that is held up. */
export function classifyBlock(frames: readonly string[]): BlockCause {
  if (frames.some((frame) => BLOCK_CHANNEL.test(frame))) return 'channel';
  return frames.some((frame) => BLOCK_CONDITION.test(frame)) ? 'condition' : 'lock';
}

/**
 * Since Go 1.22 the mutex profile holds the runtime's own locks as well, which no program takes. Those end in the
 * runtime, also where a program's lock is further down.
 */
export function isProgramMutex(frames: readonly string[]): boolean {
  return /^(internal\/)?sync\./.test(frames.at(-1) ?? '');
}

const GOROUTINES: readonly [GoroutineState, RegExp][] = [
  ['network', /^internal\/poll\.runtime_pollWait$/],
  ['sleep', /^time\.Sleep$/],
  ['lock', /^(internal\/)?sync\.(runtime_Sem|\(\*(Mutex|RWMutex|Cond|WaitGroup)\))/],
  ['select', /^runtime\.(selectgo|block)$/],
  ['channel', /^runtime\.chan(recv|send)\d?$/],
];

/** What a goroutine was doing: waiting for one of five things, or anything else (running, in a syscall). */
export function classifyGoroutine(frames: readonly string[]): GoroutineState {
  const found = GOROUTINES.find(([, pattern]) => frames.some((frame) => pattern.test(frame)));
  return found?.[0] ?? 'other';
}
