import { UserError } from '../model/errors.ts';
import type { TargetSpec } from '../model/plan.ts';
import { formatDuration } from '../model/units.ts';
import type { LaunchRequest, Target } from './target-launcher.ts';
import { waitUntilReady } from './wait-until-ready.ts';

/**
 * A server that runs already and that the harness neither starts nor stops. It is asked for its readiness path, below
 * the url, or for a connection, at the very host that the url names.
 * @throws UserError when it cannot be reached; the abort's reason when aborted
 */
export async function findTargetAtUrl(
  spec: TargetSpec,
  url: string,
  { space, signal }: Pick<LaunchRequest, 'space' | 'signal'>,
): Promise<Target> {
  if (space.isolated) {
    throw new UserError(
      `${url} cannot be reached from a network namespace of its own; use the shared one`,
      1,
    );
  }
  const { path, withinMs } = spec.ready;
  const probes = basesOf(url).map((base) => ({ url: base, path }));
  const ready = await waitUntilReady(space, probes, withinMs, signal);
  signal.throwIfAborted();
  if (!ready) {
    const missed = path === undefined ? 'nothing accepts connections' : `no 2xx from ${path}`;
    throw new UserError(
      `${missed} at ${url} within ${formatDuration(withinMs)}; start the server or correct target.url`,
      1,
    );
  }
  return {
    url: ready.url,
    port: Number(new URL(ready.url).port || 80),
    record: { name: url, isolated: false },
    died: new Promise(() => undefined),
    async stop() {
      // Not ours to stop.
    },
  };
}

/**
 * The url without trailing slash. `localhost` may be served on either loopback address: every tool gets the one that
 * answers, since they differ in what they do with a name that has two.
 */
function basesOf(url: string): string[] {
  const { protocol, hostname, host, port, pathname } = new URL(url);
  const hosts =
    hostname === 'localhost'
      ? ['127.0.0.1', '[::1]'].map((name) => (port ? `${name}:${port}` : name))
      : [host];
  return hosts.map((name) => `${protocol}//${name}${pathname.replace(/\/$/, '')}`);
}
