import type { HistoryMetric } from '../../model/history.ts';

/** How the metrics of the history are called on its page, in its order. */
export const METRIC_TITLES: readonly { id: HistoryMetric; name: string; unit: string }[] = [
  { id: 'requests_per_sec', name: 'requests/s', unit: 'more is better' },
  { id: 'events_per_sec', name: 'events/s', unit: 'more is better' },
  { id: 'ttfb_us_p50', name: 'TTFB p50', unit: 'less is better' },
  { id: 'ttfb_us_p99', name: 'TTFB p99', unit: 'less is better' },
  { id: 'ttfe_us_p50', name: 'TTFE p50', unit: 'less is better' },
  { id: 'ttfe_us_p99', name: 'TTFE p99', unit: 'less is better' },
  { id: 'timeout_rate', name: 'timeout rate', unit: 'share of attempted streams, less is better' },
  { id: 'tool_cpu_us_per_request', name: 'tool CPU per request', unit: 'less is better' },
];
