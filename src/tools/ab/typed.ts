import {
  headerArgs,
  joinWords,
  noReport,
  noteEnding,
  type TypedTool,
  typedCommand,
  wholeSeconds,
} from '../typed-tool.ts';
import { findAbAbort, parseAbText } from './parse-text.ts';

export const typedAb: TypedTool = {
  command: (trial) =>
    typedCommand(trial, [
      'ab',
      '-q',
      '-c',
      String(trial.connections),
      '-t',
      wholeSeconds(trial.durationMs),
      '-s',
      wholeSeconds(trial.timeoutMs),
      ...headerArgs(trial),
      trial.url,
    ]),

  read(output) {
    const { stdout, stderr } = output;
    const text = parseAbText(stdout);
    const abort = findAbAbort(stderr);
    if (!text) {
      if (abort === undefined) return noReport(noteEnding(output));
      return { hasReport: true, fine: 0, failed: 1, open: 0, held: 0, words: abort };
    }
    return {
      hasReport: true,
      fine: Math.max(0, text.complete - text.failed - text.non2xx),
      failed: text.failed + text.non2xx,
      open: 0,
      held: 0,
      ...(text.waitingMs ? { firstByteMs: text.waitingMs.median } : {}),
      words: joinWords([
        ...(stdout.match(/^(Complete requests|Failed requests|Non-2xx responses):.*$/gm) ?? []),
        noteEnding(output),
      ]),
    };
  },
};
