/** One event as it is written to a stream. */
export interface EventFrame {
  /** Without it the stream's last id stays. Must hold no line end and no NUL, which readers would ignore. */
  id?: string;
  /** `message` where absent. */
  type?: string;
  data: string;
}

const LINE_END = /\r\n|\r|\n/;

/**
 * An event in the text of `text/event-stream` (WHATWG HTML, 9.2.6), with its empty line. Every line of the data gets a
 * field of its own: a reader joins them by LF, so that CR and CR LF arrive as LF.
 *
 * @throws RangeError for an id or type that would end its line, or an id that readers would ignore
 */
export function formatEvent({ id, type, data }: EventFrame): string {
  if (id !== undefined && /[\r\n\0]/.test(id)) throw new RangeError('an id is one line without NUL');
  if (type !== undefined && /[\r\n]/.test(type)) throw new RangeError('a type is one line');
  const head = `${id === undefined ? '' : `id: ${id}\n`}${type === undefined ? '' : `event: ${type}\n`}`;
  const lines = data.split(LINE_END).map((line) => `data: ${line}\n`);
  return `${head}${lines.join('')}\n`;
}

/** A line that readers skip: it keeps a connection alive. */
export function formatComment(text: string): string {
  return `${text
    .split(LINE_END)
    .map((line) => `: ${line}\n`)
    .join('')}\n`;
}
