import { replaceControls } from '../clean-text.ts';

/** Text that is HTML already. Made by `html` and `rawHtml` only. */
export class SafeHtml {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Content = string | number | SafeHtml | undefined | false | readonly Content[];

/**
 * HTML from a template. Every value that is not HTML itself is text: cleaned of control characters and escaped for
 * elements and for quoted attributes alike. Lists are joined, undefined and false are nothing.
 */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): SafeHtml {
  let text = parts[0] ?? '';
  for (const [index, value] of values.entries()) text += render(value) + (parts[index + 1] ?? '');
  return new SafeHtml(text);
}

/** Text of our own making that is HTML: scripts, styles, numbers in SVG. Never anything from outside. */
export function rawHtml(text: string): SafeHtml {
  return new SafeHtml(text);
}

function render(value: Content): string {
  if (value === undefined || value === false) return '';
  if (value instanceof SafeHtml) return value.text;
  if (typeof value === 'object') return value.map(render).join('');
  return escapeHtml(replaceControls(String(value)));
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}
