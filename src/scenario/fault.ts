/** Keys and list positions that lead from the top of the scenario to a value. */
export type Path = readonly (string | number)[];

/** A mistake, placed in the data: where it stands in the text is found out at the end. */
export interface Fault {
  path: Path;
  /** Shown at the key where the key itself is wrong or superfluous, at the value otherwise. */
  at: 'key' | 'value';
  message: string;
}

/** A mistake placed in the text, as an offset in UTF-16 code units. */
export interface TextFault {
  offset: number;
  message: string;
}

/** The value at `path`, or undefined where there is none. Own keys only. */
export function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}
