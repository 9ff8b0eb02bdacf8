/** Facts about the machine that a run may report beside its truth: they come from outside of the scenario. */
const ENVIRONMENT = new Set(['host-interference']);

/**
 * What a planted scenario says about itself: the truth it expects and what its comments add.
 *
 *   # twin of CODE        a healthy case of the same family: any other finding is a false claim
 *   # vary NAME LOW..HIGH[UNIT]   drawn anew per seed, wherever NAME stands with a value
 *   # also CODE, CODE     consequences that may be found beside the truth
 *   # remains CODE, CODE  of these, what is still true to say first where the evidence for the cause is withheld: it tells
 *                         the same event without its cause, and blames nothing else
 *   # must CODE, CODE     what has to be found in every row beside the truth, as long as no evidence is withheld
 *
 * @param {string} name
 * @param {string} text
 */
export function readPlan(name, text) {
  const comments = [...text.matchAll(/^# (.*)$/gm)].map(([, comment]) => comment);
  const after = (start) =>
    comments.filter((line) => line.startsWith(start)).map((line) => line.slice(start.length).trim());
  const codesAfter = (start) => after(start).flatMap((list) => list.split(',').map((code) => code.trim()));
  const remains = codesAfter('remains ');
  const must = codesAfter('must ');
  return {
    name,
    expected: /^expect: \{finding: ([a-z-]+)\}/m.exec(text)?.[1] ?? 'unproven',
    twinOf: after('twin of ')[0],
    also: [...new Set([...codesAfter('also '), ...remains, ...must])],
    remains,
    must,
    vary: after('vary ').map((line) => {
      const [, what, low, high, unit] = /^(\w+) ([\d.]+)\.\.([\d.]+)(\S*)$/.exec(line) ?? [];
      if (what === undefined) throw new Error(`${name}: cannot read "vary ${line}"`);
      return { what, low: Number(low), high: Number(high), unit };
    }),
  };
}

/** The scenario with its varied figures drawn, and with evidence withheld where asked for. */
export function drawScenario(text, { name, vary }, seed, withheld = []) {
  const random = createRandom(seed, name);
  let drawn = text;
  for (const { what, low, high, unit } of vary) {
    const value = Math.round(low + random() * (high - low));
    const pattern = new RegExp(`(\\b${what}(?:=|: ))[\\d.]+${unit.replace('%', '%')}`);
    // Comments hold the ranges themselves, which are no values.
    drawn = drawn
      .split('\n')
      .map((line) => (line.startsWith('#') ? line : line.replace(pattern, `$1${value}${unit}`)))
      .join('\n');
  }
  if (withheld.includes('capture')) drawn = drawn.replace(/^capture: .*$/m, 'capture: off');
  if (withheld.includes('metrics')) drawn = drawn.replace(', metrics: /metrics', '');
  return drawn;
}

/** What nobody but root can plant. */
const ROOTS_FAULTS = /(?<![\w-])(loss|ports|backlog|cpuLimit|captureBuffer):/;

/** Why a case has no truth where this evidence is withheld; undefined where it has one. */
export function explainUnplantable(text, { expected }, withheld) {
  if (withheld.includes('capture') && expected === 'capture-incomplete')
    return 'there is no capture to spoil';
  const [, fault] = (withheld.includes('root') && ROOTS_FAULTS.exec(text.replaceAll(/^#.*$/gm, ''))) || [];
  return fault === undefined ? undefined : `${fault} needs root`;
}

/** Mulberry32 over seed and name: the same seed gives the same figures whatever else is run. */
function createRandom(seed, name) {
  let state = seed >>> 0;
  for (const letter of name) state = (Math.imul(state, 31) + letter.charCodeAt(0)) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * Hold what was found against the truth. Of a healthy case silence is right. With evidence withheld a planted cause may
 * be unproven as long as its rule says what it misses: one that rules out what is there is as wrong as one that finds
 * what is not, and so is a consequence in the place of the cause, unless it is declared to remain true.
 * What must be found beside the cause is asked for where nothing is withheld.
 * @returns {{ok: boolean, line: string, name: string, expected: string, first: string[], miss: boolean, falseClaims: string[], disturbed: boolean, unjudged?: boolean}}
 */
export function judgeCase(plan, outcome, withheld = []) {
  const { name, expected, twinOf, also, remains, must } = plan;
  if (outcome.problem !== undefined) {
    return {
      ok: false,
      name,
      expected,
      first: ['no result'],
      miss: true,
      falseClaims: [],
      disturbed: false,
      line: `${name}: ${outcome.problem}`,
    };
  }
  const arms = outcome.comparison.arms;
  const first = arms.map((arm) => arm.findings[0]?.code ?? 'none');
  const isWithheld = withheld.length > 0;
  const lacking = isWithheld ? [] : must.filter((code) => !arms.every((arm) => hasFound(arm, code)));
  const missed = arms.filter((arm) => {
    const [finding] = arm.findings;
    const code = finding?.code;
    if (lacking.some((needed) => !hasFound(arm, needed))) return true;
    if (code === expected) return false;
    // Which CPU runs out first is no matter of a case that is there for something not to be found.
    if (twinOf !== undefined && also.includes(code)) return false;
    if (code === 'unproven') return twinOf === undefined && !(isWithheld && namesMissing(finding, expected));
    if (ENVIRONMENT.has(code)) return twinOf === undefined && expected !== 'unproven';
    return !(isWithheld && remains.includes(code));
  });
  const ruledOut = isWithheld
    ? missed.filter(({ findings }) => findings[0]?.code === 'unproven').map(({ id }) => id)
    : [];
  const allowed = new Set([expected, 'unproven', ...also, ...ENVIRONMENT]);
  const falseClaims = [
    ...new Set(
      arms.flatMap(({ findings }) =>
        findings
          .filter(({ code, outcome: how }) => how === 'found' && !allowed.has(code))
          .map(({ code }) => code),
      ),
    ),
  ];
  // Where others hold the machine and nothing else is claimed, that is the truth, and not the one that was planted.
  const unjudged =
    missed.length > 0 &&
    falseClaims.length === 0 &&
    missed.every(({ findings }) => ENVIRONMENT.has(findings[0]?.code));
  const miss =
    missed.length > 0 &&
    !unjudged &&
    !missed.every(({ findings }) => falseClaims.includes(findings[0]?.code) && twinOf);
  const ok = missed.length === 0 && falseClaims.length === 0;
  const said = arms
    .map(({ id, findings }) => `${id}: ${findings.map(({ code }) => code).join(' > ')}`)
    .join('; ');
  const claims = [
    ...(falseClaims.length > 0 ? [`; false claims: ${falseClaims.join(', ')}`] : []),
    ...(lacking.length > 0 ? [`; not found beside it: ${lacking.join(', ')}`] : []),
    ...(ruledOut.length > 0 ? [`; ruled out what is there: ${ruledOut.join(', ')}`] : []),
  ].join('');
  return {
    ok,
    name,
    expected,
    first,
    miss,
    falseClaims,
    unjudged,
    disturbed: arms.some(({ findings }) =>
      findings.some(({ code }) => ENVIRONMENT.has(code) && code !== expected),
    ),
    line: `${name}: expected ${expected}, got ${said}${claims}`,
  };
}

function hasFound({ findings }, needed) {
  return findings.some(({ code, outcome }) => outcome === 'found' && code === needed);
}

/** An unproven row lists what each rule says: that of the cause must lack something. */
function namesMissing({ because }, expected) {
  return because.some((line) => line.startsWith(`${expected}: missing `));
}

/** Expected against found, as a Markdown table that a terminal shows as well. */
export function renderMatrix(results, { seed, withheld = [], unplanted = [] }) {
  const counts = new Map();
  for (const { expected, first } of results) {
    for (const found of first) {
      const row = counts.get(expected) ?? new Map();
      row.set(found, (row.get(found) ?? 0) + 1);
      counts.set(expected, row);
    }
  }
  const rows = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
  const width = Math.max(8, ...rows.map(([code]) => code.length));
  const lines = rows.map(([code, found]) => {
    const right = found.get(code) ?? 0;
    const others = [...found]
      .filter(([other]) => other !== code)
      .map(([other, count]) => `${other} ${count}`);
    return `| ${code.padEnd(width)} | ${String(right).padStart(5)} | ${others.join(', ') || '-'} |`;
  });
  const misses = results.filter(({ miss }) => miss).map(({ name }) => name);
  const claims = results
    .filter(({ falseClaims }) => falseClaims.length > 0)
    .map(({ name, falseClaims }) => `${name} (${falseClaims.join(', ')})`);
  const unjudged = results.filter((result) => result.unjudged).map(({ name }) => name);
  return [
    `Attribution of ${results.length} planted scenarios, seed ${seed}${withheld.length > 0 ? `, without ${withheld.join(' and ')}` : ''}`,
    '',
    `| ${'planted'.padEnd(width)} | right | found instead at rank 1 |`,
    `| ${'-'.repeat(width)} | ----: | --- |`,
    ...lines,
    '',
    `Misses: ${misses.length === 0 ? 'none' : misses.join(', ')}`,
    `False claims: ${claims.length === 0 ? 'none' : claims.join(', ')}`,
    ...(unplanted.length > 0 ? [`Not planted: ${unplanted.join(', ')}`] : []),
    `Not judged, because other programs held the machine: ${unjudged.length === 0 ? 'none' : unjudged.join(', ')}`,
    '',
  ].join('\n');
}
