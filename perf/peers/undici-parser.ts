import { createParser } from 'eventsource-parser';
import { fetch } from 'undici';
import { runStreams } from './run-streams.ts';

// The usual way to read a stream by hand: undici's fetch, a TextDecoder, eventsource-parser.
await runStreams((url, onEvent, onFailure) => {
  const controller = new AbortController();
  void readStream(url, controller.signal, onEvent).catch(onFailure);
  return { close: () => controller.abort() };
});

async function readStream(url: string, signal: AbortSignal, onEvent: () => void): Promise<void> {
  const response = await fetch(url, { headers: { Accept: 'text/event-stream' }, signal });
  if (response.status !== 200 || response.body === null) throw new Error(`status ${response.status}`);
  const parser = createParser({ onEvent });
  const decoder = new TextDecoder();
  for await (const chunk of response.body) parser.feed(decoder.decode(chunk as Uint8Array, { stream: true }));
}
