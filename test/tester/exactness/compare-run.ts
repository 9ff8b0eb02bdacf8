import { OUTCOMES, type Outcome } from '../../../src/model/outcome.ts';
import type { TesterResult } from '../../../src/model/tester-report.ts';
import type { TappedEvent } from '../../../src/tester/tap/event-queue.ts';
import type { RandomRun } from './random-run.ts';
import type { ServerCounts } from './server-counts.ts';

/** What client and server do not agree on, one line each. */
export function compareRun(
  run: RandomRun,
  result: TesterResult,
  tapped: readonly TappedEvent[] | undefined,
  server: ServerCounts,
): string[] {
  const problems: string[] = [];
  const equal = (what: string, client: number, other: number): void => {
    if (client !== other) problems.push(`${what}: client ${client}, server ${other}`);
  };
  /** Where the client cuts streams, the server has sent as much or more. */
  const upTo = (what: string, client: number, other: number): void => {
    if (run.isWhole) equal(what, client, other);
    else if (client > other) problems.push(`${what}: client ${client}, server only ${other}`);
  };
  const { outcomes, audit, sequence } = result;

  for (const outcome of OUTCOMES) {
    if (outcomes[outcome] > 0 && !run.outcomes.includes(outcome)) {
      problems.push(`${outcomes[outcome]} streams ${outcome} (${result.firstError})`);
    }
  }
  equal('sum of outcomes', sumOf(outcomes, OUTCOMES), outcomes.attempted);
  if (result.staleReuses > 0) problems.push(`${result.staleReuses} stale reuses`);
  if (Object.keys(result.errors).some((kind) => kind !== 'ECONNRESET')) {
    problems.push(`errors ${JSON.stringify(result.errors)}`);
  }

  const requests = server.of(`requests_total{route="${run.route}"}`);
  if (run.isWhole) {
    equal('requests', outcomes.attempted, requests);
    equal('connections', result.connectionsOpened, server.of('connections_total'));
  } else {
    // Cut before its head, a stream may have been asked for or not.
    const unanswered = outcomes['client-aborted'];
    if (requests > outcomes.attempted || requests < outcomes.attempted - unanswered) {
      problems.push(`requests: client ${outcomes.attempted}, ${unanswered} unanswered, server ${requests}`);
    }
  }
  upTo('events', result.eventsTotal, server.of('events_total'));
  upTo('comments', result.comments, server.of('comments_total'));
  if (result.bytesReceived < (run.isWhole ? server.of('body_bytes_total') : 0)) {
    problems.push(`${result.bytesReceived} bytes received, ${server.of('body_bytes_total')} sent`);
  }
  if (run.isWhole && run.route !== '/hang') {
    const answers = Object.values(result.statusCodes).reduce((sum, count) => sum + count, 0);
    equal('answers', answers, outcomes.attempted);
  }
  compareEnds(run, outcomes, server, problems, equal);

  upTo('gaps', sequence.gaps, server.of('sequence_total{kind="gap"}'));
  upTo('duplicates', sequence.duplicates, server.of('sequence_total{kind="duplicate"}'));
  upTo('reordered', sequence.reordered, server.of('sequence_total{kind="reordered"}'));
  upTo('rolled back', sequence.rolledBack, server.of('sequence_total{kind="rolled-back"}'));
  upTo('replayed', sequence.replayed, server.of('sequence_total{kind="replayed"}'));
  upTo('lost', sequence.lostOverReconnect, server.of('sequence_total{kind="lost-over-reconnect"}'));

  const comments = (kind: string): number => server.of(`comment_kinds_total{kind="${kind}"}`);
  upTo('bad comments', audit.comments.bad, comments('long') + comments('control'));
  const retries = (kind: string): number => server.of(`retries_total{kind="${kind}"}`);
  upTo('retries', audit.retry.seen, retries('up-to-10') + retries('over-10'));
  upTo('bad retries', audit.retry.bad, retries('negative') + retries('text'));
  if (run.options.retryLimit === 10) upTo('retries over 10', audit.retry.overLimit, retries('over-10'));

  if (run.options.reconnect === 'resume') {
    equal('reconnects', result.reconnects, outcomes['closed-early'] + outcomes.reset);
    equal('recoveries', result.recoveryUs?.count ?? 0, result.reconnects);
  }
  if (result.openLoop) {
    equal('arrivals', result.openLoop.arrivals, outcomes.attempted + result.openLoop.unsent);
  }
  if (result.llm) {
    equal('token streams', result.llm.counts.completed, server.of('streams_total{end="completed"}'));
    const events = result.llm.counts.chunks + 2 * outcomes.completed;
    equal('chunks, usage and [DONE]', events, server.of('events_total'));
  }
  if (tapped) problems.push(...compareTapped(run, result, tapped));
  return problems;
}

function compareEnds(
  run: RandomRun,
  outcomes: TesterResult['outcomes'],
  server: ServerCounts,
  problems: string[],
  equal: (what: string, client: number, other: number) => void,
): void {
  const ends = (end: string): number => server.of(`streams_total{end="${end}"}`);
  const begun = ['completed', 'client-closed', 'reset', 'closed-early', 'stalled', 'write-error']
    .map(ends)
    .reduce((sum, count) => sum + count, 0);
  if (['/hello', '/503', 'other'].includes(run.route)) {
    equal('streams', 0, begun);
    return;
  }
  if (run.isWhole) {
    equal('streams', outcomes.attempted, begun);
    equal('completed', outcomes.completed, ends('completed'));
    equal('closed early', outcomes['closed-early'], ends('closed-early'));
    equal('reset', outcomes.reset, ends('reset'));
    const silent = outcomes.stalled + outcomes['no-headers'] + outcomes.held + outcomes['client-aborted'];
    equal('stalled', silent, ends('stalled'));
    return;
  }
  // A fault may have been on its way when the client left.
  const cut = outcomes.held + outcomes['client-aborted'];
  const broken = outcomes['closed-early'] + outcomes.reset;
  const faults = ends('closed-early') + ends('reset');
  if (broken > faults || broken + cut < faults) {
    problems.push(`client saw ${broken} faults and cut ${cut} streams, server made ${faults} faults`);
  }
}

/** The copies of the events: none is missing, and each stream has the ids that it was sent, from the first one on. */
function compareTapped(run: RandomRun, result: TesterResult, tapped: readonly TappedEvent[]): string[] {
  const problems: string[] = [];
  if (result.tapDropped !== 0) problems.push(`${result.tapDropped} copies dropped`);
  if (tapped.length !== result.eventsTotal) {
    problems.push(`${tapped.length} copies of ${result.eventsTotal} events`);
  }
  const wanted =
    run.idsOfStream ?? (run.route === '/endless' || run.route === '/events' ? 'rising' : undefined);
  if (wanted === undefined) return problems;
  const idsByConnection = new Map<number, number[]>();
  for (const { connection, id } of tapped) {
    const ids = idsByConnection.get(connection) ?? [];
    ids.push(Number(id));
    idsByConnection.set(connection, ids);
  }
  for (const [connection, ids] of idsByConnection) {
    const wrong = ids.findIndex(
      (id, index) => id !== (wanted === 'rising' ? index + 1 : wanted[index % wanted.length]),
    );
    if (wrong >= 0) problems.push(`connection ${connection}: id ${ids[wrong]} at event ${wrong}`);
    if (wanted !== 'rising' && ids.length % wanted.length !== 0) {
      problems.push(`connection ${connection}: a part of a stream`);
    }
  }
  return problems;
}

function sumOf(outcomes: TesterResult['outcomes'], names: readonly Outcome[]): number {
  return names.reduce((sum, name) => sum + outcomes[name], 0);
}
