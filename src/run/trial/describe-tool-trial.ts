import { availableParallelism } from 'node:os';
import type { Arm, RequestSpec, Trial } from '../../model/plan.ts';
import type { ToolTrial } from '../../model/tool.ts';
import type { Place } from './trial-context.ts';
import { faultsOf } from './trial-faults.ts';

/** Resolution of the signals around a fault. */
const SIGNAL_EVERY_MS = 100;

/** The trial as the arm's tool is told of it. */
export function describeToolTrial(arm: Arm, trial: Trial, front: Place['front'], dir: string): ToolTrial {
  const request = fillPort(arm.request, front.port);
  return {
    url: `${front.url}${request.path}`,
    request,
    stream: arm.stream,
    connections: arm.connections,
    durationMs: trial.durationMs,
    timeoutMs: arm.timeoutMs,
    dir,
    cpus: arm.pin?.length ?? availableParallelism(),
    ...(arm.ratePerConnection === undefined ? {} : { ratePerConnection: arm.ratePerConnection }),
    ...(arm.readBytesPerSec === undefined ? {} : { readBytesPerSec: arm.readBytesPerSec }),
    ...(faultsOf(arm, trial).timeline ? { signalEveryMs: SIGNAL_EVERY_MS } : {}),
  };
}

/** The request with the target's port in place of `${port}`; a path cannot hold the placeholder. */
function fillPort(request: RequestSpec, port: number): RequestSpec {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the placeholder as scenarios write it
  const fill = (text: string): string => text.replaceAll('${port}', String(port));
  return {
    ...request,
    headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, fill(value)])),
    ...(request.body === undefined ? {} : { body: fill(request.body) }),
  };
}
