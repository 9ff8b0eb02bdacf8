import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Place, TrialContext } from './trial-context.ts';

const SCRAPE_TIMEOUT_MS = 3000;

/** The target's own counters into `dir`, or into FILE.error why there are none. */
export async function scrapeMetrics(
  context: TrialContext,
  place: Place,
  dir: string,
  file: string,
): Promise<void> {
  const path = context.arm.target.metrics;
  if (path === undefined) return;
  try {
    const { status, text } = await place.space.get(`${place.target.url}${path}`, SCRAPE_TIMEOUT_MS);
    if (status === 200) writeFileSync(join(dir, file), text);
    else writeFileSync(join(dir, `${file}.error`), `HTTP status ${status}\n`);
  } catch (error) {
    // A target that cannot answer /metrics under load is a fact about it, not a failure of the trial.
    writeFileSync(join(dir, `${file}.error`), `${(error as Error).message}\n`);
  }
}

/** A new process counts from 0: what the old one counted is gone with it. */
export function noteLostCounters({ arm }: TrialContext, { dir }: Place): void {
  if (arm.target.metrics === undefined) return;
  writeFileSync(join(dir, 'metrics-after.txt.error'), 'the target was restarted, and its counters with it\n');
}
