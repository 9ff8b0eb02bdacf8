import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { parseDurationMs } from '../src/model/units.ts';
import { ROW_IDS, type RowId } from './model.ts';

export interface PerfOptions {
  rows: RowId[];
  pairs: number;
  /** Whole seconds per run. */
  durationS: number;
  quick: boolean;
  full: boolean;
  /** Length of the memory row's run; undefined leaves the row out. */
  soakS: number | undefined;
  /** Streams to hold, one comparison each. */
  held: number[];
  /** Folder for perf.md and perf.json. */
  out: string;
  /** False: whatever is not there is not fetched. */
  mayInstall: boolean;
}

interface Given {
  rows?: RowId[];
  pairs?: number;
  duration?: number;
  quick?: boolean;
  full?: boolean;
  soak?: number;
  held?: number[];
  out: string;
}

const FULL_SOAK_S = 600;

/**
 * @param argv without node and script
 * @returns the options, or the exit code when there is nothing to do
 */
export function parseOptions(argv: string[], mayInstall: boolean): PerfOptions | number {
  const program = describeProgram();
  try {
    program.parse(argv, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    throw error;
  }
  return completeOptions(program.opts<Given>(), mayInstall);
}

/** Defaults, as --quick and --full change them. */
function completeOptions(given: Given, mayInstall: boolean): PerfOptions {
  const { quick = false, full = false } = given;
  return {
    rows: given.rows ?? [...ROW_IDS],
    pairs: given.pairs ?? (quick ? 2 : 5),
    durationS: given.duration ?? (quick ? 1 : 10),
    quick,
    full,
    soakS: given.soak ?? (full ? FULL_SOAK_S : undefined),
    held: given.held ?? (full ? [20_000, 50_000] : [quick ? 500 : 2000]),
    out: given.out,
    mayInstall,
  };
}

function describeProgram(): Command {
  return new Command('npm run perf --')
    .description(
      'Measure what ssee-tester costs beside its peers: same target, same load, in alternation, CPU by the kernel.',
    )
    .exitOverride()
    .option('--rows <list>', `which rows, e.g. R1,R3 (default: all of ${ROW_IDS.join(', ')})`, readRows)
    .option('--pairs <n>', 'pairs per comparison (default: 5)', readCount)
    .option('--duration <time>', 'length of one run in whole seconds (default: 10s)', readWholeSeconds)
    .option('--quick', '2 pairs of 1 s: shows that everything works, proves nothing')
    .option('--full', 'R5 with 20,000 and 50,000 streams, R7 for 10 minutes')
    .option('--held <list>', 'R5: streams to hold (default: 2000)', readCounts)
    .option('--soak <time>', 'R7: length of the run in whole seconds', readWholeSeconds)
    .option('--out <folder>', 'where perf.md and perf.json go', 'results');
}

function readRows(text: string): RowId[] {
  const names = text.split(',').map((name) => name.trim().toUpperCase());
  const unknown = names.find((name) => !ROW_IDS.includes(name as RowId));
  if (unknown !== undefined) {
    throw new InvalidArgumentError(`${unknown} is no row; rows are ${ROW_IDS.join(', ')}.`);
  }
  return ROW_IDS.filter((id) => names.includes(id));
}

function readCount(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('write a whole number from 1 on.');
  return Number(text);
}

function readCounts(text: string): number[] {
  return text.split(',').map((part) => readCount(part.trim()));
}

function readWholeSeconds(text: string): number {
  const ms = parseDurationMs(text);
  if (ms === undefined || ms < 1000 || ms % 1000 !== 0) {
    throw new InvalidArgumentError('write whole seconds with a unit, e.g. 5s or 10m: wrk takes no others.');
  }
  return ms / 1000;
}
