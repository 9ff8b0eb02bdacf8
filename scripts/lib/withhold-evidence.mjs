/**
 * The record of a run as if some of its evidence had never been collected: what is derived from it must then say less, and
 * nothing wrong.
 *
 * @param {import('../../src/model/run-record.ts').RunRecord} run as stored; not changed
 * @param {string[]} without `capture`: no evidence trials, as with `capture: off`; `metrics`: no counters of the target
 * @returns {import('../../src/model/run-record.ts').RunRecord}
 */
export function withholdEvidence(run, without) {
  const left = structuredClone(run);
  if (without.includes('capture')) {
    const isKept = ({ kind }) => kind !== 'evidence';
    left.plan.trials = left.plan.trials.filter(isKept);
    left.trials = left.trials.filter(isKept);
  }
  if (without.includes('metrics')) {
    for (const { target } of left.plan.arms) delete target.metrics;
    for (const trial of left.trials) trial.files = trial.files.filter((file) => !file.startsWith('metrics-'));
  }
  return left;
}
