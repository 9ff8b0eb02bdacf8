import { LINE_SCANNER_WASM } from './line-scanner-module.ts';

/** What one scan looks at, at most. */
export const SCAN_BLOCK_BYTES = 65_536;

/**
 * Kinds of lines, `record >> LINE_KIND_SHIFT`. Lines that mean nothing have no record: unknown names, an `id` with NUL.
 */
export const LINE_KIND_SHIFT = 24;
export const DATA_LINE = 0;
/** A `data` line and the blank line right after it. */
export const LAST_DATA_LINE = 1;
/** A blank line that does not follow a `data` line of the same scan. */
export const BLANK_LINE = 2;
export const ID_LINE = 3;
export const COMMENT_LINE = 4;
export const EVENT_LINE = 5;
/** Whatever its value is. */
export const RETRY_LINE = 6;

/** The few names of the WebAssembly interface that are used: its types come with the DOM only. */
interface WasmExports {
  memory: { buffer: ArrayBuffer };
  scan(start: number, from: number, end: number): number;
}
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { exports: unknown };
};

/** Where things stand in the memory of line-scanner.wat. */
const READ_BLOCK = 64;
const COPY_BLOCK = READ_BLOCK + SCAN_BLOCK_BYTES;
const RECORDS = COPY_BLOCK + SCAN_BLOCK_BYTES + 64;

/**
 * Finds the lines of an event stream 64 bytes at a time and tells what they are, which JavaScript takes several times as
 * long for. Looks only at its own memory: text is read into it, or copied there.
 */
export class LineScanner {
  /** A block that text is read into. */
  readonly readBlock: Buffer;
  /** Another that text is copied into. */
  readonly copyBlock: Buffer;
  /** Where the blocks begin for `scan`. */
  readonly readBlockAt = READ_BLOCK;
  readonly copyBlockAt = COPY_BLOCK;
  /**
   * What a scan found, two words for each line: where the value begins, one space dropped, with the kind in the highest
   * byte; where it ends. After the last: where the line begins that has not ended.
   */
  readonly records: Int32Array;
  /**
   * Scan `[start, end)` of the scanner's memory, which must be within one block. An LF at the start is a blank line.
   * Line ends are looked for from `from` on.
   * @returns words of `records`, without the one after the last
   */
  readonly scan: (start: number, from: number, end: number) => number;

  constructor() {
    const module = new WebAssembly.Module(Buffer.from(LINE_SCANNER_WASM, 'base64'));
    const { memory, scan } = new WebAssembly.Instance(module).exports as WasmExports;
    this.readBlock = Buffer.from(memory.buffer, READ_BLOCK, SCAN_BLOCK_BYTES);
    this.copyBlock = Buffer.from(memory.buffer, COPY_BLOCK, SCAN_BLOCK_BYTES);
    this.records = new Int32Array(memory.buffer, RECORDS);
    this.scan = scan;
  }
}

/** undefined until wanted; null where WebAssembly with vectors is not to be had: an old CPU, or a Node without a compiler. */
let scanner: LineScanner | null | undefined;

function createScanner(): LineScanner | null {
  try {
    return new LineScanner();
  } catch {
    return null;
  }
}

/** The scanner of this thread, or null where there can be none. */
export function lineScanner(): LineScanner | null {
  if (scanner === undefined) scanner = createScanner();
  return scanner;
}

/**
 * A buffer of 64 KiB in which lines are found without copying: for the reads of one thread. The same one at each call,
 * so it must hold one read at a time.
 */
export function scannableReadBuffer(): Buffer {
  return lineScanner()?.readBlock ?? Buffer.allocUnsafeSlow(SCAN_BLOCK_BYTES);
}
