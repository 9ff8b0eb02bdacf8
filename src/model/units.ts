/** Units of published numbers. Latencies are integer microseconds everywhere; only formatting makes ms of them. */
export type Unit = '1/s' | 'ratio' | 'us' | 'bytes' | 's' | 'count' | 'base64' | 'boolean';

const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/;
const MS_PER: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** `30s`, `500ms`, `1.5s`, `2m`, `1h` to milliseconds; undefined when the text is not a duration. */
export function parseDurationMs(text: string): number | undefined {
  const match = DURATION.exec(text.trim());
  if (!match) return undefined;
  return Number(match[1]) * MS_PER[match[2]!]!;
}

/** Milliseconds as the shortest exact text that parses back: `500ms`, `30s`, `2m`. */
export function formatDuration(ms: number): string {
  if (ms >= 60_000 && ms % 60_000 === 0) return `${ms / 60_000}m`;
  if (ms >= 1000 && ms % 100 === 0) return `${ms / 1000}s`;
  return `${ms}ms`;
}
