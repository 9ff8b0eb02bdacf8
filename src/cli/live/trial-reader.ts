import { closeSync, openSync, readSync } from 'node:fs';
import type { LiveLoad, LiveReading } from '../../model/live-run.ts';
import type { LiveSample } from '../../model/live-sample.ts';
import type { ProcessSample } from '../../observe/process-sampler.ts';

const EVERY_MS = 1000;
const PIECE_BYTES = 64 * 1024;

/** Looks once per second at what a running trial shows of itself: CPU time, and the tool's series where it writes one. */
export class TrialReader {
  private readonly trialId: string;
  private readonly onReading: (reading: LiveReading) => void;
  private readonly series: LineFollower;
  private readonly timer: NodeJS.Timeout;
  /** Since the reading before. */
  private cpu: { fromMs: number; toMs: number; toolMs: number | null; targetMs: number | null } | undefined;

  /** @param seriesFile where ssee-tester writes its samples; other tools never do */
  constructor(trialId: string, seriesFile: string, onReading: (reading: LiveReading) => void) {
    this.trialId = trialId;
    this.onReading = onReading;
    this.series = new LineFollower(seriesFile);
    this.timer = setInterval(() => this.look(), EVERY_MS).unref();
  }

  takeProcessSample({ atMs, tool, target }: ProcessSample): void {
    // The time used before the first look belongs to no interval that is known.
    this.cpu ??= { fromMs: atMs, toMs: atMs, toolMs: null, targetMs: null };
    const { cpu } = this;
    if (atMs <= cpu.toMs) return;
    cpu.toMs = atMs;
    if (tool) cpu.toolMs = (cpu.toolMs ?? 0) + tool.cpuMs;
    if (target) cpu.targetMs = (cpu.targetMs ?? 0) + target.cpuMs;
  }

  /** Ends with a last look. */
  stop(): void {
    clearInterval(this.timer);
    this.look();
    this.series.close();
  }

  private look(): void {
    const loads = this.series.readLines().flatMap(readLoad);
    const { cpu } = this;
    if (!cpu || cpu.toMs <= cpu.fromMs) return;
    const perMs = (usedMs: number | null): number | null =>
      usedMs === null ? null : usedMs / (cpu.toMs - cpu.fromMs);
    this.cpu = { fromMs: cpu.toMs, toMs: cpu.toMs, toolMs: null, targetMs: null };
    this.onReading({
      trialId: this.trialId,
      atS: cpu.toMs / 1000,
      toolCpus: perMs(cpu.toolMs),
      targetCpus: perMs(cpu.targetMs),
      load: loads.at(-1) ?? null,
    });
  }
}

/** A line of the series; its first line describes the load and is no sample. */
function readLoad(line: string): LiveLoad[] {
  let sample: Partial<LiveSample> | null;
  try {
    sample = JSON.parse(line) as Partial<LiveSample> | null;
  } catch {
    return [];
  }
  const { latencies, requestsPerSec, eventsPerSec, connectionsOpen, connectionsAsked } = sample ?? {};
  if (
    !latencies ||
    requestsPerSec === undefined ||
    eventsPerSec === undefined ||
    connectionsOpen === undefined ||
    connectionsAsked === undefined
  ) {
    return [];
  }
  return [
    {
      requestsPerSec,
      eventsPerSec,
      open: connectionsOpen,
      asked: connectionsAsked,
      ttfbP50Us: latencies.ttfb.p50,
      ttfbP99Us: latencies.ttfb.p99,
      ttfeP50Us: latencies.ttfe.p50,
      ttfeP99Us: latencies.ttfe.p99,
    },
  ];
}

/** Whole lines that have been added to a file since the last look. A file that is not there has none yet. */
class LineFollower {
  private readonly file: string;
  private fd: number | undefined;
  private rest = '';
  private readonly piece = Buffer.alloc(PIECE_BYTES);

  constructor(file: string) {
    this.file = file;
  }

  readLines(): string[] {
    try {
      this.fd ??= openSync(this.file, 'r');
      for (;;) {
        const length = readSync(this.fd, this.piece, 0, PIECE_BYTES, null);
        if (length === 0) break;
        this.rest += this.piece.toString('latin1', 0, length);
      }
    } catch {
      return [];
    }
    const lines = this.rest.split('\n');
    this.rest = lines.pop() ?? '';
    return lines;
  }

  close(): void {
    if (this.fd !== undefined) closeSync(this.fd);
    this.fd = undefined;
  }
}
