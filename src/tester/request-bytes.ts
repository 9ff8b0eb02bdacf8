/** A request as the user describes it. */
export interface RequestDescription {
  method: string;
  /** `host:port` as in the URL. */
  authority: string;
  /** Path and query. */
  path: string;
  /** In the order given. A name given here replaces the default of the same name, in any case. */
  headers: Record<string, string>;
  body?: Buffer;
  /** Whether `Accept: text/event-stream` is sent where `headers` has no Accept. @default true */
  acceptsByDefault?: boolean;
}

/**
 * The smallest request an event stream server understands: request line, Host, Accept, the user's fields.
 * Content-Length is added for a body.
 */
export function buildRequestBytes(request: RequestDescription): Buffer {
  const fields = new Map([['host', `Host: ${request.authority}`]]);
  if (request.acceptsByDefault ?? true) fields.set('accept', 'Accept: text/event-stream');
  for (const [name, value] of Object.entries(request.headers)) {
    fields.set(name.toLowerCase(), `${name}: ${value}`);
  }
  if (request.body !== undefined && !fields.has('content-length') && !fields.has('transfer-encoding')) {
    fields.set('content-length', `Content-Length: ${request.body.length}`);
  }
  const head = `${request.method} ${request.path} HTTP/1.1\r\n${[...fields.values()].join('\r\n')}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head, 'latin1'), request.body ?? Buffer.alloc(0)]);
}

/** Whether the head of these request bytes accepts `text/event-stream` by name. */
export function acceptsEventStream(request: Buffer): boolean {
  return /^accept:[^\n]*text\/event-stream/im.test(headOf(request));
}

export function isHeadRequest(request: Buffer): boolean {
  return headOf(request).startsWith('HEAD ');
}

/** The `Accept-Encoding` of these request bytes, where they have one. */
export function readAcceptEncoding(request: Buffer): string | undefined {
  return /^accept-encoding:[ \t]*([^\r\n]*)/im.exec(headOf(request))?.[1];
}

/** The request with the field that asks the server to go on after the event of that id; empty for none. */
export function withLastEventId(request: string, id: string): string {
  if (id === '') return request;
  const headEnd = request.indexOf('\r\n\r\n');
  const head = request.slice(0, headEnd).replace(/\r\nlast-event-id:[^\r\n]*/gi, '');
  return `${head}\r\nLast-Event-ID: ${id}${request.slice(headEnd)}`;
}

function headOf(request: Buffer): string {
  return request.toString('latin1').split('\r\n\r\n', 1)[0]!;
}
