/**
 * Positions of the header fields of the head that is being parsed: four numbers per field (name start, name end,
 * value start, value end). One table serves every parser of a thread, because a head is parsed and handed to its
 * visitor in one go; it is therefore valid only during `onHead`.
 */
export class FieldTable {
  private positions = new Int32Array(4 * 64);
  /** Fields in the table. */
  count = 0;

  add(nameStart: number, nameEnd: number, valueStart: number, valueEnd: number): void {
    const at = this.count * 4;
    if (at + 4 > this.positions.length) {
      const larger = new Int32Array(this.positions.length * 2);
      larger.set(this.positions);
      this.positions = larger;
    }
    const positions = this.positions;
    positions[at] = nameStart;
    positions[at + 1] = nameEnd;
    positions[at + 2] = valueStart;
    positions[at + 3] = valueEnd;
    this.count++;
  }

  /** The name of field `index`, as sent. */
  name(buf: Buffer, index: number): string {
    return buf.toString('latin1', this.positions[index * 4], this.positions[index * 4 + 1]);
  }

  /** The value of field `index` without surrounding white space. */
  value(buf: Buffer, index: number): string {
    return buf.toString('latin1', this.positions[index * 4 + 2], this.positions[index * 4 + 3]);
  }

  valueStart(index: number): number {
    return this.positions[index * 4 + 2]!;
  }

  valueEnd(index: number): number {
    return this.positions[index * 4 + 3]!;
  }
}

/** Whether the bytes are `lower` (ASCII, lower case) in any case. */
export function equalsIgnoringCase(buf: Buffer, start: number, end: number, lower: string): boolean {
  if (end - start !== lower.length) return false;
  for (let i = 0; i < lower.length; i++) {
    const byte = buf[start + i]!;
    const folded = byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
    if (folded !== lower.charCodeAt(i)) return false;
  }
  return true;
}

/** Whether the comma-separated list of tokens contains `lower` in any case (RFC 9110 5.6.1). */
export function listContains(buf: Buffer, start: number, end: number, lower: string): boolean {
  let from = start;
  while (from <= end) {
    let to = from;
    while (to < end && buf[to] !== COMMA) to++;
    let first = from;
    let last = to;
    while (first < last && isBlank(buf[first]!)) first++;
    while (last > first && isBlank(buf[last - 1]!)) last--;
    if (equalsIgnoringCase(buf, first, last, lower)) return true;
    from = to + 1;
  }
  return false;
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09;
}

const COMMA = 0x2c;
