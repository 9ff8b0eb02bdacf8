import type { FoldedStack } from '../../model/profile.ts';

/** A tree of frames in flat lists, parents before their children: what a page with a hundred thousand frames can hold. */
export interface FrameTree {
  names: string[];
  /** Per frame: index of its parent, -1 for the root. */
  parents: number[];
  /** Per frame: index into `names`. */
  nameOf: number[];
  /** Per frame: its own value and that of everything above it. */
  values: number[];
  /** Frames left out because they are too small to be seen, or too deep. */
  omitted: number;
}

/** Of the whole: narrower than a pixel until it is zoomed a hundredfold. */
const SMALLEST_SHARE = 1e-5;
/** Runaway recursion would make a page of any height. */
const DEEPEST = 250;

interface Node {
  name: string;
  value: number;
  children: Map<string, Node>;
}

/**
 * All stacks as one tree below a root of the given name. Siblings are in the order of their names, so that two graphs of
 * the same program can be laid side by side. The value of a frame is the sum of all stacks through it, whether or not
 * the frames above it are kept.
 */
export function buildFrameTree(stacks: readonly FoldedStack[], rootName: string): FrameTree {
  const root: Node = { name: rootName, value: 0, children: new Map() };
  let omitted = 0;
  for (const { frames, value } of stacks) {
    root.value += value;
    let node = root;
    for (const name of frames.slice(0, DEEPEST)) {
      let child = node.children.get(name);
      if (!child) {
        child = { name, value: 0, children: new Map() };
        node.children.set(name, child);
      }
      child.value += value;
      node = child;
    }
    omitted += Math.max(0, frames.length - DEEPEST);
  }
  const tree: FrameTree = { names: [], parents: [], nameOf: [], values: [], omitted };
  const indexOf = new Map<string, number>();
  const place = (node: Node, parent: number): number => {
    const name = indexOf.get(node.name) ?? tree.names.push(node.name) - 1;
    indexOf.set(node.name, name);
    tree.parents.push(parent);
    tree.nameOf.push(name);
    return tree.values.push(node.value) - 1;
  };
  const open: { node: Node; index: number }[] = [{ node: root, index: place(root, -1) }];
  for (let next = open.pop(); next; next = open.pop()) {
    const children = [...next.node.children.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const child of children) {
      if (child.value < root.value * SMALLEST_SHARE) tree.omitted += 1;
      else open.push({ node: child, index: place(child, next.index) });
    }
  }
  return tree;
}
