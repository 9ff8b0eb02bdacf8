import { readingValue } from '../model/cell.ts';
import type { Rule } from '../model/finding.ts';
import { formatCount, formatPercent } from '../stats/format-figure.ts';
import { ownCounters } from './figures.ts';

/**
 * Overflows per connection opened from which they are a finding. Unit: ratio. Reason: each costs its client a second, the
 * first retransmission timeout of a SYN; one in a hundred is the 99th percentile. Doubt: a client that gives up sooner
 * suffers from fewer.
 */
const OVERFLOW_SHARE = 0.01;

/** The kernel drops connects because the target does not accept fast enough for its backlog. */
export const acceptQueueOverflow: Rule = {
  code: 'accept-queue-overflow',
  needs: ['kernel counters of a network namespace of its own'],
  evaluate(evidence) {
    const counters = ownCounters(evidence);
    const overflows = counters?.ListenOverflows;
    if (!counters || overflows === undefined) {
      return {
        outcome: 'insufficient-data',
        missing: ['kernel counters of a network namespace of its own (root)'],
      };
    }
    const opens = counters.ActiveOpens ?? 0;
    const text = `the kernel counted ${formatCount(overflows)} overflows of accept queues at ${formatCount(opens)} connects`;
    if (overflows <= OVERFLOW_SHARE * opens) return { outcome: 'clear', because: [text] };
    const again = readingValue(evidence.wire?.syn_retransmissions);
    const backlog = evidence.kernel?.settings?.somaxconn;
    const { targetOpenFiles: open, targetOpenFileLimit: limit } = evidence.process;
    return {
      outcome: 'found',
      class: 'hard-event',
      weight: Math.min(1, overflows / Math.max(1, opens)),
      sentence: `The target's accept queue overflowed ${formatCount(overflows)} times: such connects wait a second or more for their next try.`,
      because: [
        text,
        ...(again === undefined || again === 0
          ? []
          : [`in the evidence trial ${formatCount(again)} SYNs had to be sent again`]),
        ...(typeof backlog === 'number'
          ? [`no accept queue can be longer than ${formatCount(backlog)} here`]
          : []),
      ],
      against: [
        ...(again === 0 ? ['in the evidence trial no SYN had to be sent again'] : []),
        ...(open !== undefined && limit !== undefined && limit - open <= 1
          ? [
              `the target has used ${formatPercent(open / limit)} of its open files, which stops it from accepting`,
            ]
          : []),
      ],
    };
  },
};
