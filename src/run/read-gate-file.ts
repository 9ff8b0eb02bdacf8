import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Comparison } from '../model/comparison.ts';
import type { GateResult } from '../model/gate.ts';
import { gateSchema } from '../report/gate-schema.ts';

/**
 * The verdict that reports of a run show: what `ssee-bench gate` left in its folder, where that knows more than the run
 * itself does - another run or stored nights to compare with, or a second measurement of an alarm.
 */
export function chooseGate(runDir: string, derived: Comparison['gate']): Comparison['gate'] {
  const stored = readGateFile(runDir);
  if (!stored) return derived;
  const wasConfirmed = stored.cells.some(({ confirmed }) => confirmed !== null);
  return 'schema' in derived && !wasConfirmed ? derived : stored;
}

/** Undefined where there is none, or one of another version. */
function readGateFile(runDir: string): GateResult | undefined {
  try {
    const read = gateSchema.safeParse(JSON.parse(readFileSync(join(runDir, 'gate.json'), 'utf8')));
    return read.success ? read.data : undefined;
  } catch {
    return undefined;
  }
}
