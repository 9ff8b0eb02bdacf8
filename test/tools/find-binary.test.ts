import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { findBinary, readBanner } from '../../src/tools/find-binary.ts';

const root = mkdtempSync(join(tmpdir(), 'ssee-path-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function addFile(folder: string, text: string, mode: number): string {
  mkdirSync(join(root, folder), { recursive: true });
  const path = join(root, folder, 'tool');
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

describe('finding a program', () => {
  it('takes the first executable file in the order of PATH', () => {
    addFile('plain', 'not a program', 0o644);
    mkdirSync(join(root, 'folder', 'tool'), { recursive: true });
    const path = addFile('good', '#!/bin/sh\n', 0o755);
    addFile('later', '#!/bin/sh\n', 0o755);
    const search = ['', 'absent', 'plain', 'folder', 'good', 'later'].map((name) => name && join(root, name));
    expect(findBinary('tool', search.join(delimiter))).toBe(path);
  });

  it('finds nothing in an empty PATH', () => expect(findBinary('sh', '')).toBeUndefined());
});

describe('reading a banner', () => {
  it('takes stdout and stderr whatever the exit code', async () => {
    const path = addFile('banner', '#!/bin/sh\necho out $1\necho err >&2\nexit 3\n', 0o755);
    expect(await readBanner(path, ['-v'])).toMatch(/out -v/);
    expect(await readBanner(path, ['-v'])).toMatch(/err/);
  });

  it('is empty for a file that cannot be run', async () => {
    expect(await readBanner(join(root, 'nowhere'), [])).toBe('');
  });
});
