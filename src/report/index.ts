import { reportCsv } from './csv.ts';
import { reportJson } from './json.ts';
import { reportMarkdown } from './markdown.ts';
import type { Reporter } from './report-options.ts';
import { reportTerminal } from './terminal.ts';

/** Every report format by its name in `--format`. */
export const REPORTERS: Record<'terminal' | 'md' | 'csv' | 'json', Reporter> = {
  terminal: reportTerminal,
  md: reportMarkdown,
  csv: reportCsv,
  json: reportJson,
};
