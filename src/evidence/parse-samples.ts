/** A look at the processes as samples.json holds it; only what is read again. CPU times grow from look to look. */
export interface CpuSample {
  atMs: number;
  tool?: { cpuMs: number };
  target?: { cpuMs: number };
}

/** The samples of a trial's samples.json in their order; none where the text is no such file. */
export function parseSamples(text: string): CpuSample[] {
  try {
    const { samples } = JSON.parse(text) as { samples?: unknown };
    if (!Array.isArray(samples)) return [];
    return (samples as CpuSample[]).filter((sample) => Number.isFinite(sample?.atMs));
  } catch {
    return [];
  }
}
