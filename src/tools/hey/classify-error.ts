/** What hey's error text, one of Go's, says about a request that got no response head. */
export type HeyError =
  | 'refused'
  | 'connect-timeout'
  | 'no-headers'
  | 'reset'
  | 'closed'
  | 'malformed'
  | 'other';

/**
 * Texts carry URLs and ephemeral ports, so only their ends and fixed phrases count. Dial errors come first: a dial
 * that timed out also says that it was "awaiting headers".
 */
export function classifyHeyError(text: string): HeyError {
  if (/: connect: connection refused$/.test(text)) return 'refused';
  if (/\bdial tcp\b.*: (i\/o timeout|connect: connection timed out|operation was canceled)/.test(text)) {
    return 'connect-timeout';
  }
  if (/\bdial tcp\b/.test(text)) return 'other';
  if (/awaiting headers\)?$/.test(text)) return 'no-headers';
  if (/: (connection reset by peer|broken pipe)$/.test(text)) return 'reset';
  if (/: (EOF|unexpected EOF|http: server closed idle connection)$/.test(text)) return 'closed';
  if (/malformed (HTTP|MIME)/.test(text)) return 'malformed';
  return 'other';
}
