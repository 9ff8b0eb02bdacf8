import { type Path, valueAt } from './fault.ts';

/**
 * Looks into a scenario that may be wrong anywhere, so that checks across keys can run although the schema has
 * refused other parts. What has the wrong type counts as absent: the schema has said so already.
 */

export function keysAt(draft: unknown, path: Path): string[] {
  const value = valueAt(draft, path);
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
}

export function textAt(draft: unknown, path: Path): string | undefined {
  const value = valueAt(draft, path);
  return typeof value === 'string' ? value : undefined;
}

export function listAt(draft: unknown, path: Path): unknown[] {
  const value = valueAt(draft, path);
  return Array.isArray(value) ? value : [];
}

/** Every text at `path` or anywhere inside it. */
export function textsBelow(draft: unknown, path: Path): { path: Path; text: string }[] {
  const value = valueAt(draft, path);
  if (typeof value === 'string') return [{ path, text: value }];
  if (typeof value !== 'object' || value === null) return [];
  const steps = Array.isArray(value) ? value.keys() : Object.keys(value);
  return [...steps].flatMap((step) => textsBelow(draft, [...path, step]));
}
