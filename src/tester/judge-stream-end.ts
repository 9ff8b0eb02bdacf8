import type { Outcome } from '../model/outcome.ts';
import type { Death } from './load-tally.ts';

const RESET_CODES: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE']);
/**
 * This machine has run out of something: the server was never asked. Without ports, connect says EADDRNOTAVAIL and
 * bind to a source address EADDRINUSE.
 */
const LOCAL_CODES: ReadonlySet<string> = new Set([
  'EMFILE',
  'ENFILE',
  'EADDRNOTAVAIL',
  'EADDRINUSE',
  'ENOBUFS',
  'ENOMEM',
]);

const DEATH_OF: Partial<Record<Outcome, Death>> = {
  'closed-early': 'fin',
  reset: 'rst',
  stalled: 'stall',
  'protocol-error': 'protocol',
};

/** Whether the code of a socket's error says that the peer cut the connection. */
export function isReset(code: string): boolean {
  return RESET_CODES.has(code);
}

/** What the error of a connection that is not established makes of its stream. */
export function judgeRefusal(code: string, isTls: boolean): Outcome {
  if (LOCAL_CODES.has(code)) return 'client-aborted';
  // A SYN that is answered by a reset is ECONNREFUSED: this connection stood, and was reset before anyone looked.
  return code === 'ECONNRESET' && !isTls ? 'reset' : 'refused';
}

/** What the error of an established connection makes of its stream; `isUnanswered` while no byte has come on it. */
export function judgeBreak(code: string, isUnanswered: boolean): Outcome {
  if (!code.startsWith('ERR_SSL_')) return 'reset';
  // In TLS 1.3 the client is done first: a server that wants a certificate says so to a connection that stands.
  return isUnanswered ? 'refused' : 'protocol-error';
}

/** How a stream of that outcome died, for those that had begun to answer. */
export function deathBy(outcome: Outcome): Death | 'censored' {
  return DEATH_OF[outcome] ?? 'censored';
}
