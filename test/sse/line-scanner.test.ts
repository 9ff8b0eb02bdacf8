import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { PACKAGE_ROOT } from '../../src/process/package-root.ts';
import { type EventLimits, EventParser, type EventVisitor } from '../../src/sse/event-parser.ts';
import {
  BLANK_LINE,
  COMMENT_LINE,
  DATA_LINE,
  EVENT_LINE,
  ID_LINE,
  LAST_DATA_LINE,
  LINE_KIND_SHIFT,
  LineScanner,
  RETRY_LINE,
  SCAN_BLOCK_BYTES,
  scannableReadBuffer,
} from '../../src/sse/line-scanner.ts';
import { LINE_SCANNER_WASM } from '../../src/sse/line-scanner-module.ts';

const scanner = new LineScanner();

interface Line {
  kind: number;
  start: number;
  end: number;
}

interface Scan {
  lines: Line[];
  rest: number;
}

/** What the scanner tells of `block[start, end)`, positions within the block. Of blank lines only that they are there. */
function scan(block: 'read' | 'copy', start: number, end: number, from = start): Scan {
  const at = block === 'read' ? scanner.readBlockAt : scanner.copyBlockAt;
  const words = scanner.scan(at + start, at + from, at + end);
  const lines: Line[] = [];
  for (let word = 0; word < words; word += 2) {
    const record = scanner.records[word]!;
    const kind = record >> LINE_KIND_SHIFT;
    if (kind === BLANK_LINE) lines.push({ kind, start: 0, end: 0 });
    else lines.push({ kind, start: (record & 0xffffff) - at, end: scanner.records[word + 1]! - at });
  }
  return { lines, rest: scanner.records[words]! - at };
}

const KINDS: Record<string, number> = { data: DATA_LINE, id: ID_LINE, event: EVENT_LINE, retry: RETRY_LINE };

/** The same, said as the standard says it. */
function describeLines(bytes: Uint8Array, start: number, end: number): Scan {
  const text = Buffer.from(bytes.subarray(start, end)).toString('latin1');
  const lines: Line[] = [];
  let rest = start;
  for (const [whole, line] of text.matchAll(/([^\r\n]*)(?:\r\n|\r|\n)/g) as Iterable<[string, string]>) {
    const stop = rest + line.length;
    const [, name = '', separator = ''] = /^([^:]*)(: ?)?/.exec(line)!;
    const value = rest + name.length + separator.length;
    const last = lines.at(-1);
    if (line === '') {
      if (last?.kind === DATA_LINE) last.kind = LAST_DATA_LINE;
      else lines.push({ kind: BLANK_LINE, start: 0, end: 0 });
    } else if (line.startsWith(':')) {
      lines.push({ kind: COMMENT_LINE, start: rest + 1, end: stop });
    } else if (Object.hasOwn(KINDS, name) && !(name === 'id' && line.includes('\0'))) {
      lines.push({ kind: KINDS[name]!, start: value, end: stop });
    }
    rest += whole.length;
  }
  return { lines, rest };
}

/** Bytes that meet every branch often: names whole, cut and prolonged, all line ends, NUL, long values. */
const fragment = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.constantFrom('data', 'data:', 'data: ', 'id', 'id:', 'id: ', 'event', 'event:', 'event: '),
  },
  {
    weight: 4,
    arbitrary: fc.constantFrom('retry', 'retry:', 'retry: ', 'dat', 'even', 'i', 'retr', 'd', 'xdata'),
  },
  { weight: 8, arbitrary: fc.constantFrom(':', ' ', ': ', '7', '12', 'a', 'é漢🚀', '\0', '\uFEFF') },
  { weight: 16, arbitrary: fc.constantFrom('\n', '\n', '\n\n', '\r', '\r\n', '\r\n\r\n') },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 200 }).map((length) => 'x'.repeat(length)) },
);
const stream = fc.oneof(
  fc.array(fragment, { maxLength: 120 }).map((parts) => Buffer.from(parts.join(''))),
  fc
    .array(fc.oneof(fragment.map(Buffer.from), fc.uint8Array({ maxLength: 6 })), { maxLength: 60 })
    .map((parts) => Buffer.concat(parts)),
);

describe('the line scanner', () => {
  it('is compiled from its source', async () => {
    const { compileWat } = await import('../../scripts/lib/compile-wat.mjs');
    const source = readFileSync(join(PACKAGE_ROOT, 'src/sse/line-scanner.wat'), 'utf8');
    expect(await compileWat(source)).toBe(LINE_SCANNER_WASM);
  });

  it('tells of every line what the standard says, wherever the range begins and ends', () => {
    fc.assert(
      fc.property(stream, fc.nat(), fc.nat(), fc.constantFrom('read', 'copy'), (bytes, a, b, block) => {
        const [start, end] = [a % (bytes.length + 1), b % (bytes.length + 1)].sort((x, y) => x - y) as [
          number,
          number,
        ];
        scanner.readBlock.set(bytes);
        scanner.copyBlock.set(bytes);
        expect(scan(block, start, end)).toEqual(describeLines(bytes, start, end));
      }),
      { numRuns: 2000 },
    );
  });

  it('finds nothing in bytes that only look like line ends when read as signed or as words', () => {
    scanner.readBlock.set(Uint8Array.of(0x8a, 0x8d, 0x0b, 0x0c, 0x0e, 0x00, 0xff, 0x0a));
    expect(scan('read', 0, 7)).toEqual({ lines: [], rest: 0 });
  });

  it('drops an id with a NUL at any place and no other', () => {
    for (let length = 1; length < 40; length++) {
      for (let place = 0; place <= length; place++) {
        const line = Buffer.from(`id: ${'7'.repeat(length)}\n\0\0`);
        if (place < length) line[4 + place] = 0;
        scanner.readBlock.set(line);
        expect(scan('read', 0, line.length).lines).toHaveLength(place < length ? 0 : 1);
      }
    }
  });

  it('tells a full block of line ends, to the last byte, in both blocks', () => {
    for (const block of ['read', 'copy'] as const) {
      scanner[`${block}Block`].fill(10);
      const { lines, rest } = scan(block, 0, SCAN_BLOCK_BYTES);
      expect(lines).toHaveLength(SCAN_BLOCK_BYTES);
      expect(lines.every(({ kind }) => kind === BLANK_LINE)).toBe(true);
      expect(rest).toBe(SCAN_BLOCK_BYTES);
    }
  });
});

type Piece = [buf: Buffer, start: number, end: number];
type Parser = Pick<EventParser, 'push' | 'error'>;

/** Every call that a parser makes, with the bytes it is given, and what it refuses. */
function traceCalls(pieces: Iterable<Piece>, limits?: Partial<EventLimits>, Class = EventParser): string[] {
  const calls: string[] = [];
  const range =
    (name: string) =>
    (buf: Buffer, start: number, end: number): void => {
      calls.push(`${name} ${buf.toString('latin1', start, end)}`);
    };
  const visitor: EventVisitor = {
    onData: range('data'),
    onId: range('id'),
    onEventType: range('event'),
    onComment: range('comment'),
    onRetry: (retryMs) => calls.push(`retry ${retryMs}`),
    onBadRetry: () => calls.push('bad retry'),
    onDispatch: () => calls.push('dispatch'),
    onDiscard: () => calls.push('discard'),
  };
  const parser: Parser = new Class(visitor, limits);
  for (const [buf, start, end] of pieces) parser.push(buf, start, end);
  if (parser.error !== null) calls.push(parser.error.kind);
  return calls;
}

function* byteByByte(bytes: Buffer): Generator<Piece> {
  for (let pos = 0; pos < bytes.length; pos++) yield [bytes, pos, pos + 1];
}

/** Pieces of the sizes given, in turn. */
function* inPieces(bytes: Buffer, sizes: number[]): Generator<Piece> {
  for (let pos = 0, index = 0; pos < bytes.length; index++) {
    const end = Math.min(bytes.length, pos + sizes[index % sizes.length]!);
    yield [bytes, pos, end];
    pos = end;
  }
}

/** The same read into a buffer again and again, as a socket would. */
function* read(pieces: Iterable<Piece>, block: Buffer): Generator<Piece> {
  for (const [bytes, start, end] of pieces) {
    bytes.copy(block, 3, start, end);
    yield [block, 3, 3 + end - start];
  }
}

const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 80 }), fc.integer({ min: 1, max: 3000 })), {
  minLength: 1,
  maxLength: 5,
});

describe('what a visitor is told', () => {
  it('is the same from the scannable read buffer, from any other buffer and byte by byte', () => {
    const longer = fc.array(stream, { maxLength: 12 }).map((parts) => Buffer.concat(parts));
    fc.assert(
      fc.property(longer, sizes, (bytes, cuts) => {
        const single = traceCalls(byteByByte(bytes));
        expect(traceCalls([[bytes, 0, bytes.length]])).toEqual(single);
        expect(traceCalls(inPieces(bytes, cuts))).toEqual(single);
        expect(traceCalls(read(inPieces(bytes, cuts), scannableReadBuffer()))).toEqual(single);
      }),
      { numRuns: 300 },
    );
  });

  it('is the same up to a limit, and the limit is', () => {
    const longer = fc.array(stream, { maxLength: 4 }).map((parts) => Buffer.concat(parts));
    const limit = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 600 }));
    fc.assert(
      fc.property(longer, sizes, limit, limit, (bytes, cuts, lineBytes, eventBytes) => {
        const limits = { lineBytes, eventBytes };
        const single = traceCalls(byteByByte(bytes), limits);
        expect(traceCalls([[bytes, 0, bytes.length]], limits)).toEqual(single);
        expect(traceCalls(read(inPieces(bytes, cuts), scannableReadBuffer()), limits)).toEqual(single);
      }),
      { numRuns: 300 },
    );
  });

  it('is the same in ranges larger than the block of the scanner', () => {
    const event = (n: number): string => `id: ${n}\r\ndata: ${'y'.repeat(n % 97)}\r\n\r\n`;
    const text = Buffer.from(Array.from({ length: 5000 }, (_, n) => event(n)).join(''));
    expect(text.length).toBeGreaterThan(4 * SCAN_BLOCK_BYTES);
    const calls = traceCalls([[text, 0, text.length]]);
    expect(calls.length).toBe(15_000);
    expect(calls).toEqual(traceCalls(byteByByte(text)));
  });
});

describe('without WebAssembly', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.resetModules();
  });

  it('a visitor is told the same, and reads have a buffer of the same size', async () => {
    vi.resetModules();
    vi.stubGlobal('WebAssembly', undefined);
    const { EventParser: Searching } = await import('../../src/sse/event-parser.ts');
    const { lineScanner, scannableReadBuffer: plainReadBuffer } = await import(
      '../../src/sse/line-scanner.ts'
    );
    expect(lineScanner()).toBeNull();
    const block = plainReadBuffer();
    expect(block).toHaveLength(SCAN_BLOCK_BYTES);
    const longer = fc.array(stream, { maxLength: 12 }).map((parts) => Buffer.concat(parts));
    fc.assert(
      fc.property(longer, sizes, (bytes, cuts) => {
        const scanned = traceCalls([[bytes, 0, bytes.length]]);
        expect(traceCalls([[bytes, 0, bytes.length]], {}, Searching)).toEqual(scanned);
        expect(traceCalls(read(inPieces(bytes, cuts), block), {}, Searching)).toEqual(scanned);
      }),
    );
  });
});
