import type { WireEvidence, WireTrace } from '../../model/wire.ts';

/**
 * Unix times in microseconds at which SYNs were sent again; undefined where the capture could not be decoded, lacks packets,
 * or saw more than its list holds: none in it would not mean that there was none.
 */
export function readSynAgain(
  wire: Pick<WireEvidence, 'syn_retransmissions' | 'capture_complete'> | undefined,
  trace: Pick<WireTrace, 'synAgainUs'> | undefined,
): readonly number[] | undefined {
  if (!wire?.syn_retransmissions.known || !trace) return undefined;
  const { syn_retransmissions: total, capture_complete: complete } = wire;
  const times = trace.synAgainUs ?? [];
  if ((complete.known && !complete.value) || total.value > times.length) return undefined;
  return times;
}
