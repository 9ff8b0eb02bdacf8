import { closestName } from './closest-name.ts';
import type { Path } from './fault.ts';
import { scenarioJsonSchema } from './schema.ts';

/** Keys that the format has and that this version cannot execute. Accepting them would mean ignoring them. */
const NOT_SUPPORTED = /^(variants\/[^/]+\/target\/cpuLimit|capture\/inline)$/;

interface JsonSchema {
  $ref?: string;
  definitions?: Record<string, JsonSchema>;
  properties?: Record<string, JsonSchema>;
  additionalProperties?: JsonSchema | boolean;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  allOf?: JsonSchema[];
}

/** What is wrong with `key`, which the schema does not have in the mapping at `path`, and what to do about it. */
export function explainUnknownKey(path: Path, key: string): string {
  if (NOT_SUPPORTED.test([...path, key].join('/'))) {
    return `"${key}" is not supported by this version of ssee-bench; remove it`;
  }
  const quoted = JSON.stringify(key);
  const knownHere = keysAt(path);
  const meant = closestName(key, knownHere);
  if (meant !== undefined) return `unknown key ${quoted}; did you mean "${meant}"?`;
  const home = path[0] === 'variants' ? undefined : findHome(key);
  if (home !== undefined) return `unknown key ${quoted} here; it belongs in "${home}"`;
  return `unknown key ${quoted}; remove it or use one of ${knownHere.join(', ')}`;
}

/** The key that an unknown one was most likely meant to be. */
export function meantKey(path: Path, key: string): string | undefined {
  return closestName(key, keysAt(path));
}

function keysAt(path: Path): string[] {
  let schema: JsonSchema | undefined = scenarioJsonSchema as JsonSchema;
  for (const step of path) {
    schema = typeof step === 'number' ? schema?.items : stepInto(schema, step);
    // Of a tool or a capture mode, the short form has no keys.
    schema = schema?.anyOf?.find((member) => member.properties) ?? schema;
    schema = followRefs(schema);
  }
  return Object.keys(schema?.properties ?? {}).filter((key) => !key.startsWith('$'));
}

/** Conditions of claims contain conditions: they are `#/definitions/NAME`, and so is the list of them. */
function followRefs(schema: JsonSchema | undefined): JsonSchema | undefined {
  const ref = schema?.$ref ?? schema?.allOf?.[0]?.$ref;
  if (ref === undefined) return schema;
  return followRefs((scenarioJsonSchema as JsonSchema).definitions?.[ref.slice('#/definitions/'.length)]);
}

function stepInto(schema: JsonSchema | undefined, key: string): JsonSchema | undefined {
  const others = schema?.additionalProperties;
  return schema?.properties?.[key] ?? (typeof others === 'object' ? others : undefined);
}

/** The top-level mapping that has a key of this name. */
function findHome(key: string): string | undefined {
  const { properties = {} } = scenarioJsonSchema as JsonSchema;
  return Object.keys(properties).find((name) => Object.hasOwn(properties[name]?.properties ?? {}, key));
}
