import { join } from 'node:path';
import type { ActiveCapture } from '../../capture/packet-capture.ts';
import { UserError } from '../../model/errors.ts';
import type { CaptureRecord } from '../../model/wire.ts';
import { PROBE_ADDRESS } from '../../plant/timeline/packet-rules.ts';
import type { Place, TrialContext } from './trial-context.ts';

/** Capture into `file` of the trial's folder; a record in its place says why there is none. */
export async function startCapture(
  context: TrialContext,
  place: Place,
  file: string,
  immediate: boolean,
): Promise<ActiveCapture | CaptureRecord> {
  const mode = context.trial.capture;
  if (mode === 'off') return { state: 'off', reason: 'capture is off in the scenario' };
  try {
    return await context.adapters.capture.start({
      mode,
      port: place.front.port,
      ...(place.front.port === place.target.port ? {} : { upstreamPort: place.target.port }),
      ...(context.arm.faults?.captureBufferKib === undefined
        ? {}
        : { bufferKib: context.arm.faults.captureBufferKib }),
      ...(place.planted.timeline ? { exceptHost: PROBE_ADDRESS } : {}),
      file: join(place.dir, file),
      space: place.space,
      immediate,
    });
  } catch (error) {
    if (error instanceof UserError) return { state: 'failed', reason: error.message };
    throw error;
  }
}
