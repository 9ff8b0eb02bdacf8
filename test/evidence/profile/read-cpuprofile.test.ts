import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { totalOf } from '../../../src/evidence/profile/fold-stacks.ts';
import { readCpuProfiles } from '../../../src/evidence/profile/read-cpuprofile.ts';
import type { FoldedProfile } from '../../../src/model/profile.ts';
import { profileBytes } from '../../helpers/profiles.ts';

const REAL = profileBytes('node-events.cpuprofile').toString();

function read(...texts: string[]): FoldedProfile {
  const reading = readCpuProfiles(texts);
  if (!reading.ok) throw new Error(reading.reason);
  return reading.profile;
}

interface Node {
  name: string;
  url?: string;
  parent?: number;
}

/** Node 0 is the root; `samples` are indices of nodes, 1000 us each. */
function cpuProfile(nodes: Node[], samples: number[], deltas = samples.map(() => 1000)): string {
  return JSON.stringify({
    nodes: [{ name: '(root)' } as Node, ...nodes].map(({ name, url = '' }, index) => ({
      id: index + 1,
      callFrame: { functionName: name, url, lineNumber: 9, columnNumber: 0, scriptId: '0' },
      children: nodes.flatMap((node, child) => ((node.parent ?? 0) === index ? [child + 2] : [])),
    })),
    startTime: 0,
    endTime: 2_000_000,
    samples: samples.map((index) => index + 1),
    timeDeltas: deltas,
  });
}

describe('a CPU profile of V8', () => {
  it('of a real server has its functions with their module and line', () => {
    const { stacks, durationS } = read(REAL);
    const names = new Set(stacks.flatMap(({ frames }) => frames));
    for (const name of [
      'writeUtf8String (native)',
      '(garbage collector)',
      'answer (node-http/server.js:51)',
    ]) {
      expect(names).toContain(name);
    }
    expect([...names].filter((name) => name.includes('/srv/'))).toEqual([]);
    expect(durationS).toBeCloseTo(1.5, 1);
  });

  it('of a real server has all of its time but the idle one', () => {
    const { samples, timeDeltas, nodes } = JSON.parse(REAL);
    const idle = nodes.find(
      (node: { callFrame: { functionName: string } }) => node.callFrame.functionName === '(idle)',
    );
    let us = 0;
    samples.forEach((id: number, index: number) => {
      if (id !== idle.id) us += timeDeltas[index];
    });
    expect(totalOf(read(REAL).stacks) / 1000).toBeCloseTo(us, 3);
  });

  it('names anonymous functions and what is native', () => {
    const text = cpuProfile(
      [
        { name: '', url: 'file:///a/b/c.js' },
        { name: 'write', parent: 1 },
      ],
      [2],
    );
    expect(read(text).stacks).toEqual([
      { frames: ['(anonymous) (b/c.js:10)', 'write (native)'], value: 1e6, samples: 1 },
    ]);
  });

  it('of several threads is one', () => {
    const text = cpuProfile([{ name: 'f', url: 'node:net' }], [1, 1]);
    expect(read(text, text)).toEqual({
      unit: 'ns',
      durationS: 2,
      stacks: [{ frames: ['f (node:net:10)'], value: 4e6, samples: 4 }],
    });
  });

  it('takes a clock that stepped back for no time', () => {
    expect(read(cpuProfile([{ name: 'f' }], [1, 1], [-5, 7])).stacks[0]!.value).toBe(7000);
  });

  it('whose nodes form a circle still ends', () => {
    const text = cpuProfile([{ name: 'a' }, { name: 'b', parent: 1 }], [2]);
    const circle = JSON.parse(text);
    circle.nodes[2].children = [2];
    expect(totalOf(read(JSON.stringify(circle)).stacks)).toBe(1e6);
  });

  it.each(['', '{}', 'null', '{"nodes": []}', REAL.slice(0, 5000)])(
    'that is none is said to be damaged',
    (text) => {
      expect(readCpuProfiles([text])).toMatchObject({
        ok: false,
        reason: expect.stringContaining('damaged'),
      });
    },
  );

  test('conserves the time of every sample that is not idle', () => {
    const node = fc.record({ name: fc.string({ maxLength: 5 }), parent: fc.nat(4) });
    fc.assert(
      fc.property(
        fc.array(node, { minLength: 1, maxLength: 8 }),
        fc.array(fc.nat(7), { maxLength: 30 }),
        (raw, picks) => {
          // A parent must stand before its child.
          const nodes = raw.map(({ name, parent }, index) => ({ name, parent: Math.min(parent, index) }));
          const samples = picks.map((pick) => 1 + (pick % nodes.length));
          expect(totalOf(read(cpuProfile(nodes, samples)).stacks)).toBe(samples.length * 1e6);
        },
      ),
    );
  });
});
