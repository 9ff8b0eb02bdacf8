import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { OUTCOMES } from '../model/outcome.ts';
import type { TesterReport } from '../model/tester-report.ts';
import { LoadConnection, type LoadContext } from './load-connection.ts';
import type { LoadOptions } from './load-options.ts';
import { clockMs, LoadTally } from './load-tally.ts';

/** A report without what only the command line knows. */
export type TesterResult = Omit<TesterReport, 'schema' | 'version' | 'node' | 'url' | 'options'>;

const READ_BUFFER_BYTES = 65_536;
/** Timeouts are found this late at most: 20 ms, or a twentieth of the timeout, not below 1 ms. */
const LONGEST_SCAN_MS = 20;
/** More connects at once overflow the listen backlog of common servers and cost a retransmission of 1 s. */
const STARTS_PER_SCAN = 512;
const DELAY_RESOLUTION_MS = 10;

/**
 * Run one load to its end on this thread.
 *
 * @param signal aborting ends the window at once; the result is then of the window so far, `interrupted: true`
 * @returns never rejects for what the server does: failures are outcomes
 */
export function runLoad(options: LoadOptions, signal?: AbortSignal): Promise<TesterResult> {
  return new Promise((resolve) => {
    const loopDelay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
    loopDelay.enable();
    const cpuBefore = process.cpuUsage();
    const startMs = clockMs();
    const tally = new LoadTally(startMs, options.durationMs);
    const dueMs = new Float64Array(options.connections);
    const connections: LoadConnection[] = [];
    let retired = 0;
    let interrupted = false;
    let windowOver = false;
    let selfCheck: TesterResult['selfCheck'] | undefined;
    let drainTimer: NodeJS.Timeout | undefined;

    const context: LoadContext = {
      options,
      tally,
      requestText: options.request.toString('latin1'),
      readBuffer: Buffer.allocUnsafeSlow(READ_BUFFER_BYTES),
      dueMs,
      onRetired() {
        retired++;
        if (retired === options.connections && windowOver) finish();
      },
    };
    for (let slot = 0; slot < options.connections; slot++) {
      connections.push(new LoadConnection(context, slot));
    }

    const scanEveryMs = chooseScanInterval(options);
    let lastScanMs = startMs;
    let gaveWay = false;
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
      let left = STARTS_PER_SCAN;
      for (let slot = 0; slot < dueMs.length; slot++) {
        if (dueMs[slot]! > nowMs) continue;
        if (left-- === 0) break;
        connections[slot]!.onDue(nowMs);
      }
    };

    const endWindow = (drains: boolean): void => {
      if (windowOver) return;
      clearTimeout(deadlineTimer);
      const nowMs = clockMs();
      tally.endWindow(nowMs);
      selfCheck = readSelfCheck(nowMs - startMs, cpuBefore, loopDelay);
      for (const connection of connections) connection.onDeadline(nowMs, drains);
      windowOver = true;
      if (retired === options.connections) finish();
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

    const finish = (): void => {
      clearInterval(scanTimer);
      clearTimeout(drainTimer);
      signal?.removeEventListener('abort', interrupt);
      const endless = options.stream === 'endless';
      resolve({
        interrupted,
        window: {
          startedAtMs: performance.timeOrigin + startMs,
          durationUs: Math.round((tally.deadlineMs - startMs) * 1000),
          drainUs: endless ? 0 : Math.max(0, Math.round((clockMs() - tally.deadlineMs) * 1000)),
        },
        ...readTally(tally, options),
        selfCheck: selfCheck!,
      });
    };

    const scanTimer = setInterval(scan, scanEveryMs);
    const deadlineTimer = setTimeout(() => endWindow(true), options.durationMs);
    signal?.addEventListener('abort', interrupt);
    scan();
    if (signal?.aborted) interrupt();
  });
}

function chooseScanInterval(options: LoadOptions): number {
  const byTimeoutMs = options.timeoutMs / 20;
  const byRateMs =
    options.ratePerConnection === undefined ? LONGEST_SCAN_MS : 100 / options.ratePerConnection;
  return Math.max(1, Math.min(LONGEST_SCAN_MS, byTimeoutMs, byRateMs));
}

function readTally(
  tally: LoadTally,
  options: LoadOptions,
): Omit<TesterResult, 'interrupted' | 'window' | 'selfCheck'> {
  const outcomes = { attempted: tally.attempted } as TesterResult['outcomes'];
  for (const outcome of OUTCOMES) outcomes[outcome] = tally.outcome(outcome);
  const statusCodes: Record<string, number> = {};
  tally.statusCodes.forEach((count, status) => {
    if (count > 0) statusCodes[status] = count;
  });
  const askedMs = options.connections * (tally.deadlineMs - tally.startMs);
  return {
    outcomes,
    completedInWindow: tally.completedInWindow,
    completedInDrain: outcomes.completed - tally.completedInWindow,
    timeouts: tally.timeouts,
    events: tally.events,
    eventsTotal: tally.eventsTotal,
    comments: tally.comments,
    reads: tally.reads,
    bytesReceived: tally.bytesReceived,
    connectionsOpened: tally.connectionsOpened,
    statusCodes,
    errors: Object.fromEntries(tally.errors),
    latencies: {
      connect_us: tally.connect.summarize(),
      ttfb_us: tally.ttfb.summarize(),
      ttfe_us: tally.ttfe.summarize(),
      gap_us: tally.gap.summarize(),
      stream_us: tally.stream.summarize(),
      delivery_lag_us: tally.deliveryLag.summarize(),
    },
    holdRatio: askedMs > 0 ? Math.min(1, tally.openMs / askedMs) : 0,
    sequence: { gaps: tally.gaps, duplicates: tally.duplicates, rolledBack: tally.rolledBack },
    series: tally.series(),
    ...(tally.firstError !== undefined && { firstError: tally.firstError }),
  };
}

function readSelfCheck(
  windowMs: number,
  cpuBefore: NodeJS.CpuUsage,
  loopDelay: ReturnType<typeof monitorEventLoopDelay>,
): TesterResult['selfCheck'] {
  loopDelay.disable();
  const cpu = process.cpuUsage(cpuBefore);
  const cpuUs = cpu.user + cpu.system;
  return {
    cpuUs,
    cpuShare: windowMs > 0 ? cpuUs / (windowMs * 1000) : 0,
    // The histogram holds the whole interval between its timer's calls, of which the resolution is no lateness.
    loopDelayP99Us: Math.max(0, Math.round(loopDelay.percentile(99) / 1000 - DELAY_RESOLUTION_MS * 1000)),
    rssBytes: process.memoryUsage.rss(),
  };
}
