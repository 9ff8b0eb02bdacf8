import { representativeTrials } from '../evidence/build-arm-evidence.ts';
import { readingValue } from '../model/cell.ts';
import type { ArmEvidence } from '../model/evidence.ts';
import type { Rule } from '../model/finding.ts';
import { formatCount } from '../stats/format-figure.ts';
import { classOfLoss, FEWEST_CASES, formatShare } from './stream-loss.ts';

/**
 * Share of ids that were jumped over from which ids count something else than the events of their stream. Unit: ratio 0..1.
 * Reason: ids that jump by two at each event miss a third of two events and nearly half of many. Doubt: a server that really
 * loses more is left to those who know how many events a stream has.
 */
const JUMP_SHARE = 0.3;

/** Events that were to come and did not, by one witness. */
interface Witness {
  lost: number;
  total: number;
  text: string;
}

/** Events are missing inside of streams that go on or end as if nothing were missing. */
export const eventsLost: Rule = {
  code: 'events-lost',
  needs: ['numeric ids that rise, or streams of a declared number of events with a count of both'],
  evaluate(evidence) {
    const ids = readIds(evidence);
    const jumps = ids && explainJumps(evidence, ids);
    const witnesses = [ids && jumps === undefined ? ids : undefined, ...countShort(evidence)].filter(
      (witness) => witness !== undefined,
    );
    const aside = [...(jumps === undefined ? [] : [jumps]), ...describeReconnects(evidence)];
    // Ids that were never out of order may not be there at all.
    const telling = witnesses.filter((witness) => witness !== ids || witness.lost > 0 || ids.areThere);
    if (telling.length === 0) {
      return {
        outcome: 'insufficient-data',
        missing: [
          'ids that count the events of a stream (events without ids cannot be told from events in order), or streams of a declared number of events',
          ...aside,
        ],
      };
    }
    const seen = telling.filter(({ lost }) => lost >= FEWEST_CASES);
    const first = seen[0];
    if (!first) return { outcome: 'clear', because: [...telling.map(({ text }) => text), ...aside] };
    const share = Math.min(1, first.lost / first.total);
    const kind = classOfLoss(share);
    return {
      outcome: 'found',
      class: kind,
      weight: share,
      sentence: `Events are lost: ${formatShare(first)} of them never came, on streams that go on without them.`,
      because: [...seen.map(({ text }) => text), ...blameTarget(evidence)],
      against: [
        ...telling.filter((witness) => !seen.includes(witness)).map(({ text }) => text),
        ...(seen.every((witness) => witness === ids)
          ? ['the ids are the only witness: a server may skip ids by design']
          : []),
        ...aside,
        ...(kind === 'rare-event' ? ['it is too rare to limit the row'] : []),
      ],
    };
  },
};

/** What the ids say; undefined where the tool does not follow them. */
function readIds({ trials }: ArmEvidence): (Witness & { areThere: boolean }) | undefined {
  const followed = representativeTrials(trials).flatMap(({ extra }) => {
    const sequence = extra?.sequence as Record<string, unknown> | undefined;
    const events = extra?.eventsTotal;
    return sequence && typeof sequence.gaps === 'number' && typeof events === 'number'
      ? [{ sequence, events, gaps: sequence.gaps }]
      : [];
  });
  const events = followed.reduce((sum, trial) => sum + trial.events, 0);
  if (events === 0) return undefined;
  const lost = followed.reduce((sum, trial) => sum + trial.gaps, 0);
  const total = events + lost;
  return {
    lost,
    total,
    areThere: followed.some(({ sequence }) => Object.values(sequence).some((count) => count !== 0)),
    text: `ids: ${formatCount(lost)} of ${formatCount(total)} were jumped over and never came`,
  };
}

/** Why what is missing between ids are no events; undefined where nothing speaks for that. */
function explainJumps(evidence: ArmEvidence, { lost, total }: Witness): string | undefined {
  const jumped = `${formatCount(lost)} ids were jumped over`;
  if (lost / total > JUMP_SHARE) {
    return `${jumped} beside ${formatCount(total - lost)} that came: such ids do not count the events of a stream`;
  }
  const declared = declaredEvents(evidence);
  const attempted = readingValue(evidence.outcomes.attempted);
  if (declared === undefined || attempted === undefined) return undefined;
  // A stream per connection may have begun before anybody counted.
  const most = (attempted + evidence.arm.connections) * declared;
  return total > most
    ? `${jumped}, which makes more events than ${formatCount(attempted)} streams of ${declared} have: the ids jump by design`
    : undefined;
}

/** Events of one stream as the query of a bundled target asks for them; undefined where nobody says how many they are. */
function declaredEvents({ arm }: ArmEvidence): number | undefined {
  if (arm.stream !== 'finite' || arm.target.use === undefined) return undefined;
  const [path, query] = arm.request.path.split('?');
  const count = Number(new URLSearchParams(query).get('count'));
  return path === '/events' && Number.isSafeInteger(count) && count > 0 ? count : undefined;
}

/**
 * Events that complete streams were to have and nobody saw, by tool and target. Those of streams that were cut stand in
 * for missing ones, so each is the least that is missing.
 */
function countShort(evidence: ArmEvidence): Witness[] {
  const declared = declaredEvents(evidence);
  if (declared === undefined) return [];
  const { truth, outcomes, trials } = evidence;
  const short = (who: string, streams: number | undefined, events: number | undefined): Witness[] => {
    if (streams === undefined || events === undefined || streams === 0) return [];
    const total = streams * declared;
    const lost = Math.max(0, total - events);
    const least = lost > 0 ? `, at least ${formatCount(lost)} too few` : '';
    return [
      {
        lost,
        total,
        text: `${who}: ${formatCount(events)} events, and ${formatCount(streams)} complete streams of ${declared}${least}`,
      },
    ];
  };
  const totals = representativeTrials(trials).map(({ extra }) => extra?.eventsTotal);
  const counted = totals.reduce<number | undefined>(
    (sum, events) => (sum === undefined || typeof events !== 'number' ? undefined : sum + events),
    0,
  );
  return [
    ...short('the tool', readingValue(outcomes.completed), counted),
    ...short('the target', truth?.streamsCompleted, truth?.events),
  ];
}

/** Whether the target wrote what never came. */
function blameTarget({ truth, trials }: ArmEvidence): string[] {
  const measured = representativeTrials(trials);
  const counted = measured.reduce(
    (sum, { extra }) => (typeof extra?.eventsTotal === 'number' ? sum + extra.eventsTotal : Number.NaN),
    0,
  );
  if (truth?.events === undefined || !Number.isFinite(counted)) return [];
  return [
    `the target counts ${formatCount(truth.events)} events written, the tool ${formatCount(counted)} received`,
  ];
}

/** What was lost between two connections is no hole in a stream. */
function describeReconnects({ trials }: ArmEvidence): string[] {
  const lost = representativeTrials(trials).reduce((sum, { extra }) => {
    const count = (extra?.sequence as Record<string, unknown> | undefined)?.lostOverReconnect;
    return sum + (typeof count === 'number' ? count : 0);
  }, 0);
  return lost === 0
    ? []
    : [`${formatCount(lost)} ids more were missing after reconnects, which is another matter`];
}
