/** Whole number with thousands separated: `65,900`. Never depends on the machine's locale. */
export function formatCount(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** A rate or any figure without fixed scale: three significant digits below 1000, whole above. */
export function formatRate(value: number): string {
  if (Math.abs(value) >= 100) return formatCount(value);
  return trimZeros(value.toPrecision(3));
}

/** Microseconds as a person reads them: `850 us`, `46.1 ms`, `1.25 s`. */
export function formatUs(us: number): string {
  const abs = Math.abs(us);
  if (abs < 1000) return `${trimZeros(us.toPrecision(3))} us`;
  if (abs < 1e6) return `${toMs(us)} ms`;
  return `${trimZeros((us / 1e6).toPrecision(3))} s`;
}

/** Microseconds as milliseconds without unit, for columns whose head carries it: `0.85`, `46.1`, `20,140`. */
export function toMs(us: number): string {
  const ms = us / 1000;
  if (Math.abs(ms) >= 1000) return formatCount(ms);
  if (Math.abs(ms) < 0.01) return trimZeros(ms.toFixed(3));
  return trimZeros(Math.abs(ms) < 1 ? ms.toFixed(2) : ms.toPrecision(3));
}

/** A ratio in percent, with as many digits as small rates need: `0 %`, `0.03 %`, `41.6 %`, `100 %`. */
export function formatPercent(ratio: number): string {
  return `${percentDigits(ratio)} %`;
}

/** The same without the sign, for ranges that carry it once. */
export function percentDigits(ratio: number): string {
  const percent = ratio * 100;
  if (percent === 0) return '0';
  const abs = Math.abs(percent);
  if (abs < 0.001) return percent.toExponential(0);
  if (abs < 1) return trimZeros(percent.toPrecision(2));
  return trimZeros(percent.toFixed(1));
}

function trimZeros(text: string): string {
  return text.includes('.') && !text.includes('e') ? text.replace(/\.?0+$/, '') : text;
}
