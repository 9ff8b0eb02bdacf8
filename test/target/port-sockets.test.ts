import { describe, expect, it } from 'vitest';
import { countPortSockets, listEstablished } from '../../src/target/port-sockets.ts';

const HEAD =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
/** 0x1F90 is port 8080, 0xC350 is port 50000. */
const row = (slot: number, local: string, remote: string, state: string): string =>
  `  ${slot}: 0100007F:${local} 0100007F:${remote} ${state} 00000000:00000000 00:00000000 00000000     0        0 1 1`;

describe('listEstablished', () => {
  it('names the open connections of the server side, without those from the address to pass over', () => {
    const table = [
      HEAD,
      row(0, '1F90', '0000', '0A'),
      row(1, '1F90', 'C350', '01'),
      row(2, 'C350', '1F90', '01'),
      row(3, '1F90', 'C351', '06'),
      row(4, '1F90', 'C352', '01').replace('0100007F:C352', '0900007F:C352'),
      '',
    ].join('\n');
    expect(listEstablished(table, 8080, '0900007F')).toEqual(['0100007F:1F90 0100007F:C350']);
  });
});

describe('countPortSockets', () => {
  it('counts the server side of open connections and either side of waiting ones', () => {
    const table = [
      HEAD,
      row(0, '1F90', '0000', '0A'),
      row(1, '1F90', 'C350', '01'),
      row(2, 'C350', '1F90', '01'),
      row(3, '1F90', 'C351', '08'),
      row(4, '1F90', 'C352', '06'),
      row(5, 'C353', '1F90', '06'),
      row(6, '1F91', 'C354', '01'),
      '',
    ].join('\n');
    expect(countPortSockets(table, 8080)).toEqual({
      established: 1,
      closeWait: 1,
      timeWait: 2,
      acceptQueue: 0,
    });
  });

  it('reads IPv6 rows and ports below 4096', () => {
    const address = '00000000000000000000000001000000';
    const table = `${HEAD}\n 10: ${address}:0050 ${address}:C350 01 0:0 0:0 0 0 0 1`;
    expect(countPortSockets(table, 80)).toEqual({
      established: 1,
      closeWait: 0,
      timeWait: 0,
      acceptQueue: 0,
    });
  });

  it('finds nothing in an empty table', () => {
    expect(countPortSockets('', 80)).toEqual({ established: 0, closeWait: 0, timeWait: 0, acceptQueue: 0 });
    expect(countPortSockets(HEAD, 80)).toEqual({ established: 0, closeWait: 0, timeWait: 0, acceptQueue: 0 });
  });

  it("reads a listener's receive queue as connections that wait to be accepted", () => {
    const table = `${HEAD}\n 0: 0100007F:1F90 00000000:0000 0A 00000000:0000001F 00:0 0 0 0 1`;
    expect(countPortSockets(table, 8080)).toMatchObject({ acceptQueue: 31, established: 0 });
  });
});
