import { type BadQuery, type ParameterKind, readParameters } from './stream-query.ts';

/** What a client asks of the fake language model. */
export interface ChatRequest {
  model: string;
  stream: boolean;
  /** Output tokens. */
  tokens: number;
  /** Request read to first content chunk. */
  ttftMs: number;
  /** From one token to the next. */
  itlMs: number;
  tokensPerChunk: number;
  usage: boolean;
  /** Whether the stream ends with `data: [DONE]`. */
  done: boolean;
  /** Words in the messages, which count as tokens. */
  promptTokens: number;
}

type JsonObject = Record<string, unknown>;

const MAX_ANSWER_MS = 24 * 3_600_000;
const MAX_TOKENS = 1_000_000;
const MAX_MODEL_CHARS = 256;
const DEFAULT_TOKENS = 16;
const DEFAULT_TTFT_MS = 20;
const DEFAULT_ITL_MS = 10;

const CHAT_PARAMETERS: Record<string, ParameterKind> = {
  tokens: { min: 0, max: MAX_TOKENS },
  ttft: 'duration',
  itl: 'duration',
  chunk: { min: 1, max: 10_000 },
  usage: 'boolean',
  done: 'boolean',
};

/**
 * Query and body of `POST /v1/chat/completions`. Members of the body that are not listed in targets/README.md are
 * passed over, as sampling options have no meaning here; null counts as absent, as it does in the API.
 */
export function parseChatRequest(query: string, body: string): ChatRequest | BadQuery {
  const values = readParameters(query, CHAT_PARAMETERS);
  if ('problem' in values) return values;
  const json = parseObject(body);
  if (json === undefined) return { problem: 'the request body is no JSON object' };

  const model = json.model ?? 'fake';
  if (typeof model !== 'string' || model.length > MAX_MODEL_CHARS) {
    return { problem: `model: want a string of at most ${MAX_MODEL_CHARS} characters` };
  }
  const stream = json.stream ?? false;
  if (typeof stream !== 'boolean') return { problem: 'stream: want true or false' };
  const options = json.stream_options ?? {};
  if (!isObject(options)) return { problem: 'stream_options: want an object' };
  const includeUsage = options.include_usage ?? false;
  if (typeof includeUsage !== 'boolean')
    return { problem: 'stream_options.include_usage: want true or false' };
  for (const name of ['max_completion_tokens', 'max_tokens']) {
    const value = json[name] ?? 1;
    if (!Number.isInteger(value) || (value as number) < 1 || (value as number) > MAX_TOKENS) {
      return { problem: `${name}: want a whole number from 1 to ${MAX_TOKENS}` };
    }
  }
  const messages = json.messages ?? [];
  if (!Array.isArray(messages)) return { problem: 'messages: want an array' };

  const limit = (json.max_completion_tokens ?? json.max_tokens ?? DEFAULT_TOKENS) as number;
  const tokens = Number(values.get('tokens') ?? limit);
  const ttftMs = Number(values.get('ttft') ?? DEFAULT_TTFT_MS);
  const itlMs = Number(values.get('itl') ?? DEFAULT_ITL_MS);
  if (ttftMs + tokens * itlMs > MAX_ANSWER_MS) return { problem: 'the answer would take more than 24h' };
  return {
    model,
    stream,
    tokens,
    ttftMs,
    itlMs,
    tokensPerChunk: Number(values.get('chunk') ?? 1),
    usage: Boolean(values.get('usage') ?? (stream ? includeUsage : true)),
    done: values.get('done') !== false,
    promptTokens: messages.reduce((sum: number, message) => sum + countWords(message), 0),
  };
}

function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Words of a message whose content is a string or an array of parts. */
function countWords(message: unknown): number {
  if (!isObject(message)) return 0;
  const parts = Array.isArray(message.content) ? message.content : [{ text: message.content }];
  return parts
    .map((part: unknown) => (isObject(part) && typeof part.text === 'string' ? part.text : ''))
    .reduce((sum, text) => sum + (text.match(/\S+/g)?.length ?? 0), 0);
}
