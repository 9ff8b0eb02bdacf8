import { expect, test } from 'vitest';
import { buildArmEvidence } from '../../src/evidence/build-arm-evidence.ts';
import { headerCost } from '../../src/findings/header-cost.ts';
import { makeArm, makeProcess, makeTrial } from '../helpers/evidence-builder.ts';

/** A target at the end of its CPU that spends 200 us on each of 15 000 heads per round: 3 s of 20 s. */
function busyRounds(rounds: number) {
  const arm = makeArm();
  const process = makeProcess({ idle: 0.02, targetCpuS: 20, targetCpuShare: 0.95, toolCpuS: 1 });
  const truth = { headerParse: { count: 15_000, p50Us: 200, p99Us: 400, meanUs: 210 } };
  return buildArmEvidence(
    arm,
    Array.from({ length: rounds }, (_, index) =>
      makeTrial({ arm, truth, record: { id: `r${index + 1}-wrk`, round: index + 1, process } }),
    ),
  );
}

test.each([1, 3])('heads of %s rounds are held against the CPU time of as many', (rounds) => {
  const verdict = headerCost.evaluate(busyRounds(rounds));
  expect(verdict.outcome).toBe('clear');
  expect(JSON.stringify(verdict)).toContain('3.00 s against 20.00 s of CPU');
});
