import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type StartedTarget, startTarget, waitFor } from './start-target.ts';
import { WireClient, type WireResponse } from './wire-client.ts';

const ROUTE = '/v1/chat/completions';
const FAST = 'ttft=0&itl=0';

interface Chunk {
  id: string;
  object: string;
  created: number;
  model: string;
  choices: { index: number; delta: { role?: string; content?: string }; finish_reason: string | null }[];
  usage?: { prompt_tokens: number; completion_tokens: number; total_tokens: number } | null;
}

/** The data of each event of a body that must consist of nothing but `data: ...` and a blank line. */
function readData(body: string): string[] {
  expect(body).toMatch(/^(data: [^\n]+\n\n)+$/);
  return body
    .split('\n\n')
    .slice(0, -1)
    .map((event) => event.slice('data: '.length));
}

function readChunks(body: string): Chunk[] {
  return readData(body)
    .filter((data) => data !== '[DONE]')
    .map((data) => JSON.parse(data) as Chunk);
}

const contentOf = (chunks: Chunk[]): string =>
  chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('');

describe('the chat completions of node-http', () => {
  let target: StartedTarget;
  const clients: WireClient[] = [];
  const post = (query: string, body: unknown): WireClient => {
    const client = new WireClient(target.port);
    clients.push(client);
    return client.request(query === '' ? ROUTE : `${ROUTE}?${query}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  };
  const ask = (query: string, body: unknown): Promise<WireResponse> => post(query, body).completed();
  beforeAll(async () => {
    target = await startTarget('node-http');
  }, 120_000);
  afterAll(() => target.stop());
  afterEach(() => {
    for (const client of clients.splice(0)) client.leave();
  });

  it('stream the role, a chunk per token, the finish reason and [DONE], each in an HTTP chunk of its own', async () => {
    const {
      status,
      headers,
      chunks: writes,
      body,
    } = await ask(FAST, {
      model: 'm-1',
      messages: [{ role: 'user', content: 'hi' }],
      stream: true,
      max_tokens: 3,
    });
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/event-stream');
    expect(headers.get('transfer-encoding')).toBe('chunked');
    expect(writes).toHaveLength(1 + 3 + 1 + 1);
    expect(readData(body).at(-1)).toBe('[DONE]');
    const chunks = readChunks(body);
    expect(chunks.map(({ choices }) => [choices[0]!.delta, choices[0]!.finish_reason])).toEqual([
      [{ role: 'assistant', content: '' }, null],
      [{ content: 't1' }, null],
      [{ content: ' t2' }, null],
      [{ content: ' t3' }, null],
      [{}, 'stop'],
    ]);
    expect(new Set(chunks.map(({ id, created }) => `${id} ${created}`)).size).toBe(1);
    for (const chunk of chunks) {
      expect([chunk.object, chunk.model]).toEqual(['chat.completion.chunk', 'm-1']);
      expect(chunk).not.toHaveProperty('usage');
    }
  });

  it('tell usage in a chunk without choices before [DONE], and as null in those before', async () => {
    const { body } = await ask(`${FAST}&tokens=5`, {
      messages: [
        { role: 'system', content: 'two words' },
        { role: 'user', content: [{ type: 'text', text: 'and three more' }, { type: 'image_url' }] },
      ],
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks = readChunks(body);
    expect(chunks.at(-1)).toMatchObject({
      choices: [],
      usage: { prompt_tokens: 5, completion_tokens: 5, total_tokens: 10 },
    });
    expect(chunks.slice(0, -1).map(({ usage }) => usage)).toEqual(new Array(7).fill(null));
    expect(readData(body).at(-1)).toBe('[DONE]');
  });

  it.each([
    ['usage=true', {}, true],
    ['usage=false', { stream_options: { include_usage: true } }, false],
    ['', {}, false],
  ])('let the parameter %j decide about usage before the body %j does', async (query, body, isTold) => {
    const { body: answer } = await ask(`${FAST}&${query}`.replace(/&$/, ''), { stream: true, ...body });
    expect(readChunks(answer).some(({ usage }) => usage)).toBe(isTold);
  });

  it('leave [DONE] out with done=false', async () => {
    const { body, isWhole } = await ask(`${FAST}&done=false`, { stream: true });
    expect(body).not.toContain('[DONE]');
    expect(isWhole).toBe(true);
  });

  it.each([
    ['tokens=10&chunk=4', 10, 3],
    ['tokens=8&chunk=4', 8, 2],
    ['tokens=1&chunk=100', 1, 1],
    ['tokens=0', 0, 0],
    ['', 16, 16],
  ])('send %j as %i tokens in %i chunks', async (query, tokens, contentChunks) => {
    const { body } = await ask(`${FAST}&usage=true&${query}`.replace(/&$/, ''), { stream: true });
    const chunks = readChunks(body);
    expect(chunks.filter(({ choices }) => choices[0]?.delta.content)).toHaveLength(contentChunks);
    expect(contentOf(chunks)).toBe(Array.from({ length: tokens }, (_, i) => `t${i + 1}`).join(' '));
    expect(chunks.at(-1)!.usage!.completion_tokens).toBe(tokens);
  });

  it.each([
    [{ max_tokens: 7 }, 7],
    [{ max_tokens: 7, max_completion_tokens: 9 }, 9],
    [{ max_tokens: null }, 16],
  ])('take the number of tokens from the body %j', async (body, tokens) => {
    const { body: answer } = await ask(`${FAST}&usage=true`, { stream: true, ...body });
    expect(readChunks(answer).at(-1)!.usage!.completion_tokens).toBe(tokens);
  });

  it.each([{}, { stream: false }, { stream: null }])('answer %j with one document', async (body) => {
    const { status, headers, body: answer } = await ask('tokens=4&ttft=0&itl=1ms', body);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('application/json');
    expect(headers.get('content-length')).toBe(String(answer.length));
    expect(JSON.parse(answer)).toMatchObject({
      object: 'chat.completion',
      model: 'fake',
      choices: [{ index: 0, message: { role: 'assistant', content: 't1 t2 t3 t4' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 0, completion_tokens: 4, total_tokens: 4 },
    });
  });

  it('escape a model name that is not ASCII, so that lengths in characters are lengths in bytes', async () => {
    const model = 'm "ü" 😀\n';
    const { body } = await ask(FAST, { stream: true, model });
    expect(Buffer.byteLength(body)).toBe(body.length);
    expect(readChunks(body)[0]!.model).toBe(model);
  });

  it('keep the connection for the next request', async () => {
    const client = post(FAST, { stream: true });
    await client.completed();
    client.reads.length = 0;
    client.request('/hello');
    expect((await client.completed()).body).toBe('hello\n');
  });

  it.each([
    ['tokens=-1', '{}', 'tokens'],
    ['tokens=1000001', '{}', 'tokens'],
    ['ttft=5', '{}', 'ttft'],
    ['itl=25h', '{}', 'itl'],
    ['chunk=0', '{}', 'chunk'],
    ['usage=yes', '{}', 'usage'],
    ['done=1', '{}', 'done'],
    ['token=5', '{}', 'token'],
    ['tokens=1000&itl=1h', '{}', '24h'],
    ['', '', 'JSON object'],
    ['', '{"stream":true', 'JSON object'],
    ['', '[1]', 'JSON object'],
    ['', 'null', 'JSON object'],
    ['', '{"stream":"true"}', 'stream'],
    ['', '{"stream_options":true}', 'stream_options'],
    ['', '{"stream_options":{"include_usage":1}}', 'include_usage'],
    ['', '{"max_tokens":0}', 'max_tokens'],
    ['', '{"max_tokens":1.5}', 'max_tokens'],
    ['', '{"max_completion_tokens":"5"}', 'max_completion_tokens'],
    ['', '{"messages":{}}', 'messages'],
    ['', '{"model":5}', 'model'],
    ['', `{"model":"${'m'.repeat(257)}"}`, 'model'],
  ])('refuse ?%s with the body %s by one line that names %s', async (query, body, word) => {
    const { status, body: answer } = await ask(query, body);
    expect(status).toBe(400);
    expect(answer).toMatch(/^[^\n]+\n$/);
    expect(answer).toContain(word);
  });

  it('refuse other methods and large bodies', async () => {
    const get = new WireClient(target.port).request(ROUTE);
    clients.push(get);
    const { status, headers } = await get.completed();
    expect([status, headers.get('allow')]).toEqual([405, 'POST']);
    expect((await ask('', `{"a":"${'x'.repeat(1024 * 1024)}"}`)).status).toBe(413);
  });

  it('count in the metrics like other streams: events, bytes, ends', async () => {
    const fresh = await startTarget('node-http');
    const send = (query: string, body: string): WireClient => {
      const client = new WireClient(fresh.port).request(`${ROUTE}?${query}`, { method: 'POST', body });
      clients.push(client);
      return client;
    };
    try {
      const { body } = await send(`${FAST}&tokens=6&chunk=2&usage=true`, '{"stream":true}').completed();
      const refused = await send('tokens=x', '{}').completed();
      const whole = await send(FAST, '{}').completed();
      const cut = send('tokens=5&ttft=1h', '{"stream":true}');
      await cut.receives(({ chunks }) => chunks.length === 1);
      cut.leave();
      const metrics = await waitFor(
        () => fresh.metrics(),
        (samples) => samples.get('streams_total{end="client-closed"}') === 1,
      );
      expect([refused.status, whole.status]).toEqual([400, 200]);
      expect(metrics.get(`requests_total{route="${ROUTE}"}`)).toBe(4);
      expect(metrics.get('streams_total{end="completed"}')).toBe(1);
      expect(metrics.get('streams_open')).toBe(0);
      // Role, three chunks, finish reason, usage, [DONE]; and the role of the one that was cut.
      expect(metrics.get('events_total')).toBe(7 + 1);
      expect(metrics.get('body_bytes_total')).toBe(body.length + cut.response.body.length);
    } finally {
      await fresh.stop();
    }
  }, 120_000);
});
