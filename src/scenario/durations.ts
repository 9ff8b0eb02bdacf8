import { parseDurationMs } from '../model/units.ts';

/** A day: longer is a slip of the unit. */
export const LONGEST_MS = 24 * 3_600_000;

/** `1.5s` to 1500; undefined for what is no duration or no whole number of milliseconds. */
export function parseWholeMs(text: string): number | undefined {
  const ms = parseDurationMs(text);
  return ms === undefined ? undefined : wholeMs(ms);
}

/** The whole number that `ms` stands for; undefined when it has a fraction. */
export function wholeMs(ms: number): number | undefined {
  const rounded = Math.round(ms);
  // 1.001 s times 1000 is 1000.9999999999999 in binary floating point.
  return Math.abs(ms - rounded) < 1e-6 ? rounded : undefined;
}

/** Their duration takes no fraction and no `ms`. */
const WHOLE_SECONDS = ['wrk', 'ab'];

/** Why a duration cannot be given to a tool, or undefined. */
export function explainUnfitDuration(tool: string, durationMs: number): string | undefined {
  return WHOLE_SECONDS.includes(tool) && durationMs % 1000 !== 0 ? `${tool} takes whole seconds` : undefined;
}
