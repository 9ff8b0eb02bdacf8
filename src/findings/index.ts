import type { Rule } from '../model/finding.ts';
import { acceptQueueOverflow } from './accept-queue-overflow.ts';
import { captureIncomplete } from './capture-incomplete.ts';
import { clientConcurrencyShort } from './client-concurrency-short.ts';
import { clientCpuSaturated } from './client-cpu-saturated.ts';
import { clientThrottled } from './client-throttled.ts';
import { connectionChurn } from './connection-churn.ts';
import { endlessResponse } from './endless-response.ts';
import { eventsLost } from './events-lost.ts';
import { fdLimitServer } from './fd-limit-server.ts';
import { flushBound } from './flush-bound.ts';
import { gcPressure } from './gc-pressure.ts';
import { globalPause } from './global-pause.ts';
import { headerCost } from './header-cost.ts';
import { hostInterference } from './host-interference.ts';
import { hostSaturated } from './host-saturated.ts';
import { httpErrors } from './http-errors.ts';
import { idleTimeoutCut } from './idle-timeout-cut.ts';
import { leakedConnections } from './leaked-connections.ts';
import { lockContention } from './lock-contention.ts';
import { missingHeartbeat } from './missing-heartbeat.ts';
import { networkLatency } from './network-latency.ts';
import { neverAnswered } from './never-answered.ts';
import { packetLoss } from './packet-loss.ts';
import { portExhaustion } from './port-exhaustion.ts';
import { proxyBuffered } from './proxy-buffered.ts';
import { refused } from './refused.ts';
import { serializationCost } from './serialization-cost.ts';
import { serverClosesEarly } from './server-closes-early.ts';
import { serverCpuSaturated } from './server-cpu-saturated.ts';
import { serverCpuThrottled } from './server-cpu-throttled.ts';
import { serverCrashed } from './server-crashed.ts';
import { serverResets } from './server-resets.ts';
import { serverSingleThreaded } from './server-single-threaded.ts';
import { slowFirstEvent } from './slow-first-event.ts';
import { slowHandler } from './slow-handler.ts';
import { slowReader } from './slow-reader.ts';
import { stalledStream } from './stalled-stream.ts';
import { streamPaced } from './stream-paced.ts';
import { toolMisreports } from './tool-misreports.ts';
import { toolRateLimited } from './tool-rate-limited.ts';
import { unflushedResponse } from './unflushed-response.ts';

/** Every rule; a new one is one file and one line here. Equal class and weight keep this order. */
export const RULES: readonly Rule[] = [
  serverCrashed,
  fdLimitServer,
  portExhaustion,
  neverAnswered,
  endlessResponse,
  refused,
  httpErrors,
  idleTimeoutCut,
  serverResets,
  serverClosesEarly,
  eventsLost,
  stalledStream,
  missingHeartbeat,
  acceptQueueOverflow,
  clientConcurrencyShort,
  leakedConnections,
  globalPause,
  packetLoss,
  toolMisreports,
  captureIncomplete,
  toolRateLimited,
  serverCpuThrottled,
  clientThrottled,
  proxyBuffered,
  networkLatency,
  lockContention,
  slowFirstEvent,
  unflushedResponse,
  slowHandler,
  slowReader,
  connectionChurn,
  streamPaced,
  headerCost,
  serializationCost,
  gcPressure,
  flushBound,
  hostInterference,
  clientCpuSaturated,
  serverSingleThreaded,
  serverCpuSaturated,
  hostSaturated,
];
