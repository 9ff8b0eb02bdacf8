import { type Alias, isAlias, isMap, isScalar, isSeq, type Node } from 'yaml';
import type { TextFault } from './fault.ts';

/** A scenario has some hundred nodes: more than this through aliases is a bomb. */
const MAX_ALIASED_NODES = 1000;

export interface PlainValue {
  /** Mappings, lists and scalars without any aliases. Of a key given twice, the last one. */
  value: unknown;
  faults: TextFault[];
  /** What each alias stands for. */
  aliases: ReadonlyMap<Alias, Node>;
}

/** What a YAML document says, as plain data. The library's own conversion throws and says no places. */
export function toPlainValue(root: Node | null): PlainValue {
  const faults: TextFault[] = [];
  const aliases = new Map<Alias, Node>();
  const anchors = new Map<string, Node>();
  const open = new Set<Node>();
  /** The alias in the text that is being followed, not one inside what it stands for. */
  let outermost: Alias | undefined;
  let aliasedNodes = 0;
  let exploded = false;

  function fail(node: Node, message: string): undefined {
    faults.push({ offset: node.range?.[0] ?? 0, message });
  }

  function convert(node: Node | null): unknown {
    if (node === null) return null;
    if (outermost && ++aliasedNodes > MAX_ALIASED_NODES) return undefined;
    if (isAlias(node)) return follow(node);
    if (node.anchor !== undefined) anchors.set(node.anchor, node);
    if (isScalar(node)) return node.value;
    open.add(node);
    const value = isMap(node) ? convertMap(node) : isSeq(node) ? convertList(node) : undefined;
    open.delete(node);
    return value;
  }

  function convertList(node: { items: unknown[] }): unknown[] {
    return node.items.map((item) => convert(item as Node | null));
  }

  function convertMap(node: { items: { key: unknown; value: unknown }[] }): Record<string, unknown> {
    const record: Record<string, unknown> = {};
    for (const pair of node.items) {
      // The parser has already said that any other key is wrong.
      if (!isScalar(pair.key)) continue;
      convert(pair.key);
      const key = String(pair.key.value ?? '');
      if (key === '__proto__') fail(pair.key, 'the key "__proto__" cannot be used; choose another name');
      else record[key] = convert(pair.value as Node | null);
    }
    return record;
  }

  function follow(alias: Alias): unknown {
    const node = aliases.get(alias) ?? anchors.get(alias.source);
    if (!node)
      return fail(
        alias,
        `*${alias.source} names no anchor before it; write &${alias.source} at the value meant`,
      );
    if (open.has(node))
      return fail(alias, `*${alias.source} stands inside what it names; write the value out`);
    aliases.set(alias, node);
    if (outermost) return convert(node);
    outermost = alias;
    const value = convert(node);
    outermost = undefined;
    if (aliasedNodes > MAX_ALIASED_NODES && !exploded) {
      exploded = true;
      fail(
        alias,
        `*${alias.source} makes aliases stand for too much (over ${MAX_ALIASED_NODES} values); write the values out`,
      );
    }
    return value;
  }

  return { value: convert(root), faults, aliases };
}
