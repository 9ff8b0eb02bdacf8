/** What sequencers found, in numbers of ids. Any number of streams of a thread may count into one; exact up to 2^53. */
export class SequenceCounts {
  /** Ids that never came: overtaken by more than the window, or still missing when the stream ended. */
  gaps = 0;
  /** Ids that came again, not further back than the window. */
  duplicates = 0;
  /** Ids that came late, but within the window: each filled a hole. */
  reordered = 0;
  /** Ids further back than the window remembers: an older id again, one whose gap is counted already, a restart. */
  rolledBack = 0;
  /** After a reconnect and before the first new id: ids that the server sent before. */
  replayed = 0;
  /** Like `gaps`, for ids between the last one before a reconnect and the first new one after it. */
  lostOverReconnect = 0;
}

export interface SequencerOptions {
  /**
   * By how many higher ids one may be overtaken before it is given up, and how far back a repeated id still counts
   * as a duplicate. 0 to 4096; a stream with holes holds 32 bytes for each.
   * @default 5, events
   */
  window?: number;
}

/** Everything up to the last id is settled; the next one expected is last + 1. */
export const IDLE = 0;
/** Ids are missing that may still come. */
export const SYNCING = 1;
/** A reconnect happened and no id above the last one has come since. */
export const RECOVERING = 2;

export type SequencerState = typeof IDLE | typeof SYNCING | typeof RECOVERING;

const DEFAULT_WINDOW = 5;
const LARGEST_WINDOW = 4096;

/** Numbers per hole: its first id, its last id, when it is given up, whether a reconnect tore it. */
const STRIDE = 4;
const TO = 1;
const DUE = 2;
const TORN = 3;
const NO_HOLES = new Float64Array(0);

/**
 * Judges the numeric ids of one logical stream, which lives on over reconnects. Ids must rise; jumps are allowed.
 *
 * Let *last* be the highest id applied so far. Exactly one of these happens to each id that is accepted, in this order
 * of precedence:
 *
 * 1. the first of the stream: applied;
 * 2. above last: applied. The ids it jumps over become a hole, one that a reconnect tore when the state is RECOVERING.
 *    RECOVERING ends;
 * 3. in a hole: applied and `reordered`. The hole is split around it. This does not end RECOVERING;
 * 4. in state RECOVERING: `replayed`. Ids below the first of the stream and ids given up before count here too: what a
 *    server may send again is its own choice;
 * 5. known to have been applied (above everything given up and not below the first of the stream) and not more than
 *    `window` below the frontier: `duplicates`. The frontier is the id before the lowest hole, last without one;
 * 6. anything else: `rolledBack`. It is not applied, even if it never came before.
 *
 * A missing id is given up when more than `window` higher ids have been applied since it was jumped over (the one that
 * jumped included, so: when `window` further ones have come) or when the stream ends; it adds to `gaps`, or to
 * `lostOverReconnect` where a reconnect tore the hole. Window 0 therefore gives it up at once. Only applied ids count;
 * repeated ones make nothing late. Holes live on over a reconnect, because a server that replays may still fill them.
 *
 * Conservation, at any time:
 *
 *     accepted = applied + duplicates + rolledBack + replayed
 *     applied + gaps + lostOverReconnect + (ids in holes) = last - first + 1
 *
 * and after `end()` there are no holes.
 *
 * Memory: at most `window` holes are open between two calls, whatever the ids. Each is followed by an id that was applied
 * after the lowest one opened, so that of k holes the lowest has been overtaken at least k times. They are kept as ranges
 * in one array, which a stream gets with its first hole: streams in order have none.
 */
export class EventSequencer {
  private readonly counts: SequenceCounts;
  private readonly window: number;
  private last = Number.NaN;
  /** Last + 1 in state IDLE. NaN, which no id equals, where more is to be looked at. */
  private expected = Number.NaN;
  /** Ids up to here were given up or lie before the stream: none of them is known to have been applied. */
  private settled = Number.NaN;
  private recovering = false;
  /** The holes, ascending by id, and so by when they are due. */
  private holes = NO_HOLES;
  private holeCount = 0;
  /** Ids applied above all holes: the clock by which they are due. */
  private overtakes = 0;

  /** @throws RangeError for a window that is not an integer from 0 to 4096 */
  constructor(counts: SequenceCounts, options: SequencerOptions = {}) {
    const { window = DEFAULT_WINDOW } = options;
    if (!Number.isInteger(window) || window < 0 || window > LARGEST_WINDOW) {
      throw new RangeError(
        `reorder window of ${window} events: must be an integer from 0 to ${LARGEST_WINDOW}`,
      );
    }
    this.counts = counts;
    this.window = window;
  }

  /** Highest applied id, NaN before the first. */
  get lastId(): number {
    return this.last;
  }

  get state(): SequencerState {
    if (this.recovering) return RECOVERING;
    return this.holeCount > 0 ? SYNCING : IDLE;
  }

  /** The next id of the stream, a safe integer that is not negative. */
  accept(id: number): void {
    if (id === this.expected) {
      this.last = id;
      this.expected = id + 1;
      return;
    }
    this.judge(id);
  }

  /** The stream goes on over a new connection. */
  reconnected(): void {
    this.recovering = true;
    this.expected = Number.NaN;
  }

  /** The stream is over: what is missing will not come. The last id stays known. */
  end(): void {
    while (this.holeCount > 0) this.giveUpLowest();
    this.expectNext();
  }

  /** Another stream begins; the one before has ended. */
  reset(): void {
    this.end();
    this.last = Number.NaN;
    this.expected = Number.NaN;
    this.settled = Number.NaN;
    this.recovering = false;
  }

  private judge(id: number): void {
    const { counts, last } = this;
    if (id > last) {
      if (id > last + 1) this.openHole(last + 1, id - 1);
      this.last = id;
      this.recovering = false;
      if (this.holeCount > 0) {
        this.overtakes++;
        this.giveUpDue();
      }
    } else if (Number.isNaN(last)) {
      this.last = id;
      this.settled = id - 1;
      this.recovering = false;
    } else if (this.fillHole(id)) {
      counts.reordered++;
      this.giveUpDue();
    } else if (this.recovering) {
      counts.replayed++;
    } else if (id > this.settled && id >= this.frontier() - this.window) {
      counts.duplicates++;
    } else {
      counts.rolledBack++;
    }
    this.expectNext();
  }

  private expectNext(): void {
    this.expected = this.holeCount === 0 && !this.recovering ? this.last + 1 : Number.NaN;
  }

  private frontier(): number {
    return this.holeCount > 0 ? this.holes[0]! - 1 : this.last;
  }

  private openHole(from: number, to: number): void {
    // One more than can stay open: a hole is opened or split first, and the lowest given up then.
    if (this.holes === NO_HOLES) this.holes = new Float64Array((this.window + 1) * STRIDE);
    const at = this.holeCount * STRIDE;
    this.holes[at] = from;
    this.holes[at + TO] = to;
    this.holes[at + DUE] = this.overtakes + this.window + 1;
    this.holes[at + TORN] = this.recovering ? 1 : 0;
    this.holeCount++;
  }

  /** @returns false where `id` is in no hole */
  private fillHole(id: number): boolean {
    const { holes } = this;
    let at = (this.holeCount - 1) * STRIDE;
    while (at >= 0 && holes[at]! > id) at -= STRIDE;
    if (at < 0 || holes[at + TO]! < id) return false;
    const isFirst = holes[at] === id;
    const isLast = holes[at + TO] === id;
    if (isFirst && isLast) {
      this.removeHole(at);
    } else if (isFirst) {
      holes[at] = id + 1;
    } else if (isLast) {
      holes[at + TO] = id - 1;
    } else {
      holes.copyWithin(at + STRIDE, at, this.holeCount * STRIDE);
      this.holeCount++;
      holes[at + TO] = id - 1;
      holes[at + STRIDE] = id + 1;
    }
    // It overtook what is still missing below it, and nothing above.
    const below = !isFirst ? at : at - STRIDE;
    for (let hole = below; hole >= 0; hole -= STRIDE) holes[hole + DUE]!--;
    return true;
  }

  private giveUpDue(): void {
    while (this.holeCount > 0 && this.holes[DUE]! <= this.overtakes) this.giveUpLowest();
  }

  private giveUpLowest(): void {
    const { counts, holes } = this;
    const ids = holes[TO]! - holes[0]! + 1;
    if (holes[TORN] === 1) counts.lostOverReconnect += ids;
    else counts.gaps += ids;
    this.settled = holes[TO]!;
    this.removeHole(0);
  }

  private removeHole(at: number): void {
    this.holes.copyWithin(at, at + STRIDE, this.holeCount * STRIDE);
    this.holeCount--;
  }
}
