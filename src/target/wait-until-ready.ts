import type { NetworkSpace } from '../process/network-space.ts';

/** Short at first, because a target is usually there after some ten milliseconds. */
const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 200;
const ONE_ATTEMPT_MS = 2000;

/**
 * Ask again and again until the path answers with 2xx or, without a path, the port accepts.
 * @returns false when `giveUp` was aborted before
 */
export async function waitUntilReady(
  space: NetworkSpace,
  port: number,
  path: string | undefined,
  giveUp: AbortSignal,
): Promise<boolean> {
  let pauseMs = FIRST_PAUSE_MS;
  const given = new Promise<false>((resolve) => {
    giveUp.addEventListener('abort', () => resolve(false), { once: true });
  });
  while (!giveUp.aborted) {
    const attempt =
      path === undefined
        ? space.accepts(port, ONE_ATTEMPT_MS)
        : answersOk(space, `http://127.0.0.1:${port}${path}`);
    if (await Promise.race([attempt, given])) return true;
    await Promise.race([new Promise((resolve) => setTimeout(resolve, pauseMs)), given]);
    pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
  }
  return false;
}

async function answersOk(space: NetworkSpace, url: string): Promise<boolean> {
  try {
    const { status } = await space.get(url, ONE_ATTEMPT_MS);
    return status >= 200 && status < 300;
  } catch {
    // Not listening yet, or not answering yet: what is being waited for.
    return false;
  }
}
