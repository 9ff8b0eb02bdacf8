import { chownSync, lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { giveToOwner } from '../../src/process/give-to-owner.ts';
import { requireRoot } from '../helpers/unprivileged.ts';

const USER = 65534;
let dir = '';
let checkout = '';

beforeEach(() => {
  requireRoot();
  dir = mkdtempSync(join(tmpdir(), 'owner-'));
  checkout = join(dir, 'checkout');
  mkdirSync(join(checkout, 'results/run/trials/r1'), { recursive: true });
  mkdirSync(join(checkout, 'results/other'));
  writeFileSync(join(checkout, 'results/run/trials/r1/stdout.txt'), '');
  writeFileSync(join(dir, 'outside'), '');
  symlinkSync(join(dir, 'outside'), join(checkout, 'results/run/link'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const ownerOf = (path: string): number => lstatSync(join(dir, path)).uid;

describe('what root made in the checkout of a user', () => {
  it("is the user's, with the folders above it and all below it, links themselves included", () => {
    chownSync(checkout, USER, USER);
    giveToOwner(join(checkout, 'results/run'), checkout);
    for (const path of [
      '',
      '/run',
      '/run/trials',
      '/run/trials/r1',
      '/run/trials/r1/stdout.txt',
      '/run/link',
    ]) {
      expect(ownerOf(`checkout/results${path}`), path).toBe(USER);
    }
    expect(ownerOf('checkout/results/other')).toBe(0);
    expect(ownerOf('outside')).toBe(0);
  });

  it("stays root's in root's own checkout and anywhere else", () => {
    giveToOwner(join(checkout, 'results/run'), checkout);
    expect(ownerOf('checkout/results/run')).toBe(0);
    chownSync(checkout, USER, USER);
    giveToOwner(join(dir, 'outside'), checkout);
    giveToOwner(dir, checkout);
    expect([ownerOf('outside'), ownerOf('.')]).toEqual([0, 0]);
  });

  it('may be gone already', () => {
    chownSync(checkout, USER, USER);
    giveToOwner(join(checkout, 'results/nothing/here'), checkout);
    expect(ownerOf('checkout/results')).toBe(USER);
  });
});
