/**
 * The nights that `npm run verify:nights` measures: what is wrong with the target's head variant, and what the gate has to
 * say about it: metric or invariant, its size, of which the range is given in which it must lie, and the finding. That of a
 * target whose waits are longer is what base has too, with other figures: the streams are paced, and last longer.
 */
export const CASES = {
  'a-a': { flaw: '', what: 'nothing is wrong' },
  slower: {
    flaw: 'slower=0.2',
    what: 'every wait 20 % longer',
    metrics: ['requests_per_sec', 'stream_us_p50'],
    size: [0.12, 0.28],
    finding: 'stream-paced',
  },
  // A tenth of the lost events are the last of their streams, which no sequence can miss.
  lossy: {
    flaw: 'lose=0.001',
    what: 'one event in 1000 lost',
    invariant: 'lost-events',
    size: [0.0005, 0.0015],
    finding: 'events-lost',
  },
  resets: {
    flaw: 'reset=0.005',
    what: 'one stream in 200 reset',
    invariant: 'server-resets',
    size: [0.003, 0.0075],
    finding: 'server-resets',
  },
};

/** Metrics that are gated: those that 18 trials of a second on loopback hold still. Doubt: TTFE there is some noise. */
const GATED = ['requests_per_sec', 'stream_us_p50', 'failure_rate'];

/**
 * A scenario cut down to a night: one tool, three interleaved variants of the target, of which the last one has the flaw.
 *
 * @param {Record<string, unknown>} scenario as parsed from its YAML
 * @param {{flaw: string, duration: string, rounds: number}} night
 */
export function shortenScenario(scenario, { flaw, duration, rounds }) {
  const head = flaw === '' ? {} : { target: { env: { SSEE_TARGET_FLAW: flaw } } };
  return {
    ...scenario,
    name: `${scenario.name}-night`,
    load: { ...scenario.load, duration, warmup: '200ms', rounds },
    tools: ['ssee-tester'],
    variants: { base: {}, again: {}, head },
    capture: 'off',
    gate: { base: 'base', head: 'head', control: 'again', metrics: GATED },
  };
}

/**
 * What one night is worth: `ok` it is as it should be, `unjudged` the gate came to no verdict, else a miss or a false
 * alarm. An A/A night without a verdict is unjudged too: it does not show that the gate keeps quiet.
 *
 * @param {keyof typeof CASES} name
 * @param {{gate?: object, text?: string, problem?: string}} outcome gate.json and gate.md of the night
 * @returns {{ok: boolean, unjudged: boolean, line: string}}
 */
export function judgeNight(name, { gate, text, problem }) {
  if (problem !== undefined) return { ok: false, unjudged: false, line: problem };
  const planted = CASES[name];
  const say = (ok, line, unjudged = false) => ({ ok, unjudged, line });
  if (gate.exitCode === 1) return say(false, gate.sentence);
  if (gate.exitCode === 4) return say(false, gate.sentence, true);
  if (planted.flaw === '') {
    return gate.exitCode === 3
      ? say(false, `false alarm: ${gate.sentence}`)
      : say(true, `no alarm (${gate.verdict})`);
  }
  if (gate.exitCode === 0) return say(false, `missed: ${gate.sentence}`);
  const named = planted.invariant ? invariantNamed(gate, planted) : metricNamed(gate, planted);
  if (named === undefined) return say(false, `alarm, but not of what was planted: ${gate.sentence}`);
  const { code } = named.finding;
  if (code !== planted.finding) return say(false, `caught, but with the finding ${code}`);
  const absent = [...named.parts, code, named.finding.sentence].filter(
    (part) => !readMarkdown(text).includes(part),
  );
  if (absent.length > 0) return say(false, `caught, but the report does not name ${absent.join(', ')}`);
  const [low, high] = planted.size;
  if (named.size < low || named.size > high) {
    return say(false, `caught, but as ${named.parts.join(' ')}, which is not what was planted`);
  }
  return say(true, `${named.parts.join(' ')}, finding ${describeFinding(named.finding)}`);
}

function metricNamed({ cells }, { metrics }) {
  const cell = cells.find(({ metric, verdict }) => verdict === 'worse' && metrics.includes(metric));
  if (!cell) return undefined;
  return {
    parts: [cell.metric, /worse by [\d.]+ %/.exec(cell.why)[0]],
    size: cell.relative.value,
    finding: cell.finding,
  };
}

function invariantNamed({ invariants }, { invariant }) {
  const broken = invariants.find(({ name, total }) => name === invariant && total > 0);
  if (!broken) return undefined;
  const { count, total, name } = broken;
  const unit = name.includes('event') ? 'events' : 'streams';
  return {
    parts: [`${withCommas(count)} ${name} among ${withCommas(total)} ${unit}`],
    size: count / total,
    finding: broken.finding,
  };
}

/** `stream-paced (base has it too)`. */
function describeFinding({ code, base }) {
  return `${code} (base ${base === null ? 'does not have it' : 'has it too'})`;
}

/** Markdown as it reads. */
function readMarkdown(text) {
  return text
    .replaceAll(/\\([^\w\s])/g, '$1')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

/** As the report writes it. */
function withCommas(count) {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}
