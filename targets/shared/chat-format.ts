import type { ChatRequest } from './chat-request.ts';

/** A piece of a streamed answer and when it is due, counted from the request. */
export interface ChatPiece {
  afterMs: number;
  /** One event, ASCII only. */
  text: string;
}

/**
 * The events of a streamed answer in the form of OpenAI's chat completion chunks: the role at once, then the tokens
 * as they would be generated, then what closes the answer together with the last tokens.
 */
export function* streamAnswer(request: ChatRequest, id: string, createdS: number): Generator<ChatPiece> {
  const { tokens, tokensPerChunk, ttftMs, itlMs } = request;
  const head = `{"id":"${id}","object":"chat.completion.chunk","created":${createdS},"model":${toAsciiJson(request.model)}`;
  // With usage asked for, the API announces it as null in every chunk before.
  const tail = request.usage ? ',"usage":null}' : '}';
  const chunk = (delta: string, finishReason: string): string =>
    toEvent(
      `${head},"choices":[{"index":0,"delta":${delta},"logprobs":null,"finish_reason":${finishReason}}]${tail}`,
    );

  yield { afterMs: 0, text: chunk('{"role":"assistant","content":""}', 'null') };
  let afterMs = ttftMs;
  for (let first = 0; first < tokens; first += tokensPerChunk) {
    afterMs = ttftMs + first * itlMs;
    const last = Math.min(first + tokensPerChunk, tokens);
    yield { afterMs, text: chunk(`{"content":"${formatTokens(first, last)}"}`, 'null') };
  }
  yield { afterMs, text: chunk('{}', '"stop"') };
  if (request.usage)
    yield { afterMs, text: toEvent(`${head},"choices":[],"usage":${formatUsage(request)}}`) };
  if (request.done) yield { afterMs, text: toEvent('[DONE]') };
}

/** The answer as one document, and when it is due. */
export function wholeAnswer(request: ChatRequest, id: string, createdS: number): ChatPiece {
  const { tokens, ttftMs, itlMs } = request;
  const usage = request.usage ? `,"usage":${formatUsage(request)}` : '';
  const message = `{"role":"assistant","content":"${formatTokens(0, tokens)}"}`;
  return {
    afterMs: ttftMs + Math.max(0, tokens - 1) * itlMs,
    text:
      `{"id":"${id}","object":"chat.completion","created":${createdS},"model":${toAsciiJson(request.model)},` +
      `"choices":[{"index":0,"message":${message},"logprobs":null,"finish_reason":"stop"}]${usage}}\n`,
  };
}

function toEvent(data: string): string {
  return `data: ${data}\n\n`;
}

/** Tokens are words: `t1 t2 t3`, each but the first with the space before it. */
function formatTokens(first: number, last: number): string {
  let text = '';
  for (let i = first; i < last; i++) text += i === 0 ? 't1' : ` t${i + 1}`;
  return text;
}

function formatUsage({ promptTokens, tokens }: ChatRequest): string {
  return `{"prompt_tokens":${promptTokens},"completion_tokens":${tokens},"total_tokens":${promptTokens + tokens}}`;
}

function toAsciiJson(text: string): string {
  return JSON.stringify(text).replace(
    /[^\0-\x7f]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
