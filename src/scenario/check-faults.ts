import { keysAt, listAt, textAt } from './draft.ts';
import { parseWholeMs } from './durations.ts';
import { type Fault, type Path, valueAt } from './fault.ts';

/** What may come and go, by its key. */
const TIMED_KEYS = ['cpuLimit', 'pause', 'loss', 'delay', 'disk', 'dns', 'reset', 'restart'];
/** What makes no sense without a time. */
const ONLY_TIMED = ['delay', 'disk', 'dns', 'reset', 'restart'];
/**
 * What a server that runs already cannot be given: its process, its disk and its network are not the trial's, and the
 * proxy of a delay connects to 127.0.0.1 alone.
 */
const NEEDS_OWN_TARGET = ['cpuLimit', 'pause', 'loss', 'delay', 'disk', 'dns', 'reset', 'restart'];

/** Without this much in front of it nothing is known of how the signals are otherwise. */
const SHORTEST_BEFORE_MS = 1000;
/** Shorter ones pass between two intervals of the signals. */
const SHORTEST_MS = 100;
const COARSEST_SAMPLES_MS = 100;
/** ssee-tester keeps so many intervals of 100 ms. */
const LONGEST_LOAD_MS = 3_600_000;

interface Entry {
  path: Path;
  index: number;
  atMs: number;
  endMs: number;
}

/** What the schema cannot say about `faults`: what belongs together, and what cannot be at one time. */
export function checkFaults(draft: unknown): Fault[] {
  const entries = listAt(draft, ['faults']).map((_, index): Path => ['faults', index]);
  const timed = entries.filter((path) => isTimed(draft, path));
  return [
    ...entries.flatMap((path) =>
      isTimed(draft, path) ? checkTimed(draft, path) : checkConstant(draft, path),
    ),
    ...checkOrder(draft, timed),
    ...(timed.length > 0 ? [...checkMixture(draft, entries), ...checkSampling(draft)] : []),
  ];
}

function isTimed(draft: unknown, path: Path): boolean {
  const keys = keysAt(draft, path);
  return keys.includes('at') || keys.includes('for');
}

function checkConstant(draft: unknown, path: Path): Fault[] {
  const keys = keysAt(draft, path);
  return [
    ...keys
      .filter((key) => ONLY_TIMED.includes(key))
      .map((key) =>
        fault([...path, key], 'key', `"${key}" needs a time; add at and for, such as at: 5s, for: 1s`),
      ),
    ...(valueAt(draft, [...path, 'pause']) === true
      ? [fault([...path, 'pause'], 'key', '"pause" needs a time; add at and for, such as at: 5s, for: 1s')]
      : []),
    ...(keysAt(draft, [...path, 'cpuLimit']).includes('target')
      ? [
          fault(
            [...path, 'cpuLimit', 'target'],
            'key',
            'a quota of the target for all the time is target.cpuLimit; move it there, or add at and for',
          ),
        ]
      : []),
  ];
}

function checkTimed(draft: unknown, path: Path): Fault[] {
  const keys = keysAt(draft, path);
  const kinds = keys.filter((key) => TIMED_KEYS.includes(key));
  const others = keys.filter((key) => !TIMED_KEYS.includes(key) && key !== 'at' && key !== 'for');
  const [first, ...more] = kinds;
  const known = ['openFiles', 'ports', 'backlog', 'burners', 'burnerPin', 'captureBuffer'];
  return [
    ...(keys.includes('at')
      ? []
      : [fault([...path, 'for'], 'key', '"for" needs "at" beside it, such as at: 5s')]),
    ...(keys.includes('for') || kinds.includes('restart')
      ? []
      : [fault([...path, 'at'], 'key', '"at" needs "for" beside it, such as for: 1s')]),
    ...(first === undefined
      ? [fault(path, 'value', `a fault on the timeline is one of ${TIMED_KEYS.join(', ')}; add one`)]
      : []),
    ...more.map((key) =>
      fault(
        [...path, key],
        'key',
        `"${key}" cannot share an entry with "${first}"; give it an entry of its own`,
      ),
    ),
    ...others
      .filter((key) => known.includes(key))
      .map((key) =>
        fault([...path, key], 'key', `"${key}" cannot come and go; put it into an entry without at`),
      ),
    ...checkForms(draft, path),
    ...checkTarget(draft, path, kinds),
    ...checkTimes(draft, path),
  ];
}

function checkForms(draft: unknown, path: Path): Fault[] {
  const pause = valueAt(draft, [...path, 'pause']);
  const limit = keysAt(draft, [...path, 'cpuLimit']);
  const loss = textAt(draft, [...path, 'loss']);
  return [
    ...(typeof pause === 'object' && pause !== null
      ? [fault([...path, 'pause'], 'value', '"pause" has its times in at and for here; write pause: true')]
      : []),
    ...(limit.includes('tool')
      ? [
          fault(
            [...path, 'cpuLimit', 'tool'],
            'key',
            'the quota of the tool cannot come and go; put it into an entry without at, or write target',
          ),
        ]
      : valueAt(draft, [...path, 'cpuLimit']) !== undefined && limit.length === 0
        ? [
            fault(
              [...path, 'cpuLimit'],
              'value',
              '"cpuLimit" needs the quota of the target, such as {target: 20%}',
            ),
          ]
        : []),
    ...(loss !== undefined && /^\d+(\.\d+)?%$/.test(loss) && Number(loss.slice(0, -1)) > 100
      ? [fault([...path, 'loss'], 'value', `"loss" must be at most 100%, not ${loss}`)]
      : []),
  ];
}

function checkTarget(draft: unknown, path: Path, kinds: readonly string[]): Fault[] {
  const target = keysAt(draft, ['target']);
  return [
    ...(target.includes('url')
      ? kinds
          .filter((key) => NEEDS_OWN_TARGET.includes(key))
          .map((key) =>
            fault(
              [...path, key],
              'key',
              `"${key}" needs a target that the harness launches; it has no hold on a server that runs already ("url")`,
            ),
          )
      : []),
    ...(target.includes('proxy') && kinds.includes('delay')
      ? [fault([...path, 'delay'], 'key', '"delay" is a proxy itself; remove it or target.proxy')]
      : []),
  ];
}

function checkTimes(draft: unknown, path: Path): Fault[] {
  const length = msAt(draft, [...path, 'for']);
  const at = msAt(draft, [...path, 'at']);
  const load = msAt(draft, ['load', 'duration']);
  const faults: Fault[] = [];
  if (length !== undefined && length > 0 && length < SHORTEST_MS) {
    faults.push(
      fault(
        [...path, 'for'],
        'value',
        `"for" must be at least ${SHORTEST_MS}ms: the signals have intervals of 100ms`,
      ),
    );
  }
  if (at !== undefined && load !== undefined && at + (length ?? 0) >= load) {
    const said = textAt(draft, ['load', 'duration']);
    faults.push(
      fault(
        [...path, 'at'],
        'value',
        `this fault is not over when the load ends (${said}); move it or lengthen load.duration`,
      ),
    );
  }
  return faults;
}

/** Two effects at one time cannot be told apart, and each needs time before it that is undisturbed. */
function checkOrder(draft: unknown, timed: readonly Path[]): Fault[] {
  const entries = timed
    .flatMap((path): Entry[] => {
      const atMs = msAt(draft, [...path, 'at']);
      if (atMs === undefined) return [];
      return [{ path, index: Number(path[1]), atMs, endMs: atMs + (msAt(draft, [...path, 'for']) ?? 0) }];
    })
    .sort((a, b) => a.atMs - b.atMs || a.index - b.index);
  return entries.flatMap(({ path, atMs }, position) => {
    const before = entries[position - 1];
    if (!before) {
      return atMs < SHORTEST_BEFORE_MS
        ? [
            fault(
              [...path, 'at'],
              'value',
              'the first fault must leave 1s before it, so that it is known how the signals are without it',
            ),
          ]
        : [];
    }
    if (atMs >= before.endMs + SHORTEST_BEFORE_MS) return [];
    const what = atMs < before.endMs ? 'overlaps' : 'begins less than 1s after the end of';
    return [
      fault(
        [...path, 'at'],
        'value',
        `this fault ${what} faults[${before.index}], so that their effects could not be told apart; move it to ${(before.endMs + SHORTEST_BEFORE_MS) / 1000}s or later`,
      ),
    ];
  });
}

/** A second pause or loss that no entry of the timeline explains. */
function checkMixture(draft: unknown, entries: readonly Path[]): Fault[] {
  return entries
    .filter((path) => keysAt(draft, path).includes('pause') && !isTimed(draft, path))
    .filter((path) => valueAt(draft, [...path, 'pause']) !== true)
    .map((path) =>
      fault(
        [...path, 'pause'],
        'key',
        'beside a timeline, give the pause its place on it: {at: 1s, for: 300ms, pause: true}',
      ),
    );
}

function checkSampling(draft: unknown): Fault[] {
  const loadMs = msAt(draft, ['load', 'duration']);
  const tooLong =
    loadMs !== undefined && loadMs > LONGEST_LOAD_MS
      ? [fault(['load', 'duration'], 'value', '"duration" must be at most 1h beside faults that come and go')]
      : [];
  return [...tooLong, ...checkSamples(draft)];
}

function checkSamples(draft: unknown): Fault[] {
  const everyMs = msAt(draft, ['observe', 'every']);
  if (everyMs === undefined || everyMs <= COARSEST_SAMPLES_MS) return [];
  return [
    fault(['observe', 'every'], 'value', `"every" must be at most 100ms beside faults that come and go`),
  ];
}

function msAt(draft: unknown, path: Path): number | undefined {
  const text = textAt(draft, path);
  return text === undefined ? undefined : parseWholeMs(text);
}

function fault(path: Path, at: Fault['at'], message: string): Fault {
  return { path, at, message };
}
