import { known, type Reading, unknown } from '../../model/cell.ts';
import type { WireEvidence } from '../../model/wire.ts';
import type { Tally } from './flow-tally.ts';
import { DECIDED_SHARE } from './reading.ts';

type BudgetReadings = Pick<WireEvidence, 'server_wait_share' | 'transfer_share' | 'client_turn_share'>;

/** The same reading for every share. */
export function spreadBudget(reading: Reading): BudgetReadings {
  return { server_wait_share: reading, transfer_share: reading, client_turn_share: reading };
}

/** Where the time of connections went. */
export function readBudget(tally: Tally): BudgetReadings {
  const attributed = tally.serverWaitUs + tally.transferUs + tally.clientTurnUs;
  const total = attributed + tally.unattributedUs;
  if (total === 0) return spreadBudget(unknown('no-samples', 'no connection carried a request'));
  if (attributed < DECIDED_SHARE * total) {
    const percent = Math.round((100 * tally.unattributedUs) / total);
    const detail = `${percent} % of connection time lies after a last segment whose end was not captured`;
    return spreadBudget(unknown('not-observable', detail));
  }
  return {
    server_wait_share: known(tally.serverWaitUs / attributed),
    transfer_share: known(tally.transferUs / attributed),
    client_turn_share: known(tally.clientTurnUs / attributed),
  };
}

/** Share of that time between the first byte and the first event. */
export function readFirstEventShare(tally: Tally): Reading {
  const attributed = tally.serverWaitUs + tally.transferUs + tally.clientTurnUs;
  if (attributed === 0 || tally.responses === 0) return unknown('no-samples', 'no request was answered');
  if (tally.ttfeDecided < DECIDED_SHARE * tally.responses) {
    return unknown('not-observable', 'the bytes that would show the first event were not captured');
  }
  return known(tally.firstEventUs / attributed);
}
