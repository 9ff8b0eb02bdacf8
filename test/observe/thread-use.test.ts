import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ProcessThreads,
  parseSchedstat,
  type ThreadFile,
  type ThreadTimes,
  ThreadUse,
} from '../../src/observe/thread-use.ts';

describe('parseSchedstat', () => {
  const parse = (text: string) => {
    const times = { ranNs: -1, waitedNs: -1, switches: -1 };
    const isGood = parseSchedstat(Buffer.from(`${text}9`), text.length, times);
    return isGood ? times : undefined;
  };

  it('reads the three numbers of a thread, however large', () => {
    const count = fc.nat(Number.MAX_SAFE_INTEGER);
    const turns = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
    fc.assert(
      fc.property(count, count, turns, (ranNs, waitedNs, switches) => {
        expect(parse(`${ranNs} ${waitedNs} ${switches}\n`)).toEqual({ ranNs, waitedNs, switches });
      }),
    );
  });

  it.each(['', '\n', '0 0 0\n', '12\n', '12 13\n', '12  13 14\n', 'x 13 14\n', '12 13 x\n'])(
    'gives nothing for %j',
    (text) => {
      expect(parse(text)).toBeUndefined();
    },
  );

  it('gives whole numbers or nothing for any bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('0', '9', ' ', '\n', '-', 'a') }), (text) => {
        for (const value of Object.values(parse(text) ?? {})) expect(value).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe('the threads of a process', () => {
  /** By id; a file shows the thread that had the number when it was opened, and no other one. */
  let threads: Record<string, ThreadTimes> = {};
  const opened: string[] = [];
  const closed: string[] = [];
  const open = (tid: string): ThreadFile => {
    const own = threads[tid]!;
    opened.push(tid);
    return {
      read(times) {
        if (threads[tid] !== own) return 'ended';
        Object.assign(times, own);
        return 'read';
      },
      close: () => closed.push(tid),
    };
  };
  const begin = (): ThreadTimes => ({ ranNs: 1000, waitedNs: 100, switches: 1 });
  const run = (tid: string, ns: number): void => {
    threads[tid]!.ranNs += ns;
    threads[tid]!.switches++;
  };
  const makeThreads = (): ProcessThreads => {
    threads = { '1': begin(), '2': begin() };
    opened.length = 0;
    closed.length = 0;
    return new ProcessThreads(() => Object.keys(threads), open);
  };
  const look = (own: ProcessThreads): ThreadUse => {
    const use = new ThreadUse();
    own.add(Object.keys(threads).length, use);
    return use;
  };

  it('are compared with the look before', () => {
    const own = makeThreads();
    expect(look(own).busiestNs).toBe(-1);
    run('1', 300);
    run('2', 500);
    expect(look(own)).toMatchObject({ busiestNs: 500, switches: 2 });
  });

  it('include one that got the number of one that has ended', () => {
    const own = makeThreads();
    look(own);
    threads['2'] = begin();
    look(own);
    expect([opened, closed]).toEqual([['1', '2', '2'], ['2']]);
    run('2', 500);
    expect(look(own).busiestNs).toBe(500);
  });

  it('are not listed again and again where the kernel says nothing of them', () => {
    let lists = 0;
    const own = new ProcessThreads(
      () => [String(++lists)],
      () => ({ read: () => 'silent', close: () => {} }),
    );
    for (let looks = 0; looks < 5; looks++) own.add(1, new ThreadUse());
    expect(lists).toBe(1);
  });

  it('never use less than nothing', () => {
    const times = fc.record({ ranNs: fc.nat(1000), waitedNs: fc.nat(1000), switches: fc.nat(1000) });
    fc.assert(
      fc.property(fc.array(times, { minLength: 2 }), (readings) => {
        let at = 0;
        const own = new ProcessThreads(
          () => ['1'],
          () => ({
            // As of a file that is not kept open: another thread may have the number.
            read: (into) => {
              Object.assign(into, readings[at]);
              return 'read';
            },
            close: () => {},
          }),
        );
        for (at = 0; at < readings.length; at++) {
          const use = new ThreadUse();
          own.add(1, use);
          const before = readings[at - 1];
          const isSame = before !== undefined && readings[at]!.ranNs >= before.ranNs;
          expect(use.busiestNs).toBe(isSame ? readings[at]!.ranNs - before.ranNs : -1);
          if (!isSame) expect([use.waitedNs, use.switches]).toEqual([0, 0]);
        }
      }),
    );
  });
});
