import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { TargetSpec } from '../../src/model/plan.ts';
import type { NetworkSpace } from '../../src/process/network-space.ts';
import { findTargetAtUrl } from '../../src/target/find-target-at-url.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const spec = { ready: { path: undefined, withinMs: 60 } } as TargetSpec;

/** A space in which nothing accepts. @param onAttempt called at each attempt to connect */
const silentSpace = (onAttempt: () => void) =>
  ({
    isolated: false,
    accepts: async () => {
      onAttempt();
      return false;
    },
  }) as unknown as NetworkSpace;

describe('a target at a url', () => {
  it('is given up when its time is over, whatever garbage is collected meanwhile', async () => {
    const { signal } = new AbortController();
    const finding = findTargetAtUrl(spec, 'http://127.0.0.1:1', {
      space: silentSpace(collectGarbage),
      signal,
    });
    await expect(finding).rejects.toThrow(
      'nothing accepts connections at http://127.0.0.1:1 within 60ms; start the server or correct target.url',
    );
  });

  it('is asked for no longer once the run is aborted', async () => {
    const stop = new AbortController();
    const finding = findTargetAtUrl(
      { ...spec, ready: { path: undefined, withinMs: 60_000 } },
      'http://127.0.0.1:1',
      {
        space: silentSpace(() => stop.abort(new Error('stopped'))),
        signal: stop.signal,
      },
    );
    await expect(finding).rejects.toThrow('stopped');
  });
});
