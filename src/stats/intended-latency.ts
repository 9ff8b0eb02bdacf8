/** An open loop against a server that is frozen (SIGSTOP, a long pause of its collector) once. All in ms. */
export interface FrozenServer {
  /** Intended sends are spread evenly over 0..windowMs. */
  windowMs: number;
  /** What an answer takes while the server runs. */
  serviceMs: number;
  /** The server does nothing from here ... */
  freezeFromMs: number;
  /** ... to here. May lie beyond the window: every response is waited for. */
  freezeToMs: number;
}

/**
 * The response time, from the intended send, below which the share `q` of all requests lies.
 *
 * The model: requests are sent when they are due and never wait for each other (unlimited concurrency, no queue but
 * the freeze). One sent at x takes `serviceMs`; one sent in the freeze [a, b) is taken up at b and takes
 * b - x + `serviceMs`; one in flight at a loses b - a. The response time is then
 * - `serviceMs` outside,
 * - spread evenly from `serviceMs` to `serviceMs` + b - a for those sent in the freeze,
 * - `serviceMs` + b - a for those in flight,
 * and a quantile is read off the lengths of these three stretches within the window.
 *
 * The rate does not matter: a run of n requests is within one interval between sends of this. What it leaves out is
 * the rush at b, when all that waited are served at once; add the time a server needs for that, rate x (b - a)
 * requests of it. Percentiles of a closed loop are no such thing: there one request per connection waits, and the
 * others are never sent.
 *
 * @param q 0..1
 * @throws RangeError when a value is out of range
 */
export function frozenServerQuantile(q: number, spec: FrozenServer): number {
  const { windowMs, serviceMs, freezeFromMs, freezeToMs } = spec;
  const fits = windowMs > 0 && serviceMs >= 0 && freezeFromMs >= 0 && freezeToMs >= freezeFromMs;
  if (!(q >= 0 && q <= 1) || !fits || !Number.isFinite(windowMs + serviceMs + freezeToMs)) {
    throw new RangeError(`no quantile ${q} of ${JSON.stringify(spec)}`);
  }
  const inWindow = (ms: number): number => Math.min(Math.max(ms, 0), windowMs);
  const inFlightMs = inWindow(freezeFromMs) - inWindow(freezeFromMs - serviceMs);
  const frozenMs = inWindow(freezeToMs) - inWindow(freezeFromMs);
  if (freezeToMs === freezeFromMs) return serviceMs;

  const untouchedMs = windowMs - inFlightMs - frozenMs;
  const beyondMs = q * windowMs - untouchedMs;
  if (beyondMs <= 0 && untouchedMs > 0) return serviceMs;
  // The last to be sent waits shortest: not at all, unless the window ends first.
  const shortestMs = freezeToMs - inWindow(freezeToMs);
  if (beyondMs < frozenMs) return serviceMs + shortestMs + Math.max(0, beyondMs);
  return serviceMs + freezeToMs - freezeFromMs;
}
