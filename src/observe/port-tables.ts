import { readProcFile } from '../process/proc-stat.ts';
import { countPortSockets, type PortSockets } from '../target/port-sockets.ts';

/** The kernel's tables of IPv4 and IPv6 sockets in the space of a process, for one port. */
export class PortTables {
  private readonly files: readonly string[];
  private readonly port: number;
  private readonly mark: string;
  private readonly read: (path: string) => string | undefined;
  /** The files in which the look before found a socket of the port; empty when there was none in any. */
  private inUse: readonly string[] = [];

  constructor(pid: number, port: number, read: (path: string) => string | undefined = readProcFile) {
    // Absent where IPv6 is switched off.
    this.files = [`/proc/${pid}/net/tcp`, `/proc/${pid}/net/tcp6`];
    this.port = port;
    this.mark = `:${port.toString(16).toUpperCase().padStart(4, '0')} `;
    this.read = read;
  }

  /**
   * @param isFull false: a table that had no socket of the port is passed over, as long as the other one had
   * @returns undefined when the space is gone
   */
  count(isFull: boolean): PortSockets | undefined {
    const looksAtAll = isFull || this.inUse.length === 0;
    const found = (looksAtAll ? this.files : this.inUse).flatMap((file) => {
      const table = this.read(file);
      return table === undefined ? [] : [{ file, table }];
    });
    if (found.length === 0) return undefined;
    this.inUse = found.filter(({ table }) => table.includes(this.mark)).map(({ file }) => file);
    return countPortSockets(found.map(({ table }) => table).join('\n'), this.port);
  }
}
