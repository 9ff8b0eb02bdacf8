import type { NetworkSpace } from '../process/network-space.ts';

/** Short at first, because a target is usually there after some ten milliseconds. */
const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 200;
const ONE_ATTEMPT_MS = 2000;

/** Where a target is asked whether it is ready. */
export interface ReadinessProbe {
  /** Base URL without trailing slash: a path is asked for below it. */
  url: string;
  /** Answers with 2xx when the target is ready; without a path, accepting is enough. */
  path: string | undefined;
}

/**
 * Ask again and again until one of the probes says that the target is ready.
 * @param withinMs how long to ask. It is a timer of its own: Node may collect an `AbortSignal.timeout` that only
 *   `AbortSignal.any` refers to, and a wait for it never ends.
 * @returns the first that did; undefined when the time was over or `giveUp` was aborted before
 */
export async function waitUntilReady<T extends ReadinessProbe>(
  space: NetworkSpace,
  probes: readonly T[],
  withinMs: number,
  giveUp: AbortSignal,
): Promise<T | undefined> {
  let pauseMs = FIRST_PAUSE_MS;
  let isOver = giveUp.aborted;
  let end = (): void => undefined;
  const over = new Promise<undefined>((resolve) => {
    end = () => {
      isOver = true;
      resolve(undefined);
    };
  });
  const timer = setTimeout(end, withinMs);
  giveUp.addEventListener('abort', end, { once: true });
  try {
    while (!isOver) {
      for (const probe of probes) {
        if (await Promise.race([isReady(space, probe), over])) return probe;
      }
      await Promise.race([new Promise((resolve) => setTimeout(resolve, pauseMs)), over]);
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
    }
    return undefined;
  } finally {
    clearTimeout(timer);
    giveUp.removeEventListener('abort', end);
  }
}

async function isReady(space: NetworkSpace, { url, path }: ReadinessProbe): Promise<boolean> {
  if (path === undefined) {
    const { hostname, port } = new URL(url);
    return space.accepts(Number(port || 80), ONE_ATTEMPT_MS, hostname.replace(/^\[|\]$/g, ''));
  }
  try {
    const { status } = await space.get(`${url}${path}`, ONE_ATTEMPT_MS);
    return status >= 200 && status < 300;
  } catch {
    // Not listening yet, or not answering yet: what is being waited for.
    return false;
  }
}
