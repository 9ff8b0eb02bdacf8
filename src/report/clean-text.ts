/** Control characters (terminal escapes, line breaks, C1) and characters that reorder what follows. */
export const UNPRINTABLE = /[\p{Cc}\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/**
 * Text from servers, tools and scenarios as it may be printed: what is unprintable becomes a space, runs of space
 * become one.
 */
export function cleanText(text: string): string {
  return replaceControls(text).replace(/ {2,}/g, ' ').trim();
}

/** The same with every space kept: for pieces of a line. Lone surrogates, which no encoding has, become U+FFFD. */
export function replaceControls(text: string): string {
  return text.replace(UNPRINTABLE, ' ').replace(/[\p{Cs}\ufffe\uffff]/gu, '\ufffd');
}
