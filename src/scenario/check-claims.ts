import { RULES } from '../findings/index.ts';
import { COMPARISONS, FIGURE_GROUPS, type FigureSource } from '../model/claim.ts';
import { describeAmount, parseAmount } from './amounts.ts';
import { suggestName } from './closest-name.ts';
import { keysAt, listAt, textAt } from './draft.ts';
import { type Fault, type Path, valueAt } from './fault.ts';
import { FIGURES, parseConstant, readSource, unitOf, type WrittenSource } from './figure-names.ts';

/** What names the subject of a condition; each excludes the others. */
const SUBJECTS = [...FIGURE_GROUPS, 'request', 'probe', 'header', 'finding', 'all', 'any', 'not'] as const;
/** Keys that belong to one subject alone. */
const ONLY_OF: Record<string, readonly string[]> = {
  sent: ['header'],
  present: ['finding'],
  rank: ['finding'],
  figure: ['probe'],
};
const KNOWN_KEYS = new Set<string>([...SUBJECTS, ...COMPARISONS, ...Object.keys(ONLY_OF), 'arm', 'within']);
const EXAMPLE = '{metric: requests_per_sec, arm: wrk, above: 1000}';

/** What the schema cannot say about `claims`: what belongs together, and that everything named is there. */
export function checkClaims(draft: unknown): Fault[] {
  const seen = new Set<string>();
  return listAt(draft, ['claims']).flatMap((_, index): Fault[] => {
    const path: Path = ['claims', index];
    const keys = keysAt(draft, path);
    if (keys.length === 0) return [];
    const id = textAt(draft, [...path, 'id']);
    const again = id !== undefined && seen.has(id);
    if (id !== undefined) seen.add(id);
    return [
      ...(again
        ? [fault([...path, 'id'], 'value', `there is a claim "${id}" already; give this one another id`)]
        : []),
      ...(keys.includes('confirm') || keys.includes('refute')
        ? []
        : [
            fault(
              path,
              'value',
              `claims[${index}] cannot be judged; add "confirm" or "refute", such as confirm: ${EXAMPLE}`,
            ),
          ]),
      ...checkCondition(draft, [...path, 'confirm']),
      ...checkCondition(draft, [...path, 'refute']),
      ...checkIrrefutable(draft, path, keys),
    ];
  });
}

/** `refute: never` needs its reason, and nothing else has one. */
function checkIrrefutable(draft: unknown, path: Path, keys: readonly string[]): Fault[] {
  const refute = textAt(draft, [...path, 'refute']);
  if (refute !== 'never') {
    // Misspelt, it is one mistake and not three.
    if (refute !== undefined) return [];
    return ['because', 'beside']
      .filter((key) => keys.includes(key))
      .map((key) => fault([...path, key], 'key', `"${key}" belongs to refute: never; remove it`));
  }
  const beside: Path = [...path, 'beside'];
  const written = valueAt(draft, beside);
  return [
    ...(keys.includes('because')
      ? []
      : [
          fault(
            [...path, 'refute'],
            'value',
            'why can nothing refute it? add because: with the reason in one line',
          ),
        ]),
    ...(isMapping(written) ? checkBeside(draft, beside, written as WrittenSource) : []),
  ];
}

function checkBeside(draft: unknown, path: Path, written: WrittenSource): Fault[] {
  const subject = [...FIGURE_GROUPS, 'request', 'probe'].find((name) => Object.hasOwn(written, name));
  if (subject === undefined || (subject === 'probe' && written.figure === undefined)) {
    const example = '{metric: requests_per_sec, arm: wrk}';
    return [fault(path, 'value', `this names no figure; write for example ${example}`)];
  }
  return [...checkArm(draft, path, subject), ...checkName(draft, path, subject)];
}

function checkCondition(draft: unknown, path: Path): Fault[] {
  const keys = keysAt(draft, path);
  if (!isMapping(valueAt(draft, path))) return [];
  const [subject, ...others] = SUBJECTS.filter((name) => keys.includes(name));
  if (subject === undefined) {
    return [fault(path, 'value', `this condition is about nothing; write for example ${EXAMPLE}`)];
  }
  const [second] = others;
  if (second !== undefined) {
    const message = `"${second}" cannot stand beside "${subject}"; join two conditions by all: [...] or any: [...]`;
    return [fault([...path, second], 'key', message)];
  }
  if (subject === 'not')
    return [...checkLone(keys, subject, path), ...checkCondition(draft, [...path, 'not'])];
  if (subject === 'all' || subject === 'any') {
    const parts = listAt(draft, [...path, subject]);
    return [
      ...checkLone(keys, subject, path),
      ...parts.flatMap((_, index) => checkCondition(draft, [...path, subject, index])),
    ];
  }
  return [
    ...checkForeignKeys(keys, subject, path),
    ...checkArm(draft, path, subject),
    ...checkName(draft, path, subject),
    ...(subject === 'header' || subject === 'finding'
      ? checkUncompared(draft, path, keys, subject)
      : checkComparison(draft, path, keys)),
  ];
}

/** `all`, `any` and `not` say everything by what is in them. */
function checkLone(keys: readonly string[], subject: string, path: Path): Fault[] {
  return keys
    .filter((key) => key !== subject)
    .map((key) =>
      fault([...path, key], 'key', `"${key}" has no meaning beside "${subject}"; move it into a condition`),
    );
}

function checkForeignKeys(keys: readonly string[], subject: string, path: Path): Fault[] {
  return keys.flatMap((key) => {
    const homes = ONLY_OF[key];
    if (!homes || homes.includes(subject)) return [];
    return [
      fault(
        [...path, key],
        'key',
        `"${key}" belongs to "${homes.join('" or "')}" and not to "${subject}"; remove it`,
      ),
    ];
  });
}

function checkArm(draft: unknown, path: Path, subject: string): Fault[] {
  const arm = textAt(draft, [...path, 'arm']);
  if (subject === 'probe') {
    return arm === undefined ? [] : [fault([...path, 'arm'], 'key', 'a probe has no rows; remove "arm"')];
  }
  if (arm !== undefined) return checkRow(draft, [...path, 'arm'], arm);
  if (keysAt(draft, path).includes('arm')) return [];
  return [
    fault(
      path,
      'value',
      `"${subject}" needs the row it is taken from; add arm, such as arm: ${rowsOf(draft)[0] ?? 'wrk'}`,
    ),
  ];
}

/** A row by its whole name: with variants, a tool alone is several. */
function checkRow(draft: unknown, path: Path, name: string): Fault[] {
  const rows = rowsOf(draft);
  if (rows.length === 0 || rows.includes(name)) return [];
  const remedy = suggestName(name, rows) || `; name one of ${rows.join(', ')}`;
  return [fault(path, 'value', `no row here is called ${JSON.stringify(name)}${remedy}`)];
}

function rowsOf(draft: unknown): string[] {
  const variants = keysAt(draft, ['variants']);
  return listAt(draft, ['tools']).flatMap((_, index) => {
    const tool =
      textAt(draft, ['tools', index]) ??
      textAt(draft, ['tools', index, 'name']) ??
      textAt(draft, ['tools', index, 'use']);
    if (tool === undefined) return [];
    return variants.length === 0 ? [tool] : variants.map((variant) => `${tool}@${variant}`);
  });
}

function checkName(draft: unknown, path: Path, subject: string): Fault[] {
  const place = [...path, subject];
  const name = textAt(draft, place);
  if (name === undefined) return [];
  const candidates = candidatesFor(draft, subject);
  const faults = [
    ...(candidates && !candidates.includes(name)
      ? [
          fault(
            place,
            'value',
            `no ${describeSubject(subject)} is called ${JSON.stringify(name)}${suggestName(name, candidates) || `; it must be one of ${candidates.join(', ') || 'none, so add it'}`}`,
          ),
        ]
      : []),
    ...(subject === 'profile' && listAt(draft, ['observe', 'profile']).length === 0
      ? [fault(place, 'key', 'there is no profile without observe.profile; add observe: {profile: [cpu]}')]
      : []),
    ...(['wire', 'request', 'header'].includes(subject) && !captures(draft)
      ? [fault(place, 'key', `"${subject}" is read from a capture, which is off; write capture: headers`)]
      : []),
  ];
  if (subject !== 'probe' || keysAt(draft, path).includes('figure')) return faults;
  return [...faults, fault(path, 'value', `which figure of the probe ${JSON.stringify(name)}? add "figure"`)];
}

function candidatesFor(draft: unknown, subject: string): string[] | undefined {
  if (subject === 'probe') return keysAt(draft, ['probes']);
  if (subject === 'finding') return RULES.map(({ code }) => code);
  // The schema checks metrics itself.
  return subject !== 'metric' && Object.hasOwn(FIGURES, subject)
    ? Object.keys(FIGURES[subject as keyof typeof FIGURES])
    : undefined;
}

function describeSubject(subject: string): string {
  return subject === 'probe' || subject === 'finding' || subject === 'outcome'
    ? subject
    : `figure of ${subject}`;
}

function captures(draft: unknown): boolean {
  return (textAt(draft, ['capture', 'mode']) ?? textAt(draft, ['capture'])) !== 'off';
}

/** A header is there or not, a finding is found or not: only the value of a header is held against a text. */
function checkUncompared(draft: unknown, path: Path, keys: readonly string[], subject: string): Fault[] {
  return [...COMPARISONS, 'within']
    .filter((key) => keys.includes(key))
    .filter(
      (key) => subject !== 'header' || key !== 'equals' || typeof valueAt(draft, [...path, key]) !== 'string',
    )
    .map((key) =>
      fault(
        [...path, key],
        'key',
        subject === 'header'
          ? `a header is sent or not; remove "${key}", or write equals with its value in quotes`
          : `a finding is present or not; remove "${key}"`,
      ),
    );
}

function checkComparison(draft: unknown, path: Path, keys: readonly string[]): Fault[] {
  const [operator, ...others] = COMPARISONS.filter((name) => keys.includes(name));
  if (operator === undefined) {
    // A key that is there misspelt is one mistake and not a missing one as well.
    if (keys.some((key) => !KNOWN_KEYS.has(key))) return [];
    return [
      fault(path, 'value', `held against what? add one of ${COMPARISONS.join(', ')}, such as above: 1000`),
    ];
  }
  const [second] = others;
  if (second !== undefined) {
    const message = `"${second}" cannot stand beside "${operator}"; join two conditions by all: [...] or any: [...]`;
    return [fault([...path, second], 'key', message)];
  }
  return [...checkTolerance(draft, path, keys, operator), ...checkOperand(draft, path, operator)];
}

function checkTolerance(draft: unknown, path: Path, keys: readonly string[], operator: string): Fault[] {
  if (!keys.includes('within')) return [];
  const place = [...path, 'within'];
  if (operator !== 'equals') {
    return [
      fault(
        place,
        'key',
        `"within" is the tolerance of "equals"; remove it, or give "${operator}" times: 1.1`,
      ),
    ];
  }
  const written = valueAt(draft, place);
  if (typeof written !== 'string' && typeof written !== 'number') return [];
  if (parseAmount(written, 'ratio') !== undefined) return [];
  return [
    fault(place, 'value', `"within" must be ${describeAmount('ratio')}, not ${JSON.stringify(written)}`),
  ];
}

function checkOperand(draft: unknown, path: Path, operator: string): Fault[] {
  const place = [...path, operator];
  const written = valueAt(draft, place);
  const source = readSource((valueAt(draft, path) ?? {}) as WrittenSource);
  if (isMapping(written)) return checkOther(draft, place, source);
  if (source === undefined || source.from === 'probe' || !isKnown(source)) return [];
  if (typeof written === 'boolean') {
    return unitOf(source) === 'boolean'
      ? []
      : [fault(place, 'value', `"${operator}" must be ${describeAmount(unitOf(source))}, not ${written}`)];
  }
  if (typeof written !== 'string' && typeof written !== 'number') return [];
  if (unitOf(source) !== 'boolean' && parseConstant(written, source) !== undefined) return [];
  const expected = unitOf(source) === 'boolean' ? 'true or false' : describeAmount(unitOf(source));
  return [fault(place, 'value', `"${operator}" must be ${expected}, not ${JSON.stringify(written)}`)];
}

/** The other figure of a comparison. */
function checkOther(draft: unknown, place: Path, same: FigureSource | undefined): Fault[] {
  const keys = keysAt(draft, place);
  const subject = [...FIGURE_GROUPS, 'request', 'probe'].find((name) => keys.includes(name));
  const arm = textAt(draft, [...place, 'arm']);
  return [
    ...(same && !readSource((valueAt(draft, place) ?? {}) as WrittenSource, same)
      ? [fault(place, 'value', 'this names no other figure; write for example {arm: hey, times: 2}')]
      : []),
    ...(arm === undefined ? [] : checkRow(draft, [...place, 'arm'], arm)),
    ...(subject === undefined || (subject === 'probe' && !keys.includes('figure'))
      ? []
      : checkName(draft, place, subject)),
  ];
}

function isKnown(source: FigureSource): boolean {
  return !('id' in source) || source.from === 'probe' || Object.hasOwn(FIGURES[source.from], source.id);
}

function isMapping(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fault(path: Path, at: Fault['at'], message: string): Fault {
  return { path, at, message };
}
