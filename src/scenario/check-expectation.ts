import { RULES } from '../findings/index.ts';
import { suggestName } from './closest-name.ts';
import { textAt } from './draft.ts';
import type { Fault } from './fault.ts';

/** A planted truth that no rule can find would fail on every run. */
export function checkExpectation(draft: unknown): Fault[] {
  const path = ['expect', 'finding'];
  const code = textAt(draft, path);
  const codes = [...RULES.map((rule) => rule.code), 'unproven'];
  if (code === undefined || codes.includes(code)) return [];
  const remedy = suggestName(code, codes) || `; it must be one of ${codes.join(', ')}`;
  return [{ path, at: 'value', message: `no finding is called ${JSON.stringify(code)}${remedy}` }];
}
