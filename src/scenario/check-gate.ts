import { METRICS, type MetricId } from '../model/metrics.ts';
import { describeAmount, parseAmount } from './amounts.ts';
import { suggestName } from './closest-name.ts';
import { keysAt, listAt, textAt } from './draft.ts';
import { type Fault, type Path, valueAt } from './fault.ts';

/** What the schema cannot say about `slo` and `gate`: units of amounts, names of rows and variants. */
export function checkGate(draft: unknown): Fault[] {
  return [...checkSlos(draft), ...checkVariants(draft), ...checkGateMetrics(draft), ...checkGateArms(draft)];
}

function checkSlos(draft: unknown): Fault[] {
  return listAt(draft, ['slo']).flatMap((_, index) => {
    const path: Path = ['slo', index];
    if (keysAt(draft, path).length === 0) return [];
    const arm = textAt(draft, [...path, 'arm']);
    return [
      ...(valueAt(draft, [...path, 'max']) === undefined && valueAt(draft, [...path, 'min']) === undefined
        ? [fault(path, 'value', `slo[${index}] has no limit; add max or min, such as max: 50ms`)]
        : []),
      ...checkAmounts(draft, path, ['max', 'min']),
      ...checkOrder(draft, path),
      ...(arm === undefined ? [] : checkRow(draft, [...path, 'arm'], arm)),
    ];
  });
}

function checkAmounts(draft: unknown, path: Path, keys: readonly string[]): Fault[] {
  const metric = metricAt(draft, path);
  if (metric === undefined) return [];
  const { unit } = METRICS[metric];
  return keys.flatMap((key) => {
    const written = valueAt(draft, [...path, key]);
    if (typeof written !== 'string' && typeof written !== 'number') return [];
    if (parseAmount(written, unit) !== undefined) return [];
    const said = typeof written === 'string' ? JSON.stringify(written) : String(written);
    return [
      fault([...path, key], 'value', `"${key}" of ${metric} must be ${describeAmount(unit)}, not ${said}`),
    ];
  });
}

function checkOrder(draft: unknown, path: Path): Fault[] {
  const metric = metricAt(draft, path);
  if (metric === undefined) return [];
  const [max, min] = ['max', 'min'].map((key) =>
    parseAmount(valueAt(draft, [...path, key]), METRICS[metric].unit),
  );
  if (max === undefined || min === undefined || min <= max) return [];
  return [fault([...path, 'min'], 'value', '"min" is above "max", which nothing can meet; swap them')];
}

function metricAt(draft: unknown, path: Path): MetricId | undefined {
  const text = textAt(draft, [...path, 'metric']);
  return text !== undefined && Object.hasOwn(METRICS, text) ? (text as MetricId) : undefined;
}

/** A row by the name of its tool, or by `name@variant`. */
function checkRow(draft: unknown, path: Path, row: string): Fault[] {
  const tools = toolNames(draft);
  const variants = keysAt(draft, ['variants']);
  const rows = [...tools, ...tools.flatMap((tool) => variants.map((variant) => `${tool}@${variant}`))];
  if (tools.length === 0 || rows.includes(row)) return [];
  return [
    fault(
      path,
      'value',
      `no row here is called ${JSON.stringify(row)}${suggestName(row, rows) || `; name one of ${tools.join(', ')}`}`,
    ),
  ];
}

function toolNames(draft: unknown): string[] {
  return listAt(draft, ['tools']).flatMap(
    (_, index) =>
      textAt(draft, ['tools', index]) ??
      textAt(draft, ['tools', index, 'name']) ??
      textAt(draft, ['tools', index, 'use']) ??
      [],
  );
}

const ROLES = ['base', 'head', 'control'] as const;

function checkVariants(draft: unknown): Fault[] {
  const variants = keysAt(draft, ['variants']);
  const seen = new Map<string, string>();
  const faults = ROLES.flatMap((role): Fault[] => {
    const path = ['gate', role];
    const name = textAt(draft, path);
    if (name === undefined) return [];
    if (!variants.includes(name)) {
      const remedy =
        variants.length === 0
          ? '; add variants, or leave it out and give two runs to ssee-bench gate'
          : suggestName(name, variants) || `; name one of ${variants.join(', ')}`;
      return [fault(path, 'value', `no variant is called ${JSON.stringify(name)}${remedy}`)];
    }
    const earlier = seen.get(name);
    seen.set(name, role);
    if (earlier === undefined) return [];
    return [
      fault(
        path,
        'value',
        `"${name}" is "${earlier}" already; name another variant (a control is a variant of its own, as empty as ${name}-again: {})`,
      ),
    ];
  });
  const given = keysAt(draft, ['gate']);
  const lone =
    given.includes('base') === given.includes('head') ? undefined : given.includes('base') ? 'head' : 'base';
  if (lone !== undefined) {
    const other = lone === 'head' ? 'base' : 'head';
    faults.push(fault(['gate', other], 'key', `"${other}" needs "${lone}" beside it; name that variant too`));
  }
  if (given.includes('control') && !given.includes('base')) {
    faults.push(
      fault(['gate', 'control'], 'key', '"control" repeats "base"; name the variants "base" and "head" too'),
    );
  }
  return faults;
}

function checkGateMetrics(draft: unknown): Fault[] {
  const seen = new Set<string>();
  return listAt(draft, ['gate', 'metrics'])
    .flatMap((_, index) => {
      const path: Path = ['gate', 'metrics', index];
      const short = textAt(draft, path);
      const name = short ?? textAt(draft, [...path, 'metric']);
      if (name === undefined || !Object.hasOwn(METRICS, name)) return [];
      const place = short === undefined ? [...path, 'metric'] : path;
      const again = seen.has(name);
      seen.add(name);
      return [
        ...(again ? [fault(place, 'value', `"${name}" is gated already; remove one of the two`)] : []),
        ...(METRICS[name as MetricId].better === 'neither'
          ? [
              fault(
                place,
                'value',
                `"${name}" is neither better high nor low, so it cannot get worse; remove it`,
              ),
            ]
          : []),
        ...(short === undefined ? checkAmounts(draft, path, ['minEffect']) : []),
        ...checkShare(draft, [...path, 'maxRegression']),
      ];
    })
    .concat(checkShare(draft, ['gate', 'maxRegression']));
}

function checkShare(draft: unknown, path: Path): Fault[] {
  const written = valueAt(draft, path);
  if (typeof written !== 'string' && typeof written !== 'number') return [];
  const share = parseAmount(written, 'ratio');
  if (share !== undefined && share > 0) return [];
  return [
    fault(
      path,
      'value',
      `"maxRegression" must be a share above 0, such as 10%, not ${JSON.stringify(written)}`,
    ),
  ];
}

function checkGateArms(draft: unknown): Fault[] {
  const tools = toolNames(draft);
  return listAt(draft, ['gate', 'arms']).flatMap((_, index) => {
    const name = textAt(draft, ['gate', 'arms', index]);
    if (name === undefined || tools.length === 0 || tools.includes(name)) return [];
    const remedy = suggestName(name, tools) || `; name one of ${tools.join(', ')}`;
    return [
      fault(['gate', 'arms', index], 'value', `no tool here is called ${JSON.stringify(name)}${remedy}`),
    ];
  });
}

function fault(path: Path, at: Fault['at'], message: string): Fault {
  return { path, at, message };
}
