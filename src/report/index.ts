import { reportBencher } from './bencher.ts';
import { reportBenchstat } from './benchstat.ts';
import { reportCsv } from './csv.ts';
import { reportCsvWide } from './csv-wide.ts';
import { reportGithubAnnotations } from './github-annotations.ts';
import { reportGithubSummary } from './github-summary.ts';
import { reportJson } from './json.ts';
import { reportJunit } from './junit.ts';
import { reportMarkdown } from './markdown.ts';
import { reportPrometheus } from './prometheus.ts';
import type { Reporter } from './report-options.ts';
import { reportTerminal } from './terminal.ts';

/** Report formats that are one text made from the comparison alone, by their name in `--format`. */
export const REPORTERS = {
  terminal: reportTerminal,
  md: reportMarkdown,
  csv: reportCsv,
  'csv-wide': reportCsvWide,
  json: reportJson,
  junit: reportJunit,
  benchstat: reportBenchstat,
  bencher: reportBencher,
  prometheus: reportPrometheus,
  'github-summary': reportGithubSummary,
  'github-annotations': reportGithubAnnotations,
} satisfies Record<string, Reporter>;
