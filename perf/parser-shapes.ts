/** Event streams with LF line ends, each a kind of event that real servers send. */
export const SHAPES = {
  /** The bundled targets: an id and a short JSON text. */
  target: (index) => `id: ${index}\ndata: {"seq":${index},"ts":${1_700_000_000_000_000 + index}}\n\n`,
  /** The least there is. */
  tiny: () => 'data: x\n\n',
  /** Chunks of a language model, as OpenAI-compatible servers send them; not only ASCII. */
  llm: (index) =>
    `data: {"id":"chatcmpl-9f3a","object":"chat.completion.chunk","created":1700000000,"model":"m-1","choices":[{"index":0,"delta":{"content":" ${WORDS[index % WORDS.length]}"},"logprobs":null,"finish_reason":null}]}\n\n`,
  /** Every field, data on several lines, a comment now and then. */
  fields: (index) =>
    `${index % 10 === 0 ? ': keep-alive\n\n' : ''}event: update\nid: ${index}\ndata: first line ${index}\ndata: second line\ndata\n\n`,
  /** 4 KB on one line. */
  large: (index) => `id: ${index}\ndata: ${LARGE}\n\n`,
} as const satisfies Record<string, (index: number) => string>;

export type ShapeName = keyof typeof SHAPES;

const WORDS = ['Hello', 'wörld', 'and', '你好', 'the', 'rest', 'of', 'it'];
const LARGE = 'abcdefghijklmnopqrstuvwxyz012345'.repeat(128);

/** Reads of a socket hold this much at most. */
const SPLIT_BYTES = 65_536;

export interface ShapedStream {
  events: number;
  bytes: number;
  /** The stream in splits that fall anywhere, also into characters. */
  splits: Buffer[];
  /** The same splits decoded, what is cut of a character carried over: what a parser of strings is given. */
  texts: string[];
}

/** Whole events until at least `bytes` are there. */
export function makeStream(shape: ShapeName, bytes: number): ShapedStream {
  const parts: string[] = [];
  for (let length = 0, index = 1; length < bytes; index++) {
    const event = SHAPES[shape](index);
    parts.push(event);
    length += Buffer.byteLength(event);
  }
  const stream = Buffer.from(parts.join(''));
  const splits: Buffer[] = [];
  for (let at = 0; at < stream.length; at += SPLIT_BYTES) splits.push(stream.subarray(at, at + SPLIT_BYTES));
  const decoder = new TextDecoder();
  return {
    events: parts.length,
    bytes: stream.length,
    splits,
    texts: splits.map((split) => decoder.decode(split, { stream: true })),
  };
}
