/** `words` is the beginning of the body where the status is not 2xx. */
export interface Download {
  status: number;
  bytes: number;
  words?: string;
}

/**
 * Where a trial happens: a private network namespace (clean counters, ports and TIME_WAIT, provably complete
 * captures) where rights allow, the shared loopback otherwise. The harness itself stays outside, so every
 * probe of the target goes through here.
 */
export interface NetworkSpace {
  isolated: boolean;
  /** A process inside: /proc/<pid>/net shows this space's sockets and counters. */
  pid: number;
  /** The command line that runs `argv` inside this space. */
  wrap(argv: readonly string[]): [string, ...string[]];
  /**
   * HTTP GET from inside. Rejects on connection failure or after timeoutMs.
   * @param from loopback address to connect from: rules can tell such a request from the load
   */
  get(url: string, timeoutMs: number, from?: string): Promise<{ status: number; text: string }>;
  /**
   * HTTP GET from inside whose body goes byte for byte into a file. Rejects on connection failure, after timeoutMs, when
   * the file cannot be written, and beyond 256 MiB.
   * @param file absolute; overwritten, and not made unless the status is 2xx
   */
  download(url: string, file: string, timeoutMs: number): Promise<Download>;
  /**
   * True when a TCP connection to the port is accepted.
   * @param host name or address without brackets, default 127.0.0.1
   */
  accepts(port: number, timeoutMs: number, host?: string): Promise<boolean>;
  /** A port nobody listens on in this space at the time of asking. */
  freePort(): Promise<number>;
  /** A setting below /proc/sys/net as this space has it, e.g. `core/somaxconn`; null where it cannot be read. */
  readSetting(name: string): Promise<string | null>;
  /**
   * Change a setting of this space, which takes it along when it closes.
   * @throws UserError where the space is the machine's own: nothing would undo it
   */
  writeSetting(name: string, text: string): Promise<void>;
  close(): Promise<void>;
}
