import type { TesterReport } from '../../../model/tester-report.ts';
import { formatCount, formatRate } from '../../../stats/format-figure.ts';
import { labelled } from './lines.ts';

/** Rates of the window, and what the connections carried. */
export function describeRates(report: TesterReport): string[] {
  const seconds = report.window.durationUs / 1e6;
  const { connectionsOpened, holdRatio, completedInDrain, staleReuses, tapDropped, comments, audit } = report;
  const lines = [
    ...labelled('requests/s', formatRate(report.completedInWindow / seconds)),
    ...labelled('events/s', formatRate(report.events / seconds)),
    ...labelled('received', `${formatRate(report.bytesReceived / 1e6)} MB`),
    ...labelled(
      'connections',
      `${formatCount(connectionsOpened)} opened, hold ratio ${holdRatio.toFixed(3)}`,
    ),
  ];
  if (report.events > 0)
    lines.push(...labelled('events/read', formatRate(report.eventsTotal / report.reads)));
  if (completedInDrain > 0) {
    lines.push(
      ...labelled('after deadline', `${formatCount(completedInDrain)} completed, not in requests/s`),
    );
  }
  if (staleReuses > 0) {
    lines.push(
      ...labelled('sent again', `${formatCount(staleReuses)} requests, whose kept connection was gone`),
    );
  }
  if (comments > 0) {
    const { longestIntervalMs } = audit.comments;
    const apart =
      longestIntervalMs === null ? '' : `, at most ${formatRate(longestIntervalMs / 1000)} s apart`;
    lines.push(...labelled('comments', `${formatCount(comments)}${apart}`));
  }
  if (tapDropped > 0) {
    lines.push(
      ...labelled(
        'not copied',
        `${formatCount(tapDropped)} events, for which their listener was too slow; they count everywhere else`,
      ),
    );
  }
  return lines;
}
