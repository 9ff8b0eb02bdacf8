import type { Outcome } from '../../../src/model/outcome.ts';
import { SeededRandom } from '../../../src/stats/seeded-random.ts';
import type { LoadOptions } from '../../../src/tester/load-options.ts';
import type { TargetName } from '../../targets/start-target.ts';

/** A load to be run, and what is known about it before. */
export interface RandomRun {
  seed: number;
  target: TargetName;
  /** The route as the target counts it. */
  route: string;
  path: string;
  method: 'GET' | 'POST';
  body?: string;
  options: Partial<LoadOptions> & { connections: number };
  /** Ids of one whole stream, where all are alike. */
  idsOfStream?: readonly number[];
  /** Listen to the events. Runs that end by their number always do. */
  listens: boolean;
  /** End the run once so many events have been seen; the window is far longer then. */
  endAtEvents?: number;
  /** Everything has been sent when it ends: what the server counts is equal and not only as much or more. */
  isWhole: boolean;
  /** The only outcomes that may be. */
  outcomes: readonly Outcome[];
}

/** Long enough for a machine that has much else to do. */
const PATIENCE_MS = 20_000;
/** For streams that hang, where every run lasts that long. */
const SHORT_TIMEOUT_MS = 1500;

/** Dice with the same throws for the same seed. */
class Dice {
  private readonly random: SeededRandom;

  constructor(seed: number) {
    this.random = new SeededRandom(seed);
  }

  whole(lowest: number, highest: number): number {
    return lowest + Math.floor(this.random.next() * (highest - lowest + 1));
  }

  chance(share: number): boolean {
    return this.random.next() < share;
  }

  pick<T>(...choices: readonly T[]): T {
    return choices[this.whole(0, choices.length - 1)]!;
  }

  share(): string {
    return this.pick('0', '0.05', '0.2', '0.5');
  }
}

type Draft = Partial<RandomRun> & { route: string; query?: Record<string, string | number> };

export function planRun(seed: number, targets: readonly TargetName[]): RandomRun {
  const dice = new Dice(seed);
  const target = dice.pick(...targets);
  const connections = dice.whole(1, 20);
  const draft = target === 'faulty' ? draftFaulty(dice, connections) : draftEvents(dice, connections, target);
  const { query = {}, options, ...run } = draft;
  const text = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
  const method = run.method ?? (run.route === '/hello' || dice.chance(0.8) ? 'GET' : 'POST');
  return {
    seed,
    target,
    method,
    ...(method === 'POST' ? { body: '{"q":1}' } : {}),
    listens: run.endAtEvents !== undefined || dice.chance(0.4),
    isWhole: true,
    outcomes: ['completed'],
    path: text.size === 0 ? run.route : `${run.route}?${text}`,
    ...run,
    options: {
      stream: 'finite',
      expectEventStream: true,
      timeoutMs: PATIENCE_MS,
      durationMs: dice.whole(40, 160),
      ...(run.endAtEvents === undefined ? describeSchedule(dice) : {}),
      ...options,
      connections,
      workers: connections > 1 && dice.chance(0.25) ? 2 : 1,
      transport: dice.pick('handle', 'net'),
    },
  };
}

function describeSchedule(dice: Dice): Partial<LoadOptions> {
  const some = (options: Partial<LoadOptions>): Partial<LoadOptions> => (dice.chance(0.15) ? options : {});
  const arrivals = {
    segments: [{ fromPerSec: 20, toPerSec: dice.whole(50, 400), durationMs: 1000 }],
    pacing: dice.pick('uniform', 'poisson'),
    seed: dice.whole(1, 1000),
  };
  return {
    ...some({ streamsPerConnection: dice.whole(1, 4) }),
    ...some({ thinkTimeMs: dice.whole(1, 10) }),
    ...some({ rampMs: dice.whole(1, 30) }),
    ...some({ slowReaders: { share: 0.5, bytesPerSec: 500_000 } }),
    ...(dice.chance(0.2) ? { arrivals } : some({ ratePerConnection: dice.whole(10, 200) })),
  };
}

function draftEvents(dice: Dice, connections: number, target: TargetName): Draft {
  const kinds = ['finite', 'finite', 'finite', 'endless', 'hello', 'missing'];
  const kind = dice.pick(...kinds, ...(target === 'node-http' ? ['chat'] : []));
  switch (kind) {
    case 'endless': {
      const burst = dice.pick(1, 1, 3);
      return {
        route: '/events',
        query: { interval: dice.pick('1ms', '3ms', '10ms'), burst, size: dice.pick(0, 100, 2000) },
        ...endless(connections * dice.whole(2, 40)),
      };
    }
    case 'hello':
      return { route: '/hello', options: { expectEventStream: false } };
    case 'missing':
      return { route: 'other', path: '/nowhere', outcomes: ['http-error'] };
    case 'chat': {
      const tokens = dice.whole(1, 30);
      return {
        route: '/v1/chat/completions',
        query: { tokens, ttft: '2ms', itl: dice.pick('0', '1ms'), chunk: dice.whole(1, 4) },
        method: 'POST',
        body: '{"stream":true,"stream_options":{"include_usage":true}}',
        options: { llm: true },
      };
    }
    default: {
      const count = dice.pick(1, 2, 10, 100, 400);
      const hasHeartbeats = dice.chance(0.3);
      return {
        route: '/events',
        query: {
          count,
          interval: hasHeartbeats ? '4ms' : dice.pick('0', '0', '1ms'),
          burst: dice.pick(1, 2, 7, 50),
          size: count > 10 ? dice.pick(0, 64, 1000) : dice.pick(0, 1000, 50_000),
          heartbeat: hasHeartbeats ? '1ms' : '0',
          flush: dice.pick('true', 'true', 'false'),
        },
        idsOfStream: idsUpTo(count),
      };
    }
  }
}

function draftFaulty(dice: Dice, connections: number): Draft {
  const count = dice.whole(1, 12);
  const interval = dice.pick('0', '1ms', '4ms');
  const route = dice.pick(
    ...['/sequence', '/sequence', '/sequence', '/sequence', '/sequence ids', '/comments', '/comments'],
    ...['/retry', '/retry', '/lossy-resume', '/lossy-resume', '/lossy-resume'],
    ...['/eof', '/unflushed', '/slow-head', '/split-utf8', '/split-crlf', '/one-byte', '/huge-line'],
    ...['/fin', '/reset', '/truncated', '/fin', '/reset', '/truncated', '/stall', '/hang'],
    ...['/503', '/hello', '/endless', '/endless', 'restarted'],
  );
  switch (route) {
    case '/sequence':
      return {
        route,
        query: {
          count: dice.pick(5, 30, 200),
          interval: dice.pick('0', '0', '1ms'),
          burst: dice.pick(1, 3, 20, 100),
          seed: dice.whole(0, 100_000),
          gap: dice.share(),
          dup: dice.share(),
          rollback: dice.share(),
          reorder: dice.share(),
        },
      };
    case '/sequence ids': {
      const ids = Array.from({ length: dice.whole(1, 60) }, () => dice.whole(0, 30));
      return {
        route: '/sequence',
        query: { ids: ids.join(','), interval: '0', burst: dice.pick(1, 5) },
        idsOfStream: ids,
      };
    }
    case '/comments':
      return {
        route,
        query: {
          count,
          interval,
          comments: dice.whole(1, 9),
          seed: dice.whole(0, 100_000),
          long: dice.share(),
          control: dice.share(),
        },
        idsOfStream: idsUpTo(count),
      };
    case '/retry':
      return {
        route,
        query: {
          count,
          interval,
          values: Array.from({ length: dice.whole(1, 8) }, () =>
            dice.pick('0', '10', '11', '3000', '99999999999999999999', '-1', 'soon', '1e3', '+5', '', '1.5'),
          ).join(','),
        },
        idsOfStream: idsUpTo(count),
        options: { retryLimit: 10 },
      };
    case '/lossy-resume': {
      const after = dice.whole(1, 9);
      const doubled = dice.whole(0, 12);
      const times = dice.whole(1, 4);
      const lost = dice.whole(0, 7);
      const repeated = Array.from({ length: times }, (_, index) =>
        Math.min(doubled, after, (index + 1) * after + index * lost),
      );
      const events = after * (times + 1) + repeated.reduce((sum, ids) => sum + ids, 0);
      return {
        route,
        query: {
          after,
          interval: '2ms',
          lost,
          doubled,
          times,
          retry: '5ms',
          fault: dice.pick('fin', 'reset'),
        },
        ...endless(connections * events),
        isWhole: true,
        options: { ...endless(0).options, reconnect: 'resume' },
        outcomes: ['held', 'closed-early', 'reset'],
      };
    }
    case '/endless':
      return {
        route,
        query: { interval: '2ms', size: dice.pick(0, 500) },
        ...endless(connections * count * 3),
      };
    case 'restarted':
      return {
        route: dice.pick('/fin', '/reset'),
        query: { after: count, interval: '2ms' },
        ...endless(connections * count * 3),
        outcomes: ['held', 'closed-early', 'reset', 'client-aborted'],
      };
    case '/fin':
    case '/truncated':
      return {
        route,
        query: { after: count, interval },
        idsOfStream: idsUpTo(count),
        outcomes: ['closed-early'],
      };
    case '/reset':
      return { route, query: { after: count, interval }, idsOfStream: idsUpTo(count), outcomes: ['reset'] };
    case '/stall':
      return {
        route,
        query: { after: count, interval: '1ms' },
        idsOfStream: idsUpTo(count),
        options: { timeoutMs: SHORT_TIMEOUT_MS },
        // Those that are not silent for long enough when the run ends are given up.
        outcomes: ['stalled', 'client-aborted'],
      };
    case '/hang':
      return { route, options: { timeoutMs: SHORT_TIMEOUT_MS }, outcomes: ['no-headers', 'client-aborted'] };
    case '/503':
      return { route, outcomes: ['http-error'] };
    case '/hello':
      return { route, options: { expectEventStream: false } };
    case '/huge-line':
      return { route, query: { size: dice.pick(1, 70_000, 300_000) }, idsOfStream: [1] };
    case '/one-byte':
      return { route, query: { count: 1, delay: '0' }, idsOfStream: [1] };
    case '/slow-head':
      return { route, query: { count, interval, delay: '10ms' }, idsOfStream: idsUpTo(count) };
    default:
      return { route, query: { count, interval }, idsOfStream: idsUpTo(count) };
  }
}

function endless(endAtEvents: number) {
  return {
    endAtEvents,
    isWhole: false,
    options: { stream: 'endless', durationMs: PATIENCE_MS } satisfies Partial<LoadOptions>,
    outcomes: ['held'],
  } satisfies Partial<RandomRun>;
}

function idsUpTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}
