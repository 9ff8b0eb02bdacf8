import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../model/errors.ts';
import { LIVE_BUCKETS_MS, type LiveListener, type LiveSample } from '../model/live-sample.ts';
import type { TesterReportOptions } from '../model/tester-report.ts';

/** The first line of a series. Every later line is one `LiveSample`. */
export interface SeriesHeader {
  schema: 'ssee-tester/series/1';
  /** Version of this package. */
  version: string;
  /** Version of Node that ran it. */
  node: string;
  url: string;
  options: TesterReportOptions;
  /** Unix time in ms at which the file was opened, shortly before the load; `atMs` of a sample counts from its start. */
  openedAtMs: number;
  /** Upper bounds of `le` in every latency. */
  bucketsMs: readonly number[];
}

export interface SeriesWriter {
  onSample: LiveListener;
  /** Writes what is left and closes the file; a reader that takes nothing is waited for two seconds. */
  close(): Promise<void>;
}

/** About ten minutes of samples: what a stopped disk or reader may hold back in memory. */
const MOST_PENDING_BYTES = 1024 * 1024;
const CLOSE_WITHIN_MS = 2000;
const RETRY_EVERY_MS = 20;

/**
 * Open a file for samples as JSON lines; an existing one is replaced.
 *
 * @param warn gets one line when writing fails (the series then ends, the load does not) or samples had to be left out
 * @throws UserError when the file cannot be opened: before anything is measured
 */
export async function openSeries(
  file: string,
  about: Omit<SeriesHeader, 'schema' | 'openedAtMs' | 'bucketsMs'>,
  warn: (line: string) => void,
): Promise<SeriesWriter> {
  const handle = await openForWriting(file);
  const header: SeriesHeader = {
    schema: 'ssee-tester/series/1',
    ...about,
    openedAtMs: Date.now(),
    bucketsMs: LIVE_BUCKETS_MS,
  };
  return new FileSeries(file, handle, header, warn);
}

class FileSeries implements SeriesWriter {
  private readonly file: string;
  private readonly handle: FileHandle;
  private readonly warn: (line: string) => void;
  /** Whole lines, the first perhaps begun. */
  private pending: Buffer[] = [];
  private pendingBytes = 0;
  private leftOut = 0;
  private failed = false;
  private writing: Promise<void> | undefined;

  constructor(file: string, handle: FileHandle, header: SeriesHeader, warn: (line: string) => void) {
    this.file = file;
    this.handle = handle;
    this.warn = warn;
    this.push(header);
  }

  readonly onSample = (sample: LiveSample): void => this.push(sample);

  async close(): Promise<void> {
    const untilMs = performance.now() + CLOSE_WITHIN_MS;
    await this.writing;
    while (this.pending.length > 0 && !this.failed && performance.now() < untilMs) {
      await sleep(RETRY_EVERY_MS);
      this.write();
      await this.writing;
    }
    if (!this.failed) this.leftOut += this.pending.length;
    this.failed = true;
    await this.handle.close().catch((error) => this.fail(error));
    if (this.leftOut > 0)
      this.warn(`${this.file}: ${this.leftOut} samples left out, they were not taken in time`);
  }

  private push(value: SeriesHeader | LiveSample): void {
    if (this.failed) return;
    const line = Buffer.from(`${JSON.stringify(value)}\n`);
    if (this.pendingBytes + line.length > MOST_PENDING_BYTES) {
      this.leftOut++;
      return;
    }
    this.pending.push(line);
    this.pendingBytes += line.length;
    this.write();
  }

  private write(): void {
    this.writing ??= this.writePending().finally(() => {
      this.writing = undefined;
    });
  }

  private async writePending(): Promise<void> {
    while (this.pending.length > 0 && !this.failed) {
      const line = this.pending[0]!;
      let written: number;
      try {
        written = (await this.handle.write(line)).bytesWritten;
      } catch (error) {
        // A pipe whose reader is slow: again with the next sample.
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') this.fail(error);
        return;
      }
      this.pendingBytes -= written;
      if (written < line.length) this.pending[0] = line.subarray(written);
      else this.pending.shift();
    }
  }

  private fail(error: unknown): void {
    this.failed = true;
    this.pending = [];
    this.warn(
      `${this.file}: the series ends here (${(error as NodeJS.ErrnoException).code}); the load goes on`,
    );
  }
}

async function openForWriting(file: string): Promise<FileHandle> {
  // Without O_NONBLOCK a pipe that nobody reads would stop us here, and a full one would hold up the end of the process.
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NONBLOCK;
  try {
    return await open(file, flags, 0o666);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why =
      code === 'ENXIO' ? 'nobody reads this pipe; start its reader first' : `cannot be written (${code})`;
    throw new UserError(`--series ${file}: ${why}`);
  }
}
