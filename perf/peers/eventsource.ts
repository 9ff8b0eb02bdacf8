import { EventSource } from 'eventsource';
import { runStreams } from './run-streams.ts';

// The npm package `eventsource` as its users use it: one listener for messages.
await runStreams((url, onEvent, onFailure) => {
  const source = new EventSource(url);
  source.addEventListener('message', onEvent);
  source.addEventListener('error', onFailure);
  return source;
});
