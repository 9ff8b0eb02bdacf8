import type { UnknownReading } from '../model/cell.ts';
import { cleanText } from './clean-text.ts';

const WHY: Record<UnknownReading['why'], string> = {
  'not-observable': 'not observable',
  'no-samples': 'no samples',
  'not-collected': 'not collected',
};

/** Numbered reasons under a table: the same reason has one number, in the order in which cells ask. */
export class Notes {
  readonly #numbers = new Map<string, number>();

  /** The text of a cell without value: `n/a [3]`. */
  markAbsent({ why, detail }: UnknownReading): string {
    return `n/a ${this.mark(`${WHY[why]}: ${detail}`)}`;
  }

  /** The mark of a note: `[3]`. */
  mark(text: string): string {
    const clean = cleanText(text);
    const number = this.#numbers.get(clean) ?? this.#numbers.size + 1;
    this.#numbers.set(clean, number);
    return `[${number}]`;
  }

  /** All notes, `[1] not observable: ...`. */
  list(): string[] {
    return [...this.#numbers].map(([text, number]) => `[${number}] ${text}`);
  }
}
