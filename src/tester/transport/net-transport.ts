import { connect as connectTcp, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import {
  allocateReadBuffer,
  type Endpoint,
  type LoadSocket,
  type SocketOwner,
  type Transport,
} from './transport.ts';

/** Connections by Node's public `net` and `tls` modules. */
export class NetTransport implements Transport {
  readonly readBuffer: Buffer;
  private readonly endpoint: Endpoint;
  private readonly tls: ConnectionOptions | undefined;

  /** @param tls options of `tls.connect`; plain TCP when absent */
  constructor(endpoint: Endpoint, options: { tls?: ConnectionOptions; readBufferBytes?: number } = {}) {
    this.endpoint = endpoint;
    this.tls = options.tls;
    this.readBuffer = allocateReadBuffer(options.readBufferBytes);
  }

  open(owner: SocketOwner, sourceAddress?: string): LoadSocket {
    return new NetSocket(owner, this.readBuffer, this.endpoint, this.tls, sourceAddress);
  }
}

class NetSocket implements LoadSocket {
  private owner: SocketOwner | null;
  private readonly socket: Socket;
  private sawEnd = false;

  constructor(
    owner: SocketOwner,
    buffer: Buffer,
    endpoint: Endpoint,
    tls: ConnectionOptions | undefined,
    sourceAddress: string | undefined,
  ) {
    this.owner = owner;
    const options = {
      host: endpoint.address,
      port: endpoint.port,
      noDelay: true,
      // Not to answer an end with ours before it is known what it is.
      allowHalfOpen: true,
      ...(sourceAddress === undefined ? {} : { localAddress: sourceAddress }),
      onread: {
        buffer,
        callback: (size: number): boolean => {
          this.owner?.onRead(size);
          return true;
        },
      },
    };
    const socket: Socket = tls
      ? connectTls({ ...options, ...tls } as ConnectionOptions)
      : connectTcp(options);
    this.socket = socket;
    socket.on(tls ? 'secureConnect' : 'connect', () => this.owner?.onConnect());
    socket.on('end', () => this.end());
    socket.on('error', (error: NodeJS.ErrnoException) => this.fail(error));
  }

  /**
   * libuv calls it an end, too, when a reset has come together with the last data. The kernel knows better: it is
   * asked by a write of nothing, which puts nothing on the wire.
   */
  private end(): void {
    this.sawEnd = true;
    this.socket.write('', (error) => {
      if (!error) this.owner?.onFin();
    });
  }

  private fail(error: NodeJS.ErrnoException): void {
    // A reset that came after the FIN took nothing away.
    if (this.sawEnd && error.code === 'EPIPE') this.owner?.onFin();
    else this.owner?.onSocketError(error.code ?? error.name, error.message);
  }

  write(latin1: string): void {
    this.socket.write(latin1, 'latin1');
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  close(): void {
    this.owner = null;
    this.socket.destroy();
  }
}
