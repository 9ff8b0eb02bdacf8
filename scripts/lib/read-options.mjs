import { parseArgs } from 'node:util';
import { UsageError } from './setup-error.mjs';

/**
 * The options of a developer's script.
 *
 * @param {string} program what its errors begin with
 * @param {string[]} args without node and script
 * @param {import('node:util').ParseArgsConfig['options']} options
 * @param {{mostPositionals?: number}} [limits] arguments that are no options: none by default
 * @returns {{values: Record<string, string | undefined>, positionals: string[]}}
 * @throws UsageError for an unknown option, one without its value, and an argument too many
 */
export function readOptions(program, args, options, { mostPositionals = 0 } = {}) {
  let read;
  try {
    read = parseArgs({ args, options, allowPositionals: mostPositionals > 0 });
  } catch (error) {
    const known = Object.keys(options).map((name) => `--${name}`);
    // Node says the cause in the first sentence; what follows is advice on how to write positionals.
    const cause = error.message.split('\n')[0].replace(/\. To specify .*$/, '');
    throw new UsageError(`${program}: ${cause}; it takes ${known.join(', ') || 'none'}`);
  }
  const surplus = read.positionals[mostPositionals];
  if (surplus !== undefined) throw new UsageError(`${program}: ${surplus} is one argument too many`);
  return read;
}

/** A whole number from 1 to 999999. @param {string} what the option, as an error names it @throws UsageError */
export function readCount(program, what, text) {
  if (!/^[1-9]\d{0,5}$/.test(text)) {
    throw new UsageError(`${program}: ${what} ${text}: give a whole number from 1 to 999999`);
  }
  return Number(text);
}

/** A list with commas between. @throws UsageError for what is not among `known` */
export function readChoices(program, what, text, known) {
  const chosen = text.split(',');
  const unknown = chosen.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(`${program}: ${what} ${unknown}: choose from ${known.join(', ')}`);
  }
  return chosen;
}
