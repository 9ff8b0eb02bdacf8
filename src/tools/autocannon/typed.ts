import { asCount, asObject, parseJsonObject } from '../read-json.ts';
import {
  headerArgs,
  joinWords,
  noReport,
  type TypedTool,
  typedCommand,
  wholeSeconds,
} from '../typed-tool.ts';
import { locateAutocannon } from './adapter.ts';

/** By --json: the table counts requests sent, and with --renderStatusCodes it crashes on a response without status. */
export const typedAutocannon: TypedTool = {
  command: (trial) =>
    typedCommand(trial, [
      ...(locateAutocannon() ?? ['autocannon']),
      '--json',
      '--no-progress',
      '-c',
      String(trial.connections),
      '-d',
      wholeSeconds(trial.durationMs),
      '-t',
      wholeSeconds(trial.timeoutMs),
      // It would keep the blank behind the colon.
      ...headerArgs(trial).map((arg) => arg.replace(': ', '=')),
      trial.url,
    ]),

  read({ stdout }) {
    const report = parseJsonObject(stdout.trim());
    const total = asCount(asObject(report?.requests)?.total);
    const errors = asCount(report?.errors);
    const timeouts = asCount(report?.timeouts);
    if (!report || total === undefined || errors === undefined || timeouts === undefined) return noReport();
    const httpErrors = (asCount(report['4xx']) ?? 0) + (asCount(report['5xx']) ?? 0);
    const latency = asObject(report.latency)?.average;
    const good = asCount(report['2xx']) ?? 0;
    const nameless = asCount(asObject(asObject(report.statusCodeStats)?.undefined)?.count) ?? 0;
    return {
      hasReport: true,
      fine: Math.max(0, total - httpErrors),
      failed: errors + httpErrors,
      open: 0,
      held: 0,
      words: joinWords([
        `2xx: ${good}, errors: ${errors}, timeouts: ${timeouts}`,
        httpErrors > 0 ? `4xx and 5xx: ${httpErrors}` : undefined,
        nameless > 0 ? `statusCodeStats: {"undefined": ${nameless}}` : undefined,
        total > 0 && typeof latency === 'number' ? `average ${latency} ms` : undefined,
      ]),
    };
  },
};
