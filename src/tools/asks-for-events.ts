import type { RequestSpec } from '../model/plan.ts';

/** Whether the scenario itself names `text/event-stream` in Accept: only then is another type of answer an error. */
export function asksForEvents(request: RequestSpec): boolean {
  return Object.entries(request.headers).some(
    ([name, value]) => name.toLowerCase() === 'accept' && /text\/event-stream/i.test(value),
  );
}
