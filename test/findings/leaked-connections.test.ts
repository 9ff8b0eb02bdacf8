import { expect, test } from 'vitest';
import { buildArmEvidence } from '../../src/evidence/build-arm-evidence.ts';
import { leakedConnections } from '../../src/findings/leaked-connections.ts';
import type { SocketRecord } from '../../src/model/run-record.ts';
import { makeArm, makeProcess, makeTrial } from '../helpers/evidence-builder.ts';

const GREW = 'CLOSE_WAIT grew from 0 to 60 while it ran';

/** What the rule prints of rounds with these sockets, all of which leave `closeWaitAfter` of them. */
function groundsOf(...rounds: Partial<SocketRecord>[]): string[] {
  const trials = rounds.map((round, index) => {
    const sockets: SocketRecord = {
      looks: 20,
      looksWithQueue: 0,
      acceptQueueMax: 0,
      closeWaitBefore: 0,
      closeWaitMax: 60,
      closeWaitAfter: 60,
      establishedMax: 100,
      timeWaitBefore: 0,
      timeWaitMax: 0,
      ...round,
    };
    const { closeWaitAfter, closeWaitPerSec, closeWaitFit } = sockets;
    return makeTrial({
      record: {
        id: `r${index + 1}-wrk`,
        round: index + 1,
        leftover: { established: 0, closeWait: closeWaitAfter, timeWait: 0, waitedMs: 3000 },
        kernel: { isolated: true, counters: { ActiveOpens: 1000 }, sockets },
        process: makeProcess({
          ...(closeWaitPerSec === undefined ? {} : { targetCloseWaitPerSec: closeWaitPerSec }),
          ...(closeWaitFit === undefined ? {} : { targetCloseWaitFit: closeWaitFit }),
        }),
      },
    });
  });
  const verdict = leakedConnections.evaluate(buildArmEvidence(makeArm(), trials));
  if (verdict.outcome !== 'found') throw new Error(`the rule is ${verdict.outcome}`);
  return verdict.because.slice(1);
}

test.each<[string, Partial<SocketRecord>, string[]]>([
  [
    'slow',
    { closeWaitPerSec: 0.312, closeWaitFit: 0.98 },
    [`${GREW}, by 0.312/s; a straight line explains 98 % of that`],
  ],
  ['without a fit', { closeWaitPerSec: 2 }, [`${GREW}, by 2/s`]],
  ['level', { closeWaitPerSec: 0, closeWaitFit: 0.98 }, [GREW]],
  ['falling again', { closeWaitPerSec: -3, closeWaitFit: 0.5 }, [GREW]],
  ['of too few looks', {}, [GREW]],
  ['none', { closeWaitBefore: 60, closeWaitPerSec: 0.1, closeWaitFit: 0.1 }, []],
])('growth that is %s is told as it was', (_, sockets, because) => {
  expect(groundsOf(sockets)).toEqual(because);
});

test('the growth is that of the round that left most, whatever the others did', () => {
  const worst = { closeWaitMax: 90, closeWaitAfter: 90, closeWaitPerSec: 3, closeWaitFit: 0.99 };
  const others = { acceptQueueMax: 50, closeWaitPerSec: 1, closeWaitFit: 0.2 };
  expect(groundsOf(others, worst, others)).toEqual([
    'CLOSE_WAIT grew from 0 to 90 while it ran, by 3/s; a straight line explains 99 % of that',
  ]);
});
