import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSeries } from '../../src/cli/series-writer.ts';
import { UserError } from '../../src/model/errors.ts';
import { liveSample } from '../helpers/live-samples.ts';
import { waitUntil } from '../helpers/wait-until.ts';

const ABOUT = {
  version: '1.2.3',
  node: 'v20.19.0',
  url: 'http://127.0.0.1:8080/events',
  options: {
    connections: 100,
    durationMs: 1000,
    timeoutMs: 5000,
    stream: 'finite',
    method: 'GET',
    headers: {},
    bodyBytes: 0,
    anyContentType: false,
  },
} as const;

let folder: string;
let warnings: string[];
const warn = (line: string): void => void warnings.push(line);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'series-'));
  warnings = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

function readLines(file: string): unknown[] {
  const text = readFileSync(file, 'utf8');
  expect(text.endsWith('\n')).toBe(true);
  return text
    .slice(0, -1)
    .split('\n')
    .map((line) => JSON.parse(line));
}

describe('a series', () => {
  it('has a header and one line per sample', async () => {
    const file = join(folder, 'series.jsonl');
    const series = await openSeries(file, ABOUT, warn);
    const samples = [1, 2, 3].map((second) => liveSample({ atMs: second * 1000, survival: null }));
    for (const sample of samples) series.onSample(sample);
    await series.close();
    const [header, ...lines] = readLines(file);
    expect(header).toEqual({
      schema: 'ssee-tester/series/1',
      ...ABOUT,
      openedAtMs: expect.any(Number),
      bucketsMs: [0.1, 1, 10, 50, 200, 1000],
    });
    expect(lines).toEqual(samples);
    expect(warnings).toEqual([]);
  });

  it('replaces what is in the file', async () => {
    const file = join(folder, 'series.jsonl');
    for (const seconds of [3, 1]) {
      const series = await openSeries(file, ABOUT, warn);
      for (let second = 0; second < seconds; second++) series.onSample(liveSample());
      await series.close();
    }
    expect(readLines(file)).toHaveLength(2);
  });

  it('is refused at once, in one line, where it cannot be written', async () => {
    const missing = join(folder, 'no/such/folder.jsonl');
    const failure = await openSeries(missing, ABOUT, warn).catch((error) => error);
    expect(failure).toBeInstanceOf(UserError);
    expect(failure.message).toBe(`--series ${missing}: cannot be written (ENOENT)`);
    await expect(openSeries(folder, ABOUT, warn)).rejects.toThrow('cannot be written (EISDIR)');
  });

  it('ends with one warning when the disk is full, and takes further samples calmly', async () => {
    const series = await openSeries('/dev/full', ABOUT, warn);
    await waitUntil('the failed write', () => {
      series.onSample(liveSample());
      return warnings.length > 0;
    });
    for (let second = 0; second < 100; second++) series.onSample(liveSample());
    await series.close();
    expect(warnings).toEqual(['/dev/full: the series ends here (ENOSPC); the load goes on']);
  });

  it('takes a pipe that is read, however slowly', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const series = await openSeries(pipe, ABOUT, warn);
      for (let second = 1; second <= 100; second++) series.onSample(liveSample({ atMs: second }));
      let text = '';
      const chunk = Buffer.alloc(4096);
      const readSome = (): void => {
        try {
          text += chunk.toString('utf8', 0, readSync(reader, chunk));
        } catch (error) {
          expect((error as NodeJS.ErrnoException).code).toBe('EAGAIN');
        }
      };
      const closed = series.close();
      await waitUntil('all lines', () => {
        readSome();
        return text.split('\n').length === 102;
      });
      await closed;
      expect(
        text
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line).atMs),
      ).toEqual([undefined, ...Array.from({ length: 100 }, (_, index) => index + 1)]);
      expect(warnings).toEqual([]);
    } finally {
      closeSync(reader);
    }
  });

  it('keeps little for a reader that takes nothing, and says how much was left out', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const series = await openSeries(pipe, ABOUT, warn);
      const size = JSON.stringify(liveSample()).length;
      const more = Math.ceil((3 * 1024 * 1024) / size);
      for (let second = 0; second < more; second++) series.onSample(liveSample());
      await series.close();
      expect(warnings).toEqual([
        expect.stringMatching(/pipe: \d+ samples left out, they were not taken in time$/),
      ]);
      expect(Number(/(\d+) samples/.exec(warnings[0]!)![1])).toBeGreaterThan(more / 2);
    } finally {
      closeSync(reader);
    }
  });

  it('is refused on a pipe that nobody reads, where it would wait for ever', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    await expect(openSeries(pipe, ABOUT, warn)).rejects.toThrow(
      'nobody reads this pipe; start its reader first',
    );
  });
});
