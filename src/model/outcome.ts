/** How one stream ended. One enum for all tools; each adapter says which members it can tell apart. */
export const OUTCOMES = [
  'completed',
  'held',
  'stalled',
  'no-headers',
  'closed-early',
  'reset',
  'refused',
  'http-error',
  'protocol-error',
  'client-aborted',
] as const;

export type Outcome = (typeof OUTCOMES)[number];

/** The rows of the conservation law: attempted = sum of outcomes + unaccounted. */
export const OUTCOME_ROWS = ['attempted', ...OUTCOMES, 'unaccounted'] as const;

export type OutcomeRow = (typeof OUTCOME_ROWS)[number];

/** One sentence per outcome, used by help texts and reports. */
export const OUTCOME_MEANING: Record<Outcome, string> = {
  completed: 'the response ended properly',
  held: 'open and alive at the deadline: success for an endless stream',
  stalled: 'no event for longer than the timeout while the connection stayed open',
  'no-headers': 'connected, but no response head within the timeout',
  'closed-early': 'the server closed before the response was complete',
  reset: 'the connection was reset after the request was sent',
  refused: 'the connection could not be established',
  'http-error': 'a status of 400 or above, or not an event stream where one was asked for',
  'protocol-error': 'bytes that are not HTTP/1.1, or a limit exceeded',
  'client-aborted': 'the load generator gave up a healthy unfinished stream at the end of the run',
};
