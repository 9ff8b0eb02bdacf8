import { connect, type Socket } from 'node:net';
import { waitFor } from './start-target.ts';

export interface RequestOptions {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

/** One connection that sends bytes as they are and keeps what comes back, read by read. */
export class WireClient {
  readonly socket: Socket;
  readonly reads: Buffer[] = [];
  /** How the server closed, if it did. */
  closedBy: 'fin' | 'rst' | undefined;

  constructor(port: number) {
    this.socket = connect({ host: '127.0.0.1', port, noDelay: true, allowHalfOpen: true });
    this.socket.on('data', (bytes) => this.reads.push(bytes));
    // A reset together with the last data is called an end by libuv; only a write tells them apart.
    this.socket.on('end', () => {
      this.socket.write('', (error) => {
        if (error) return;
        this.closedBy = 'fin';
        this.socket.end();
      });
    });
    this.socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET') this.closedBy = 'rst';
    });
  }

  request(path: string, { method = 'GET', headers = {}, body }: RequestOptions = {}): this {
    const lines = Object.entries({
      Host: 'test',
      ...headers,
      ...(body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }),
    }).map(([name, value]) => `${name}: ${value}\r\n`);
    this.socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body ?? ''}`);
    return this;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.reads);
  }

  get response(): WireResponse {
    return readResponse(this.bytes);
  }

  /** The response when its body has ended by its own framing. */
  async completed(): Promise<WireResponse> {
    return waitFor(
      () => this.response,
      ({ isWhole }) => isWhole,
    );
  }

  /** The response when the server has closed the connection. */
  async closed(): Promise<WireResponse> {
    await waitFor(
      () => this.closedBy,
      (by) => by !== undefined,
    );
    return this.response;
  }

  async receives(isEnough: (response: WireResponse) => boolean): Promise<WireResponse> {
    return waitFor(() => this.response, isEnough);
  }

  leave(): void {
    this.socket.destroy();
  }
}

export interface WireResponse {
  status: number | undefined;
  /** By lower-case name. */
  headers: Map<string, string>;
  /** Data of complete chunks; empty where the body is not chunked. */
  chunks: Buffer[];
  /** Body bytes without framing; in a truncated chunk as far as they came. */
  body: string;
  /** Whether the body ended by its own framing. */
  isWhole: boolean;
  /** Bytes behind the body. */
  rest: Buffer;
}

/** Reads one response from the beginning of `bytes`, as far as they go. */
function readResponse(bytes: Buffer): WireResponse {
  const empty = Buffer.alloc(0);
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd === -1) {
    return { status: undefined, headers: new Map(), chunks: [], body: '', isWhole: false, rest: bytes };
  }
  const [statusLine, ...lines] = bytes.toString('latin1', 0, headEnd).split('\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3}) \S/.exec(statusLine!)?.[1]);
  const headers = new Map(
    lines.map((line): [string, string] => {
      const colon = line.indexOf(': ');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 2)];
    }),
  );
  const start = headEnd + 4;
  if (headers.get('transfer-encoding') === 'chunked') {
    return { status, headers, ...readChunks(bytes.subarray(start)) };
  }
  const length = headers.get('content-length');
  const end = length === undefined ? bytes.length : start + Number(length);
  return {
    status,
    headers,
    chunks: [],
    body: bytes.toString('utf8', start, end),
    isWhole: length !== undefined && bytes.length >= end,
    rest: length === undefined ? empty : bytes.subarray(end),
  };
}

function readChunks(bytes: Buffer): Pick<WireResponse, 'chunks' | 'body' | 'isWhole' | 'rest'> {
  const chunks: Buffer[] = [];
  let at = 0;
  let truncated: Buffer = Buffer.alloc(0);
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd === -1) break;
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    const dataEnd = lineEnd + 2 + size;
    if (bytes.length < dataEnd + 2) {
      truncated = bytes.subarray(lineEnd + 2);
      break;
    }
    if (bytes.toString('latin1', dataEnd, dataEnd + 2) !== '\r\n') throw new Error('chunk without CRLF');
    if (size === 0) {
      const body = Buffer.concat(chunks).toString();
      return { chunks, body, isWhole: true, rest: bytes.subarray(dataEnd + 2) };
    }
    chunks.push(bytes.subarray(lineEnd + 2, dataEnd));
    at = dataEnd + 2;
  }
  return {
    chunks,
    body: Buffer.concat([...chunks, truncated]).toString(),
    isWhole: false,
    rest: Buffer.alloc(0),
  };
}

export interface WireEvent {
  id: number;
  data: string;
  seq: number;
  tsUs: number;
}

/** The complete events of a body, which must consist of nothing else but them and `: hb` comments. */
export function readEvents(body: string): WireEvent[] {
  const blocks = body.replaceAll('\r\n', '\n').split('\n\n').slice(0, -1);
  return blocks
    .filter((block) => block !== ': hb')
    .map((block) => {
      const match = /^id: (\d+)\ndata: (.*)$/.exec(block);
      if (!match) throw new Error(`not an event: ${JSON.stringify(block)}`);
      const { seq, ts } = JSON.parse(match[2]!) as { seq: number; ts: number };
      return { id: Number(match[1]), data: match[2]!, seq, tsUs: ts };
    });
}
