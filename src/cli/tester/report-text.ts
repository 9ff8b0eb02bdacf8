import type { TesterReport } from '../../model/tester-report.ts';
import { describeLatencies } from './text/latencies.ts';
import { describeLlm } from './text/llm.ts';
import { describeArrivals } from './text/open-loop.ts';
import { describeOutcomes } from './text/outcomes.ts';
import { describeRates } from './text/rates.ts';
import { describeSelf } from './text/self-check.ts';
import { describeStreams } from './text/streams.ts';
import { describeSurvival } from './text/survival.ts';
import { describeVerdict } from './text/verdict.ts';

/** The report of one load for a person, in 80 columns: the verdict first, then what there is something to say of. */
export function formatTesterReport(report: TesterReport): string {
  const sections = [
    describeVerdict(report),
    describeRates(report),
    describeArrivals(report),
    describeLatencies(report),
    describeLlm(report),
    describeOutcomes(report),
    [...describeStreams(report), ...describeSurvival(report)],
    describeSelf(report),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}
