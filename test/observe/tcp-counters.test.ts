import { describe, expect, it } from 'vitest';
import { parseTcpCounters, readTcpCounters, subtractCounters } from '../../src/observe/tcp-counters.ts';

const SNMP = `Ip: Forwarding InReceives
Ip: 1 77
Tcp: RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens PassiveOpens CurrEstab InSegs
Tcp: 1 200 120000 -1 21 20 4 500
`;
const NETSTAT = `TcpExt: ListenOverflows TW TCPHPHits
TcpExt: 3 5 1000
IpExt: InOctets
IpExt: 12
`;

describe('parseTcpCounters', () => {
  it('reads TCP counters by name and leaves settings, states and other protocols out', () => {
    expect(parseTcpCounters(`${SNMP}\n${NETSTAT}`)).toEqual({
      ActiveOpens: 21,
      PassiveOpens: 20,
      InSegs: 500,
      ListenOverflows: 3,
      TW: 5,
      TCPHPHits: 1000,
    });
  });

  it('takes no number from a text that is cut', () => {
    expect(parseTcpCounters('')).toEqual({});
    expect(parseTcpCounters('Tcp: ActiveOpens PassiveOpens')).toEqual({});
    expect(parseTcpCounters('Tcp: ActiveOpens PassiveOpens\nTcp: 1')).toEqual({ ActiveOpens: 1 });
  });
});

describe('subtractCounters', () => {
  it('keeps what moved, and a known counter that did not', () => {
    const before = { ActiveOpens: 10, ListenOverflows: 3, TCPHPHits: 7, TCPHPAcks: 1 };
    const after = { ActiveOpens: 31, ListenOverflows: 3, TCPHPHits: 7, TCPHPAcks: 4 };
    expect(subtractCounters(after, before)).toEqual({ ActiveOpens: 21, ListenOverflows: 0, TCPHPAcks: 3 });
  });

  it('does not make up a counter that the kernel has not', () => {
    expect(subtractCounters({ ActiveOpens: 1 }, { ActiveOpens: 1 })).toEqual({ ActiveOpens: 0 });
  });
});

describe('readTcpCounters', () => {
  it('reads what this kernel has', () => {
    expect(readTcpCounters(process.pid)).toMatchObject({
      ActiveOpens: expect.any(Number),
      RetransSegs: expect.any(Number),
      ListenOverflows: expect.any(Number),
      TCPSynRetrans: expect.any(Number),
    });
  });

  it('gives undefined for a process that is gone', () => {
    expect(readTcpCounters(2 ** 30)).toBeUndefined();
  });
});
