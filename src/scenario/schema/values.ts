import { z } from 'zod';
import { METRIC_IDS } from '../../model/metrics.ts';
import { LONGEST_MS, parseWholeMs } from '../durations.ts';

/**
 * Kinds of values that several parts of a scenario take. The `error` texts say what a value must be, as a noun phrase:
 * explain-issue.ts makes the sentence. Refinements carry whole sentences. Nothing is transformed in a schema, because a
 * JSON Schema cannot say so: see normalize-scenario.ts.
 */

/** YAML reads a bare 1 or true as no text. */
export const QUOTED = 'with numbers, true and false in quotes';

/** One argument of a command line, or the value of an environment variable. */
export const argument = z
  .string({ error: `text, ${QUOTED}` })
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a NUL ends an argument early
  .regex(/^[^\x00]*$/, 'text without NUL');

/** A name that may be part of a file name and of tool@variant. */
export const safeName = (of: string) =>
  z
    .string({ error: `a name such as ${of}` })
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
      `a name of at most 64 letters, digits, dots, underscores and hyphens that begins with a letter or digit, such as ${of}`,
    );

/** One line of text of at most `longest` characters. */
export const line = (what: string, longest: number) =>
  z
    .string({ error: what })
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they would break lines of reports and folder names
    .regex(/^[^\x00-\x1f\x7f]+$/, what)
    .max(longest, `at most ${longest} characters long`);

/** A duration as text; `least` is 0 where no time at all makes sense. */
export const duration = (example: string, least: 0 | 1) =>
  z
    .string({ error: `a duration with its unit, such as ${example}` })
    .regex(/^\d+(\.\d+)?(ms|s|m|h)$/, {
      error: `a duration with its unit, such as ${example} (units: ms, s, m, h)`,
      abort: true,
    })
    .refine((text) => parseWholeMs(text) !== undefined, {
      error: `must be a whole number of milliseconds; write for example ${example}`,
      abort: true,
    })
    .refine((text) => parseWholeMs(text)! >= least, {
      error: `must be longer than no time at all; write for example ${example}`,
      abort: true,
    })
    .refine((text) => parseWholeMs(text)! <= LONGEST_MS, { error: 'must be at most 24h; shorten it' });

/** A whole number, both ends included. */
export const wholeNumber = (least: number, most: number, example: number) => {
  const error = `a whole number from ${least} to ${most}, such as ${example}`;
  return z.int({ error }).min(least, { error }).max(most, { error });
};

/** A share as text with its percent sign. */
export const percent = (example: string) => {
  const error = `a share in percent above 0 %, such as ${example}`;
  return z
    .string({ error })
    .regex(/^\d+(\.\d+)?%$/, error)
    .refine((text) => Number(text.slice(0, -1)) > 0, {
      error: `must be above 0 %; write for example ${example}`,
    });
};

/** Path and query of a URL. */
export const urlPath = (example: string) => {
  const error = `a path that starts with "/" and is made of URL characters without "#" (percent-encode all others), such as ${example}`;
  return z.string({ error }).regex(/^\/[\w.~%!$&'()*+,;=:@/?-]*$/, error);
};

/** CPUs to pin to. */
export const cpus = z
  .array(wholeNumber(0, 4095, 0), { error: 'a list of CPU numbers, such as [0, 1]' })
  .min(1, 'a list of at least one CPU number, such as [0]')
  .describe('CPUs to run on, counted from 0');

/** Id of a metric. */
export const metric = z.enum(METRIC_IDS, { error: 'a metric, such as ttfe_us_p99' });
