import type { PlainReading } from '../model/calibration.ts';
import type { ToolCommand, ToolOutput, ToolTrial } from '../model/tool.ts';

/**
 * A tool as a person types it, with no precaution of the harness: what its report then makes one believe is held
 * against servers whose behaviour is known. `ssee-bench calibrate` alone uses it.
 */
export interface TypedTool {
  /** The request timeout is given where the tool has one. */
  command(trial: ToolTrial): ToolCommand;
  /** Pure, never throws: what the report says, whatever is true. */
  read(output: ToolOutput): PlainReading;
}

/** Nothing was printed, or nothing of sense. */
export function noReport(words = ''): PlainReading {
  return { hasReport: false, fine: 0, failed: 0, open: 0, held: 0, words };
}

/** A command line with the deadline after which a person would press Ctrl-C, then close the terminal. */
export function typedCommand(trial: ToolTrial, argv: [string, ...string[]]): ToolCommand {
  return {
    argv,
    deadlineMs: trial.durationMs + trial.timeoutMs + 3000,
    signals: [
      { signal: 'SIGINT', waitMs: 2000 },
      { signal: 'SIGKILL', waitMs: 1000 },
    ],
  };
}

/** Whole seconds, at least one: what most tools take. */
export function wholeSeconds(ms: number): string {
  return String(Math.max(1, Math.ceil(ms / 1000)));
}

/** `-H "Name: value"` for each header. */
export function headerArgs({ request }: ToolTrial): string[] {
  return Object.entries(request.headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
}

/** What a person is told at the end of a run that did not end by itself. */
export function noteEnding({ exit }: ToolOutput): string {
  if (!exit.overran) return '';
  return `did not end by itself, ${exit.sent.join(', ')} after ${(exit.wallMs / 1000).toFixed(0)} s`;
}

/** The parts that are there, as one line. */
export function joinWords(parts: readonly (string | undefined)[]): string {
  return parts
    .map((part) => part?.replace(/\s+/g, ' ').trim() ?? '')
    .filter((part) => part !== '')
    .join('; ');
}
