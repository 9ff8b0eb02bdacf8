import { describe, expect, it } from 'vitest';
import { buildArmEvidence } from '../../src/evidence/build-arm-evidence.ts';
import { clientConcurrencyShort } from '../../src/findings/client-concurrency-short.ts';
import { connectionChurn } from '../../src/findings/connection-churn.ts';
import { leakedConnections } from '../../src/findings/leaked-connections.ts';
import type { ArmEvidence } from '../../src/model/evidence.ts';
import type { TrialRecord } from '../../src/model/run-record.ts';
import { makeArm, makeProcess, makeTrial } from '../helpers/evidence-builder.ts';

const CONNECTIONS = 4;

/** Rounds of 400 requests each, in which the kernel counted `opens` connects each. */
function armOf(states: TrialRecord['state'][], opens: number): ArmEvidence {
  const trials = states.map((state, index) =>
    makeTrial({
      outcomes: { attempted: 400 },
      record: {
        id: `r${index + 1}-wrk`,
        round: index + 1,
        state,
        kernel: { isolated: true, counters: { ActiveOpens: opens } },
        process: makeProcess({ windowMs: 1000, cpus: 1 }),
        leftover: { established: 0, closeWait: 5, timeWait: 0, waitedMs: 3000 },
      },
    }),
  );
  return buildArmEvidence(makeArm({ connections: CONNECTIONS }), trials);
}

describe.each<TrialRecord['state']>(['interrupted', 'failed'])('a round that was %s', (state) => {
  const both = armOf(['done', state], 400);
  const whole = armOf(['done'], 400);

  it('does not halve the connections that the tool opened', () => {
    const verdict = clientConcurrencyShort.evaluate(armOf(['done', state], CONNECTIONS));
    expect(verdict).toEqual({
      outcome: 'clear',
      because: ['by the kernel wrk opened 4 of 4 connections'],
    });
  });

  it('does not halve the rate of new connections', () => {
    const verdict = connectionChurn.evaluate(both);
    expect(verdict).toEqual(connectionChurn.evaluate(whole));
    expect(JSON.stringify(verdict)).toContain('and 400 new connections/s');
  });

  it('does not double the share of connections that leak', () => {
    expect(leakedConnections.evaluate(both)).toMatchObject({ outcome: 'found', weight: 5 / 400 });
  });
});

it('rounds that were all interrupted are counted as what they are', () => {
  expect(clientConcurrencyShort.evaluate(armOf(['interrupted', 'interrupted'], CONNECTIONS))).toMatchObject({
    outcome: 'clear',
  });
});
