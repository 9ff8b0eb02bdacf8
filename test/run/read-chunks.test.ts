import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readChunks } from '../../src/run/read-chunks.ts';

let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'ssee-chunks-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

it.each([0, 1, 1 << 20, (1 << 20) + 1])(
  'a file of %i bytes comes whole, in pieces that can be kept',
  (size) => {
    const path = join(dir, `${size}`);
    const bytes = Buffer.from(Uint8Array.from({ length: size }, (_, index) => index % 251));
    writeFileSync(path, bytes);
    const kept = [...readChunks(path)];
    expect(Buffer.concat(kept).equals(bytes)).toBe(true);
    expect(kept).toHaveLength(Math.ceil(size / (1 << 20)));
  },
);
