import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProfileItem, ProfileKind, ProfilePlan } from '../../model/profile.ts';
import type { Profiler, ProfileSession } from './profile-session.ts';

const FILES: Record<ProfileKind, string> = {
  cpu: 'cpu.pb.gz',
  block: 'block.pb.gz',
  mutex: 'mutex.pb.gz',
  goroutine: 'goroutine.pb.gz',
  trace: 'trace.out',
};

const PATHS: Record<ProfileKind, string> = {
  cpu: 'profile',
  block: 'block',
  mutex: 'mutex',
  goroutine: 'goroutine',
  trace: 'trace',
};

/** Beyond the window: symbols are looked up and compressed on a machine at its limit. */
const GRACE_MS = 10_000;

/**
 * Profiles of a Go server through net/http/pprof. CPU, block and mutex profiles cover the same window, of which the
 * latter two are deltas (`seconds=`, Go 1.16 and later); goroutines are a snapshot in its middle, and the trace comes
 * after it, because it would show in the CPU profile.
 * @param address path below the target's URL, or a URL of its own
 */
export function openPprofProfiler(address: string): Profiler {
  return {
    env: {},
    async collect(session) {
      const startedAt = performance.now();
      const { plan, signal } = session;
      const base = (address.startsWith('/') ? session.targetUrl + address : address).replace(/\/+$/, '');
      const take = (kind: ProfileKind): Promise<ProfileItem> => takeProfile(session, base, kind, startedAt);
      const windowed = plan.kinds.filter((kind) => kind !== 'goroutine' && kind !== 'trace');
      const items: ProfileItem[] = [];
      await pause(plan.settleMs, signal);
      const window = pause(plan.windowMs, signal);
      const [inWindow, snapshot] = await Promise.all([
        Promise.all(windowed.map(take)),
        plan.kinds.includes('goroutine')
          ? pause(plan.windowMs / 2, signal).then(() => take('goroutine'))
          : undefined,
        window,
      ]);
      items.push(...inWindow);
      if (snapshot) items.push(snapshot);
      if (plan.kinds.includes('trace')) items.push(await take('trace'));
      return {
        source: 'pprof',
        items: items.sort((a, b) => plan.kinds.indexOf(a.kind) - plan.kinds.indexOf(b.kind)),
      };
    },
    async close() {
      // Each download ends with its own deadline.
    },
  };
}

async function takeProfile(
  { plan, space, dir, signal }: ProfileSession,
  base: string,
  kind: ProfileKind,
  startedAt: number,
): Promise<ProfileItem> {
  if (signal.aborted) return { kind, state: 'failed', reason: 'interrupted before it was taken' };
  const windowMs = windowOf(kind, plan);
  const url = `${base}/${PATHS[kind]}${windowMs > 0 ? `?seconds=${windowMs / 1000}` : ''}`;
  const startedMs = Math.round(performance.now() - startedAt);
  try {
    const { status, words } = await untilAborted(
      space.download(url, join(dir, FILES[kind]), windowMs + GRACE_MS),
      signal,
    );
    if (status !== 200) {
      const said = words?.trim().split('\n')[0];
      return { kind, state: 'failed', reason: `${url} answered ${status}${said ? `: ${said}` : ''}` };
    }
    return { kind, state: 'done', files: [FILES[kind]], startedMs, windowMs };
  } catch (error) {
    return { kind, state: 'failed', reason: signal.aborted ? 'interrupted' : (error as Error).message };
  }
}

function windowOf(kind: ProfileKind, plan: ProfilePlan): number {
  if (kind === 'goroutine') return 0;
  return kind === 'trace' ? plan.traceMs : plan.windowMs;
}

/** Ends early on an abort, and does not reject then. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}

/** A download ends by itself some seconds later, which nobody who interrupts a run should wait for. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(new Error('interrupted'));
    signal.addEventListener('abort', stop);
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop!);
    work.catch(() => undefined);
  }
}
