/** What a client that checks ids has to find in a stream; each id is at most one of them. */
export const SEQUENCE_KINDS = [
  'gap',
  'duplicate',
  'reordered',
  'rolled-back',
  'replayed',
  'lost-over-reconnect',
] as const;
export type SequenceKind = (typeof SEQUENCE_KINDS)[number];

/** The reorder window of a client, in events. */
const WINDOW = 5;

/**
 * Judges the ids of one stream as they are sent, in sets of single ids and with nothing forgotten, so that it can be
 * read off the definitions:
 *
 * - an id above all before: nothing. Those it jumps over are missing from then on;
 * - a missing id: `reordered`, and missing no more;
 * - an id that was sent, if nothing above or at it was given up and it is at most five below the first missing one (below
 *   the highest, where none is missing): `duplicate`;
 * - any other: `rolled-back`;
 * - a missing id that more than five higher ones have followed, or that is missing at the end: `gap`.
 */
export class SequenceLedger {
  readonly #count: (kind: SequenceKind, ids: number) => void;
  readonly #missing = new Map<number, { followers: number }>();
  #first = Number.NaN;
  #highest = Number.NaN;
  #highestGivenUp = Number.NEGATIVE_INFINITY;

  constructor(count: (kind: SequenceKind, ids: number) => void) {
    this.#count = count;
  }

  /** The client has been sent this id. */
  note(id: number): void {
    if (Number.isNaN(this.#highest)) {
      this.#first = id;
      this.#highest = id;
      return;
    }
    if (id > this.#highest) {
      for (let jumped = this.#highest + 1; jumped < id; jumped++) {
        this.#missing.set(jumped, { followers: 0 });
      }
      this.#highest = id;
      this.#follow(id);
    } else if (this.#missing.delete(id)) {
      this.#count('reordered', 1);
      this.#follow(id);
    } else {
      const settled = Math.min(this.#highest, ...[...this.#missing.keys()].map((missing) => missing - 1));
      const isKnown = id >= this.#first && id > this.#highestGivenUp;
      this.#count(isKnown && id >= settled - WINDOW ? 'duplicate' : 'rolled-back', 1);
    }
  }

  /** The stream is over. */
  end(): void {
    this.#count('gap', this.#missing.size);
    this.#missing.clear();
  }

  #follow(id: number): void {
    for (const [missing, fate] of this.#missing) {
      if (missing > id || ++fate.followers <= WINDOW) continue;
      this.#missing.delete(missing);
      this.#highestGivenUp = Math.max(this.#highestGivenUp, missing);
      this.#count('gap', 1);
    }
  }
}
