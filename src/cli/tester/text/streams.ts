import type { TesterReport } from '../../../model/tester-report.ts';
import { cleanText } from '../../../report/clean-text.ts';
import { formatCount, formatRate, formatUs } from '../../../stats/format-figure.ts';
import { continued, labelled, plural } from './lines.ts';

/** What a client of these streams would care about: order, loss, reconnects, silences, fields and headers. */
export function describeStreams(report: TesterReport): string[] {
  return [
    ...describeSequence(report),
    ...describeReconnects(report),
    ...describeSilence(report),
    ...describeFields(report),
    ...describeHead(report),
  ];
}

function describeSequence({ sequence }: TesterReport): string[] {
  const { gaps, duplicates, reordered, rolledBack, replayed, lostOverReconnect } = sequence;
  const lines: string[] = [];
  const within = listCounts([
    [gaps, 'missing'],
    [duplicates, 'repeated'],
    [reordered, 'reordered'],
    [rolledBack, 'rolled back'],
  ]);
  if (within !== '') lines.push(...labelled('event ids', within));
  const over = listCounts([
    [replayed, 'ids sent again'],
    [lostOverReconnect, 'ids lost'],
  ]);
  if (over !== '') lines.push(...labelled('over reconnect', over));
  return lines;
}

function describeReconnects({ reconnects, recoveryUs, options }: TesterReport): string[] {
  if (reconnects === 0) return [];
  const how = options.reconnect === 'resume' ? 'with Last-Event-ID' : 'as fresh streams';
  const lines = labelled('reconnects', `${formatCount(reconnects)} ${how}`);
  if (recoveryUs !== null) {
    const { p50, p99, max } = recoveryUs;
    lines.push(
      ...labelled(
        'recovered in',
        `p50 ${formatUs(p50)}, p99 ${formatUs(p99)}, at most ${formatUs(max)}, from loss to next event`,
      ),
    );
  } else if (options.reconnect === 'resume') {
    lines.push(...labelled('recovered', 'none: no event came after a loss'));
  }
  return lines;
}

function describeSilence({ audit }: TesterReport): string[] {
  const { overLimit, limitMs, longestMs, longestIsOpen } = audit.silence;
  if (overLimit === 0) return [];
  const longest =
    longestMs === null ? '' : `; the longest ${longestIsOpen ? 'at least ' : ''}${seconds(longestMs)}`;
  return labelled(
    'silence',
    `${formatCount(overLimit)} times longer than ${seconds(limitMs)} without event or comment${longest}`,
  );
}

function describeFields({ audit }: TesterReport): string[] {
  const { comments, retry } = audit;
  const lines: string[] = [];
  if (comments.bad > 0) {
    lines.push(
      ...labelled(
        'bad comments',
        `${formatCount(comments.bad)} longer than 256 characters or with control characters`,
      ),
    );
  }
  const faults = listCounts([
    [retry.bad, 'not a number'],
    [retry.overLimit, `above ${formatCount(retry.limit ?? 0)} and not followed`],
  ]);
  if (faults !== '') {
    lines.push(...labelled('bad retry', `${faults}, of ${formatCount(retry.seen + retry.bad)}`));
  }
  return lines;
}

/** Values are the server's words. */
const LONGEST_VALUE = 60;

function describeHead({ audit }: TesterReport): string[] {
  const faults = audit.head.filter(({ verdict }) => verdict === 'missing' || verdict === 'wrong');
  if (faults.length === 0) return [];
  return [
    ...labelled('response head', plural(faults.length, 'fault', formatCount(faults.length))),
    ...faults.flatMap(({ header, verdict, value, note }) => {
      const said = verdict === 'missing' ? 'is missing' : `is "${shorten(cleanText(value ?? ''))}"`;
      return continued(`${header} ${said}: ${note}`);
    }),
  ];
}

function shorten(text: string): string {
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}...` : text;
}

function seconds(ms: number): string {
  return `${formatRate(ms / 1000)} s`;
}

function listCounts(counts: readonly (readonly [number, string])[]): string {
  return counts
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${formatCount(count)} ${word}`)
    .join(', ');
}
