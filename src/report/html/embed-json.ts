import { cleanText } from '../clean-text.ts';

/** Digits of a number that a chart can show. */
const SIGNIFICANT_DIGITS = 6;

/**
 * A value as the content of `<script type="application/json">`: nothing in it ends the element, and nothing in its
 * strings reaches a screen that could not be in a line of text.
 */
export function embedJson(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) => {
    if (typeof member === 'string') return cleanText(member);
    if (typeof member !== 'number' || Number.isInteger(member)) return member;
    return Number(member.toPrecision(SIGNIFICANT_DIGITS));
  }).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
