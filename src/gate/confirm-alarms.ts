import type { GateCell, GateProblem, GateResult } from '../model/gate.ts';
import { concludeGate } from './judge-gate.ts';

/** The rows and metrics that alarmed, to be measured again. */
export function alarmedCells({ cells }: GateResult): GateCell[] {
  return cells.filter(({ verdict }) => verdict === 'worse');
}

/**
 * The verdict after the alarmed rows were measured again: an alarm stands when it comes again. One that does not is
 * inconclusive, not passed: one of the two measurements was wrong. So is one that the second run is no valid measurement
 * of: it is not confirmed, and not refuted. What the second run broke itself counts as well.
 */
export function confirmAlarms(first: GateResult, second: GateResult): GateResult {
  const isNew = ({ detail }: GateProblem): boolean =>
    !first.problems.some((known) => known.detail === detail);
  // A failed trial of the second run makes that one worthless, not the alarm: as a problem of the harness it would hide it.
  const problems = second.problems
    .filter(isNew)
    .map(
      (problem): GateProblem => ({ ...problem, kind: 'invalid', detail: `second run: ${problem.detail}` }),
    );
  const cells = first.cells.map((cell): GateCell => {
    if (cell.verdict !== 'worse') return cell;
    const again = second.cells.find(({ arm, metric }) => arm === cell.arm && metric === cell.metric);
    const invalid = second.problems.find(({ arm }) => arm === null || arm === cell.arm);
    const absent = second.missing.find(({ arm, metric }) => arm === cell.arm && metric === cell.metric);
    const unable = invalid?.detail ?? (again ? undefined : (absent?.why ?? 'it has no value there'));
    if (unable === undefined && again!.verdict === 'worse') return { ...cell, confirmed: true };
    const reason =
      unable === undefined
        ? `a second run did not show it (${again!.why})`
        : `not confirmed, because the second run is no valid measurement of it (${unable})`;
    return {
      ...cell,
      verdict: 'inconclusive',
      finding: null,
      confirmed: false,
      why: `${cell.why}; ${reason}`,
    };
  });
  const invariants = second.invariants.map((broken) => ({ ...broken, by: `${broken.by} in a second run` }));
  return concludeGate({
    ...first,
    problems: [...first.problems, ...problems],
    invariants: [...first.invariants, ...invariants],
    cells,
  });
}
