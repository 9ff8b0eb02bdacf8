import { type CpuSample, parseSamples } from '../../evidence/parse-samples.ts';
import type { TrialSeries } from '../../model/report-data.ts';

/** CPU time is kept in steps of 10 ms: more points than this show the steps and not the load. */
const MAX_POINTS = 120;

/** CPUs in use from the samples of a trial; null where the text holds none. */
export function buildCpuSeries(samplesJson: string): TrialSeries['cpu'] {
  const samples = parseSamples(samplesJson);
  if (samples.length < 2) return null;
  const merged = Math.max(1, Math.ceil((samples.length - 1) / MAX_POINTS));
  const cpu: NonNullable<TrialSeries['cpu']> = { atS: [], tool: [], target: [] };
  for (let from = 1; from < samples.length; from += merged) {
    const part = samples.slice(from, from + merged);
    const spanMs = part.at(-1)!.atMs - samples[from - 1]!.atMs;
    if (spanMs <= 0) continue;
    cpu.atS.push(part.at(-1)!.atMs / 1000);
    cpu.tool.push(cpusOf(part, 'tool', spanMs));
    cpu.target.push(cpusOf(part, 'target', spanMs));
  }
  return cpu.atS.length === 0 ? null : cpu;
}

function cpusOf(part: readonly CpuSample[], side: 'tool' | 'target', spanMs: number): number | null {
  const used = part.flatMap((sample) => sample[side]?.cpuMs ?? []);
  return used.length === 0 ? null : used.reduce((total, ms) => total + ms, 0) / spanMs;
}
