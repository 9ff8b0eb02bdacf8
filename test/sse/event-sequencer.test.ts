import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  EventSequencer,
  IDLE,
  RECOVERING,
  SequenceCounts,
  type SequencerState,
  SYNCING,
} from '../../src/sse/event-sequencer.ts';

type Step = number | 'reconnect' | 'end' | 'reset';

interface Outcome {
  counts: SequenceCounts;
  state: SequencerState;
  lastId: number;
}

/** Puts the steps through a sequencer and tells what it says after each of them. */
function follow(steps: readonly Step[], window?: number): Outcome[] {
  const counts = new SequenceCounts();
  const sequencer = new EventSequencer(counts, window === undefined ? {} : { window });
  return steps.map((step) => {
    if (step === 'reconnect') sequencer.reconnected();
    else if (step === 'end') sequencer.end();
    else if (step === 'reset') sequencer.reset();
    else sequencer.accept(step);
    return { counts: { ...counts }, state: sequencer.state, lastId: sequencer.lastId };
  });
}

/** What is counted in the end, zeros left out. */
function count(steps: readonly Step[], window?: number): Partial<SequenceCounts> {
  const { counts } = follow(steps, window).at(-1)!;
  return Object.fromEntries(Object.entries(counts).filter(([, value]) => value !== 0));
}

/** The rules of the doc comment word by word: sets of single ids, everything remembered, everything searched. */
class SlowSequencer {
  readonly counts = new SequenceCounts();
  applied = new Set<number>();
  missing = new Map<number, { overtakenBy: number; torn: boolean }>();
  private givenUp = new Set<number>();
  private recovering = false;
  private readonly window: number;

  constructor(window: number) {
    this.window = window;
  }

  get lastId(): number {
    return this.applied.size === 0 ? Number.NaN : Math.max(...this.applied);
  }

  get state(): SequencerState {
    if (this.recovering) return RECOVERING;
    return this.missing.size > 0 ? SYNCING : IDLE;
  }

  accept(id: number): void {
    const last = this.lastId;
    const frontier = Math.min(last, ...[...this.missing.keys()].map((missing) => missing - 1));
    if (this.applied.size === 0) {
      this.recovering = false;
      this.apply(id);
    } else if (id > last) {
      for (let jumped = last + 1; jumped < id; jumped++) {
        this.missing.set(jumped, { overtakenBy: 0, torn: this.recovering });
      }
      this.recovering = false;
      this.apply(id);
    } else if (this.missing.delete(id)) {
      this.counts.reordered++;
      this.apply(id);
    } else if (this.recovering) {
      this.counts.replayed++;
    } else if (
      this.applied.has(id) &&
      [...this.givenUp].every((lost) => lost < id) &&
      frontier - id <= this.window
    ) {
      this.counts.duplicates++;
    } else {
      this.counts.rolledBack++;
    }
  }

  reconnected(): void {
    this.recovering = true;
  }

  end(): void {
    for (const id of [...this.missing.keys()]) this.giveUp(id);
  }

  reset(): void {
    this.end();
    this.applied.clear();
    this.givenUp.clear();
    this.recovering = false;
  }

  private apply(id: number): void {
    this.applied.add(id);
    for (const [missing, hole] of [...this.missing]) {
      if (missing < id) hole.overtakenBy++;
      if (hole.overtakenBy > this.window) this.giveUp(missing);
    }
  }

  private giveUp(id: number): void {
    if (this.missing.get(id)!.torn) this.counts.lostOverReconnect++;
    else this.counts.gaps++;
    this.missing.delete(id);
    this.givenUp.add(id);
  }
}

/** How a stream goes on, relative to its highest id. */
type Move =
  | { kind: 'next' }
  | { kind: 'jump'; over: number }
  | { kind: 'back'; by: number }
  | { kind: 'swapped'; reach: number }
  | { kind: 'anywhere'; id: number }
  | { kind: 'reconnect' }
  | { kind: 'end' }
  | { kind: 'reset' };

const withinStream = fc.oneof(
  { weight: 8, arbitrary: fc.constant<Move>({ kind: 'next' }) },
  { weight: 3, arbitrary: fc.nat(6).map((over): Move => ({ kind: 'jump', over })) },
  { weight: 6, arbitrary: fc.nat(10).map((by): Move => ({ kind: 'back', by })) },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 8 }).map((reach): Move => ({ kind: 'swapped', reach })) },
  { weight: 1, arbitrary: fc.nat(60).map((id): Move => ({ kind: 'anywhere', id })) },
);
const reconnect = fc.constant<Move>({ kind: 'reconnect' });
const boundary = fc.constantFrom<Move>({ kind: 'end' }, { kind: 'reset' });

function stepsOf(moves: readonly Move[], firstId = 20): Step[] {
  const steps: Step[] = [];
  let last = firstId - 1;
  for (const move of moves) {
    switch (move.kind) {
      case 'next':
        steps.push(++last);
        break;
      case 'jump':
        last += 1 + move.over;
        steps.push(last);
        break;
      case 'back':
        steps.push(Math.max(last - move.by, 0));
        break;
      case 'swapped':
        // One id comes after `reach` that should follow it.
        for (let ahead = 1; ahead <= move.reach; ahead++) steps.push(last + 1 + ahead);
        steps.push(last + 1);
        last += 1 + move.reach;
        break;
      case 'anywhere':
        steps.push(move.id);
        last = Math.max(last, move.id);
        break;
      default:
        steps.push(move.kind);
    }
  }
  return steps;
}

const anyMoves = fc.array(
  fc.oneof(
    { weight: 20, arbitrary: withinStream },
    { weight: 2, arbitrary: reconnect },
    { weight: 1, arbitrary: boundary },
  ),
  { maxLength: 80 },
);
const anyWindow = fc.oneof(fc.nat(8), fc.constant(5));

describe('a stream in order', () => {
  it('is idle, whatever its first id', () => {
    expect(follow([7, 8, 9])).toEqual(
      [7, 8, 9].map((lastId) => ({ counts: new SequenceCounts(), state: IDLE, lastId })),
    );
  });

  it('has no last id before the first event', () => {
    expect(new EventSequencer(new SequenceCounts()).lastId).toBeNaN();
    expect(new EventSequencer(new SequenceCounts()).state).toBe(IDLE);
  });

  it('reaches the largest safe integer', () => {
    const top = Number.MAX_SAFE_INTEGER;
    expect(follow([top - 1, top, top]).at(-1)).toEqual({
      counts: { ...new SequenceCounts(), duplicates: 1 },
      state: IDLE,
      lastId: top,
    });
  });
});

describe('what is counted', () => {
  it.each<[string, Step[], number, Partial<SequenceCounts>]>([
    ['nothing where nothing came', ['end'], 5, {}],
    ['an id twice in a row', [1, 2, 2, 3, 'end'], 5, { duplicates: 1 }],
    ['an id twice in a row without a window', [1, 2, 2, 3, 'end'], 0, { duplicates: 1 }],
    ['the first id twice', [0, 0, 'end'], 5, { duplicates: 1 }],
    ['a repeat as far back as the window', [1, 2, 3, 4, 5, 6, 1], 5, { duplicates: 1 }],
    ['a repeat further back', [1, 2, 3, 4, 5, 6, 7, 1], 5, { rolledBack: 1 }],
    ['a repeat one back without a window', [1, 2, 1], 0, { rolledBack: 1 }],
    ['an id below the first', [10, 9, 11], 5, { rolledBack: 1 }],
    ['a server that counts anew', [100, 101, 0, 1, 2, 102, 'end'], 5, { rolledBack: 3 }],
    ['two ids swapped', [1, 3, 2, 4, 'end'], 5, { reordered: 1 }],
    ['two ids swapped within a window of one', [1, 3, 2, 4, 'end'], 1, { reordered: 1 }],
    ['two ids swapped without a window', [1, 3, 2, 4, 'end'], 0, { gaps: 1, rolledBack: 1 }],
    ['an id overtaken by the window', [1, 3, 4, 5, 6, 7, 2], 5, { reordered: 1 }],
    ['an id overtaken by one more', [1, 3, 4, 5, 6, 7, 8, 2], 5, { gaps: 1, rolledBack: 1 }],
    ['an id that came early', [1, 10, 2, 3, 4, 5, 6, 7, 8, 9, 11, 'end'], 5, { reordered: 8 }],
    ['a run in reverse within the window', [0, 6, 5, 4, 3, 2, 1, 7, 'end'], 5, { reordered: 5 }],
    ['a run in reverse beyond it', [0, 7, 6, 5, 4, 3, 2, 1, 8], 5, { reordered: 5, gaps: 1, rolledBack: 1 }],
    ['a late id twice', [1, 3, 2, 2, 'end'], 5, { reordered: 1, duplicates: 1 }],
    ['an id that stays away', [1, 3, 4, 5, 6, 7, 8], 5, { gaps: 1 }],
    ['an id that is not given up yet', [1, 3, 4, 5, 6, 7], 5, {}],
    ['an id missing at the end', [1, 3, 'end'], 5, { gaps: 1 }],
    ['a jump at once without a window', [1, 5], 0, { gaps: 3 }],
    ['the rest of a hole filled in its middle', [1, 9, 5, 'end'], 5, { reordered: 1, gaps: 6 }],
    ['repeats make nothing late', [1, 3, 3, 3, 3, 3, 3, 3, 2, 'end'], 5, { duplicates: 6, reordered: 1 }],
    ['rolled back ids make nothing late', [9, 11, 0, 0, 0, 0, 0, 0, 10], 5, { rolledBack: 6, reordered: 1 }],
    ['a repeat from below a hole', [1, 2, 1000, 1, 'end'], 5, { duplicates: 1, gaps: 997 }],
    ['a repeat from above a hole', [1, 3, 4, 3, 'end'], 5, { duplicates: 1, gaps: 1 }],
    ['a repeat from below what was given up', [1, 3, 4, 1], 1, { gaps: 1, rolledBack: 1 }],
  ])('%s', (_, steps, window, expected) => {
    expect(count(steps, window)).toEqual(expected);
  });

  it('takes a window of 5 where none is given', () => {
    expect(count([1, 3, 4, 5, 6, 7, 2])).toEqual({ reordered: 1 });
    expect(count([1, 3, 4, 5, 6, 7, 8, 2])).toEqual({ gaps: 1, rolledBack: 1 });
  });
});

describe('jumps over more ids than could be listed', () => {
  const far = 2 ** 52;

  it('are one hole', () => {
    expect(count([0, far, far - 1, 1, 'end'])).toEqual({ reordered: 2, gaps: far - 3 });
    expect(count([0, Number.MAX_SAFE_INTEGER, 'end'])).toEqual({ gaps: Number.MAX_SAFE_INTEGER - 1 });
  });

  it('are given up whole when the window has passed', () => {
    const steps = [0, far, far + 1, far + 2, far + 3, far + 4];
    expect(count(steps)).toEqual({});
    expect(count([...steps, far + 5])).toEqual({ gaps: far - 1 });
  });

  it('do not touch what came before them', () => {
    expect(count([0, 1, far, 1, 0, 'end'])).toEqual({ duplicates: 2, gaps: far - 2 });
  });

  it('leave room for later holes, however often a stream jumps', () => {
    const jumping = Array.from({ length: 1000 }, (_, i) => i * 2 ** 40);
    expect(count([...jumping, 'end'])).toEqual({ gaps: 999 * (2 ** 40 - 1) });
  });
});

describe('over a reconnect', () => {
  it.each<[string, Step[], Partial<SequenceCounts>]>([
    ['nothing is lost where the next id follows', [1, 2, 'reconnect', 3, 'end'], {}],
    ['ids sent again are replayed', [1, 2, 3, 'reconnect', 2, 3, 4, 'end'], { replayed: 2 }],
    ['ids from any distance are replayed', [...range(1, 50), 'reconnect', ...range(1, 51)], { replayed: 50 }],
    ['ids jumped over are lost', [1, 2, 'reconnect', 6, 7, 'end'], { lostOverReconnect: 3 }],
    ['lost ids are no gaps, nor the other way round', [1, 3, 'reconnect', 6, 8, 'end'], both(2, 2)],
    ['ids jumped over after a replay are lost', [1, 2, 'reconnect', 2, 5, 'end'], two(1, 2)],
    ['an id that comes late after it is not lost', [1, 2, 'reconnect', 4, 3, 'end'], { reordered: 1 }],
    ['later jumps are gaps again', [1, 'reconnect', 2, 4, 'end'], { gaps: 1 }],
    ['a replay fills holes', [1, 3, 'reconnect', 1, 2, 3, 4, 'end'], { replayed: 2, reordered: 1 }],
    ['several in a row are one', [1, 'reconnect', 1, 'reconnect', 'reconnect', 3, 'end'], two(1, 1)],
    ['before the first event it changes nothing', ['reconnect', 5, 6, 'end'], {}],
    ['a repeat after the first new id is a duplicate', [1, 'reconnect', 2, 1, 'end'], { duplicates: 1 }],
    ['a server that counts anew replays', [5, 6, 'reconnect', 0, 1, 2, 'end'], { replayed: 3 }],
  ])('%s', (_, steps, expected) => {
    expect(count(steps)).toEqual(expected);
  });

  it('keeps the window: what stays away is lost when it has passed', () => {
    expect(count([1, 'reconnect', 3, 4, 5, 6, 7])).toEqual({});
    expect(count([1, 'reconnect', 3, 4, 5, 6, 7, 8])).toEqual({ lostOverReconnect: 1 });
  });

  function range(from: number, to: number): number[] {
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  }
  function both(gaps: number, lostOverReconnect: number): Partial<SequenceCounts> {
    return { gaps, lostOverReconnect };
  }
  function two(replayed: number, lostOverReconnect: number): Partial<SequenceCounts> {
    return { replayed, lostOverReconnect };
  }
});

describe('the state', () => {
  const statesOf = (steps: Step[], window?: number): SequencerState[] =>
    follow(steps, window).map(({ state }) => state);

  it('is SYNCING from a jump until the hole is filled', () => {
    expect(statesOf([1, 4, 2, 3, 5])).toEqual([IDLE, SYNCING, SYNCING, IDLE, IDLE]);
  });

  it('is SYNCING from a jump until the hole is given up', () => {
    expect(statesOf([1, 3, 4, 5], 2)).toEqual([IDLE, SYNCING, SYNCING, IDLE]);
    expect(statesOf([1, 3], 0)).toEqual([IDLE, IDLE]);
    expect(statesOf([1, 3, 'end'])).toEqual([IDLE, SYNCING, IDLE]);
  });

  it('is not changed by repeats', () => {
    expect(statesOf([1, 1, 3, 3, 0])).toEqual([IDLE, IDLE, SYNCING, SYNCING, SYNCING]);
  });

  it('is RECOVERING from a reconnect until an id above the last', () => {
    expect(statesOf([1, 2, 'reconnect', 1, 2, 3])).toEqual([
      IDLE,
      IDLE,
      RECOVERING,
      RECOVERING,
      RECOVERING,
      IDLE,
    ]);
    expect(statesOf(['reconnect', 1])).toEqual([RECOVERING, IDLE]);
  });

  it('is SYNCING after a reconnect over which ids were lost, or with holes from before', () => {
    expect(statesOf([1, 'reconnect', 3])).toEqual([IDLE, RECOVERING, SYNCING]);
    expect(statesOf([1, 3, 'reconnect', 2, 4])).toEqual([IDLE, SYNCING, RECOVERING, RECOVERING, IDLE]);
    expect(statesOf([1, 3, 'reconnect', 4])).toEqual([IDLE, SYNCING, RECOVERING, SYNCING]);
  });

  it('goes with the highest id, not the latest', () => {
    expect(follow([1, 5, 3, 1, 0]).map(({ lastId }) => lastId)).toEqual([1, 5, 5, 5, 5]);
  });
});

describe('the end of a stream', () => {
  it('leaves the last id and counts what is missing once', () => {
    const outcomes = follow([1, 4, 'end', 'end']);
    expect(outcomes.at(-1)).toEqual(outcomes.at(-2));
    expect(outcomes.at(-1)).toEqual({
      counts: { ...new SequenceCounts(), gaps: 2 },
      state: IDLE,
      lastId: 4,
    });
  });

  it('is implied by a new stream, which knows nothing of the one before', () => {
    const outcomes = follow([1, 4, 'reconnect', 'reset', 2, 3]);
    expect(outcomes[3]).toEqual({
      counts: { ...new SequenceCounts(), gaps: 2 },
      state: IDLE,
      lastId: Number.NaN,
    });
    expect(outcomes.at(-1)).toEqual({ ...outcomes[3], lastId: 3 });
  });

  it('lets several streams count into one', () => {
    const counts = new SequenceCounts();
    const [one, other] = [new EventSequencer(counts), new EventSequencer(counts)];
    for (const id of [1, 3]) one.accept(id);
    for (const id of [1, 1, 4]) other.accept(id);
    one.end();
    other.end();
    expect(counts).toEqual({ ...new SequenceCounts(), gaps: 3, duplicates: 1 });
  });
});

describe('any sequence', () => {
  it('is judged as by the rules written out over sets of single ids, after every step', () => {
    fc.assert(
      fc.property(anyMoves, anyWindow, (moves, window) => {
        const steps = stepsOf(moves);
        const slow = new SlowSequencer(window);
        const expected = steps.map((step) => {
          if (step === 'reconnect') slow.reconnected();
          else if (step === 'end') slow.end();
          else if (step === 'reset') slow.reset();
          else slow.accept(step);
          return { counts: { ...slow.counts }, state: slow.state, lastId: slow.lastId };
        });
        expect(follow(steps, window)).toEqual(expected);
      }),
      { numRuns: 3000 },
    );
  });

  it('without reconnects loses no id and no call: both sums come out', () => {
    fc.assert(
      fc.property(fc.array(withinStream, { minLength: 1, maxLength: 80 }), anyWindow, (moves, window) => {
        const ids = stepsOf(moves) as number[];
        const { counts, lastId } = follow([...ids, 'end'], window).at(-1)!;
        const applied = ids.length - counts.duplicates - counts.rolledBack;
        expect(applied + counts.gaps).toBe(lastId - ids[0]! + 1);
        // Applied are distinct ids of the stream, and all but those that came too late.
        const distinct = new Set(ids.filter((id) => id >= ids[0]!)).size;
        expect(applied).toBeLessThanOrEqual(distinct);
        expect(distinct - applied).toBeLessThanOrEqual(Math.min(counts.gaps, counts.rolledBack));
        expect(counts.replayed + counts.lostOverReconnect).toBe(0);
      }),
      { numRuns: 1000 },
    );
  });

  it('with reconnects and jumps of any size loses no id and no call', () => {
    const id = fc.oneof(
      fc.nat(30),
      fc.maxSafeNat(),
      fc.nat(30).map((below) => Number.MAX_SAFE_INTEGER - below),
    );
    const steps = fc.array(fc.oneof({ weight: 8, arbitrary: id }, fc.constant<Step>('reconnect')), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(id, steps, anyWindow, (first, rest, window) => {
        const { counts, lastId } = follow([first, ...rest, 'end'], window).at(-1)!;
        const accepted = 1 + rest.filter((step) => typeof step === 'number').length;
        const applied = accepted - counts.duplicates - counts.rolledBack - counts.replayed;
        const sum = BigInt(applied) + BigInt(counts.gaps) + BigInt(counts.lostOverReconnect);
        expect(sum).toBe(BigInt(lastId) - BigInt(first) + 1n);
      }),
      { numRuns: 1000 },
    );
  });

  it('is judged alike wherever its ids begin', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(withinStream, reconnect), { maxLength: 60 }),
        anyWindow,
        (moves, window) => {
          const steps = stepsOf(moves.filter((move) => move.kind !== 'anywhere'));
          const moved = steps.map((step) => (typeof step === 'number' ? step + 2 ** 52 : step));
          const countsOf = (some: Step[]) =>
            follow(some, window).map(({ counts, state }) => ({ counts, state }));
          expect(countsOf(moved)).toEqual(countsOf(steps));
        },
      ),
    );
  });
});

describe('the window', () => {
  it('is an integer from 0 to 4096', () => {
    const counts = new SequenceCounts();
    for (const window of [-1, 1.5, Number.NaN, 4097, Number.POSITIVE_INFINITY]) {
      expect(() => new EventSequencer(counts, { window })).toThrow(RangeError);
    }
    expect(new EventSequencer(counts, { window: 4096 }).state).toBe(IDLE);
  });

  it('may be full of holes', () => {
    const window = 4096;
    const odd = Array.from({ length: window + 1 }, (_, i) => 2 * i + 1);
    expect(count(odd, window)).toEqual({});
    const even = odd.slice(1).map((id) => id - 1);
    expect(count([...odd, ...even, 'end'], window)).toEqual({ reordered: window });
    expect(count([...odd, 2 * window + 3], window)).toEqual({ gaps: 1 });
  });
});
