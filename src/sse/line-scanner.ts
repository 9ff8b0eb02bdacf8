import { LINE_SCANNER_WASM } from './line-scanner-module.ts';

/** What one scan looks at, at most. */
export const SCAN_BLOCK_BYTES = 65_536;

/** The few names of the WebAssembly interface that are used: its types come with the DOM only. */
interface WasmExports {
  memory: { buffer: ArrayBuffer };
  scan(start: number, end: number): number;
}
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { exports: unknown };
};

/**
 * Finds line ends sixteen bytes at a time, which JavaScript cannot and a native search per line is too dear for. Looks
 * only at its own memory: text is read into `block`, or copied there.
 */
export class LineScanner {
  /** Where text to be scanned stands. */
  readonly block: Buffer;
  /** After a scan: offsets into `block` of every LF and CR, ascending. */
  readonly positions: Uint32Array;
  private readonly exports: WasmExports;

  constructor() {
    compiled ??= new WebAssembly.Module(Buffer.from(LINE_SCANNER_WASM, 'base64'));
    this.exports = new WebAssembly.Instance(compiled).exports as WasmExports;
    const { buffer } = this.exports.memory;
    this.block = Buffer.from(buffer, 0, SCAN_BLOCK_BYTES);
    this.positions = new Uint32Array(buffer, SCAN_BLOCK_BYTES);
  }

  /** @returns how many positions there are in `block[start, end)` */
  scan(start: number, end: number): number {
    return this.exports.scan(start, end);
  }
}

let compiled: object | undefined;
let readScanner: LineScanner | undefined;
let copyScanner: LineScanner | undefined;

/**
 * A buffer of 64 KiB in which line ends are found without copying: for the reads of one thread. The same one at each
 * call, so it must hold one read at a time.
 */
export function scannableReadBuffer(): Buffer {
  readScanner ??= new LineScanner();
  return readScanner.block;
}

/** The scanner whose block this buffer is, or null. */
export function scannerOf(buf: Buffer): LineScanner | null {
  return readScanner !== undefined && readScanner.block === buf ? readScanner : null;
}

/** A scanner to copy text into. */
export function scannerForCopies(): LineScanner {
  copyScanner ??= new LineScanner();
  return copyScanner;
}
