import type { GateCell, GateResult } from '../model/gate.ts';
import { concludeGate } from './judge-gate.ts';

/** The rows and metrics that alarmed, to be measured again. */
export function alarmedCells({ cells }: GateResult): GateCell[] {
  return cells.filter(({ verdict }) => verdict === 'worse');
}

/**
 * The verdict after the alarmed rows were measured again: an alarm stands when it comes again. One that does not is
 * inconclusive, not passed: one of the two measurements was wrong.
 */
export function confirmAlarms(first: GateResult, second: GateResult): GateResult {
  const cells = first.cells.map((cell): GateCell => {
    if (cell.verdict !== 'worse') return cell;
    const again = second.cells.find(({ arm, metric }) => arm === cell.arm && metric === cell.metric);
    if (again?.verdict === 'worse') return { ...cell, confirmed: true };
    return {
      ...cell,
      verdict: 'inconclusive',
      finding: null,
      confirmed: false,
      why: `${cell.why}; a second run did not show it (${again?.why ?? 'it has no value there'})`,
    };
  });
  return concludeGate({ ...first, cells });
}
