import type { StreamEnd } from '../shared/counters.ts';
import { COUNT, type ParameterKind, SIZE } from '../shared/stream-query.ts';
import type { Exchange } from './exchange.ts';

/** Numbers by parameter name, durations in milliseconds; every such parameter of the route is there. */
export type Parameters = Record<string, number>;

/** Likewise the parameters that are text. */
export type Texts = Record<string, string>;

/** One way to serve an event stream. `serve` says how the server ended it; ClientGone passes through. */
export interface StreamRoute {
  parameters: Record<string, { kind: ParameterKind; fallback: number | string }>;
  serve(exchange: Exchange, parameters: Parameters, texts: Texts): Promise<StreamEnd>;
}

export const interval = (fallback: number): StreamRoute['parameters'] => ({
  interval: { kind: 'duration', fallback },
});
export const after = (fallback: number): StreamRoute['parameters'] => ({ after: { kind: COUNT, fallback } });
export const delay = (fallback: number): StreamRoute['parameters'] => ({
  delay: { kind: 'duration', fallback },
});
export const size = (fallback: number): StreamRoute['parameters'] => ({ size: { kind: SIZE, fallback } });
export const count = (fallback: number): StreamRoute['parameters'] => ({
  count: { kind: { ...COUNT, min: 1 }, fallback },
});

export const finite = { ...count(10), ...interval(10) };
export const faultAfter = { ...after(3), ...interval(10) };
