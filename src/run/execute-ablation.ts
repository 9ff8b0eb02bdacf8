import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { listRequestVariants, optionalHeaders } from '../http/request-variants.ts';
import type { AblationPlan } from '../model/ablation.ts';
import { UserError } from '../model/errors.ts';
import type { AblationRecord } from '../model/run-record.ts';
import type { ProcessExit } from '../model/tool.ts';

/** Beyond it a trial would take ten minutes, for headers that no load tool sends by itself. */
const MAX_HEADERS = 20;

export interface AblationJob {
  /** Absolute folder of the trial. */
  dir: string;
  /** As captured. */
  request: Buffer;
  plan: AblationPlan;
  signal: AbortSignal;
  /** Run the tester with these request bytes; its output goes into `dir`. */
  runSlice(dir: string, requestFile: string): Promise<ProcessExit>;
  /** Store the target's counters in `dir`. */
  scrape(dir: string, file: string): Promise<void>;
}

/**
 * Send every variant of the request to the one target, one slice each, round by round. The order rotates, so that no
 * variant profits from its place. Ends early when `signal` aborts.
 * @throws UserError for a request of too many headers
 */
export async function executeAblation(job: AblationJob): Promise<AblationRecord> {
  const { dir, request, plan, signal } = job;
  const headers = optionalHeaders(request).length;
  if (headers > MAX_HEADERS) {
    throw new UserError(
      `the request has ${headers} headers to leave out; an ablation takes up to ${MAX_HEADERS}`,
    );
  }
  const variants = listRequestVariants(request);
  const record: AblationRecord = {
    requests: variants.map(({ bytes, ways }, index) => ({
      file: `request-${index}.bin`,
      bytes: bytes.length,
      ways,
    })),
    slices: [],
  };
  for (const [index, { bytes }] of variants.entries()) {
    writeFileSync(join(dir, record.requests[index]!.file), bytes);
  }
  for (let round = 1; round <= plan.rounds; round++) {
    for (let place = 0; place < variants.length; place++) {
      if (signal.aborted) return record;
      const index = (place + round - 1) % variants.length;
      const slice = `r${round}-${index}`;
      const sliceDir = join(dir, slice);
      mkdirSync(sliceDir, { recursive: true });
      await job.scrape(sliceDir, 'metrics-before.txt');
      const exit = await job.runSlice(sliceDir, join(dir, record.requests[index]!.file));
      await job.scrape(sliceDir, 'metrics-after.txt');
      record.slices.push({ request: index, round, dir: slice, exit });
    }
  }
  return record;
}
