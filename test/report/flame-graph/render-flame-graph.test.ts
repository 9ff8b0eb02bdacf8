import { Script } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { FoldedStack } from '../../../src/model/profile.ts';
import { buildFrameTree, type FrameTree } from '../../../src/report/flame-graph/build-frame-tree.ts';
import { renderFlameGraph } from '../../../src/report/flame-graph/render-flame-graph.ts';
import { goProfile } from '../../helpers/profiles.ts';

interface PageData extends Omit<FrameTree, 'omitted'> {
  unit: string;
}

/** What the page's program would read. */
function dataOf(page: string): PageData {
  const text = /<script type="application\/json" id="data">([^<]*)<\/script>/.exec(page)?.[1];
  if (text === undefined) throw new Error('the page has no data');
  return JSON.parse(text) as PageData;
}

/** Value of a frame minus that of its children. */
function ownValues({ parents, values }: Pick<FrameTree, 'parents' | 'values'>): number[] {
  const own = [...values];
  parents.forEach((parent, index) => {
    if (parent >= 0) own[parent]! -= values[index]!;
  });
  return own;
}

const name = fc.oneof(
  fc.constantFrom(
    '</script><script>alert(1)</script>',
    '<!--',
    '"',
    "'",
    '&amp;',
    '\u2028',
    '\u202e',
    '__proto__',
    'a',
  ),
  fc.string({ unit: 'binary', maxLength: 10 }),
);
const stacks = fc.array(
  fc.record({
    frames: fc.array(name, { minLength: 1, maxLength: 6 }),
    value: fc.integer({ min: 1, max: 1e6 }),
  }),
  { minLength: 1, maxLength: 15 },
);

describe('the tree of frames', () => {
  test('conserves totals: each frame has its own time and that of its children', () => {
    fc.assert(
      fc.property(stacks, (all) => {
        const tree = buildFrameTree(all, 'all');
        const total = all.reduce((sum, { value }) => sum + value, 0);
        expect(tree.values[0]).toBe(total);
        // What is too small to be drawn stays in its parent.
        const own = ownValues(tree);
        expect(own.every((value) => value >= 0)).toBe(true);
        expect(own.reduce((sum, value) => sum + value, 0)).toBe(total);
        expect(tree.parents.every((parent, index) => parent < index)).toBe(true);
      }),
    );
  });

  it('is the same whatever the order of the stacks', () => {
    const { stacks: real } = goProfile('events-cpu');
    expect(buildFrameTree([...real].reverse(), 'all')).toEqual(buildFrameTree(real, 'all'));
  });

  it('leaves out what cannot be seen, and counts it', () => {
    const deep: FoldedStack = { frames: Array.from({ length: 300 }, () => 'f'), value: 1e6 };
    const tree = buildFrameTree([deep, { frames: ['tiny', 'tinier'], value: 1 }], 'all');
    expect(tree.values).toHaveLength(251);
    expect(tree.omitted).toBe(51);
    expect(tree.names).toEqual(['all', 'f']);
  });
});

describe('the page', () => {
  const page = renderFlameGraph(goProfile('events-cpu').stacks, {
    title: 'CPU, wrk',
    unit: 'ns',
    subtitle: 'x',
  });

  it('holds every function of the profile and its time', () => {
    const data = dataOf(page);
    expect(data.unit).toBe('ns');
    const index = data.nameOf.findIndex((at) => data.names[at] === 'net/http.serverHandler.ServeHTTP');
    expect(data.values[index]).toBe(490e6);
    expect(data.names).toContain('syscall.write');
  });

  it('loads nothing from anywhere', () => {
    expect(page).not.toMatch(/\b(src|href|url)\s*[=(]|@import|https?:/);
    expect(page).toContain("default-src 'none'");
  });

  it('has a program that a browser can read', () => {
    const scripts = [...page.matchAll(/<script>(.*?)<\/script>/gs)].map(([, code]) => code!);
    expect(scripts).toHaveLength(1);
    expect(() => new Script(scripts[0]!)).not.toThrow();
    expect(scripts[0]).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(/);
  });

  it('can be used by keyboard and be read in both colour schemes', () => {
    expect(page).toContain('prefers-color-scheme: dark');
    for (const key of ['ArrowDown', 'ArrowUp', 'ArrowLeft', 'ArrowRight', 'Escape'])
      expect(page).toContain(key);
    expect(page).toMatch(/<input id="search"[^>]*aria-label=/);
  });

  it('is the same for the same stacks', () => {
    const again = renderFlameGraph(goProfile('events-cpu').stacks, {
      title: 'CPU, wrk',
      unit: 'ns',
      subtitle: 'x',
    });
    expect(again).toBe(page);
  });

  test('has the same elements whatever the names are', () => {
    const tagsOf = (html: string) => html.match(/<[!/]?[a-z][^>]*>/gi);
    const plain = renderFlameGraph([{ frames: ['f'], value: 1 }], { title: 't', unit: 'count' });
    fc.assert(
      fc.property(stacks, name, (all, title) => {
        const hostile = renderFlameGraph(all, { title, unit: 'count' });
        expect(tagsOf(hostile)).toEqual(tagsOf(plain));
        expect(dataOf(hostile).values[0]).toBe(all.reduce((sum, { value }) => sum + value, 0));
      }),
    );
  });
});
