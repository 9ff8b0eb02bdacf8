import { createExtractor, parseTimestampUs, type ValueExtractor } from '../sse/value-extractor.ts';

/**
 * Takes the id and the server's time of an event out of its data, where the user says that they stand. Makes strings,
 * unlike everything else that an event passes through.
 */
export class DataReader {
  private readonly idFrom: ValueExtractor | undefined;
  private readonly timeFrom: ValueExtractor | undefined;
  private data = '';
  private hasData = false;

  /** @throws UserError for a specification that is none */
  constructor(options: { readonly idFrom?: string; readonly timeFrom?: string }) {
    this.idFrom = options.idFrom === undefined ? undefined : createExtractor(options.idFrom);
    this.timeFrom = options.timeFrom === undefined ? undefined : createExtractor(options.timeFrom);
  }

  add(buf: Buffer, start: number, end: number): void {
    const line = buf.toString('utf8', start, end);
    this.data = this.hasData ? `${this.data}\n${line}` : line;
    this.hasData = true;
  }

  /** Id (a whole number) and unix time in microseconds of the event whose data has been added, where it has them. */
  read(): { id: number | undefined; timeUs: number | undefined } {
    const idText = this.idFrom?.extract(this.data);
    const timeText = this.timeFrom?.extract(this.data);
    this.clear();
    return {
      id: idText !== undefined && /^\d{1,15}$/.test(idText) ? Number(idText) : undefined,
      timeUs: timeText === undefined ? undefined : parseTimestampUs(timeText),
    };
  }

  clear(): void {
    this.data = '';
    this.hasData = false;
  }
}
