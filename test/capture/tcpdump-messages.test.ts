import { describe, expect, test } from 'vitest';
import { explainRefusal, parseCounts, saysListening } from '../../src/capture/tcpdump-messages.ts';

const LISTENING = 'tcpdump: listening on lo, link-type EN10MB (Ethernet), snapshot length 128 bytes\n';
const COUNTS = '155 packets captured\n310 packets received by filter\n0 packets dropped by kernel\n';

describe('listening', () => {
  test('is said in one line, also behind a warning', () => {
    expect(saysListening(LISTENING)).toBe(true);
    expect(saysListening(`tcpdump: data link type LINUX_SLL2\n${LISTENING}`)).toBe(true);
  });

  test('is not said by other lines', () => {
    expect(saysListening('')).toBe(false);
    expect(saysListening('tcpdump: verbose output suppressed, listening soon\n')).toBe(false);
  });
});

describe('counts', () => {
  test('are the three of the end', () => {
    expect(parseCounts(LISTENING + COUNTS)).toEqual({
      packets: 155,
      receivedByFilter: 310,
      droppedByKernel: 0,
    });
  });

  test('one packet is singular, and drops by the interface are not read', () => {
    const text =
      '1 packet captured\n2 packets received by filter\n3 packets dropped by kernel\n4294967295 packets dropped by interface\n';
    expect(parseCounts(text)).toEqual({ packets: 1, receivedByFilter: 2, droppedByKernel: 3 });
  });

  test('are undefined when one is missing', () => {
    expect(parseCounts(LISTENING)).toBeUndefined();
    expect(parseCounts('155 packets captured\n310 packets received by filter\n')).toBeUndefined();
  });
});

describe('why tcpdump ended by itself (words of 4.99)', () => {
  test.each([
    {
      name: 'no rights',
      stderr:
        "tcpdump: lo: You don't have permission to perform this capture on that device\n(socket: Operation not permitted)\n",
      refusal: {
        reason: 'capturing needs CAP_NET_RAW',
        remedy: 'run as root, or `setcap cap_net_raw=ep /usr/bin/tcpdump`',
      },
    },
    {
      name: 'no such interface',
      stderr: 'tcpdump: nope0: No such device exists\n(No such device exists)\n',
      refusal: {
        reason: 'the interface nope0 does not exist here',
        remedy: 'give the network namespace a loopback interface',
      },
    },
    {
      name: 'a folder that cannot be written',
      stderr: `${LISTENING}tcpdump: /srv/results/capture.pcap: Permission denied\n`,
      refusal: {
        reason: 'tcpdump cannot write /srv/results/capture.pcap: permission denied',
        remedy: 'choose another results folder with --out',
      },
    },
    {
      name: 'something else',
      stderr: "tcpdump: can't parse filter expression: syntax error\n",
      refusal: {
        reason: "tcpdump failed: can't parse filter expression: syntax error",
        remedy: 'run `ssee-bench check`',
      },
    },
    {
      name: 'nothing at all',
      stderr: '',
      refusal: { reason: 'tcpdump failed: it ended without a word', remedy: 'run `ssee-bench check`' },
    },
  ])('$name', ({ stderr, refusal }) => {
    expect(explainRefusal(stderr, '/usr/bin/tcpdump')).toEqual(refusal);
  });
});
