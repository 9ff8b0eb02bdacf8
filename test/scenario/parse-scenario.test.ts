import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { formatScenarioErrors, parseScenario } from '../../src/scenario/parse-scenario.ts';
import {
  errorsIn,
  FIXTURE_FILES,
  parseValid,
  readFixtureText,
  readScenarioText,
  SCENARIO_FILES,
  scenarioText,
} from './scenario-texts.ts';

const NO_CONNECTIONS =
  '"connections" is missing in "load"; add it: a whole number from 1 to 65000, such as 100';

/** Every error of every broken scenario, at its place and in the order of the text. */
const BROKEN: Record<string, string[]> = {
  'alias-bomb': ['3:41: *b makes aliases stand for too much (over 1000 values); write the values out'],
  'duplicate-key': ['9:1: the key "stream" is here a second time; remove one of the two'],
  duration: [
    '9:13: "duration" must be a duration with its unit, such as 30s, not 30',
    '10:12: "timeout" must be a duration with its unit, such as 5s (units: ms, s, m, h), not "5 seconds"',
  ],
  indentation: ['5:1: All mapping items must start at the same column; line it up with its neighbours'],
  'misspelt-key': ['8:3: unknown key "connectons"; did you mean "connections"?'],
  'missing-connections': [`7:1: ${NO_CONNECTIONS}`],
  'two-targets': [
    '5:3: "url" cannot stand beside "use": a target is one of use, command and url; remove one',
  ],
  'unknown-tag': ['8:16: the tag !cpus is not known or does not fit the value; remove it'],
  'unsupported-key': [
    '10:16: "cpuLimit" is not supported by this version of ssee-bench; remove it',
    '13:3: "inline" is not supported by this version of ssee-bench; remove it',
  ],
  'wrk-rate': ['10:32: wrk has no rate limit; remove "rate" or use hey or ssee-tester'],
  'wrong-type': [
    '7:21: "connections" must be a whole number from 1 to 65000, such as 100, not "many"',
    '8:8: "tools" must be a list of tools: wrk, hey, curl, autocannon, ab, ssee-tester, not "wrk"',
  ],
  many: [
    '2:1: unknown key "nmae"; did you mean "name"?',
    '4:8: "use" must be one of go-nethttp, node-http, faulty, not "nodehttp"; did you mean "node-http"?',
    '5:3: "fallback" stands in for go-nethttp alone; remove it or write use: go-nethttp',
    '6:21: "GOMAXPROCS" must be text, with numbers, true and false in quotes, not 2',
    '8:9: "path" must be a path that starts with "/" and is made of URL characters without "#" (percent-encode all others), such as /events?count=10, not "events"',
    '10:5: "Accept:" must be a header name: letters, digits and hyphens alone',
    '11:12: "X-Two" must be text of printable ASCII characters on one line, not "a\\r\\nb"',
    '12:9: "stream" must be finite or endless, not "infinite"',
    '13:8: unknown key "conections"; did you mean "connections"?',
    '13:34: wrk takes whole seconds, not 500ms; write for example 1s or leave the tool out',
    '13:50: "timeout" must be longer than no time at all; write for example 5s',
    '13:62: "rounds" must be a whole number from 1 to 1000, such as 3, not 0',
    '16:5: tools[0] is called "wrk" already; give this one another name, such as {use: wrk, name: wrk-2}',
    '17:32: no tool here is called "hey"; add it or name one that is here: wrk, curl',
    '18:17: curl runs each stream once, so a rate has no meaning; remove "rate" or use hey or ssee-tester',
    '19:1: unknown key "connections" here; it belongs in "load"',
  ],
};

describe('broken scenarios', () => {
  it.each(Object.entries(BROKEN))('%s: every error stands at its line and column', (name, expected) => {
    const file = `broken-${name}.yaml`;
    const parsed = parseScenario(readFixtureText(file), file);
    const text = 'errors' in parsed ? formatScenarioErrors(parsed.errors) : 'valid';
    expect(text).toBe(expected.map((error) => `${file}:${error}`).join('\n'));
  });

  it('leaves no fixture out', () => {
    expect(
      Object.keys(BROKEN)
        .map((name) => `broken-${name}.yaml`)
        .sort(),
    ).toEqual([...FIXTURE_FILES].sort());
  });
});

/** What the text says at the place of the only error. */
const ONE_ERROR: [what: string, parts: Partial<Record<string, string>>, error: string | RegExp][] = [
  ['a scenario without a name', { name: '' }, /^1:1: "name" is missing; add it: one line of text/],
  ['a key without a value', { stream: ' ' }, /^4:1: "stream" has no value; it must be finite or endless$/],
  ['a number where a name is asked for', { name: '7' }, /^1:7: "name" must be one line of text .*, not 7$/],
  [
    'a key far from any known one',
    { xyzzy: '1' },
    /^7:1: unknown key "xyzzy"; remove it or use one of name, .*expect, slo, gate, claims, probes$/,
  ],
  ['no server at all', { target: '{metrics: /metrics}' }, /^2:1: "target" names no server; add one of/],
  ['https', { target: '{url: "https://127.0.0.1"}' }, /^2:15: https is not supported/],
  ['an address that is none', { target: '{url: "127.0.0.1:80"}' }, /^2:15: "url" must be an address such as/],
  [
    'an address with a password',
    { target: '{url: "http://a:b@127.0.0.1"}' },
    /^2:15: .*password; put an Authorization/,
  ],
  [
    'an address with a query',
    { target: '{url: "http://127.0.0.1/?a"}' },
    /^2:15: .*put the query into request.path/,
  ],
  [
    'env for a server that runs already',
    { target: '{url: "http://127.0.0.1", env: {A: b}}' },
    /^2:35: "env" has no effect .*remove it$/,
  ],
  [
    'a variant of a server that runs already',
    { target: '{url: "http://127.0.0.1"}', variants: '{v: {target: {args: [x]}}}' },
    /^7:16: "target" has no effect/,
  ],
  [
    'a fallback for node-http',
    { target: '{use: node-http, fallback: node-http}' },
    /^2:26: "fallback" stands in for go-nethttp/,
  ],
  [
    'a placeholder that is unknown',
    { target: `{command: [a, "\${prot}"]}` },
    /^2:23: unknown placeholder \$\{prot\}; the only one is \$\{port\}/,
  ],
  [
    'a placeholder in a header that is unknown',
    { request: `{path: /, headers: {Origin: "http://localhost:\${prot}"}}` },
    /^3:38: unknown placeholder \$\{prot\}/,
  ],
  [
    'an empty command',
    { target: '{command: []}' },
    /^2:19: "command" must be a list with at least the program in it, not an empty list$/,
  ],
  [
    'a CPU below 0',
    { load: '{connections: 1, duration: 2s, pin: [0, -1]}' },
    /^5:47: pin\[1\] must be a whole number from 0/,
  ],
  ['a blank in the path', { request: '{path: "/a b"}' }, /^3:17: "path" must be a path/],
  [
    'a header twice',
    { request: '{path: /, headers: {Accept: a, accept: b}}' },
    /^3:41: the header "accept" stands here already as "Accept"/,
  ],
  [
    'a header of the tools',
    { request: '{path: /, headers: {Content-Length: "3"}}' },
    /^3:30: each tool works "Content-Length" out/,
  ],
  [
    'a blank around a header',
    { request: '{path: /, headers: {Accept: "a "}}' },
    /^3:30: the value of "Accept" begins or ends with a blank/,
  ],
  [
    'no time at all',
    { load: '{connections: 1, duration: 0s}' },
    /^5:34: "duration" must be longer than no time at all/,
  ],
  [
    'a part of a millisecond',
    { load: '{connections: 1, duration: 1.5ms}' },
    /^5:34: "duration" must be a whole number of milliseconds/,
  ],
  ['two days', { load: '{connections: 1, duration: 48h}' }, /^5:34: "duration" must be at most 24h/],
  [
    'a sampling interval below the clock',
    { observe: '{every: 5ms}' },
    /^7:18: "every" must be at least 10ms/,
  ],
  [
    'fractional connections',
    { load: '{connections: 1.5, duration: 2s}' },
    /^5:21: "connections" must be a whole number .*not 1.5$/,
  ],
  ['no tools', { tools: '[]' }, /^6:8: "tools" must be a list with at least one tool/],
  [
    'a tool that is misspelt',
    { tools: '[curl, wrrk]' },
    /^6:15: tools\[1\] must be one of .*not "wrrk"; did you mean "wrk"\?$/,
  ],
  [
    'a tool with an unknown key',
    { tools: '[{use: hey, rates: 3}]' },
    /^6:20: unknown key "rates"; did you mean "rate"\?$/,
  ],
  [
    'a tool without use',
    { tools: '[{name: x}]' },
    /^6:9: "use" is missing in tools\[0\]; add it: one of wrk/,
  ],
  ['a rate of nothing', { tools: '[{use: hey, rate: 0}]' }, /^6:26: "rate" must be a number above 0/],
  [
    'a name with a slash',
    { tools: '[{use: hey, name: a/b}]' },
    /^6:26: "name" must be a name of at most 64 letters/,
  ],
  ["another tool's name", { tools: '[{use: hey, name: wrk}]' }, /^6:26: rows of hey cannot be called "wrk"/],
  [
    'names that differ in case',
    { tools: '[{use: hey, name: A}, {use: hey, name: a}]' },
    /^6:47: tools\[0\] is called "A" already/,
  ],
  ['a replay by hey', { tools: '[curl, {use: hey, replay: curl}]' }, /^6:26: only ssee-tester can replay/],
  [
    'a row of a length of its own',
    { tools: '[{use: curl, duration: 2s}]' },
    /^6:21: rows that are compared run equally long/,
  ],
  [
    'an ablation of nothing',
    { tools: '[{use: ssee-tester, ablate: headers}]' },
    /^6:28: "ablate" is about a replayed request; add replay/,
  ],
  [
    'an ablation of a bare request',
    { tools: '[curl, {use: ssee-tester, replay: curl, bare: true, ablate: headers}]' },
    /^6:60: a bare request has no headers left/,
  ],
  [
    'a replay of itself',
    { tools: '[{use: ssee-tester, replay: ssee-tester}]' },
    /^6:36: "ssee-tester" cannot replay itself/,
  ],
  [
    'a replay that is misspelt',
    { tools: '[curl, {use: ssee-tester, replay: crul}]' },
    /^6:42: no tool here is called "crul"; did you mean "curl"\?$/,
  ],
  [
    'a replay of a replay',
    { tools: '[curl, {use: ssee-tester, name: a, replay: curl}, {use: ssee-tester, name: b, replay: a}]' },
    /^6:94: "a" replays another tool itself/,
  ],
  [
    'a replay without capture',
    { tools: '[curl, {use: ssee-tester, replay: curl}]', capture: 'off' },
    /^6:34: there are no request bytes/,
  ],
  [
    'a variant with an unsafe name',
    { variants: '{"a/b": {}}' },
    /^7:12: "a\/b" must be a name of at most 64 letters/,
  ],
  [
    'a variant of what cannot vary',
    { variants: '{v: {target: {use: faulty}}}' },
    /^7:25: unknown key "use"; remove it or use one of env, args, proxy$/,
  ],
  ['a variant without a value', { variants: '{v: }' }, /^7:12: "v" has no value; it must be a mapping/],
  [
    'a capture mode that is misspelt',
    { capture: 'header' },
    /^7:10: "capture" must be .*not "header"; did you mean "headers"\?$/,
  ],
  [
    'a capture in measured trials',
    { capture: '{mode: full, inline: true}' },
    /^7:23: "inline" is not supported by this version/,
  ],
  [
    'a finding that is misspelt',
    { expect: '{finding: stream-pased}' },
    /^7:19: no finding is called "stream-pased"; did you mean "stream-paced"\?$/,
  ],
  [
    'a finding unlike any other',
    { expect: '{finding: x}' },
    /^7:19: no finding is called "x"; it must be one of .*unproven$/,
  ],
  [
    'a CPU limit without its unit',
    { target: '{use: faulty, cpuLimit: 50}' },
    /^2:33: "cpuLimit" must be a share in percent/,
  ],
  ['no CPU at all', { target: '{use: faulty, cpuLimit: 0%}' }, /^2:33: "cpuLimit" must be above 0 %/],
  [
    'an unknown proxy',
    { target: '{use: faulty, proxy: {use: squid}}' },
    /^2:36: "use" must be one of nginx, delay/,
  ],
  [
    'a CPU limit of a server that runs already',
    { target: '{url: "http://127.0.0.1:1", cpuLimit: 50%}' },
    /"cpuLimit" has no effect on a server that runs already/,
  ],
  ['an unknown fault', { faults: '[{lost: 2%}]' }, /^7:11: unknown key "lost"; did you mean "loss"/],
  ['a pause without an end', { faults: '[{pause: {after: 1s}}]' }, /"length" is missing/],
  ['a limit of no files', { faults: '[{openFiles: {target: 2}}]' }, /"target" must be a whole number from 8/],
  ['a read rate of wrk', { tools: '[{use: wrk, readRate: 1000}]' }, /wrk reads as fast as it can/],
  [
    'a profile in a variant',
    { variants: '{v: {target: {profile: {pprof: /p}}}}' },
    /^7:25: unknown key "profile"; remove it or use one of env, args, proxy$/,
  ],
  [
    'a quota in a variant',
    { variants: '{v: {target: {cpuLimit: 50%}}}' },
    /^7:25: "cpuLimit" is not supported/,
  ],
];

describe('one mistake is one error', () => {
  it.each(ONE_ERROR)('%s', (_, parts, error) => {
    const errors = errorsIn(scenarioText(parts));
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(error);
  });
});

it('a second document hides no mistake of the first', () => {
  const errors = errorsIn(`${scenarioText({ stream: 'finit', tools: '[]' })}---\n${scenarioText()}`);
  expect(errors.map((error) => error.replace(/;.*| must.*/, ''))).toEqual([
    '4:9: "stream"',
    '6:8: "tools"',
    '7:1: a second document begins here',
  ]);
});

describe('texts that are no scenario', () => {
  it.each([
    ['an empty file', '', /^1:1: the file is empty/],
    ['nothing but a comment', '# later\n', /^1:1: the file is empty/],
    ['an empty document', '---\n...\n', /^1:1: the file is empty/],
    ['a list', '- wrk\n- hey\n', /^1:1: the scenario must be a mapping .*not a list$/],
    ['a word', 'wrk', /^1:1: the scenario must be a mapping .*not "wrk"$/],
    [
      'a double quote without its second',
      'name: "b12\ntarget: {use: x}\n',
      /^1:7: the quote that begins here/,
    ],
    [
      'a single quote without its second',
      "a: 'it''s'\nb: 'c\nd: e\n",
      /^2:4: .* add a second ' behind the text$/,
    ],
    ['a quote in a list without its second', 'a: ["b", "c, d]\ne: 1\n', /^1:10: the quote that begins here/],
    ['a quoted key without its second', '"name: x\nb: 2\n', /^1:1: the quote that begins here/],
    ['two documents', `${scenarioText()}---\n${scenarioText()}`, /^7:1: a second document begins here/],
    ['an older YAML', `%YAML 1.1\n---\n${scenarioText()}`, /^1:1: YAML 1.1 reads some words as other values/],
    ['a file that is far too long', `# ${'x'.repeat(300_000)}`, /^1:1: the file is over 256 KiB long/],
    ['lists in lists', `name: ${'['.repeat(100_000)}`, /^1:71: nested more than 64 levels deep/],
    [
      'lists in lists without brackets',
      `name:\n  ${'- '.repeat(100_000)}`,
      /^2:\d+: nested more than 64 levels deep/,
    ],
    ['an alias without an anchor', scenarioText({ stream: '*no' }), /^4:9: \*no names no anchor before it/],
    [
      'an alias inside its anchor',
      scenarioText({ tools: '&t [*t]' }),
      /^6:12: \*t stands inside what it names/,
    ],
    [
      'a key of all objects',
      scenarioText({ target: '{use: faulty, env: {__proto__: x}}' }),
      /^2:29: the key "__proto__" cannot be used/,
    ],
    [
      'a value that YAML would make a date of',
      scenarioText({ description: '!!timestamp 2001-01-01' }),
      /^7:14: the tag !!timestamp is not known/,
    ],
  ])('%s', (_, text, error) => {
    const errors = errorsIn(text);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(error);
  });
});

describe('places', () => {
  it('are the same with and without a byte order mark', () => {
    const text = scenarioText({ name: '7' });
    expect(errorsIn(`\uFEFF${text}`)).toEqual(errorsIn(text));
  });

  it('are the same with Windows line ends', () => {
    const text = readFixtureText('broken-many.yaml');
    expect(errorsIn(text.replaceAll('\n', '\r\n'))).toEqual(errorsIn(text));
  });

  it('of a mistake behind an alias are in what it stands for, once', () => {
    const text = scenarioText({
      request: '{path: /, headers: &h {Accept: 1}}',
      variants: '{a: {request: {headers: *h}}}',
    });
    expect(errorsIn(text)).toEqual([
      '3:41: "Accept" must be text, with numbers, true and false in quotes, not 1',
    ]);
  });

  it('are in order, whichever check has found the error', () => {
    const places = errorsIn(readFixtureText('broken-many.yaml')).map((error) => error.split(':').map(Number));
    const sorted = places.toSorted(([a, b], [c, d]) => a! - c! || b! - d!);
    expect(places).toEqual(sorted);
  });
});

describe('a valid scenario', () => {
  it('gets every default and all durations in milliseconds', () => {
    expect(parseValid(scenarioText())).toEqual({
      name: 'small',
      target: { use: 'node-http', args: [], env: {}, cwd: '.', ready: { withinMs: 20_000 } },
      request: { method: 'GET', path: '/events?count=5', headers: {} },
      slo: [],
      claims: [],
      probes: [],
      stream: 'finite',
      load: { connections: 10, durationMs: 2000, timeoutMs: 5000, warmupMs: 0, rounds: 1 },
      tools: [{ use: 'curl', name: 'curl' }],
      variants: [],
      capture: 'headers',
      observe: { everyMs: 100 },
    });
  });

  it('keeps what is written', () => {
    const text = `
$schema: ../schema/scenario.schema.json
name: full
description: all keys
target:
  command: [sh, -c, "exec ./srv $HOME", "\${port}"]
  args: [--verbose]
  env: {PORT: "\${port}", A: "1"}
  cwd: ../srv
  ready: {path: /ready, within: 1.001s}
  metrics: /metrics
  pin: [0]
request:
  method: POST
  path: "/events?topic=a%20b"
  headers: {X-B: b, Accept: text/event-stream, X-A: ""}
  body: '{"prompt": "\${name}"}'
stream: endless
load: {connections: 3, duration: 1.5s, timeout: 250ms, warmup: 1m, rounds: 4, pin: [1, 2]}
tools:
  - curl
  - {use: hey, name: hey-q, rate: 0.5}
  - {use: ssee-tester, name: as-curl, replay: curl}
variants:
  base: {}
  other: {target: {env: {A: "2"}, args: []}, request: {headers: {X-A: x}, path: /other}}
capture: {mode: full}
observe: {every: 50ms}
expect: {finding: endless-response}
`;
    expect(parseValid(text)).toEqual({
      name: 'full',
      description: 'all keys',
      target: {
        command: ['sh', '-c', 'exec ./srv $HOME', `\${port}`],
        args: ['--verbose'],
        env: { PORT: `\${port}`, A: '1' },
        cwd: '../srv',
        ready: { path: '/ready', withinMs: 1001 },
        metrics: '/metrics',
        pin: [0],
      },
      request: {
        method: 'POST',
        path: '/events?topic=a%20b',
        headers: { 'X-B': 'b', Accept: 'text/event-stream', 'X-A': '' },
        body: `{"prompt": "\${name}"}`,
      },
      slo: [],
      claims: [],
      probes: [],
      stream: 'endless',
      load: { connections: 3, durationMs: 1500, timeoutMs: 250, warmupMs: 60_000, rounds: 4, pin: [1, 2] },
      tools: [
        { use: 'curl', name: 'curl' },
        { use: 'hey', name: 'hey-q', rate: 0.5 },
        { use: 'ssee-tester', name: 'as-curl', replay: 'curl' },
      ],
      variants: [
        { name: 'base', target: {}, request: {} },
        {
          name: 'other',
          target: { env: { A: '2' }, args: [] },
          request: { headers: { 'X-A': 'x' }, path: '/other' },
        },
      ],
      capture: 'full',
      observe: { everyMs: 50 },
      expect: { finding: 'endless-response' },
    });
  });

  it('keeps the order of its headers', () => {
    const { request } = parseValid(scenarioText({ request: '{path: /, headers: {B: b, A: a, C: c}}' }));
    expect(Object.keys(request.headers)).toEqual(['B', 'A', 'C']);
  });

  it('may use aliases', () => {
    const text = scenarioText({
      request: '{path: /, headers: &h {Accept: a}}',
      variants: '{a: {request: {headers: *h}}, b: {request: {headers: *h}}}',
    });
    expect(parseValid(text).variants.map(({ request }) => request.headers)).toEqual([
      { Accept: 'a' },
      { Accept: 'a' },
    ]);
  });

  it('reads no and 010 as YAML 1.2 does', () => {
    const { name, load } = parseValid(scenarioText({ name: 'no', load: '{connections: 010, duration: 2s}' }));
    expect([name, load.connections]).toEqual(['no', 10]);
  });
});

describe('for arbitrary texts', () => {
  const isPlaced = (text: string): void => {
    const parsed = parseScenario(text, 'any.yaml');
    if ('scenario' in parsed) return;
    expect(parsed.errors.length).toBeGreaterThan(0);
    const lines = text.split('\n').length;
    for (const { line, column, message } of parsed.errors) {
      expect(line).toBeGreaterThanOrEqual(1);
      expect(line).toBeLessThanOrEqual(lines);
      expect(column).toBeGreaterThanOrEqual(1);
      expect(message).toMatch(/^[^\n]+$/);
    }
  };

  test('parsing never throws, and places every error inside the text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), isPlaced), { numRuns: 300 });
  });

  test('made of pieces of YAML, the same', () => {
    const piece = fc.constantFrom(
      ...[
        'a',
        'name',
        'tools',
        'wrk',
        '1',
        ': ',
        ':\n',
        '\n',
        '\n  ',
        '- ',
        '[',
        ']',
        '{',
        '}',
        ', ',
        '&a ',
        '*a',
      ],
      ...[
        '"',
        "'",
        '# ',
        '!t ',
        '!!int ',
        '|\n',
        '> ',
        '? ',
        '---\n',
        '...\n',
        '%YAML 1.2\n',
        '<<',
        '\t',
        '\r\n',
        '~',
      ],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => isPlaced(pieces.join(''))),
      { numRuns: 500 },
    );
  });

  test('that were valid scenarios until a piece was cut out, put in or replaced, the same', () => {
    const texts = SCENARIO_FILES.map(readScenarioText);
    const change = fc.record({
      at: fc.nat(2000),
      cut: fc.nat(20),
      put: fc.oneof(
        fc.string({ maxLength: 5 }),
        fc.constantFrom(': ', '\n', '- ', '{', ']', '*a', '0', '!x ', '"'),
      ),
    });
    fc.assert(
      fc.property(
        fc.constantFrom(...texts),
        fc.array(change, { minLength: 1, maxLength: 3 }),
        (text, changes) => {
          let changed = text;
          for (const { at, cut, put } of changes) {
            const from = at % (changed.length + 1);
            changed = changed.slice(0, from) + put + changed.slice(from + cut);
          }
          isPlaced(changed);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('that are JSON with values of wrong types in a scenario, the same', () => {
    const base = {
      name: 'n',
      target: { use: 'node-http', env: { A: 'b' }, ready: { within: '1s' } },
      request: { path: '/', headers: { A: 'b' } },
      stream: 'finite',
      load: { connections: 1, duration: '2s' },
      tools: ['curl', { use: 'hey', rate: 1 }],
      variants: { v: { target: { args: ['x'] } } },
      capture: { mode: 'full' },
      expect: { finding: 'refused' },
    };
    const key = fc.constantFrom(...Object.keys(base), 'claims');
    const inner = fc.constantFrom(
      'use',
      'url',
      'env',
      'headers',
      'path',
      'duration',
      '0',
      '1',
      'v',
      'mode',
      'finding',
    );
    const value = fc.jsonValue({ maxDepth: 2 });
    fc.assert(
      fc.property(key, fc.option(inner), value, (outer, step, replacement) => {
        const scenario: Record<string, unknown> = structuredClone(base);
        const part = scenario[outer];
        if (step !== null && typeof part === 'object' && part !== null)
          Object.assign(part, { [step]: replacement });
        else scenario[outer] = replacement;
        isPlaced(JSON.stringify(scenario, null, 1));
      }),
      { numRuns: 500 },
    );
  });
});
