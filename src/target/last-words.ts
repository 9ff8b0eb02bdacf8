const LONGEST_WORDS = 200;

/** Lines that name an error in the languages servers are written in. */
const NAMES_ERROR = /^(\[?[\w.]*(Error|Exception)\b|panic:|fatal\b|error\b|thread '.*' panicked)/i;

/** Lines that close a crash report without saying anything. */
const SAYS_NOTHING = /^(Node\.js v\d|exit status \d|\s+at |\s*[{}^\])]*\s*$)/;

/**
 * What a program that ended said last, as one line: the last line that names an error, else the last one that says
 * anything. Empty when it was silent.
 */
export function lastWords(stderr: string): string {
  const lines = stderr.split(/\r?\n/).filter((line) => !SAYS_NOTHING.test(line));
  const telling = lines.findLast((line) => NAMES_ERROR.test(line)) ?? lines.at(-1) ?? '';
  const line = telling.trim();
  return line.length > LONGEST_WORDS ? `${line.slice(0, LONGEST_WORDS)}…` : line;
}

const TIME_OF_DAY = /\b\d{1,2}:\d\d:\d\d\b/g;

/**
 * The complaint of a program that could not have its port, with the port where it names one; undefined when it
 * complains about something else.
 */
export function portComplaint(stderr: string): { port?: number } | undefined {
  const line = stderr.split(/\r?\n/).find((text) => /EADDRINUSE|address already in use/i.test(text));
  if (line === undefined) return undefined;
  // As `host:port`, or as the pair that Python prints.
  const named = [...line.replaceAll(TIME_OF_DAY, '').matchAll(/(?::|['"], )(\d{1,5})\b/g)].at(-1)?.[1];
  return named === undefined ? {} : { port: Number(named) };
}
