import {
  headerArgs,
  joinWords,
  noReport,
  type TypedTool,
  typedCommand,
  wholeSeconds,
} from '../typed-tool.ts';
import { parseWrkText } from './parse-text.ts';

export const typedWrk: TypedTool = {
  command: (trial) =>
    typedCommand(trial, [
      'wrk',
      '-t1',
      `-c${trial.connections}`,
      `-d${wholeSeconds(trial.durationMs)}s`,
      '--timeout',
      `${wholeSeconds(trial.timeoutMs)}s`,
      ...headerArgs(trial),
      trial.url,
    ]),

  read({ stdout, stderr }) {
    const text = parseWrkText(stdout);
    if (!text)
      return { ...noReport(joinWords([stderr])), failed: stderr === '' ? 0 : 1, hasReport: stderr !== '' };
    const { connect, read, write, timeout, status } = text.errors;
    return {
      hasReport: true,
      fine: Math.max(0, text.requests - status),
      failed: connect + read + write + timeout + status,
      open: 0,
      held: 0,
      words: joinWords(stdout.match(/^ .* requests in .*$|^ {2}Socket errors: .*$|^ {2}Non-2xx.*$/gm) ?? []),
    };
  },
};
