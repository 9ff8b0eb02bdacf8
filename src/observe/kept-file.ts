import { closeSync, openSync, readSync } from 'node:fs';

/** Where every read of a kept file puts what it found; what is wanted of it is taken out before the next one. */
export const readBytes: Buffer = Buffer.alloc(64 * 1024);

/** A program of a thousand threads must not cost the harness a thousand descriptors. */
const MOST_OPEN = 256;
let openNow = 0;

/**
 * A short file of /proc that is read again and again. Opening and closing costs the kernel several times what the
 * reading does, so it stays open as long as not too many others are. A kept file never becomes that of another process
 * with the same number: it belongs to the process that had the number when it was opened.
 */
export class KeptFile {
  private readonly path: string;
  private descriptor: number | undefined;

  constructor(path: string) {
    this.path = path;
  }

  /**
   * @returns how much of `readBytes` is now the file; undefined when its process is gone or is not ours to look at
   * @throws whatever else went wrong, no descriptor left for example
   */
  read(): number | undefined {
    let descriptor = this.descriptor;
    try {
      descriptor ??= this.open();
      return readSync(descriptor, readBytes, 0, readBytes.length, 0);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // ESRCH: the process ended after the file was opened. EACCES, EPERM: another user's.
      if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES' || code === 'EPERM') return undefined;
      throw error;
    } finally {
      if (descriptor !== undefined && descriptor !== this.descriptor) closeSync(descriptor);
    }
  }

  /** Does nothing to one that is closed; a later read opens it again. */
  close(): void {
    if (this.descriptor === undefined) return;
    openNow--;
    closeSync(this.descriptor);
    this.descriptor = undefined;
  }

  private open(): number {
    const descriptor = openSync(this.path, 'r');
    if (openNow < MOST_OPEN) {
      openNow++;
      this.descriptor = descriptor;
    }
    return descriptor;
  }
}
