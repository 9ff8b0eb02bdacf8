import { UserError } from '../model/errors.ts';
import type { TargetSpec } from '../model/plan.ts';
import { formatDuration } from '../model/units.ts';
import type { NetworkSpace } from '../process/network-space.ts';
import type { Target } from './target-launcher.ts';
import { waitUntilReady } from './wait-until-ready.ts';

/**
 * A server that runs already and that the harness neither starts nor stops.
 * @throws UserError when it cannot be reached; a server on another machine is checked by its readiness path alone
 */
export async function findTargetAtUrl(spec: TargetSpec, url: string, space: NetworkSpace): Promise<Target> {
  const parsed = new URL(url);
  const port = Number(parsed.port || (parsed.protocol === 'https:' ? 443 : 80));
  if (parsed.hostname === 'localhost') parsed.hostname = '127.0.0.1';
  const base = `${parsed.origin}${parsed.pathname.replace(/\/$/, '')}`;
  if (space.isolated) {
    throw new UserError(
      `${url} cannot be reached from a network namespace of its own; use the shared one`,
      1,
    );
  }
  if (parsed.hostname === '127.0.0.1') {
    const giveUp = AbortSignal.timeout(spec.ready.withinMs);
    if (!(await waitUntilReady(space, port, spec.ready.path, giveUp))) {
      const missed =
        spec.ready.path === undefined ? 'nothing accepts connections' : `no 2xx from ${spec.ready.path}`;
      throw new UserError(
        `${missed} at ${url} within ${formatDuration(spec.ready.withinMs)}; start the server or correct target.url`,
        1,
      );
    }
  }
  return {
    url: base,
    port,
    record: { name: url, isolated: false },
    died: new Promise(() => undefined),
    async stop() {
      // Not ours to stop.
    },
  };
}
