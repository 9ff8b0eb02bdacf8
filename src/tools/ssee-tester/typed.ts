import { OUTCOMES, type Outcome } from '../../model/outcome.ts';
import { formatDuration } from '../../model/units.ts';
import { headerArgs, joinWords, noReport, type TypedTool, typedCommand } from '../typed-tool.ts';
import { locateSseeTester } from './adapter.ts';

const UNIT_MS: Record<string, number> = { us: 0.001, ms: 1, s: 1000 };

/** The one tool that is told whether streams end: it is for them. */
export const typedSseeTester: TypedTool = {
  command: (trial) =>
    typedCommand(trial, [
      process.execPath,
      locateSseeTester(),
      trial.url,
      '-c',
      String(trial.connections),
      '-d',
      formatDuration(trial.durationMs),
      '--timeout',
      formatDuration(trial.timeoutMs),
      '--stream',
      trial.stream,
      ...headerArgs(trial),
    ]),

  read({ stdout }) {
    const lines = stdout.split('\n');
    const counts: Partial<Record<Outcome, number>> = {};
    for (const outcome of OUTCOMES) {
      const match = lines
        .map((line) => /^([a-z-]+) +([\d,]+)\/[\d,]+/.exec(line))
        .find((m) => m?.[1] === outcome);
      if (match) counts[outcome] = Number(match[2]!.replaceAll(',', ''));
    }
    if (Object.keys(counts).length === 0) return noReport(lines[0]);
    const { completed = 0, held = 0, 'client-aborted': open = 0, ...failures } = counts;
    const ids = /^event ids +(.*)$/m.exec(stdout)?.[1];
    const [, value, unit] = /^first byte +([\d.,]+) (us|ms|s)\b/m.exec(stdout) ?? [];
    return {
      hasReport: true,
      fine: completed,
      failed: Object.values(failures).reduce((sum, count) => sum + count, 0),
      open,
      held,
      ...(value === undefined ? {} : { firstByteMs: Number(value.replaceAll(',', '')) * UNIT_MS[unit!]! }),
      idFaults: (ids?.match(/[\d,]+(?= (missing|repeated))/g) ?? []).reduce(
        (sum, count) => sum + Number(count.replaceAll(',', '')),
        0,
      ),
      words: joinWords([
        lines[0]?.replace(/ First failure:.*$/, ''),
        ...Object.entries(counts)
          .filter(([, count]) => count > 0)
          .map(([outcome, count]) => `${outcome} ${count}`),
        ids === undefined ? undefined : `event ids: ${ids}`,
      ]),
    };
  },
};
