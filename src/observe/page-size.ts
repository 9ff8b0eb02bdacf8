import { readFileSync } from 'node:fs';

/** Key of the page size in the auxiliary vector (AT_PAGESZ in elf.h). */
const AT_PAGESZ = 6n;

/** Bytes per memory page of the running kernel: 4096 on x86, up to 65536 on ARM and POWER. */
export const PAGE_BYTES: number = parsePageSize(readFileSync('/proc/self/auxv'));

/**
 * Find the page size in the bytes of /proc/self/auxv, pairs of 64-bit numbers, little-endian as
 * on x86-64 and ARM64.
 * @throws when it is not there
 */
export function parsePageSize(auxv: Buffer): number {
  for (let at = 0; at + 16 <= auxv.length; at += 16) {
    if (auxv.readBigUInt64LE(at) === AT_PAGESZ) return Number(auxv.readBigUInt64LE(at + 8));
  }
  throw new Error('/proc/self/auxv names no page size');
}
