import { cleanText } from './clean-text.ts';

/**
 * GitHub looks for addresses, mentions, references and emoji in text that is rendered already, where a backslash is
 * gone. A comment ends the run of text and shows nothing.
 */
const SPLIT = '<!-- -->';

/** What would become something else, by what is put in its place. The text around it is as it was given. */
const ESCAPES: readonly [pattern: RegExp, replace: (match: string) => string][] = [
  [/&/u, () => '&amp;'],
  [/</u, () => '&lt;'],
  // Formulas are found before Markdown is: GitHub's own advice for a plain dollar is an element around it.
  [/\$/u, (match) => `<span>${match}</span>`],
  // Addresses: http://, www., a@b.c.
  [/:(?=\/\/)/u, (match) => match + SPLIT],
  [/www(?=\.)/u, (match) => match + SPLIT],
  [/@(?=[\w-]+\.[\w-])/u, (match) => match + SPLIT],
  // Mentions: a name behind an @ that does not itself follow a name, as it does in wrk@variant.
  [/(?<!\w)@(?=\w)/u, (match) => match + SPLIT],
  // References to issues: #1, GH-1.
  [/#(?=\d)/u, (match) => `\\${match}${SPLIT}`],
  [/\bGH-(?=\d)/u, (match) => match + SPLIT],
  // Emoji: :name:, but no times of day.
  [/:(?=(?:[a-z+-][\w+-]*|100|1234):)/u, (match) => match + SPLIT],
  // Lists and quotes at the start: -, +, >, 1., 1).
  [/^[-+>]|(?<=^\d{1,9})[.)](?=\s|$)/u, (match) => `\\${match}`],
  // Everywhere: emphasis, code, links, headings, borders of cells. An underscore inside a word is none of these.
  [/[\\|`*[\]#~]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/u, (match) => `\\${match}`],
];

const ANY = new RegExp(ESCAPES.map(([pattern]) => `(${pattern.source})`).join('|'), 'gu');

/**
 * Text of others as one line of GitHub's Markdown that renders as itself: nothing in it becomes a link, a mention, a
 * formula, a list, a tag, emphasis or the border of a cell.
 */
export function escapeMarkdown(text: string): string {
  return cleanText(text).replace(ANY, (match: string, ...groups: (string | undefined)[]) => {
    const index = groups.findIndex((group) => group !== undefined);
    return ESCAPES[index]![1](match);
  });
}
