import type { LiveSample } from '../../model/live-sample.ts';
import { OUTCOMES, type Outcome } from '../../model/outcome.ts';
import { formatCount, formatPercent, formatRate, formatUs } from '../../stats/format-figure.ts';
import { LATENCY_WIDTH, renderLatencies } from './latency-block.ts';
import { isLimited, type PanelState } from './panel-state.ts';
import { renderRates } from './rates-block.ts';
import {
  fitLine,
  fitText,
  joinBlocks,
  LABEL,
  type Line,
  paintLine,
  plainText,
  type Style,
  span,
  spread,
  widthOf,
} from './spans.ts';

/** Below it a table cannot be read: one line. */
const NARROWEST = 60;
/** From here on rates and latencies stand beside each other. */
const WIDE = 170;
const BLOCK_GAP = 4;
/** No terminal shows more in one line. */
const MOST_PARTS = 50;

const GOOD: readonly Outcome[] = ['completed', 'held'];

/**
 * The panel as lines without line breaks, each narrower than `columns`, so that no terminal wraps one. The number of
 * lines depends on `columns` alone: nothing below jumps from second to second.
 *
 * @param columns of the terminal, above 0; below 60 the answer is one line
 * @param color with SGR sequences; without, the same text
 */
export function renderPanel(state: PanelState, columns: number, color: boolean): string[] {
  const width = columns - 1;
  const lines = columns < NARROWEST ? [renderShort(state, width)] : renderFull(state, width);
  return lines.map((line) => paintLine(fitLine(line, width), color));
}

/** The same in one line, for terminals that are too small for the panel. */
export function renderPanelLine(state: PanelState, columns: number, color: boolean): string {
  return paintLine(fitLine(renderShort(state, columns - 1), columns - 1), color);
}

function renderFull(state: PanelState, width: number): Line[] {
  const wide = width >= WIDE;
  const right = wide ? LATENCY_WIDTH : width;
  const left = wide ? width - right - BLOCK_GAP : width;
  const rates = renderRates(state, left, wide ? 2 : 1);
  const latencies = renderLatencies(state.sample, right, wide);
  return [
    renderTitle(state, width),
    renderProgress(state, width),
    renderWarning(state),
    ...(wide ? joinBlocks(rates, latencies, left + BLOCK_GAP) : [...rates, [], ...latencies]),
    [],
    renderStreams(state, width),
    renderOutcomes(state, width),
    renderErrors(state.sample, width),
    renderGenerator(state.sample, width),
  ];
}

function renderTitle({ load, sample }: PanelState, width: number): Line {
  const left = [span('ssee-tester', 'bold'), span('  '), span(plainText(load.url))];
  return spread(left, [span(describeTime(load.durationMs, sample?.atMs ?? 0))], width);
}

function describeTime(durationMs: number, atMs: number): string {
  const asked = `${formatRate(durationMs / 1000)} s`;
  const seconds = Math.round(atMs / 1000);
  if (atMs <= durationMs || seconds * 1000 <= durationMs) return `${seconds} of ${asked}`;
  return `${asked} over, draining for ${Math.max(1, Math.round((atMs - durationMs) / 1000))} s`;
}

function renderProgress({ load, sample }: PanelState, width: number): Line {
  const done = Math.min(width, Math.round((width * (sample?.atMs ?? 0)) / load.durationMs));
  return [span('━'.repeat(done), 'cyan'), span('─'.repeat(width - done), 'dim')];
}

/** Before every number; a blank line where all is well. */
function renderWarning({ sample, limitedIntervals, events }: PanelState): Line {
  if (limitedIntervals === 0 || sample === undefined) return [];
  const share = `${limitedIntervals} of ${events.history.length} s`;
  if (!isLimited(sample)) {
    return [span(`! the load generator was the limit in ${share}`, 'yellow')];
  }
  const text = `! the load generator is the limit (${formatPercent(sample.cpuShare)} CPU; ${share}), not the server`;
  return [span(text, ['bold', 'yellow'])];
}

function renderStreams({ sample }: PanelState, width: number): Line {
  if (sample === undefined) return row('connections', [[span('opening', 'dim')]], width);
  const { connectionsOpen: open, connectionsAsked: asked, survival, attempted } = sample;
  const parts: Line[] = [
    [span(formatCount(open), 'bold'), span(` of ${formatCount(asked)} open`)],
    [
      span('survival '),
      survival === null
        ? span('-')
        : span(formatShare(survival), survival === 1 ? 'green' : survival < 0.99 ? 'red' : 'yellow'),
    ],
    [span(`${formatCount(attempted)} streams begun`)],
  ];
  return row('connections', parts, width);
}

function renderOutcomes({ sample, load }: PanelState, width: number): Line {
  if (sample === undefined) return row('outcomes', [[span('-', 'dim')]], width);
  const goal = load.stream === 'endless' ? 'held' : 'completed';
  const shown = OUTCOMES.filter((outcome) => sample.outcomes[outcome] > 0 || outcome === goal).sort(
    (a, b) => Number(b === goal) - Number(a === goal) || sample.outcomes[b] - sample.outcomes[a],
  );
  const parts = shown.map((outcome): Line => {
    const count = sample.outcomes[outcome];
    return [span(`${outcome} `), span(formatCount(count), styleOutcome(outcome, count))];
  });
  const timedOut = Object.values(sample.timeouts).reduce((sum, count) => sum + count, 0);
  if (timedOut > 0) parts.push([span('timed out '), span(formatCount(timedOut), 'yellow')]);
  return row('outcomes', parts, width);
}

function styleOutcome(outcome: Outcome, count: number): Style {
  if (GOOD.includes(outcome)) return count > 0 ? 'green' : 'dim';
  return outcome === 'client-aborted' ? 'yellow' : 'red';
}

/** The most frequent kinds first. */
function renderErrors(sample: LiveSample | undefined, width: number): Line {
  const parts = Object.entries(sample?.errors ?? {})
    .filter(([, count]) => count > 0)
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .map(
      ([kind, count]): Line => [span(`${fitText(plainText(kind), 32)} `), span(formatCount(count), 'red')],
    );
  return row('errors', parts.length === 0 ? [[span('none', 'dim')]] : parts, width);
}

function renderGenerator(sample: LiveSample | undefined, width: number): Line {
  if (sample === undefined) return row('generator', [[span('-', 'dim')]], width);
  const { cpuShare, loopDelayP99Us, sendLatenessP99Us } = sample;
  const cpu = span(`${formatPercent(cpuShare)} CPU`, isLimited(sample) ? ['bold', 'yellow'] : 'bold');
  const parts: Line[] = [[cpu], [span(`loop delay p99 ${formatUs(loopDelayP99Us)}`)]];
  if (sendLatenessP99Us !== null) parts.push([span(`requests late p99 ${formatUs(sendLatenessP99Us)}`)]);
  return row('generator', parts, width);
}

function renderShort({ load, sample, events, requests, limitedIntervals }: PanelState, width: number): Line {
  if (sample === undefined) return [span('ssee-tester: connecting', 'dim')];
  const { connectionsOpen: open, connectionsAsked: asked, outcomes, latencies } = sample;
  const failed = OUTCOMES.filter((outcome) => !GOOD.includes(outcome) && outcome !== 'client-aborted').reduce(
    (sum, outcome) => sum + outcomes[outcome],
    0,
  );
  const showsEvents = events.history.some((rate) => rate > 0);
  const rate = (showsEvents ? events : requests).window.meanPerSec() ?? 0;
  const p99 = (latencies.gap.count > 0 ? latencies.gap : latencies.ttfb).p99;
  const parts: Line[] = [
    [span(`${Math.round(sample.atMs / 1000)}/${formatRate(load.durationMs / 1000)} s`)],
    ...(isLimited(sample) ? [[span('generator-limited', ['bold', 'yellow'] satisfies Style)]] : []),
    ...(failed > 0 ? [[span(`${formatCount(failed)} failed`, 'red' satisfies Style)]] : []),
    [span(`${formatRate(rate)} ${showsEvents ? 'ev' : 'req'}/s`, 'bold')],
    [span(`${formatCount(open)}/${formatCount(asked)} open`)],
    ...(p99 === null ? [] : [[span(`p99 ${formatUs(p99)}`)]]),
    ...(limitedIntervals > 0 && !isLimited(sample) ? [[span('was limited', 'yellow' satisfies Style)]] : []),
  ];
  let fitting = parts.length;
  while (fitting > 1 && widthOf(join(parts.slice(0, fitting), '  ')) > width) fitting--;
  return join(parts.slice(0, fitting), '  ');
}

/** As many parts as fit, whole ones only: half a number is a wrong number. What is left out is counted. */
function row(label: string, parts: readonly Line[], width: number): Line {
  const head = span(label.padEnd(LABEL), 'dim');
  let fitting = [head, ...(parts[0] ?? [])];
  for (let shown = 1; shown <= Math.min(parts.length, MOST_PARTS); shown++) {
    const left = parts.length - shown;
    const more: Line[] = left > 0 ? [[span(`${left} more`, 'dim')]] : [];
    const line = [head, ...join([...parts.slice(0, shown), ...more])];
    if (widthOf(line) <= width) fitting = line;
  }
  return fitting;
}

function join(parts: readonly Line[], between = '  ·  '): Line {
  return parts.flatMap((part, index) => (index === 0 ? part : [span(between, 'dim'), ...part]));
}

/** Never 100 % while one is lost. */
function formatShare(share: number): string {
  const text = formatPercent(share);
  return text === '100 %' && share < 1 ? '>99.9 %' : text;
}
