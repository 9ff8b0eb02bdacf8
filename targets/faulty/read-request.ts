const MAX_HEAD_BYTES = 64 * 1024;
const MAX_BODY_BYTES = 1024 * 1024;

export interface Request {
  method: string;
  path: string;
  query: string;
  /** By lower-case name; the last of several wins. */
  headers: Map<string, string>;
  /** Whether the client allows another request on the connection. */
  keepAlive: boolean;
  /** False for HTTP/1.0, which knows no chunks: the end of the connection ends such a body. */
  knowsChunks: boolean;
}

export type ReadResult =
  | { state: 'incomplete' }
  | { state: 'refused'; status: string }
  | { state: 'complete'; request: Request; bytes: number };

/** The first request in `input`, with its body skipped. */
export function readRequest(input: Buffer): ReadResult {
  const headEnd = input.indexOf('\r\n\r\n');
  if (headEnd === -1) {
    return input.length > MAX_HEAD_BYTES
      ? refused('431 Request Header Fields Too Large')
      : { state: 'incomplete' };
  }
  const [requestLine, ...lines] = input.toString('latin1', 0, headEnd).split('\r\n');
  const [, method, target, version] = /^([A-Z]+) (\/\S*) HTTP\/(\d\.\d)$/.exec(requestLine!) ?? [];
  if (method === undefined || target === undefined) return refused('400 Bad Request');
  if (version !== '1.1' && version !== '1.0') return refused('505 HTTP Version Not Supported');

  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon < 1) return refused('400 Bad Request');
    headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  if (headers.has('transfer-encoding')) return refused('411 Length Required');
  const lengthText = headers.get('content-length') ?? '0';
  if (!/^\d+$/.test(lengthText)) return refused('400 Bad Request');
  const bodyBytes = Number(lengthText);
  if (bodyBytes > MAX_BODY_BYTES) return refused('413 Content Too Large');
  const bytes = headEnd + 4 + bodyBytes;
  if (input.length < bytes) return { state: 'incomplete' };

  const mark = target.indexOf('?');
  return {
    state: 'complete',
    bytes,
    request: {
      method,
      path: mark === -1 ? target : target.slice(0, mark),
      query: mark === -1 ? '' : target.slice(mark + 1),
      headers,
      // Only a body of known length would leave an HTTP/1.0 connection open, and event streams have none.
      keepAlive: version === '1.1' && !/\bclose\b/i.test(headers.get('connection') ?? ''),
      knowsChunks: version === '1.1',
    },
  };
}

function refused(status: string): ReadResult {
  return { state: 'refused', status };
}
