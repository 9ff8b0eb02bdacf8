/**
 * Counts of a test run from Vitest's JSON report. A file that could not be loaded or whose set-up hook threw
 * has no failed test in it, and counts as one failure; so does an error outside every test, which shows in the
 * exit code alone.
 *
 * @param {{testResults: {status: string, assertionResults: {status: string}[]}[]} | undefined} report
 *   undefined when Vitest left none
 * @param {number | null} exitCode of Vitest; null when a signal ended it
 */
export function countResults(report, exitCode) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const file of report?.testResults ?? []) {
    const statuses = file.assertionResults.map((test) => test.status);
    const failed = statuses.filter((status) => status === 'failed').length;
    const passed = statuses.filter((status) => status === 'passed').length;
    counts.passed += passed;
    counts.failed += failed === 0 && file.status === 'failed' ? 1 : failed;
    counts.skipped += statuses.length - passed - failed;
  }
  if (exitCode !== 0 && counts.failed === 0) counts.failed = 1;
  return counts;
}

/** The last line of `npm test`. */
export function formatCounts({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/**
 * A run is good when something ran and nothing failed. A skipped test is a hole that looks like a pass; only
 * a run narrowed by a name pattern skips on purpose.
 */
export function isGreen({ passed, failed, skipped }, narrowedByName) {
  return failed === 0 && passed > 0 && (skipped === 0 || narrowedByName);
}
