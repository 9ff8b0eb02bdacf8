import { readingValue } from '../model/cell.ts';
import type { ArmEvidence } from '../model/evidence.ts';
import type { Rule } from '../model/finding.ts';
import { formatCount, formatPercent, formatUs } from '../stats/format-figure.ts';
import { cpuDoubts, describeSpareCpu } from './cpu-load.ts';
import { ageAtArrival, bunching } from './event-bunching.ts';
import { describeHolds, describeQuota, quotaPart } from './held-up.ts';
import { addedByProxy } from './network-latency.ts';
import { describeLocks } from './turn-taking.ts';

/**
 * Share of connection time before the first response byte from which the handler sets the pace. Unit: ratio 0..1. Reason:
 * below a half more time passes elsewhere; planted sleeps were above 0.8. Doubt: near the limit two causes share the time,
 * and the finding's weight says so.
 */
const MOSTLY_WAIT = 0.5;

/**
 * Shortest wait that is a handler's. Unit: us. Reason: a server with CPU to spare answers on loopback within a
 * millisecond; timers and other servers take longer. Doubt: a fast cache in another process takes less.
 */
const LEAST_WAIT_US = 3000;

/**
 * Share of requests that waited in vain from which waiting is no longer that of handlers. Unit: ratio 0..1. Reason: the time
 * until a client gives up would count as a wait. Those that are open at the end of a run have waited for no longer than
 * others and are not counted. The finding's weight sinks with this share until there. Doubt: a handler whose times differ
 * much has open requests that outlast all answered ones.
 */
const MOST_UNANSWERED = 0.1;

/**
 * Share of looks at the sockets that find connections waiting to be accepted, from which waits are theirs. Unit: ratio
 * 0..1. Reason: a server that accepts has an empty queue at nearly every look; one at its limit has none. Doubt: a look
 * right behind the start of a tool finds a queue at any server.
 */
const QUEUED = 0.5;

/** The server takes its time before the response begins, and not for want of CPU. */
export const slowHandler: Rule = {
  code: 'slow-handler',
  needs: [
    'a capture of all segments',
    'CPU shares of tool and target',
    'events per response: by the target, by a tool that counts them, or a full capture',
    'the age of events at their arrival, where several come at once',
  ],
  evaluate(evidence) {
    const { wire, process } = evidence;
    const wait = readingValue(wire?.server_wait_share);
    const ttfbUs = readingValue(wire?.wire_ttfb_us_p50);
    const holds = describeHolds(evidence);
    if (wait === undefined || ttfbUs === undefined || holds === undefined) {
      return { outcome: 'insufficient-data', missing: missingParts(evidence, holds) };
    }
    const text = `connections waited for the first byte of a response ${formatPercent(wait)} of their time, ${formatUs(ttfbUs)} each (median)`;
    if (holds.length > 0) return { outcome: 'clear', because: [...holds, text] };
    if (wait < MOSTLY_WAIT || ttfbUs < LEAST_WAIT_US) return { outcome: 'clear', because: [text] };
    const unanswered = waitedInVain(evidence);
    const requests = readingValue(wire?.requests_sent) ?? 0;
    if (unanswered > MOST_UNANSWERED * requests) {
      return {
        outcome: 'clear',
        because: [
          `${formatCount(unanswered)} of ${formatCount(requests)} requests waited for longer than any that was answered, and in vain`,
          text,
        ],
      };
    }
    const { sockets } = evidence.kernel ?? {};
    if (sockets && sockets.looksWithQueue > QUEUED * sockets.looks) {
      return {
        outcome: 'clear',
        because: [
          `connections waited to be accepted in ${sockets.looksWithQueue} of ${sockets.looks} looks: their handlers had not begun`,
          text,
        ],
      };
    }
    const added = addedByProxy(evidence);
    if (added && added.share > 0.5) return { outcome: 'clear', because: [added.text, text] };
    const bunched = bunching(evidence);
    if (!bunched) return { outcome: 'insufficient-data', missing: [missingEvents(evidence)] };
    const age = ageAtArrival(evidence);
    if (bunched.bunched && !age) {
      return {
        outcome: 'insufficient-data',
        missing: [
          `the age of events at their arrival: ${bunched.text}, and a server that keeps its events back answers as late`,
        ],
      };
    }
    if (bunched.bunched && age?.held) return { outcome: 'clear', because: [age.text, bunched.text, text] };
    const handshakeUs = readingValue(wire?.handshake_us_p50);
    const inVain = requests === 0 ? 1 : 1 - unanswered / (MOST_UNANSWERED * requests) / 2;
    return {
      outcome: 'found',
      class: 'wait',
      weight: Math.max(0.01, (wait - quotaPart(evidence)) * inVain),
      sentence: `The server takes ${formatUs(ttfbUs)} before a response begins, without being short of CPU: its handler waits for something.`,
      because: [
        text,
        describeSpareCpu(process),
        ...(bunched.bunched && age ? [`${bunched.text}, made at once: ${age.text}`] : []),
        ...(handshakeUs === undefined
          ? []
          : [`a handshake takes ${formatUs(handshakeUs)}, so it is not the network`]),
      ],
      against: [...describeLocks(evidence), ...describeQuota(evidence), ...cpuDoubts(process)],
    };
  },
};

/** Requests that nobody answered although all others were answered sooner. */
function waitedInVain({ trace, wire }: ArmEvidence): number {
  const answeredUs = readingValue(wire?.wire_ttfb_us_max) ?? readingValue(wire?.wire_ttfb_us_p50) ?? 0;
  return trace?.unanswered.filter(({ waitUs }) => waitUs > answeredUs).length ?? 0;
}

function missingParts({ wire }: ArmEvidence, holds: string[] | undefined): string[] {
  return [
    ...(wire?.server_wait_share.known ? [] : ['a capture that shows the time budget of connections']),
    ...(holds === undefined ? ['CPU shares of tool and target'] : []),
  ];
}

/** A server that keeps its events back answers as late as one whose handler waits. */
function missingEvents({ wire, upstream }: ArmEvidence): string {
  return (upstream ?? wire)?.segments_per_response.known
    ? 'the number of events in a response, by the target, the tool or a full capture: a server that keeps its events back answers as late'
    : 'the segments of whole responses, as the target sends them: a server that keeps its events back answers as late';
}
