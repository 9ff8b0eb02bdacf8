import { LineCounter } from 'yaml';
import { readYaml } from './read-yaml.ts';

/** A place in a text; both from 1. */
export interface TextPlace {
  line: number;
  column: number;
}

/**
 * Where each arm of a scenario stands in its text: the entry of its tool. Arms of variants stand there too, for it is
 * the tool that a message about an arm names first.
 *
 * @returns by arm id; empty where the text is no scenario
 */
export function locateArms(text: string): Record<string, TextPlace> {
  const { content } = readYaml(text);
  const { tools, variants } = asObject(content?.value);
  if (!content || !Array.isArray(tools)) return {};
  const lines = new LineCounter();
  lines.addNewLine(0);
  for (const match of text.matchAll(/\n/g)) lines.addNewLine(match.index + 1);
  const variantNames = Object.keys(asObject(variants));
  const places: Record<string, TextPlace> = {};
  for (const [index, tool] of tools.entries()) {
    const { name, use } = asObject(tool);
    const toolName = typeof tool === 'string' ? tool : (name ?? use);
    const offset = content.offsetOf(['tools', index], 'value');
    if (typeof toolName !== 'string' || offset === undefined) continue;
    const { line, col } = lines.linePos(offset);
    const ids = variantNames.length === 0 ? [toolName] : variantNames.map((name) => `${toolName}@${name}`);
    for (const id of ids) places[id] = { line, column: col };
  }
  return places;
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
