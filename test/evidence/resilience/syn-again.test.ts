import { describe, expect, it } from 'vitest';
import { readSynAgain } from '../../../src/evidence/resilience/syn-again.ts';
import { known, unknown } from '../../../src/model/cell.ts';

const trace = { synAgainUs: [1, 2] };
const wire = { syn_retransmissions: known(2), capture_complete: known(true) };

describe('the times at which SYNs were sent again', () => {
  it('are those of a capture that is whole, none included', () => {
    expect(readSynAgain(wire, trace)).toEqual([1, 2]);
    expect(readSynAgain({ ...wire, syn_retransmissions: known(0) }, {})).toEqual([]);
  });

  it('are those of a capture that nobody can prove to be whole', () => {
    const capture_complete = unknown('not-observable', 'on shared loopback');
    expect(readSynAgain({ ...wire, capture_complete }, trace)).toEqual([1, 2]);
  });

  it.each([
    ['was not decoded', { ...wire, syn_retransmissions: unknown('not-collected', 'no pcap file') }],
    ['lacks packets', { ...wire, capture_complete: known(false) }],
    ['saw more than its list holds', { ...wire, syn_retransmissions: known(3) }],
  ])('are not known where the capture %s', (_, evidence) => {
    expect(readSynAgain(evidence, trace)).toBeUndefined();
  });

  it('are not known without a capture', () => {
    expect(readSynAgain(undefined, trace)).toBeUndefined();
  });
});
