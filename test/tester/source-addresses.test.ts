import { once } from 'node:events';
import { type AddressInfo, connect, createServer, isIPv4 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { UserError } from '../../src/model/errors.ts';
import { spreadSourceAddresses } from '../../src/tester/source-addresses.ts';

describe('to a loopback target', () => {
  it('connections come from 127.0.0.2 onwards, the target left out', () => {
    expect(spreadSourceAddresses('127.0.0.1', 3)).toEqual(['127.0.0.2', '127.0.0.3', '127.0.0.4']);
    expect(spreadSourceAddresses('127.0.0.3', 3)).toEqual(['127.0.0.2', '127.0.0.4', '127.0.0.5']);
  });

  it('carries over from one part of the address to the next', () => {
    expect(spreadSourceAddresses('127.0.0.1', 300).slice(253, 256)).toEqual([
      '127.0.0.255',
      '127.0.1.0',
      '127.0.1.1',
    ]);
  });

  it('any number is given, each once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 1, max: 3000 }), (wanted, last) => {
        const target = `127.0.${last >> 8}.${last & 255}`;
        const addresses = spreadSourceAddresses(target, wanted);
        expect(addresses).toHaveLength(wanted);
        expect(new Set(addresses).size).toBe(wanted);
        expect(addresses).not.toContain(target);
        expect(addresses.every(isIPv4)).toBe(true);
      }),
    );
  });

  it('the kernel connects from the addresses given', async () => {
    const server = createServer((socket) => socket.end()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const addresses = spreadSourceAddresses('127.0.0.1', 255);
    for (const localAddress of [addresses[0], addresses[253], addresses[254]]) {
      const socket = connect({ host: '127.0.0.1', port, localAddress: localAddress! }).resume();
      await once(socket, 'connect');
      expect(socket.localAddress).toBe(localAddress);
      await once(socket, 'close');
    }
    server.close();
    await once(server, 'close');
  });

  it('no more than there are', () => {
    expect(() => spreadSourceAddresses('127.0.0.1', 2 ** 24)).toThrow('has only 16777213 to give');
    expect(() => spreadSourceAddresses('127.0.0.2', 2 ** 24)).toThrow('has only 16777212 to give');
  });
});

test('to other targets none is guessed', () => {
  for (const target of ['10.0.0.1', '8.8.8.8', '2001:db8::1']) {
    expect(() => spreadSourceAddresses(target, 2)).toThrow(
      new UserError(
        `--source-addresses 2: ${target} is not on 127.0.0.0/8, and which other addresses this machine has is ` +
          'not guessed; list them, e.g. --source-addresses 10.0.0.2,10.0.0.3 (ip -brief address shows them)',
      ),
    );
  }
  expect(() => spreadSourceAddresses('::1', 2)).toThrow(
    '--source-addresses 2: IPv6 has the one loopback address ::1; use http://127.0.0.1 for the target',
  );
});

test('addresses that the user names are taken for any target', () => {
  expect(spreadSourceAddresses('10.0.0.1', ['10.0.0.2', '10.0.0.3'])).toEqual(['10.0.0.2', '10.0.0.3']);
  expect(spreadSourceAddresses('2001:db8::1', ['2001:db8::2'])).toEqual(['2001:db8::2']);
});

test.each([
  [[], '--source-addresses: none given; write e.g. 10.0.0.2,10.0.0.3'],
  [['eth0'], '--source-addresses eth0: not an IP address; write numbers, e.g. 10.0.0.2,10.0.0.3'],
  [['::1'], '--source-addresses ::1: an IPv6 address cannot reach the target, which is IPv4'],
  [['10.0.0.2', '10.0.0.2'], '--source-addresses 10.0.0.2: given twice; it has its ports only once'],
])('%j is refused in words', (given, message) => {
  expect(() => spreadSourceAddresses('10.0.0.1', given)).toThrow(new UserError(message));
});

test('a number that counts nothing is refused', () => {
  for (const wanted of [0, -1, 1.5, Number.NaN]) {
    expect(() => spreadSourceAddresses('127.0.0.1', wanted)).toThrow(UserError);
  }
});
