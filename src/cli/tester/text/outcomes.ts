import { OUTCOMES, type Outcome } from '../../../model/outcome.ts';
import type { TesterReport } from '../../../model/tester-report.ts';
import { cleanText } from '../../../report/clean-text.ts';
import { formatCount } from '../../../stats/format-figure.ts';
import { labelled } from './lines.ts';
import { describeShare } from './shares.ts';

const PART_LABELS: Record<keyof TesterReport['timeouts'], string> = {
  connect: 'connect',
  headers: 'headers',
  firstEvent: 'first event',
  idle: 'idle',
  deadline: 'deadline',
};

/** Streams by how they ended, with intervals; then what timed out, and errors by kind. */
export function describeOutcomes(report: TesterReport): string[] {
  const { outcomes, timeouts, errors } = report;
  const lines = OUTCOMES.filter((outcome) => outcomes[outcome] > 0 || isGoal(outcome, report)).flatMap(
    (outcome) => labelled(outcome, describeShare(outcomes[outcome], outcomes.attempted)),
  );
  const parts = (Object.keys(PART_LABELS) as (keyof typeof PART_LABELS)[]).filter(
    (part) => timeouts[part] > 0,
  );
  const timedOut = parts.reduce((sum, part) => sum + timeouts[part], 0);
  const detail = parts.map((part) => `${PART_LABELS[part]} ${formatCount(timeouts[part])}`).join(', ');
  const share = describeShare(timedOut, outcomes.attempted);
  lines.push(...labelled('timed out', detail === '' ? share : `${share}: ${detail}`));
  for (const [code, count] of Object.entries(errors)) {
    lines.push(...labelled(`${cleanText(code)} `, formatCount(count)));
  }
  return lines;
}

function isGoal(outcome: Outcome, { options }: TesterReport): boolean {
  return outcome === (options.stream === 'endless' ? 'held' : 'completed');
}
