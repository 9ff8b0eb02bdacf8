import { afterEach, describe, expect, it } from 'vitest';
import type { LoadOptions } from '../../src/tester/load-options.ts';
import { runLoad } from '../../src/tester/run-load.ts';
import { CHUNKED_HEAD, chunk, loadOn, type RawServer, startRawServer } from './raw-server.ts';

let server: RawServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** `Last-Event-ID` of each request, when a connection has been sent each of these texts and is then cut. */
async function askedFor(
  texts: string[],
  options: Partial<LoadOptions> = {},
): Promise<(string | undefined)[]> {
  const end = new AbortController();
  const own = await startRawServer((socket, requestNumber) => {
    const text = texts[requestNumber - 1];
    if (text === undefined) end.abort();
    else socket.end(Buffer.from(`${CHUNKED_HEAD}${chunk(text)}`));
  });
  server = own;
  await runLoad(
    loadOn(own.port, {
      connections: 1,
      durationMs: 60_000,
      stream: 'endless',
      reconnect: 'resume',
      retryDefaultMs: 1,
      ...options,
    }),
    { signal: end.signal },
  );
  return own.requests.map((head) => /^Last-Event-ID: (.*)$/m.exec(head)?.[1]?.trimEnd());
}

describe('a client that connects again', () => {
  it.each<[string, string[], (string | undefined)[]]>([
    ['the last id, which is not the highest', ['id: 5\ndata: x\n\nid: 4\ndata: x\n\n'], ['4']],
    ['an id that is no number', ['id: 1526919030474-55\ndata: x\n\n'], ['1526919030474-55']],
    ['an id of any characters', ['id: é漢 \ndata: x\n\n'], [Buffer.from('é漢').toString('latin1')]],
    ['the id of an event that was whole', ['id: a\ndata: x\n\nid: b\ndata: x\n'], ['a']],
    ['an id without an event', ['data: x\n\nid: a\n\n'], ['a']],
    ['nothing for an id that was emptied', ['id: a\ndata: x\n\nid\ndata: x\n\n'], [undefined]],
    ['nothing where there was no id', ['data: x\n\n'], [undefined]],
    ['nothing for an id that no server takes', [`id: ${'x'.repeat(2000)}\ndata: x\n\n`], [undefined]],
    ['the same id again where none has come since', ['id: a\ndata: x\n\n', 'data: y\n\n'], ['a', 'a']],
    ['the latest id each time', ['id: a\ndata: x\n\n', 'id: bb\ndata: y\n\nid: c\ndata: y\n\n'], ['a', 'c']],
  ])('sends %s', async (_, texts, ids) => {
    expect(await askedFor(texts)).toEqual([undefined, ...ids]);
  });

  it('sends the number that stands in the data, where ids are to be had from there', async () => {
    const texts = ['id: a\ndata: {"n":7}\n\n', 'data: {"n":8}\n\n'];
    expect(await askedFor(texts, { idFrom: '/n' })).toEqual([undefined, '7', '8']);
  });
});
