import { scannableReadBuffer } from '../../sse/line-scanner.ts';

/** One side of a connection as the load sees it. Nothing of it is called after `close()`. */
export interface SocketOwner {
  onConnect(): void;
  /** `size` bytes stand at the beginning of the transport's read buffer, valid during the call only. */
  onRead(size: number): void;
  /** The server ended its side in good order. */
  onFin(): void;
  /** `code` is a system error code (`ECONNRESET`), or a code of the TLS layer. */
  onSocketError(code: string, message: string): void;
}

/** A TCP (or TLS) connection that is being opened or open. */
export interface LoadSocket {
  /** Send text with one character per byte. */
  write(latin1: string): void;
  /** Stop reading: the kernel's buffer fills up and closes the window. */
  pause(): void;
  resume(): void;
  /** End the connection and forget the owner. May be called more than once. */
  close(): void;
}

/** Where connections come from. One per thread: all its sockets read into the same buffer, one after the other. */
export interface Transport {
  readonly readBuffer: Buffer;
  /**
   * Begin to connect. Everything that happens is told to the owner, failures at once included, but never before
   * this call has returned.
   * @param sourceAddress numeric address to connect from; the kernel chooses when absent
   */
  open(owner: SocketOwner, sourceAddress?: string): LoadSocket;
}

/** The server's end, numeric. */
export interface Endpoint {
  address: string;
  port: number;
}

/** The buffer that all reads of a thread go through: 64 KiB, in which line ends are found without copying, or smaller. */
export function allocateReadBuffer(bytes?: number): Buffer {
  return bytes === undefined ? scannableReadBuffer() : Buffer.allocUnsafeSlow(bytes);
}
