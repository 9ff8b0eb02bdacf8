/**
 * The record of a run as if some of its evidence had never been collected: what is derived from it must then say less, and
 * nothing wrong.
 *
 * Slices of an ablation keep the counters in their folders, which no record lists: withhold nothing from a scenario that
 * has `ablate` (no planted one has).
 *
 * @param {import('../../src/model/run-record.ts').RunRecord} run as stored; not changed
 * @param {string[]} without `capture`: no packets of any trial, as with `capture: off`; `metrics`: nothing that the target
 *   says of itself, neither counters nor what it writes to standard error
 * @returns {import('../../src/model/run-record.ts').RunRecord}
 */
export function withholdEvidence(run, without) {
  const left = structuredClone(run);
  if (without.includes('capture')) {
    const isKept = ({ kind }) => kind !== 'evidence';
    left.plan.trials = left.plan.trials.filter(isKept);
    left.trials = left.trials.filter(isKept);
    for (const trial of left.plan.trials) trial.capture = 'off';
    // Whichever other trials were captured: one that stayed would make this the judgement of a whole run.
    for (const trial of left.trials) {
      delete trial.capture;
      delete trial.probe;
    }
  }
  if (without.includes('metrics')) {
    for (const { target } of left.plan.arms) delete target.metrics;
    for (const trial of left.trials) {
      delete trial.targetStderr;
      trial.files = trial.files.filter((file) => !/^(metrics-|target-stderr)/.test(file));
    }
  }
  return left;
}
