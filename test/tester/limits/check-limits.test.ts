import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { judgeLimits, type LoadDemand } from '../../../src/tester/limits/check-limits.ts';

const AMPLE: LoadDemand = {
  connections: 1000,
  workers: 2,
  openFiles: { soft: 20_000, hard: 20_000 },
  portRange: [32_768, 60_999],
  sourceAddresses: 1,
  mayRaise: false,
};

test('an ordinary load has no problem', () => {
  expect(judgeLimits(AMPLE)).toEqual({ ok: true, problems: [] });
});

test('what the system does not tell is not judged', () => {
  expect(judgeLimits({ ...AMPLE, connections: 10_000_000, openFiles: null, portRange: null }).ok).toBe(true);
});

describe('open files', () => {
  const judge = (given: Partial<LoadDemand>) => judgeLimits({ ...AMPLE, sourceAddresses: 1000, ...given });

  it('a low soft limit is none, because Node takes the hard one', () => {
    expect(judge({ openFiles: { soft: 256, hard: 4096 } }).ok).toBe(true);
  });

  it('counts the connections, the process and its workers', () => {
    // 1000 + 64 + 2 x 8
    expect(judge({ openFiles: { soft: 1080, hard: 1080 } }).ok).toBe(true);
    expect(judge({ openFiles: { soft: 1079, hard: 1079 } }).problems).toMatchObject([
      { what: 'open files', have: 1079, need: 1080 },
    ]);
    expect(judge({ openFiles: { soft: 1080, hard: 1080 }, workers: 3 }).ok).toBe(false);
  });

  it('is raised in the shell where that is allowed, else by root or by who starts the container', () => {
    const openFiles = { soft: 1024, hard: 1024 };
    expect(judge({ openFiles, mayRaise: true }).problems[0]!.remedies).toEqual(['ulimit -n 1080']);
    expect(judge({ openFiles }).problems[0]!.remedies).toEqual([
      'sudo prlimit --pid $$ --nofile=1080:1080',
      'docker run --ulimit nofile=1080:1080 ...',
    ]);
  });

  it('unlimited is what Node makes of it, and beyond the kernel allows it only after sysctl', () => {
    const openFiles = { soft: 1024, hard: Number.POSITIVE_INFINITY };
    expect(judge({ openFiles }).ok).toBe(true);
    expect(judge({ openFiles, connections: 1_100_000, mayRaise: true }).problems).toEqual([
      {
        what: 'open files',
        have: 1_048_576,
        need: 1_100_080,
        remedies: ['sudo sysctl -w fs.nr_open=1100080 && ulimit -n 1100080'],
      },
    ]);
  });
});

describe('client ports', () => {
  const judge = (given: Partial<LoadDemand>) =>
    judgeLimits({ ...AMPLE, openFiles: { soft: 500_000, hard: 500_000 }, ...given });

  it('one address has as many connections to a server as the range has ports', () => {
    expect(judge({ connections: 28_232 }).ok).toBe(true);
    expect(judge({ connections: 28_233 }).problems).toEqual([
      {
        what: 'client ports',
        have: 28_232,
        need: 28_233,
        remedies: ['--source-addresses 2', 'sudo sysctl -w net.ipv4.ip_local_port_range="1024 65535"'],
      },
    ]);
  });

  it('more addresses have more', () => {
    expect(judge({ connections: 50_000, sourceAddresses: 2 }).ok).toBe(true);
  });

  it('ports that closed connections still hold are not to be had', () => {
    expect(judge({ connections: 20_000, timeWait: 10_000 }).problems).toMatchObject([{ need: 30_000 }]);
  });

  it('a wider range is no remedy where it is not wide enough', () => {
    expect(judge({ connections: 100_000 }).problems[0]!.remedies).toEqual(['--source-addresses 4']);
  });

  it('off the loopback the addresses are the user’s to name', () => {
    expect(judge({ connections: 50_000, loopback: false }).problems[0]!.remedies).toEqual([
      'sudo sysctl -w net.ipv4.ip_local_port_range="1024 65535"',
      '--source-addresses ADDRESS1,ADDRESS2',
    ]);
    expect(judge({ connections: 200_000, loopback: false }).problems[0]!.remedies).toEqual([
      '--source-addresses ADDRESS1,...,ADDRESS8',
    ]);
  });
});

test('both limits may be short at once', () => {
  const { problems } = judgeLimits({ ...AMPLE, connections: 50_000 });
  expect(problems.map(({ what }) => what)).toEqual(['open files', 'client ports']);
});

test('any load: a problem is one that is short, and its remedy ends it', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 900_000 }),
      fc.integer({ min: 0, max: 64 }),
      fc.integer({ min: 64, max: 100_000 }),
      fc.integer({ min: 1, max: 60_000 }),
      fc.integer({ min: 1, max: 8 }),
      (connections, workers, hard, ports, sourceAddresses) => {
        const demand: LoadDemand = {
          connections,
          workers,
          openFiles: { soft: hard, hard },
          portRange: [1024, 1023 + ports],
          sourceAddresses,
          mayRaise: true,
        };
        const { ok, problems } = judgeLimits(demand);
        expect(ok).toBe(problems.length === 0);
        const mended = { ...demand };
        for (const { what, have, need, remedies } of problems) {
          expect(have).toBeLessThan(need);
          const number = Number(/\d+$/.exec(remedies[0]!)![0]);
          if (what === 'open files') mended.openFiles = { soft: number, hard: number };
          else mended.sourceAddresses = number;
        }
        expect(judgeLimits(mended).ok).toBe(true);
      },
    ),
  );
});
