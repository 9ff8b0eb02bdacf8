import type { TesterReport } from '../../../model/tester-report.ts';
import { cleanText } from '../../../report/clean-text.ts';
import { formatCount } from '../../../stats/format-figure.ts';
import { wrapSentence } from './lines.ts';

/** How the streams ended in one sentence; before it, that the figures are of the generator where they are. */
export function describeVerdict(report: TesterReport): string[] {
  const limit = isGeneratorLimited(report) ? 'The load generator was the limit, not the server. ' : '';
  return wrapSentence(limit + describeEnds(report));
}

/** Share of its time above which the queue of a load generator itself is part of every latency. */
export const GENERATOR_FULL_FROM = 0.9;

/**
 * The CPU of the process is looked at too: where the machine gave it too little, its threads waited for that and not
 * for the server.
 */
function isGeneratorLimited({ selfCheck, options }: TesterReport): boolean {
  return (
    selfCheck.busiestThread > GENERATOR_FULL_FROM ||
    selfCheck.cpuShare / options.workers > GENERATOR_FULL_FROM
  );
}

/** It may quote the server. */
const LONGEST_ERROR = 200;

function describeEnds(report: TesterReport): string {
  const { outcomes, options } = report;
  const good = outcomes.completed + outcomes.held;
  const load = `${formatCount(options.connections)} connections for ${(report.window.durationUs / 1e6).toFixed(1)} s`;
  const cut = report.interrupted ? ', interrupted' : '';
  if (outcomes.attempted === 0) return `No stream was begun (${load}${cut}).`;
  if (outcomes.attempted === good) {
    const word = options.stream === 'endless' && outcomes.completed === 0 ? 'held' : 'completed';
    return `All ${formatCount(good)} streams ${word} (${load}${cut}).`;
  }
  const givenUp = outcomes['client-aborted'];
  const failed = outcomes.attempted - good - givenUp;
  const rest = givenUp > 0 ? `, ${formatCount(givenUp)} ${givenUp === 1 ? 'was' : 'were'} given up` : '';
  const why =
    report.firstError === undefined
      ? ''
      : ` First failure: ${cleanText(report.firstError).slice(0, LONGEST_ERROR)}.`;
  return `${formatCount(failed)} of ${formatCount(outcomes.attempted)} streams failed${rest} (${load}${cut}).${why}`;
}
