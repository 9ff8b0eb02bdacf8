import { family, labelled } from '../shared/counters.ts';
import { SEQUENCE_KINDS, type SequenceKind } from './sequence-ledger.ts';

export const COMMENT_KINDS = ['heartbeat', 'long', 'control'] as const;
export type CommentKind = (typeof COMMENT_KINDS)[number];

export const RETRY_KINDS = ['up-to-10', 'over-10', 'negative', 'text'] as const;
export type RetryKind = (typeof RETRY_KINDS)[number];

/** What the streams of this target had about them that a client ought to notice; counted when the kernel has taken it. */
export interface Oddities {
  sequence: Record<SequenceKind, number>;
  comments: Record<CommentKind, number>;
  retries: Record<RetryKind, number>;
}

export function createOddities(): Oddities {
  return {
    sequence: zeros(SEQUENCE_KINDS),
    comments: zeros(COMMENT_KINDS),
    retries: zeros(RETRY_KINDS),
  };
}

/** In the Prometheus text format, to follow the counters that all targets have. */
export function formatOddities({ sequence, comments, retries }: Oddities): string {
  const byKind = (values: Record<string, number>) => labelled('kind', Object.entries(values));
  return [
    family('sequence_total', 'counter', 'Ids out of order, by what a client has to find.', byKind(sequence)),
    family('comment_kinds_total', 'counter', 'Comments of /comments by their kind.', byKind(comments)),
    family('retries_total', 'counter', 'Fields named retry by their value.', byKind(retries)),
  ].join('');
}

export function retryKind(value: string): RetryKind {
  if (/^\d+$/.test(value)) return Number(value) <= 10 ? 'up-to-10' : 'over-10';
  return /^-\d+$/.test(value) ? 'negative' : 'text';
}

function zeros<Kind extends string>(kinds: readonly Kind[]): Record<Kind, number> {
  return Object.fromEntries(kinds.map((kind) => [kind, 0])) as Record<Kind, number>;
}
