import { isIPv6 } from 'node:net';
import { constants } from 'node:os';
import { getSystemErrorName } from 'node:util';
import {
  allocateReadBuffer,
  type Endpoint,
  type LoadSocket,
  type SocketOwner,
  type Transport,
} from './transport.ts';

/** What `net.Socket` itself is built on, as far as it is used here. */
interface TcpHandle {
  owner: HandleSocket | null;
  onread: (this: TcpHandle) => void;
  useUserBuffer(buffer: Uint8Array): void;
  setNoDelay(on: boolean): number;
  bind(address: string, port: number): number;
  bind6(address: string, port: number, flags: number): number;
  connect(request: ConnectRequest, address: string, port: number): number;
  connect6(request: ConnectRequest, address: string, port: number): number;
  readStart(): number;
  readStop(): number;
  writeLatin1String(request: WriteRequest, text: string): number;
  close(): void;
}
interface ConnectRequest {
  socket: HandleSocket | null;
  oncomplete: (this: ConnectRequest, status: number) => void;
}
interface WriteRequest {
  oncomplete: (this: WriteRequest, status: number, handle: TcpHandle) => void;
}
interface Bindings {
  TCP: new (type: number) => TcpHandle;
  SOCKET: number;
  TCPConnectWrap: new () => ConnectRequest;
  WriteWrap: new () => WriteRequest;
  /** After a read: bytes, or a negative error; after a write: whether it goes on in the background. */
  state: Int32Array;
  READ: number;
  WRITE_IS_ASYNC: number;
}

const EOF = -4095;
const EPIPE = -constants.errno.EPIPE;
const bindings = findBindings();

/** Whether this Node has what `HandleTransport` needs. */
export const HAS_HANDLES: boolean = bindings !== undefined;

/**
 * Connections on the TCP handles below Node's `net.Socket`: no stream machinery, no event emitter, no write request
 * per write. That is two thirds of the CPU that a short request costs in JavaScript, and most of the memory of a held
 * connection. `process.binding` is documented as deprecated and kept for such uses; where it is gone, `NetTransport`
 * does the same by public means.
 */
export class HandleTransport implements Transport {
  readonly readBuffer: Buffer;
  readonly endpoint: Endpoint;
  readonly isIPv6: boolean;

  constructor(endpoint: Endpoint, readBufferBytes?: number) {
    this.endpoint = endpoint;
    this.isIPv6 = isIPv6(endpoint.address);
    this.readBuffer = allocateReadBuffer(readBufferBytes);
  }

  open(owner: SocketOwner, sourceAddress?: string): LoadSocket {
    return new HandleSocket(owner, this, sourceAddress);
  }
}

class HandleSocket implements LoadSocket {
  owner: SocketOwner | null;
  private handle: TcpHandle | null;
  private readonly address: string;
  private readonly port: number;
  private isConnected = false;
  private sawEnd = false;

  constructor(owner: SocketOwner, transport: HandleTransport, sourceAddress: string | undefined) {
    const { TCP, SOCKET, TCPConnectWrap } = bindings!;
    const { address, port } = transport.endpoint;
    this.address = address;
    this.port = port;
    this.owner = owner;
    const handle = new TCP(SOCKET);
    this.handle = handle;
    handle.owner = this;
    handle.onread = readFromHandle;
    handle.useUserBuffer(transport.readBuffer);
    handle.setNoDelay(true);
    const request = new TCPConnectWrap();
    request.socket = this;
    request.oncomplete = finishConnect;
    let error = 0;
    if (sourceAddress !== undefined) {
      error = transport.isIPv6 ? handle.bind6(sourceAddress, 0, 0) : handle.bind(sourceAddress, 0);
    }
    if (error === 0) {
      error = transport.isIPv6
        ? handle.connect6(request, address, port)
        : handle.connect(request, address, port);
    }
    if (error !== 0) setImmediate(failLater, this, error);
  }

  write(latin1: string): void {
    const { WriteWrap, state, WRITE_IS_ASYNC } = bindings!;
    const handle = this.handle;
    if (handle === null) return;
    idleWrite ??= new WriteWrap();
    const request = idleWrite;
    const error = handle.writeLatin1String(request, latin1);
    if (error !== 0) {
      setImmediate(failLater, this, error);
      return;
    }
    if (state[WRITE_IS_ASYNC] === 0) return;
    // The kernel did not take all of it: the request object belongs to this write now.
    request.oncomplete = finishWrite;
    idleWrite = null;
  }

  pause(): void {
    this.handle?.readStop();
  }

  resume(): void {
    this.handle?.readStart();
  }

  connected(status: number): void {
    if (this.handle === null) return;
    if (status !== 0) {
      this.fail(status);
      return;
    }
    this.isConnected = true;
    this.handle.readStart();
    this.owner?.onConnect();
  }

  /**
   * libuv calls it an end, too, when a reset has come together with the last data (uv__stream_io, POLLHUP after a
   * partial read). The kernel knows better: it is asked by one more read.
   */
  end(): void {
    if (!this.sawEnd) {
      this.sawEnd = true;
      if (this.handle?.readStart() === 0) return;
    }
    this.owner?.onFin();
  }

  fail(status: number): void {
    // A reset that came after the FIN took nothing away.
    if (this.sawEnd && status === EPIPE) {
      this.owner?.onFin();
      return;
    }
    const code = getSystemErrorName(status);
    const call = this.isConnected ? 'read or write' : 'connect';
    this.owner?.onSocketError(code, `${call} ${code} ${this.address}:${this.port}`);
  }

  close(): void {
    const handle = this.handle;
    if (handle === null) return;
    this.owner = null;
    this.handle = null;
    handle.owner = null;
    handle.close();
  }
}

/** Shared by all sockets while writes finish at once, which small requests always do. */
let idleWrite: WriteRequest | null = null;

function readFromHandle(this: TcpHandle): void {
  const owner = this.owner?.owner;
  if (!owner) return;
  const result = bindings!.state[bindings!.READ]!;
  if (result > 0) owner.onRead(result);
  else if (result === EOF) this.owner!.end();
  else if (result < 0) this.owner!.fail(result);
}

function finishConnect(this: ConnectRequest, status: number): void {
  const socket = this.socket;
  this.socket = null;
  socket?.connected(status);
}

function finishWrite(this: WriteRequest, status: number, handle: TcpHandle): void {
  if (status !== 0) handle.owner?.fail(status);
}

function failLater(socket: HandleSocket, status: number): void {
  socket.fail(status);
}

function findBindings(): Bindings | undefined {
  try {
    const binding = (process as unknown as { binding(name: string): Record<string, unknown> }).binding;
    const tcp = binding('tcp_wrap');
    const stream = binding('stream_wrap');
    const found = {
      TCP: tcp.TCP,
      SOCKET: (tcp.constants as Record<string, number> | undefined)?.SOCKET,
      TCPConnectWrap: tcp.TCPConnectWrap,
      WriteWrap: stream.WriteWrap,
      state: stream.streamBaseState,
      READ: stream.kReadBytesOrError,
      WRITE_IS_ASYNC: stream.kLastWriteWasAsync,
    } as Bindings;
    if (Object.values(found).some((member) => member === undefined)) return undefined;
    const { prototype } = found.TCP;
    const isWhole = 'useUserBuffer' in prototype && 'writeLatin1String' in prototype && 'onread' in prototype;
    return isWhole ? found : undefined;
  } catch {
    // The permission model, or a Node that has dropped process.binding.
    return undefined;
  }
}
