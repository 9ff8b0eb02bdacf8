import type { z } from 'zod';
import { suggestName } from './closest-name.ts';
import { type Fault, type Path, valueAt } from './fault.ts';
import { explainUnknownKey, meantKey } from './known-keys.ts';

type Issue = z.core.$ZodIssue;

/** Longest piece of the user's text that is quoted back. */
const SHOWN_CHARACTERS = 60;

/** What the schema's findings mean to the author of the scenario. `root` is the value that was checked. */
export function explainIssues(issues: readonly Issue[], root: unknown): Fault[] {
  const faults = issues.flatMap((issue) => explainIssue(issue, root, []));
  // A key that is there misspelt is one mistake and not a missing one as well.
  const misspelt = new Set(
    faults
      .filter(({ unknownKey }) => unknownKey)
      .map(({ path }) => {
        const mapping = path.slice(0, -1);
        return JSON.stringify([...mapping, meantKey(mapping, String(path.at(-1)))]);
      }),
  );
  return faults.filter(
    ({ path }) => valueAt(root, path) !== undefined || !misspelt.has(JSON.stringify(path)),
  );
}

type ExplainedFault = Fault & { unknownKey?: true };

function explainIssue(issue: Issue, root: unknown, base: Path): ExplainedFault[] {
  const path = [...base, ...issue.path] as Path;
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        path: [...path, key],
        at: 'key',
        message: explainUnknownKey(path, key),
        unknownKey: true,
      }));
    case 'invalid_union': {
      // The form that the author meant is the one that fits as a whole.
      const meant = issue.errors.find((branch) =>
        branch.every((inner) => inner.path.length > 0 || isOpen(inner)),
      );
      if (meant) return meant.flatMap((inner) => explainIssue(inner, root, path));
      return [describeMismatch(path, root, issue.message, issue.errors.flat().flatMap(choicesOf))];
    }
    case 'invalid_key':
      return [
        {
          path,
          at: 'key',
          message: `${JSON.stringify(path.at(-1))} must be ${issue.issues[0]?.message ?? 'another key'}`,
        },
      ];
    case 'custom':
      return [{ path, at: 'value', message: `${nameOf(path)} ${issue.message}` }];
    default:
      return [describeMismatch(path, root, issue.message, choicesOf(issue))];
  }
}

function choicesOf(issue: Issue): string[] {
  return issue.code === 'invalid_value' ? issue.values.map(String) : [];
}

/** An unknown key says nothing against the form it stands in. */
function isOpen(issue: Issue): boolean {
  return issue.code === 'unrecognized_keys';
}

/** `expected` is the noun phrase of the schema: what the value must be. */
function describeMismatch(path: Path, root: unknown, expected: string, choices: string[]): Fault {
  const value = valueAt(root, path);
  if (value === undefined) {
    const parent = path.length > 1 ? ` in ${nameOf(path.slice(0, -1))}` : '';
    return { path, at: 'key', message: `${nameOf(path)} is missing${parent}; add it: ${expected}` };
  }
  if (value === null) {
    return { path, at: 'key', message: `${nameOf(path)} has no value; it must be ${expected}` };
  }
  // Of two choices the wrong one may be nearer: `infinite` is meant to be `endless`.
  const suggestion = typeof value === 'string' && choices.length > 2 ? suggestName(value, choices) : '';
  return {
    path,
    at: 'value',
    message: `${nameOf(path)} must be ${expected}, not ${show(value)}${suggestion}`,
  };
}

/** `"duration"`, `tools[1]`, or `the scenario` itself. */
function nameOf(path: Path): string {
  const last = path.at(-1);
  if (last === undefined) return 'the scenario';
  return typeof last === 'number' ? `${String(path.at(-2))}[${last}]` : JSON.stringify(last);
}

function show(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object')
    return Object.keys(value ?? {}).length === 0 ? 'an empty mapping' : 'a mapping';
  if (typeof value !== 'string') return String(value);
  return JSON.stringify(value.length > SHOWN_CHARACTERS ? `${value.slice(0, SHOWN_CHARACTERS)}...` : value);
}
