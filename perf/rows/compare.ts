import { findDoubts } from '../judge.ts';
import type { Lab } from '../lab.ts';
import type { LoadProgram } from '../load-programs.ts';
import type { MeasuredTarget } from '../measured-target.ts';
import type { LoadRun, Pair, RowResult } from '../model.ts';
import { runPairs } from '../pairing.ts';
import { type LoadSpec, runLoad } from '../run-load.ts';

export interface Comparison extends LoadSpec {
  /** What is compared: key of the raw values and beginning of its warnings. */
  name: string;
  ours: LoadProgram;
  peer: LoadProgram;
  /** Streams are sent faster than anybody reads, so unread rests are no doubt about anything. */
  isBulk?: boolean;
}

/** All pairs of a comparison against one target; its raw values and doubts go into `result`. */
export async function compare(
  lab: Lab,
  target: MeasuredTarget,
  comparison: Comparison,
  result: RowResult,
): Promise<Pair[]> {
  const { name, ours, peer, isBulk, ...spec } = comparison;
  let runs = 0;
  const pairs = await runPairs(lab.options.pairs, async (side): Promise<LoadRun> => {
    const program = side === 'ours' ? ours : peer;
    runs++;
    lab.say(`${name}: run ${runs} of ${2 * lab.options.pairs}, ${program.name}`);
    return runLoad(lab, target, program, spec);
  });
  result.raw[name] = { ...spec, target: target.name, pairs };
  result.warnings.push(...findDoubts(name, pairs, isBulk));
  return pairs;
}

export function emptyResult(): RowResult {
  return { lines: [], raw: {}, warnings: [] };
}
