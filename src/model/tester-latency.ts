/** One latency over a whole load, in integer microseconds. */
export interface TesterLatency {
  /** Exact number of samples. */
  count: number;
  /** Exact extremes and mean; the histogram alone would lose them. */
  min: number;
  max: number;
  mean: number;
  p50: number;
  p90: number;
  p99: number;
  p999: number;
  /** HdrHistogram V2 compressed, base64; 1 us to 1 h with 3 significant digits. */
  histogram: string;
}
