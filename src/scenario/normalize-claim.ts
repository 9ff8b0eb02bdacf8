import {
  type ClaimCondition,
  type ClaimSpec,
  COMPARISONS,
  type FigureSource,
  type Irrefutable,
  type Operand,
} from '../model/claim.ts';
import { parseAmount } from './amounts.ts';
import { parseConstant, readSource } from './figure-names.ts';
import type { WrittenCondition } from './schema/claim.ts';
import type { ValidScenario } from './schema.ts';

type WrittenClaim = NonNullable<ValidScenario['claims']>[number];
type WrittenOperand = NonNullable<WrittenCondition['above']>;

/** A claim that the checks have accepted. `place` is where it stands in the text. */
export function normalizeClaim(
  { id, says, quote, section, published, note, confirm, refute, because, beside }: WrittenClaim,
  place: { line: number; column: number },
): ClaimSpec {
  return {
    id,
    text: says,
    ...(quote === undefined ? {} : { quote }),
    ...(section === undefined ? {} : { section }),
    ...(published === undefined ? {} : { published }),
    ...(note === undefined ? {} : { note }),
    ...(confirm ? { confirm: normalizeCondition(confirm) } : {}),
    ...(refute === 'never'
      ? { irrefutable: normalizeIrrefutable(because, beside) }
      : refute
        ? { refute: normalizeCondition(refute) }
        : {}),
    ...place,
  };
}

function normalizeIrrefutable(because = '', beside: WrittenClaim['beside']): Irrefutable {
  const figure = beside && readSource(beside);
  return { because, ...(figure ? { beside: figure } : {}) };
}

function normalizeCondition(written: WrittenCondition): ClaimCondition {
  const { all, any, not, header, finding, arm = '', sent = true, present = true, rank } = written;
  if (all) return { kind: 'all', of: all.map(normalizeCondition) };
  if (any) return { kind: 'any', of: any.map(normalizeCondition) };
  if (not) return { kind: 'not', of: normalizeCondition(not) };
  if (header !== undefined) {
    const { equals } = written;
    return {
      kind: 'header',
      arm,
      name: header,
      sent,
      ...(typeof equals === 'string' ? { equals } : {}),
    };
  }
  if (finding !== undefined) {
    return { kind: 'finding', arm, code: finding, present, ...(rank === undefined ? {} : { rank }) };
  }
  return normalizeComparison(written);
}

/** @throws when it is none that the checks accept */
function normalizeComparison(written: WrittenCondition): ClaimCondition {
  const figure = readSource(written);
  const operator = COMPARISONS.find((name) => written[name] !== undefined);
  if (!figure || !operator) throw new Error(`not a condition: ${JSON.stringify(written)}`);
  const within = written.within === undefined ? undefined : parseAmount(written.within, 'ratio');
  return {
    kind: 'compare',
    figure,
    operator,
    operand: normalizeOperand(written[operator]!, figure),
    ...(within === undefined ? {} : { within }),
  };
}

function normalizeOperand(written: WrittenOperand, figure: FigureSource): Operand {
  if (typeof written === 'object') {
    const other = readSource(written, figure);
    if (!other) throw new Error(`not a figure: ${JSON.stringify(written)}`);
    return { figure: other, times: written.times ?? 1 };
  }
  if (typeof written === 'boolean' || figure.from === 'probe') return { value: written };
  const value = parseConstant(written, figure);
  if (value === undefined) throw new Error(`not an amount: ${written}`);
  return { value };
}
