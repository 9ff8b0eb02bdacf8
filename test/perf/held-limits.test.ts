import { describe, expect, it } from 'vitest';
import { planHeldStreams, sourceArguments } from '../../perf/held-limits.ts';
import { parseOpenFileLimitHard } from '../../perf/machine.ts';

const WIDE = { openFilesHard: 1_048_576, ports: 28_232, rotatesSources: true };

describe('planHeldStreams', () => {
  it('holds all where nothing stands in the way', () => {
    expect(planHeldStreams(20_000, WIDE)).toEqual({ possible: true, streams: 20_000, sourceAddresses: 1 });
    expect(planHeldStreams(20_000, { ...WIDE, openFilesHard: null })).toMatchObject({ streams: 20_000 });
  });

  it('spreads over as many source addresses as the ports need', () => {
    expect(planHeldStreams(28_232, WIDE)).toMatchObject({ sourceAddresses: 1 });
    expect(planHeldStreams(28_233, WIDE)).toMatchObject({ sourceAddresses: 2 });
    expect(planHeldStreams(50_000, { ...WIDE, rotatesSources: false })).toEqual({
      possible: false,
      reason: 'one source address has 28232 ports, and ssee-tester has no option --source-addresses',
    });
  });

  it('holds a hair fewer below a limit of open files, and says so', () => {
    expect(planHeldStreams(20_000, { ...WIDE, openFilesHard: 20_000 })).toEqual({
      possible: true,
      streams: 19_936,
      sourceAddresses: 1,
      note: '19936 instead of 20000: the hard limit of open files per process is 20000 (ulimit -Hn)',
    });
  });

  it('does not call something much smaller by the same name', () => {
    expect(planHeldStreams(50_000, { ...WIDE, openFilesHard: 20_000 })).toEqual({
      possible: false,
      reason: 'the hard limit of open files per process is 20000 (ulimit -Hn)',
    });
  });
});

it('names loopback addresses only where more than one is needed', () => {
  expect(sourceArguments(1)).toEqual([]);
  expect(sourceArguments(3)).toEqual(['--source-addresses', '127.0.0.1,127.0.0.2,127.0.0.3']);
});

it.each([
  ['Max open files            1024                 524288               files     \n', 524_288],
  ['Max open files            unlimited            unlimited            files     \n', null],
  ['', null],
])('reads the hard limit of %j', (limits, hard) => {
  expect(parseOpenFileLimitHard(limits)).toBe(hard);
});
