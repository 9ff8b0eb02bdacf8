import type { TrialRecord } from '../model/run-record.ts';
import type { TesterReport } from '../model/tester-report.ts';
import { readTrialText } from './run-store.ts';

/** Undefined where stdout is no such report: another tool, or one that was killed. */
export function readTesterReport(runDir: string, record: TrialRecord): TesterReport | undefined {
  const text = readTrialText(runDir, record, 'stdout.txt');
  if (!text.startsWith('{') || !text.includes('"ssee-tester/1"')) return undefined;
  try {
    const report = JSON.parse(text) as TesterReport;
    return report.schema === 'ssee-tester/1' && Array.isArray(report.series?.events) ? report : undefined;
  } catch {
    return undefined;
  }
}
