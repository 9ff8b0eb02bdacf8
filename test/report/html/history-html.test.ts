import { expect, test } from 'vitest';
import { buildHistory } from '../../../src/report/history/build-history.ts';
import { extractRun } from '../../../src/report/history/read-history-run.ts';
import { historyHtml } from '../../../src/report/html/history/history-html.ts';
import { historyComparisons } from '../../helpers/history-runs.ts';

test('no two regions of a page with several scenarios have the same name', () => {
  const runs = ['first', 'second'].flatMap((name) =>
    historyComparisons(3).map((comparison, night) => {
      comparison.scenario.name = name;
      return extractRun(comparison, `${name}-${night}`, true);
    }),
  );
  const history = buildHistory(runs, { harnessVersion: '0', pathTo: (folder) => folder, warnings: [] });
  const page = historyHtml(history, { chartStyle: '', chartScript: '', pageScript: '' });
  const names = [...page.matchAll(/role="region"[^>]* aria-label="([^"]+)"/g)].map(([, name]) => name);
  expect(names.length).toBeGreaterThan(2);
  expect(new Set(names).size).toBe(names.length);
});
