import type { LlmMeter } from '../sse/llm-meter.ts';
import { DataReader } from './data-reader.ts';
import { EventMeter } from './event-meter.ts';
import { LastEventId } from './last-event-id.ts';
import type { LoadContext } from './load-context.ts';
import { EventCopier } from './tap/event-copier.ts';

/** The meter of one connection with the parts that the options ask for; `number` is that among those of all threads. */
export function createEventMeter(
  { options, tally, tap }: LoadContext,
  number: number,
  llm: LlmMeter | null,
): EventMeter {
  const { reorderWindow, retryLimit, idFrom, timeFrom } = options;
  return new EventMeter(tally, {
    // Where ids stand in the data, the highest of them is what the server is asked to go on after.
    ...(options.reconnect === 'resume' && idFrom === undefined ? { lastEventId: new LastEventId() } : {}),
    ...(reorderWindow === undefined ? {} : { reorderWindow }),
    ...(retryLimit === undefined ? {} : { retryLimit }),
    ...(idFrom === undefined && timeFrom === undefined ? {} : { dataReader: new DataReader(options) }),
    ...(tap === undefined ? {} : { copier: new EventCopier(tap, number) }),
    ...(llm === null ? {} : { llm }),
  });
}
