import { isIP } from 'node:net';
import { UserError } from '../model/errors.ts';

/** 127.0.0.2, the first loopback address that is nobody's default. */
const FIRST = 0x7f00_0002;
/** 127.255.255.254: a socket bound to 127.255.255.255, the broadcast address, silently gets 127.0.0.1. */
const LAST = 0x7fff_fffe;

/**
 * Addresses to connect from, so that more connections than one address has ports can go to one server. All of
 * 127.0.0.0/8 is this machine on Linux (other systems have 127.0.0.1 alone): 127.0.0.2, 127.0.0.3, and so on, the
 * target's own left out. For other targets only the user knows which addresses are this machine's.
 *
 * @param targetAddress numeric
 * @param wanted how many addresses, or the addresses themselves
 * @throws UserError with the reason and the remedy
 */
export function spreadSourceAddresses(targetAddress: string, wanted: number | readonly string[]): string[] {
  if (typeof wanted !== 'number') return checkGiven(targetAddress, wanted);
  if (!Number.isSafeInteger(wanted) || wanted < 1) {
    throw new UserError(`--source-addresses ${wanted}: not a number of addresses; give 1 or more`);
  }
  const target = parseLoopback(targetAddress);
  if (target === undefined) throw new UserError(explainNotLoopback(targetAddress, wanted));
  const spare = target >= FIRST && target <= LAST ? 1 : 0;
  if (wanted > LAST - FIRST + 1 - spare) {
    throw new UserError(
      `--source-addresses ${wanted}: 127.0.0.0/8 has only ${LAST - FIRST + 1 - spare} to give`,
    );
  }
  const addresses: string[] = [];
  for (let next = FIRST; addresses.length < wanted; next++) {
    if (next !== target) addresses.push(formatAddress(next));
  }
  return addresses;
}

function checkGiven(targetAddress: string, given: readonly string[]): string[] {
  if (given.length === 0) throw new UserError('--source-addresses: none given; write e.g. 10.0.0.2,10.0.0.3');
  const family = isIP(targetAddress);
  for (const [i, address] of given.entries()) {
    const fault = findFault(address, family, given.indexOf(address) < i);
    if (fault !== undefined) throw new UserError(`--source-addresses ${address}: ${fault}`);
  }
  return [...given];
}

function findFault(address: string, family: number, isRepeated: boolean): string | undefined {
  const own = isIP(address);
  if (own === 0) return 'not an IP address; write numbers, e.g. 10.0.0.2,10.0.0.3';
  if (own !== family) return `an IPv${own} address cannot reach the target, which is IPv${family}`;
  return isRepeated ? 'given twice; it has its ports only once' : undefined;
}

function explainNotLoopback(targetAddress: string, wanted: number): string {
  if (targetAddress === '::1') {
    return `--source-addresses ${wanted}: IPv6 has the one loopback address ::1; use http://127.0.0.1 for the target`;
  }
  return (
    `--source-addresses ${wanted}: ${targetAddress} is not on 127.0.0.0/8, and which other addresses this machine ` +
    'has is not guessed; list them, e.g. --source-addresses 10.0.0.2,10.0.0.3 (ip -brief address shows them)'
  );
}

function parseLoopback(address: string): number | undefined {
  if (isIP(address) !== 4 || !address.startsWith('127.')) return undefined;
  return address.split('.').reduce((value, part) => value * 256 + Number(part), 0);
}

function formatAddress(value: number): string {
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255].join('.');
}
