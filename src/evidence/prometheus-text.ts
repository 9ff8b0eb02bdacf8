/** One line of the Prometheus text format: `name{label="value"} 12`. */
export interface PrometheusSample {
  name: string;
  /** A map, because label names come from outside and may be `__proto__`. */
  labels: ReadonlyMap<string, string>;
  /** May be NaN or infinite, as the format allows. */
  value: number;
}

/** A cumulative histogram, buckets in rising order of their upper bound; the last bound is Infinity. */
export interface PrometheusHistogram {
  buckets: { le: number; count: number }[];
  sum: number;
  count: number;
}

const METRIC_NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const LABEL = /\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*/y;
const VALUE = /^\s*(\S+)(?:\s+-?\d+)?\s*$/;

/**
 * The samples of an exposition in text format 0.0.4. Comments, blank lines and lines that are not samples are
 * passed over: ground truth must not be lost because a target adds something of its own. Timestamps are dropped.
 */
export function parsePrometheusText(text: string): PrometheusSample[] {
  const samples: PrometheusSample[] = [];
  for (const line of text.split('\n')) {
    const sample = parseLine(line.trimStart());
    if (sample) samples.push(sample);
  }
  return samples;
}

/** The histogram `name` summed over all its label sets; undefined unless it has a +Inf bucket. */
export function readHistogram(
  samples: readonly PrometheusSample[],
  name: string,
): PrometheusHistogram | undefined {
  const countByBound = new Map<number, number>();
  for (const sample of samples) {
    if (sample.name !== `${name}_bucket`) continue;
    const le = parseValue(sample.labels.get('le') ?? '');
    if (le === undefined || Number.isNaN(le)) continue;
    countByBound.set(le, (countByBound.get(le) ?? 0) + sample.value);
  }
  const count = countByBound.get(Number.POSITIVE_INFINITY);
  if (count === undefined) return undefined;
  const buckets = [...countByBound].map(([le, total]) => ({ le, count: total })).sort((a, b) => a.le - b.le);
  const sum = samples.filter((sample) => sample.name === `${name}_sum`).reduce((a, b) => a + b.value, 0);
  return { buckets, sum, count };
}

function parseLine(line: string): PrometheusSample | undefined {
  METRIC_NAME.lastIndex = 0;
  const name = METRIC_NAME.exec(line)?.[0];
  if (name === undefined) return undefined;
  let position = name.length;
  const labels = new Map<string, string>();
  if (line[position] === '{') {
    const end = parseLabels(line, position + 1, labels);
    if (end === undefined) return undefined;
    position = end;
  } else if (!/\s/.test(line[position] ?? '')) {
    return undefined;
  }
  const valueText = VALUE.exec(line.slice(position))?.[1];
  const value = valueText === undefined ? undefined : parseValue(valueText);
  return value === undefined ? undefined : { name, labels, value };
}

/** Reads from behind `{` into `labels`; the position behind `}`, or undefined when the list is malformed. */
function parseLabels(line: string, start: number, labels: Map<string, string>): number | undefined {
  let position = start;
  while (line[position] !== '}') {
    LABEL.lastIndex = position;
    const match = LABEL.exec(line);
    if (!match) return undefined;
    labels.set(match[1]!, unescapeLabel(match[2]!));
    position = LABEL.lastIndex;
    if (line[position] === ',') position++;
    else if (line[position] !== '}') return undefined;
  }
  return position + 1;
}

function unescapeLabel(text: string): string {
  return text.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
}

function parseValue(text: string): number | undefined {
  if (/^\+?Inf$/i.test(text)) return Number.POSITIVE_INFINITY;
  if (/^-Inf$/i.test(text)) return Number.NEGATIVE_INFINITY;
  if (/^NaN$/i.test(text)) return Number.NaN;
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined;
}
