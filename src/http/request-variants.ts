import type { RequestChange } from '../model/ablation.ts';

/** A request made from another one. */
export interface RequestVariant {
  bytes: Buffer;
  /** How it comes about; more than one where two ways lead to the same bytes. */
  ways: { change: RequestChange; header: string | null }[];
}

/** Without these the rest would be another request or none: RFC 9112 asks for Host, the others frame the body. */
const INDISPENSABLE: ReadonlySet<string> = new Set(['host', 'content-length', 'transfer-encoding']);

interface RequestParts {
  line: string;
  /** Each as it stands, name and value. */
  fields: string[];
  body: Buffer;
}

/** The request with nothing but its line, its body and the headers that it cannot do without. */
export function bareRequest(request: Buffer): Buffer {
  const parts = splitRequest(request);
  return joinRequest(
    parts,
    parts.fields.filter((field) => !isOptional(field)),
  );
}

/** Names of the headers that can be left out, in their order. */
export function optionalHeaders(request: Buffer): string[] {
  return splitRequest(request).fields.filter(isOptional).map(nameOf);
}

/**
 * The request whole, without each of its headers in turn, bare, and bare with each of them in turn. Requests of the
 * same bytes are one. A name that occurs twice is left out and added one occurrence at a time.
 */
export function listRequestVariants(request: Buffer): RequestVariant[] {
  const parts = splitRequest(request);
  const { fields } = parts;
  const optional = fields.flatMap((field, index) => (isOptional(field) ? [index] : []));
  const variants: RequestVariant[] = [];
  const add = (change: RequestChange, header: string | null, isKept: (index: number) => boolean): void => {
    const bytes = joinRequest(
      parts,
      fields.filter((_, index) => isKept(index)),
    );
    const same = variants.find((variant) => variant.bytes.equals(bytes));
    if (same) same.ways.push({ change, header });
    else variants.push({ bytes, ways: [{ change, header }] });
  };
  add('whole', null, () => true);
  for (const out of optional) add('without', nameOf(fields[out]!), (index) => index !== out);
  add('bare', null, (index) => !optional.includes(index));
  for (const kept of optional) {
    add('with', nameOf(fields[kept]!), (index) => index === kept || !optional.includes(index));
  }
  return variants;
}

function splitRequest(request: Buffer): RequestParts {
  const end = request.indexOf('\r\n\r\n');
  const head = end === -1 ? request : request.subarray(0, end);
  const [line = '', ...fields] = head.toString('latin1').split('\r\n');
  return { line, fields, body: end === -1 ? Buffer.alloc(0) : request.subarray(end + 4) };
}

function joinRequest({ line, body }: RequestParts, fields: readonly string[]): Buffer {
  const head = [line, ...fields, '', ''].join('\r\n');
  return Buffer.concat([Buffer.from(head, 'latin1'), body]);
}

function isOptional(field: string): boolean {
  return !INDISPENSABLE.has(nameOf(field).toLowerCase());
}

function nameOf(field: string): string {
  const colon = field.indexOf(':');
  return colon === -1 ? field : field.slice(0, colon);
}
