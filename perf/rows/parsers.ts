import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../src/process/package-root.ts';
import { readOutput } from '../../src/process/read-output.ts';
import { needPackage, type Versions } from '../find-programs.ts';
import { type LineSpec, lineOfValues } from '../judge.ts';
import type { Lab } from '../lab.ts';
import type { Goal, RowResult } from '../model.ts';
import { findNewestParser } from '../newest-parser.ts';
import type { ContestOutput, ParserRound } from '../parser-contest.ts';
import { SHAPES, type ShapeName } from '../parser-shapes.ts';

const CONTEST = join(PACKAGE_ROOT, 'dist/perf/parser-contest.js');
const PINNED_PARSER = join(PACKAGE_ROOT, 'node_modules/eventsource-parser/dist/index.js');
const ROUND_MS = 250;
const QUICK_ROUND_MS = 50;
const CONTEST_WITHIN_MS = 120_000;

/**
 * All have the same splits of the same bytes.
 *
 * - bytes: what reads of a socket bring. Ours reports ranges and makes no strings, as ssee-tester uses it;
 *   eventsource-parser takes text only, so a TextDecoder stands before it as in every client.
 * - text: the same, but the text was decoded beforehand at no cost to eventsource-parser.
 * - strings: from bytes to an object of strings per event on both sides.
 */
const CONTESTS = {
  bytes: { does: 'given bytes', goal: { kind: 'at-least', value: 3, of: 'ratio' } },
  text: { does: 'peer given text', goal: { kind: 'at-least', value: 3, of: 'ratio' } },
  strings: { does: 'bytes to strings' },
} as const satisfies Record<string, { does: string; goal?: Goal }>;

interface Opponent {
  node: string;
  parser: string;
  name: string;
}

/** R3: the parser alone against eventsource-parser, as pinned and in its newest version. */
export async function comparePeerParsers(lab: Lab, versions: Versions, result: RowResult): Promise<void> {
  needPackage('eventsource-parser', versions);
  const pinned = versions['eventsource-parser']!;
  const opponents: Opponent[] = [
    {
      node: process.execPath,
      parser: PINNED_PARSER,
      name: `eventsource-parser ${pinned}, Node ${process.version}`,
    },
  ];
  const newest = await findNewestParser(lab.options.mayInstall);
  if (newest.ok) {
    const { node, parser, parserVersion, nodeVersion } = newest;
    opponents.push({ node, parser, name: `eventsource-parser ${parserVersion}, Node ${nodeVersion}` });
  } else {
    result.lines.push({
      row: 'R3',
      name: 'parser: newest eventsource-parser',
      unit: 'events / CPU s',
      state: 'skipped',
      reason: newest.reason,
    });
  }
  for (const opponent of opponents) {
    for (const [contest, { does, ...rest }] of Object.entries(CONTESTS)) {
      for (const shape of Object.keys(SHAPES) as ShapeName[]) {
        const line: LineSpec = {
          row: 'R3',
          name: `parser, ${does}, ${shape} events`,
          unit: 'events / CPU s',
          ...rest,
        };
        await runContest(lab, line, contest, shape, opponent, result);
      }
    }
  }
}

async function runContest(
  lab: Lab,
  line: LineSpec,
  contest: string,
  shape: ShapeName,
  opponent: Opponent,
  result: RowResult,
): Promise<void> {
  lab.signal.throwIfAborted();
  const { pairs, quick } = lab.options;
  lab.say(`${line.name}: ${opponent.name}`);
  const roundMs = String(quick ? QUICK_ROUND_MS : ROUND_MS);
  const output = await readOutput(
    [opponent.node, CONTEST, contest, shape, String(pairs), roundMs, opponent.parser],
    { timeoutMs: CONTEST_WITHIN_MS },
  );
  lab.signal.throwIfAborted();
  if (output.code !== 0) {
    const reason = output.problem ?? output.stderr.trim().split('\n').at(-1) ?? `exit code ${output.code}`;
    result.lines.push({ ...line, state: 'failed', reason });
    return;
  }
  const measured = JSON.parse(output.stdout) as ContestOutput;
  result.raw[`${line.name}: ${opponent.name}`] = measured;
  const rate = ({ events, cpuUs }: ParserRound): number => events / (cpuUs / 1e6);
  const measuredLine = lineOfValues(
    line,
    'EventParser',
    measured.pairs.map(({ ours }) => rate(ours)),
    opponent.name,
    measured.pairs.map(({ peer }) => rate(peer)),
  );
  measuredLine.notes.push(`${measured.bytesPerEvent.toFixed(0)} bytes per event`);
  result.lines.push(measuredLine);
}
