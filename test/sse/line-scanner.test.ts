import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../src/process/package-root.ts';
import { EventDecoder } from '../../src/sse/event-decoder.ts';
import { LineScanner, SCAN_BLOCK_BYTES, scannableReadBuffer } from '../../src/sse/line-scanner.ts';
import { LINE_SCANNER_WASM } from '../../src/sse/line-scanner-module.ts';

const scanner = new LineScanner();

function scan(bytes: Uint8Array, start: number, end: number): number[] {
  scanner.block.set(bytes);
  return [...scanner.positions.subarray(0, scanner.scan(start, end))];
}

function lineEndsIn(bytes: Uint8Array, start: number, end: number): number[] {
  const found: number[] = [];
  for (let pos = start; pos < end; pos++) if (bytes[pos] === 10 || bytes[pos] === 13) found.push(pos);
  return found;
}

describe('the line scanner', () => {
  it('is compiled from its source', async () => {
    const { compileWat } = await import('../../scripts/lib/compile-wat.mjs');
    const source = readFileSync(join(PACKAGE_ROOT, 'src/sse/line-scanner.wat'), 'utf8');
    expect(await compileWat(source)).toBe(LINE_SCANNER_WASM);
  });

  it('finds what a loop finds, wherever the range begins and ends', () => {
    const bytes = fc.uint8Array({ min: 9, max: 14, maxLength: 200 });
    fc.assert(
      fc.property(bytes, fc.nat(), fc.nat(), (text, a, b) => {
        const [start, end] = [a % (text.length + 1), b % (text.length + 1)].sort((x, y) => x - y) as [
          number,
          number,
        ];
        expect(scan(text, start, end)).toEqual(lineEndsIn(text, start, end));
      }),
    );
  });

  it('finds nothing in bytes that only look like line ends when read as signed or as words', () => {
    expect(scan(Uint8Array.of(0x8a, 0x8d, 0x0b, 0x0c, 0x0e, 0x00, 0xff, 0x0a), 0, 7)).toEqual([]);
  });

  it('holds as many positions as its block has bytes', () => {
    const full = new Uint8Array(SCAN_BLOCK_BYTES).fill(10);
    const found = scan(full, 0, SCAN_BLOCK_BYTES);
    expect(found).toHaveLength(SCAN_BLOCK_BYTES);
    expect(found.at(-1)).toBe(SCAN_BLOCK_BYTES - 1);
  });
});

describe('events of a stream', () => {
  const line = fc.oneof(
    fc.constantFrom(
      'data: a',
      'data',
      'data:é€漢🚀',
      'id: 7',
      'event: x',
      ': hi',
      'retry: 5',
      '',
      '',
      'other',
    ),
    fc.integer({ min: 40, max: 700 }).map((length) => `data: ${'x'.repeat(length)}`),
  );
  const lineEnd = fc.constantFrom('\n', '\n', '\r\n', '\r');
  const stream = fc
    .array(fc.tuple(line, lineEnd), { maxLength: 60 })
    .map((lines) => Buffer.from(lines.flat().join('')));

  function decode(pieces: Iterable<[buf: Buffer, start: number, end: number]>): unknown[] {
    const events: unknown[] = [];
    const decoder = new EventDecoder((event) => events.push(event));
    for (const [buf, start, end] of pieces) decoder.push(buf, start, end);
    return events;
  }

  it('are the same from the scannable read buffer, from any other buffer and byte by byte', () => {
    fc.assert(
      fc.property(stream, fc.integer({ min: 1, max: 900 }), (bytes, size) => {
        const single = decode(
          (function* () {
            for (let pos = 0; pos < bytes.length; pos++)
              yield [bytes, pos, pos + 1] as [Buffer, number, number];
          })(),
        );
        const foreign = decode(
          (function* () {
            for (let pos = 0; pos < bytes.length; pos += size) {
              yield [bytes, pos, Math.min(bytes.length, pos + size)] as [Buffer, number, number];
            }
          })(),
        );
        const block = scannableReadBuffer();
        const read = decode(
          (function* () {
            for (let pos = 0; pos < bytes.length; pos += size) {
              const length = bytes.copy(block, 3, pos, pos + size);
              yield [block, 3, 3 + length] as [Buffer, number, number];
            }
          })(),
        );
        expect(foreign).toEqual(single);
        expect(read).toEqual(single);
      }),
    );
  });

  it('are the same in ranges larger than the block of the scanner', () => {
    const event = (n: number): string => `id: ${n}\r\ndata: ${'y'.repeat(n % 97)}\r\n\r\n`;
    const text = Buffer.from(Array.from({ length: 5000 }, (_, n) => event(n)).join(''));
    expect(text.length).toBeGreaterThan(4 * SCAN_BLOCK_BYTES);
    const whole = decode([[text, 0, text.length]]);
    expect(whole).toHaveLength(5000);
    expect(whole.at(-1)).toMatchObject({ data: 'y'.repeat(4999 % 97) });
  });
});
