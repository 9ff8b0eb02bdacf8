import { describe, expect, it } from 'vitest';
import { PortTables } from '../../src/observe/port-tables.ts';

const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue\n';
const LISTENER = '   0: 0100007F:1F90 00000000:0000 0A 00000000:00000003 00:00000000\n';
const OF_ANOTHER = '   0: 0100007F:1F91 00000000:0000 0A 00000000:00000003 00:00000000\n';

/** Tables that can be changed, and which of them were read. */
function tablesOf(contents: { tcp?: string; tcp6?: string }) {
  const reads: string[] = [];
  const tables = new PortTables(7, 0x1f90, (path) => {
    const name = path.replace('/proc/7/net/', '') as 'tcp' | 'tcp6';
    reads.push(name);
    return contents[name] === undefined ? undefined : HEAD + contents[name];
  });
  return { contents, tables, takeReads: () => reads.splice(0) };
}

describe('the socket tables of a port', () => {
  it('passes over the table without a socket of the port, but not at a full look', () => {
    const { tables, takeReads } = tablesOf({ tcp: OF_ANOTHER, tcp6: LISTENER });
    const looks = [true, false, false, true].map((isFull) => [
      tables.count(isFull)?.acceptQueue,
      takeReads(),
    ]);
    expect(looks).toEqual([
      [3, ['tcp', 'tcp6']],
      [3, ['tcp6']],
      [3, ['tcp6']],
      [3, ['tcp', 'tcp6']],
    ]);
  });

  it('reads both as long as neither has any, and again when the sockets are gone', () => {
    const { contents, tables, takeReads } = tablesOf({ tcp: OF_ANOTHER, tcp6: '' });
    tables.count(true);
    tables.count(false);
    expect(takeReads()).toEqual(['tcp', 'tcp6', 'tcp', 'tcp6']);
    contents.tcp = LISTENER;
    tables.count(false);
    contents.tcp = '';
    tables.count(false);
    expect(takeReads()).toEqual(['tcp', 'tcp6', 'tcp']);
    contents.tcp6 = LISTENER;
    expect(tables.count(false)?.acceptQueue).toBe(3);
  });

  it('does without IPv6, and knows a space that is gone', () => {
    const { contents, tables } = tablesOf({ tcp: LISTENER });
    expect(tables.count(true)?.acceptQueue).toBe(3);
    contents.tcp = undefined as unknown as string;
    expect(tables.count(false)).toBeUndefined();
    expect(tables.count(true)).toBeUndefined();
  });
});
