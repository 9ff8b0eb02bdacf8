import { UNPRINTABLE } from './clean-text.ts';

/**
 * An argument as a shell takes it back, on one line and without control characters: bare, in quotes, or with the
 * unprintable escaped as $'...' (bash, and POSIX since 2024).
 */
export function quoteArgument(argument: string): string {
  if (/^[\w@%+=:,./-]+$/.test(argument)) return argument;
  // Search, not test: the pattern is global and would go on from where it stopped.
  if (argument.search(UNPRINTABLE) === -1) return `'${argument.replaceAll("'", "'\\''")}'`;
  const escaped = argument.replace(/[\\']/g, '\\$&').replace(UNPRINTABLE, escapeCharacter);
  return `$'${escaped}'`;
}

const NAMED: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Octal with all three digits, byte by byte: what follows cannot become part of it, whatever the locale is. */
function escapeCharacter(character: string): string {
  const bytes = [...Buffer.from(character, 'utf8')];
  return NAMED[character] ?? bytes.map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
}
