import { readingValue } from '../model/cell.ts';
import type { ArmEvidence } from '../model/evidence.ts';
import type { Rule } from '../model/finding.ts';
import { formatCount, formatPercent } from '../stats/format-figure.ts';
import { toolErrors } from './figures.ts';

/**
 * Ports in use / ports there are, from which there are too few. Unit: ratio 0..1. Reason: connect() searches half of the
 * range (one parity) first and fails before the last port is taken; planted cases were at 0.9 and more. Doubt: sockets
 * are counted twice a second, and a faster peak is missed.
 */
const USED_UP = 0.8;

/** The tool cannot connect because every local port is taken, mostly by connections that wait in TIME_WAIT. */
export const portExhaustion: Rule = {
  code: 'port-exhaustion',
  needs: ['the port range and the sockets of a network namespace'],
  evaluate(evidence) {
    const { kernel, trials } = evidence;
    const range = kernel?.settings?.portRange;
    const { sockets } = kernel ?? {};
    const failed = toolErrors(trials, ['EADDRNOTAVAIL']);
    if (!range || !sockets) {
      return { outcome: 'insufficient-data', missing: ['the port range and the sockets of the network'] };
    }
    const ports = range[1] - range[0] + 1;
    const used = sockets.establishedMax + sockets.timeWaitMax;
    const text = `${formatCount(sockets.establishedMax)} connections were open and ${formatCount(sockets.timeWaitMax)} in TIME_WAIT, with ${formatCount(ports)} ports to connect from`;
    if (used < USED_UP * ports && failed === 0) return { outcome: 'clear', because: [text] };
    const effects = describeEffects(evidence, failed);
    if (effects.length === 0) return { outcome: 'clear', because: [`${text}, and every connect got one`] };
    return {
      outcome: 'found',
      class: 'hard-event',
      weight: 1,
      sentence: `There are no more local ports to connect from: ${formatPercent(Math.min(1, used / ports))} of ${formatCount(ports)} are taken.`,
      because: [text, ...effects],
      against:
        used < USED_UP * ports ? ['the looks at the sockets saw fewer ports in use than there are'] : [],
    };
  },
};

/** That connects did fail for it: a full range alone hurts nobody who has what he needs. */
function describeEffects({ outcomes, arm, wire }: ArmEvidence, failed: number): string[] {
  const effects: string[] = [];
  if (failed > 0) effects.push(`${formatCount(failed)} connects of the tool failed with EADDRNOTAVAIL`);
  const refused = readingValue(outcomes.refused) ?? 0;
  const turnedAway = readingValue(wire?.refused);
  if (failed === 0 && refused > 0 && turnedAway === 0) {
    effects.push(
      `the tool could not connect ${formatCount(refused)} times, while on the wire nobody refused a connect`,
    );
  }
  const attempts = readingValue(wire?.connect_attempts);
  if (attempts !== undefined && attempts < arm.connections) {
    effects.push(`on the wire there were ${formatCount(attempts)} connects of ${arm.connections} asked for`);
  }
  return effects;
}
