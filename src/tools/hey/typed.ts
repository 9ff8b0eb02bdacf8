import {
  headerArgs,
  joinWords,
  noReport,
  noteEnding,
  type TypedTool,
  typedCommand,
  wholeSeconds,
} from '../typed-tool.ts';

export const typedHey: TypedTool = {
  command: (trial) =>
    typedCommand(trial, [
      'hey',
      '-z',
      `${wholeSeconds(trial.durationMs)}s`,
      '-c',
      String(trial.connections),
      '-t',
      wholeSeconds(trial.timeoutMs),
      ...headerArgs(trial),
      trial.url,
    ]),

  read(output) {
    const { stdout } = output;
    if (!/^Summary:$/m.test(stdout)) return noReport(noteEnding(output));
    const statuses = [...stdout.matchAll(/^ {2}\[(\d{3})\]\t(\d+) responses$/gm)];
    const errors = [...stdout.matchAll(/^ {2}\[(\d+)\]\t(?!\d+ responses$)(.+)$/gm)];
    const countOf = (wanted: (status: number) => boolean): number =>
      statuses
        .filter(([, status]) => wanted(Number(status)))
        .reduce((sum, [, , count]) => sum + Number(count), 0);
    const failed = errors.reduce((sum, [, count]) => sum + Number(count), 0);
    const fine = countOf((status) => status < 400);
    const wait = /^ {2}resp wait:\t(\d+\.\d+) secs/m.exec(stdout)?.[1];
    return {
      hasReport: true,
      fine,
      failed: failed + countOf((status) => status >= 400),
      open: 0,
      held: 0,
      ...(fine > 0 && wait !== undefined ? { firstByteMs: Number(wait) * 1000 } : {}),
      words: joinWords([
        ...statuses.map(([line]) => line),
        // One line per error text, and each of those has another port in it.
        errors.length === 0 ? undefined : `${failed} errors, such as "${lastPart(errors[0]![2]!)}"`,
        fine > 0 ? /^ {2}Average:.*$/m.exec(stdout)?.[0] : undefined,
        noteEnding(output),
      ]),
    };
  },
};

/** Go puts the cause last: `Get "http://...": read tcp 127.0.0.1:1->127.0.0.1:2: read: connection reset by peer`. */
function lastPart(error: string): string {
  return error.split(': ').at(-1)!;
}
