/** What a report carries inside so that it needs nothing from anywhere. */
export interface PageAssets {
  /** Our own script, one classic script. */
  pageScript: string;
  /** uPlot, which defines a global of that name. */
  chartScript: string;
  chartStyle: string;
}
