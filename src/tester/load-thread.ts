import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { forgetParsedBuffer } from '../sse/event-parser.ts';
import { LoadConnection } from './load-connection.ts';
import type { LoadContext } from './load-context.ts';
import type { LoadOptions } from './load-options.ts';
import { clockMs, LoadTally, type TallyData } from './load-tally.ts';
import { readAcceptEncoding } from './request-bytes.ts';
import { createSchedule, NEVER, type Share } from './stream-schedule.ts';
import type { EventQueue } from './tap/event-queue.ts';
import { chooseTransport } from './transport/choose-transport.ts';
import type { Transport } from './transport/transport.ts';

/** What one thread did, as data that can change threads. */
export interface ThreadResult {
  interrupted: boolean;
  /** Unix time in ms. */
  startedAtMs: number;
  durationMs: number;
  /** Deadline to the end of the last stream. */
  drainMs: number;
  tally: TallyData;
  selfCheck: ThreadSelfCheck;
}

export interface ThreadSelfCheck {
  /** User + system CPU of the whole process in the window. */
  cpuUs: number;
  /** Share of the window in which this thread was not waiting, 0..1. */
  busyShare: number;
  /** 99th percentile of the event loop's lateness. */
  loopDelayP99Us: number;
}

/** A load in progress on this thread. */
export interface LoadThread {
  /** The tally so far, for whoever watches. */
  readonly tally: LoadTally;
  readonly result: Promise<ThreadResult>;
  /** End the window now; what is in flight is given up. */
  interrupt(): void;
  /** 99th percentile of the event loop's lateness so far. */
  loopDelayP99Us(): number;
}

/** What a load on this thread may be given besides its options. */
export interface LoadParts {
  /** Connections of another kind than the options choose. */
  transport?: Transport;
  /** Where copies of the events go. */
  tap?: EventQueue;
}

/** Timeouts are found this late at most: 20 ms, or a twentieth of the timeout, not below 1 ms. */
const LONGEST_SCAN_MS = 20;
/**
 * Connections begun per turn of the event loop. With more, the answers to the first ones wait until the last one has
 * been begun, and that wait would be measured as theirs: 100 at once made a median connect of 15 ms out of 0.5.
 */
const STARTS_PER_TURN = 4;
/** More would overflow the listen backlog of common servers (511), and each SYN lost there costs a second. */
const CONNECTS_PER_MS = 25;
const DELAY_RESOLUTION_MS = 10;
/** One read of a connection that reads slowly. */
const SLOW_READ_BYTES = 4096;

/**
 * Start a thread's share of a load: of all connections those numbered `first`, `first + step`, ...
 * Never rejects for what the server does: failures are outcomes.
 */
export function startLoadThread(options: LoadOptions, share: Share, parts: LoadParts = {}): LoadThread {
  const tally = new LoadTally(options.durationMs, options);
  const count = Math.ceil((options.connections - share.first) / share.step);
  const dueMs = new Float64Array(count);
  const readOnMs = new Float64Array(count).fill(NEVER);
  const connections: LoadConnection[] = [];
  let retired = 0;
  let interrupted = false;
  let windowOver = false;
  let selfCheck: ThreadSelfCheck | undefined;
  let drainTimer: NodeJS.Timeout | undefined;
  let resolveResult: (result: ThreadResult) => void;
  const result = new Promise<ThreadResult>((resolve) => {
    resolveResult = resolve;
  });

  const schedule = createSchedule(options, share, tally, count, (slot) => connections[slot]!.startStream());
  const { tls, slowReaders } = options;
  const kind = options.transport ?? 'auto';
  const endpoint = { address: options.address, port: options.port };
  const fastTransport = parts.transport ?? chooseTransport(kind, endpoint, tls ? { tls } : {});
  const context: LoadContext = {
    options,
    tally,
    schedule,
    transport: fastTransport,
    slowTransport: slowReaders
      ? chooseTransport(kind, endpoint, { ...(tls ? { tls } : {}), readBufferBytes: SLOW_READ_BYTES })
      : fastTransport,
    ...(parts.tap === undefined ? {} : { tap: parts.tap }),
    requestText: Buffer.from(options.request).toString('latin1'),
    acceptEncoding: readAcceptEncoding(Buffer.from(options.request)),
    dueMs,
    readOnMs,
    onRetired() {
      retired++;
      if (retired === count && windowOver) finish();
    },
  };
  for (let slot = 0; slot < count; slot++) {
    connections.push(new LoadConnection(context, slot, share.first + slot * share.step));
  }

  // Thousands of connections take a while to be built: no part of it is time in which anything could be measured.
  const loopDelay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  loopDelay.enable();
  const cpuBefore = process.cpuUsage();
  const loopBefore = performance.eventLoopUtilization();
  const startMs = clockMs();
  tally.begin(startMs);
  schedule.begin();
  for (let slot = 0; slot < count; slot++) dueMs[slot] = schedule.firstStart(slot);

  const scanEveryMs = Math.max(1, Math.min(LONGEST_SCAN_MS, options.timeoutMs / 20, schedule.tickMs));
  let lastScanMs = startMs;
  let gaveWay = false;
  let scanFrom = 0;
  let connectsLeft = 0;
  let turn: NodeJS.Immediate | undefined;

  /** Visit what is due, and go on in the next turn of the event loop where that begins many connections. */
  const visitDue = (nowMs: number): void => {
    let starts = STARTS_PER_TURN;
    for (let slot = scanFrom; slot < count; slot++) {
      if (dueMs[slot]! > nowMs) continue;
      if (connections[slot]!.onDue(nowMs) && --connectsLeft === 0) break;
      if (--starts === 0) {
        scanFrom = slot + 1;
        turn = setImmediate(goOn);
        return;
      }
    }
    scanFrom = 0;
  };
  const goOn = (): void => {
    turn = undefined;
    visitDue(clockMs());
  };
  const scan = (): void => {
    const nowMs = clockMs();
    // Timers run before sockets. After a pause of this process answers may lie unread in the kernel: they get
    // one turn before anything is called timed out.
    const isLate = nowMs - lastScanMs > scanEveryMs + options.timeoutMs / 4;
    lastScanMs = nowMs;
    if (!windowOver) tally.sampleOpen(nowMs);
    if (isLate && !gaveWay) {
      gaveWay = true;
      return;
    }
    gaveWay = false;
    visit(nowMs);
  };
  const visit = (nowMs: number): void => {
    schedule.tick(nowMs);
    if (slowReaders) {
      for (let slot = 0; slot < count; slot++) if (readOnMs[slot]! <= nowMs) connections[slot]!.onReadOn();
    }
    if (turn !== undefined) return;
    connectsLeft = Math.ceil(CONNECTS_PER_MS * scanEveryMs);
    visitDue(nowMs);
  };

  const endWindow = (drains: boolean): void => {
    if (windowOver) return;
    clearTimeout(deadlineTimer);
    clearImmediate(turn);
    turn = undefined;
    scanFrom = 0;
    const nowMs = clockMs();
    schedule.tick(nowMs);
    schedule.close();
    tally.endWindow(nowMs);
    selfCheck = readSelfCheck();
    for (const connection of connections) connection.onDeadline(nowMs, drains);
    windowOver = true;
    if (retired === count) finish();
    else drainTimer = setTimeout(endDrain, options.timeoutMs);
  };

  const endDrain = (): void => {
    const nowMs = clockMs();
    for (const connection of connections) connection.onDrained(nowMs);
  };

  const interrupt = (): void => {
    interrupted = true;
    if (!windowOver) {
      endWindow(false);
      return;
    }
    const nowMs = clockMs();
    for (const connection of connections) connection.onDeadline(nowMs, false);
  };

  const loopDelayP99Us = (): number => {
    // The histogram holds the whole interval between its timer's calls, of which the resolution is no lateness.
    const delayUs = Math.max(0, Math.round(loopDelay.percentile(99) / 1000 - DELAY_RESOLUTION_MS * 1000));
    return delayUs;
  };

  const readSelfCheck = (): ThreadSelfCheck => {
    loopDelay.disable();
    const { user, system } = process.cpuUsage(cpuBefore);
    return {
      cpuUs: user + system,
      busyShare: performance.eventLoopUtilization(loopBefore).utilization,
      loopDelayP99Us: loopDelayP99Us(),
    };
  };

  const finish = (): void => {
    clearInterval(scanTimer);
    clearTimeout(drainTimer);
    forgetParsedBuffer();
    if (parts.tap !== undefined) tally.tapDropped = parts.tap.dropped;
    resolveResult({
      interrupted,
      startedAtMs: performance.timeOrigin + startMs,
      durationMs: tally.deadlineMs - startMs,
      drainMs: options.stream === 'endless' ? 0 : Math.max(0, clockMs() - tally.deadlineMs),
      tally: tally.data(),
      selfCheck: selfCheck!,
    });
  };

  const scanTimer = setInterval(scan, scanEveryMs);
  const deadlineTimer = setTimeout(() => endWindow(true), options.durationMs);
  visit(startMs);
  return { tally, result, interrupt, loopDelayP99Us };
}
