import type { Comparison } from '../../src/model/comparison.ts';
import type { ReportData } from '../../src/model/report-data.ts';

/** Everything that any format could take for more than text. */
export const HOSTILE =
  '</script><script>window.pwned = 1</script><img src=x onerror="window.pwned=1">=cmd()|\u001b[31m\u2028\u2029\0"\'`&amp;<!--]]>%0A::error::x\r\n, \ud800\ufffe\u009b{};';

/** Members whose values are our own words and not anybody's text. */
const OURS = new Set([
  'schema',
  'state',
  'metric',
  'better',
  'from',
  'test',
  'kind',
  'unit',
  'definition',
  'why',
  'outcome',
  'stream',
  'startedAt',
  'base',
  'corrected',
  'source',
  'dotsAre',
  'ended',
  'dots',
  'marks',
  'request_bytes',
]);

/** A verdict is one of these, or the sentence of a run. */
const VERDICTS = new Set([
  ...['passed', 'regression', 'inconclusive', 'failed', 'met', 'broken', 'unknown'],
  ...['better', 'worse', 'same'],
]);

/** The same with every text from outside made hostile, ids included. */
export function poison<T extends Comparison | ReportData>(value: T): T {
  return poisonMember(value, '') as T;
}

function poisonMember(value: unknown, key: string): unknown {
  if (typeof value === 'string') return OURS.has(key) || VERDICTS.has(value) ? value : `${HOSTILE}${value}`;
  if (Array.isArray(value)) return value.map((member) => poisonMember(member, key));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, poisonMember(member, name)]),
  );
}

/** RFC 4180, written anew for tests: what the reports write with a library is read without it. */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  const row: string[] = [];
  let field = '';
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (quoted) {
      if (character !== '"') field += character;
      else if (text[at + 1] === '"') field += text[at++];
      else quoted = false;
    } else if (character === '"' && field === '') quoted = true;
    else if (character === ',' || character === '\n') {
      row.push(field);
      field = '';
      if (character === '\n') rows.push(row.splice(0));
    } else field += character;
  }
  if (quoted || field !== '' || row.length > 0) throw new Error('the text ends inside a record');
  return rows;
}
