/** `implied`: not there, and by default as it should be. */
export type HeadVerdict = 'ok' | 'missing' | 'wrong' | 'implied';

/** What one header of a response says about its fitness for an event stream. */
export interface HeadFinding {
  /** Its usual spelling. */
  header:
    | 'Content-Type'
    | 'Cache-Control'
    | 'Connection'
    | 'X-Accel-Buffering'
    | 'Content-Encoding'
    | 'Content-Length';
  verdict: HeadVerdict;
  /** As the server sent it; absent where it did not. */
  value?: string;
  /** Why, in a few words without final full stop. */
  note: string;
}
