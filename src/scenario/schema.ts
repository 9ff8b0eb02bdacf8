import { z } from 'zod';
import { METRIC_IDS } from '../model/metrics.ts';
import { PROFILE_KINDS } from '../model/profile.ts';
import { LONGEST_MS, parseWholeMs } from './durations.ts';
import { DEFAULT_ALPHA } from './gate-defaults.ts';

/**
 * The `error` texts say what a value must be, as a noun phrase: explain-issue.ts makes the sentence. Refinements
 * carry whole sentences. Nothing is transformed here, because a JSON Schema cannot say so: see normalize-scenario.ts.
 */

/** Adapter names that a scenario may use. */
export const TOOL_NAMES = ['wrk', 'hey', 'curl', 'autocannon', 'ab', 'ssee-tester'] as const;
export type ToolName = (typeof TOOL_NAMES)[number];

/** Servers under test that come with the harness. */
const BUNDLED_TARGETS = ['go-nethttp', 'node-http', 'faulty'] as const;

export const MAX_ROUNDS = 1000;
/** One client address has 64 Ki ports at most. */
export const MAX_CONNECTIONS = 65_000;

const QUOTED = 'with numbers, true and false in quotes';

const argument = z
  .string({ error: `text, ${QUOTED}` })
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a NUL ends an argument early
  .regex(/^[^\x00]*$/, 'text without NUL');

const safeName = (of: string) =>
  z
    .string({ error: `a name such as ${of}` })
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
      `a name of at most 64 letters, digits, dots, underscores and hyphens that begins with a letter or digit, such as ${of}`,
    );

const line = (what: string, longest: number) =>
  z
    .string({ error: what })
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they would break lines of reports and folder names
    .regex(/^[^\x00-\x1f\x7f]+$/, what)
    .max(longest, `at most ${longest} characters long`);

/** A duration as text; `least` is 0 where no time at all makes sense. */
const duration = (example: string, least: 0 | 1) =>
  z
    .string({ error: `a duration with its unit, such as ${example}` })
    .regex(/^\d+(\.\d+)?(ms|s|m|h)$/, {
      error: `a duration with its unit, such as ${example} (units: ms, s, m, h)`,
      abort: true,
    })
    .refine((text) => parseWholeMs(text) !== undefined, {
      error: `must be a whole number of milliseconds; write for example ${example}`,
      abort: true,
    })
    .refine((text) => parseWholeMs(text)! >= least, {
      error: `must be longer than no time at all; write for example ${example}`,
      abort: true,
    })
    .refine((text) => parseWholeMs(text)! <= LONGEST_MS, { error: 'must be at most 24h; shorten it' });

const wholeNumber = (least: number, most: number, example: number) => {
  const error = `a whole number from ${least} to ${most}, such as ${example}`;
  return z.int({ error }).min(least, { error }).max(most, { error });
};

const cpus = z
  .array(wholeNumber(0, 4095, 0), { error: 'a list of CPU numbers, such as [0, 1]' })
  .min(1, 'a list of at least one CPU number, such as [0]')
  .describe('CPUs to run on, counted from 0');

const percent = (example: string) => {
  const error = `a share in percent above 0 %, such as ${example}`;
  return z
    .string({ error })
    .regex(/^\d+(\.\d+)?%$/, error)
    .refine((text) => Number(text.slice(0, -1)) > 0, {
      error: `must be above 0 %; write for example ${example}`,
    });
};

const urlPath = (example: string) => {
  const error = `a path that starts with "/" and is made of URL characters without "#" (percent-encode all others), such as ${example}`;
  return z.string({ error }).regex(/^\/[\w.~%!$&'()*+,;=:@/?-]*$/, error);
};

const PPROF_ADDRESS =
  'a path such as /debug/pprof, or an address on this machine such as http://127.0.0.1:6060/debug/pprof';

const envName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'a name of letters, digits and underscores that begins with no digit');
const env = z
  .record(envName, argument, { error: 'a mapping of names to text, such as {GOMAXPROCS: "2"}' })
  .describe(`environment variables of the target, ${QUOTED}`);

const args = z
  .array(argument, { error: 'a list of texts, such as ["--workers", "4"]' })
  .describe('arguments appended to the command line of the target');

/** RFC 9110 section 5.6.2: what a field name may consist of. */
const headerName = z
  .string()
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'a header name: letters, digits and hyphens alone');
const headerValue = z
  .string({ error: `text, ${QUOTED}` })
  // RFC 9110 section 5.5; tools disagree about what they do with bytes above 126.
  .regex(/^[\t\x20-\x7e]*$/, 'text of printable ASCII characters on one line');
const headers = z
  .record(headerName, headerValue, {
    error: 'a mapping of header names to text, such as {Accept: text/event-stream}',
  })
  .describe('headers that every tool sends, in this order; Host is added by each tool');

const method = z
  .enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'], { error: 'one of GET, POST, PUT, PATCH, DELETE' })
  .describe('request method');
const path = urlPath('/events?count=10').describe('path and query, starting with /');
const body = argument.describe('request body, sent as UTF-8');

const profileAccess = z
  .strictObject(
    {
      pprof: z
        .string({ error: PPROF_ADDRESS })
        .regex(/^(http:\/\/(127\.0\.0\.1|localhost|\[::1\]):\d{1,5})?\/[\w.~%-][\w.~%/-]*$/, PPROF_ADDRESS)
        .describe("path below which Go's net/http/pprof answers, or an address of its own on this machine")
        .exactOptional(),
      inspector: z
        .literal(true, { error: 'true' })
        .describe('CPU profile of a Node target, by an agent loaded through NODE_OPTIONS')
        .exactOptional(),
    },
    { error: 'a mapping such as {pprof: /debug/pprof} or {inspector: true}' },
  )
  .meta({
    description:
      'where profiles of the target can be had; taken in a trial of their own, see observe.profile',
    oneOf: [{ required: ['pprof'] }, { required: ['inspector'] }],
  });

const proxy = z
  .strictObject(
    {
      use: z
        .enum(['nginx', 'delay'], { error: 'one of nginx, delay' })
        .describe('nginx: the one of the system; delay: passes every piece of data on later'),
      buffering: z
        .boolean({ error: 'true or false' })
        .describe('nginx collects responses before it passes them on; default: false')
        .exactOptional(),
      obeyTarget: z
        .boolean({ error: 'true or false' })
        .describe('nginx buffers unless the target answers X-Accel-Buffering: no; default: false')
        .exactOptional(),
      passHeaders: z
        .array(headerName, { error: 'a list of header names, such as [Accept]' })
        .describe('nginx passes these request headers on and no others')
        .exactOptional(),
      delay: duration('20ms', 1).describe('delay in each direction; default: 20ms').exactOptional(),
    },
    { error: 'a mapping such as {use: nginx, buffering: true}' },
  )
  .describe('a real proxy between tools and target');

const target = z
  .strictObject(
    {
      use: z
        .enum(BUNDLED_TARGETS, { error: `one of ${BUNDLED_TARGETS.join(', ')}` })
        .describe(
          'a server that comes with the harness: go-nethttp (Go standard library), node-http (needs nothing but Node), faulty (one misbehaviour per route)',
        )
        .exactOptional(),
      fallback: z
        .literal('node-http', { error: 'node-http' })
        .describe('used in place of go-nethttp where Go cannot be had; every report says so')
        .exactOptional(),
      command: z
        .array(argument, { error: `a list: program and arguments, such as [python3, srv.py, "\${port}"]` })
        .min(1, 'a list with at least the program in it')
        .describe(`program and arguments of your own server; \${port} is the port it is to listen on`)
        .exactOptional(),
      url: z
        .string({ error: 'an address such as http://127.0.0.1:9000' })
        .describe(
          'a server that runs already, such as http://127.0.0.1:9000; other machines need --allow-remote',
        )
        .exactOptional(),
      prepare: z
        .array(argument, { error: 'a list: program and arguments, such as [make, server]' })
        .min(1, 'a list with at least the program in it')
        .describe('program that is run once before the first trial, such as one that builds the command')
        .exactOptional(),
      args: args.default([]),
      env: env.default({}),
      cwd: line('a folder, such as .', 4096)
        .describe('folder the command runs in, relative to the scenario file')
        .default('.'),
      ready: z
        .strictObject(
          {
            path: urlPath('/healthz')
              .describe('ready when GET of this path answers 2xx; without it, when the port accepts')
              .exactOptional(),
            within: duration('20s', 1).describe('give up after this time').default('20s'),
          },
          { error: 'a mapping such as {path: /healthz, within: 20s}' },
        )
        .describe('how the harness knows that the target is ready')
        .prefault({}),
      metrics: urlPath('/metrics')
        .describe('counters in Prometheus text format: the ground truth that tools are held against')
        .exactOptional(),
      profile: profileAccess.exactOptional(),
      pin: cpus.exactOptional(),
      cpuLimit: percent('50%').describe('CPU quota in percent of one CPU; needs root').exactOptional(),
      proxy: proxy.exactOptional(),
    },
    { error: 'a mapping with one of use, command and url, such as {use: node-http}' },
  )
  .meta({
    description: 'the server under test: exactly one of use, command, url',
    oneOf: [{ required: ['use'] }, { required: ['command'] }, { required: ['url'] }],
  });

const request = z
  .strictObject(
    {
      method: method.default('GET'),
      path,
      headers: headers.default({}),
      body: body.exactOptional(),
    },
    { error: 'a mapping such as {path: /events}' },
  )
  .describe('what every tool asks for');

const load = z
  .strictObject(
    {
      connections: wholeNumber(1, MAX_CONNECTIONS, 100).describe('connections that each tool holds'),
      duration: duration('30s', 1).describe('measured time of one trial; wrk and ab take whole seconds only'),
      timeout: duration('5s', 1)
        .describe('longest silence of one stream: for connect, head and event each')
        .default('5s'),
      warmup: duration('2s', 0)
        .describe('load on the fresh target before each trial, not measured')
        .default('0s'),
      rounds: wholeNumber(1, MAX_ROUNDS, 3)
        .describe('how often every arm runs; the order rotates from round to round')
        .default(1),
      pin: cpus.exactOptional(),
    },
    { error: 'a mapping such as {connections: 100, duration: 30s}' },
  )
  .describe('the same for every tool');

const toolUse = z.enum(TOOL_NAMES, { error: `one of ${TOOL_NAMES.join(', ')}` });
const tool = z.union(
  [
    toolUse,
    z.strictObject(
      {
        use: toolUse.describe('the load generator'),
        name: safeName('hey-q10').describe('name of its rows; default: the tool').exactOptional(),
        rate: z
          .number({ error: 'a number of requests per second and connection, such as 10' })
          .positive('a number above 0, such as 10')
          .max(1_000_000, 'a number up to 1000000, such as 10')
          .describe('most requests per second and connection; hey and ssee-tester only')
          .exactOptional(),
        readRate: wholeNumber(1, 1_000_000_000, 20_000)
          .describe('bytes per second that each connection reads at most; ssee-tester only')
          .exactOptional(),
        replay: z
          .string({ error: 'the name of another tool in this list' })
          .describe('send the exact request bytes of this other tool, by its name; ssee-tester only')
          .exactOptional(),
        bare: z
          .literal(true, { error: 'true, or leave it out' })
          .describe('of the replayed request, send only its line, Host and what frames its body')
          .exactOptional(),
        ablate: z
          .literal('headers', { error: 'headers' })
          .describe(
            'one further trial that sends the replayed request without each of its headers in turn, and bare with each of them',
          )
          .exactOptional(),
        duration: duration('5s', 1)
          .describe('measured time of one trial of this row instead of that of load; replays only')
          .exactOptional(),
      },
      { error: 'a tool or a mapping such as {use: hey, rate: 10}' },
    ),
  ],
  { error: `one of ${TOOL_NAMES.join(', ')}, or a mapping such as {use: hey, rate: 10}` },
);

const variant = z.strictObject(
  {
    target: z
      .strictObject(
        { env: env.exactOptional(), args: args.exactOptional(), proxy: proxy.exactOptional() },
        { error: 'a mapping with env, args or proxy, such as {env: {GOMAXPROCS: "1"}}' },
      )
      .describe('env is merged into that of the target; args and proxy replace its own')
      .exactOptional(),
    request: z
      .strictObject(
        {
          method: method.exactOptional(),
          path: path.exactOptional(),
          headers: headers.exactOptional(),
          body: body.exactOptional(),
        },
        { error: 'a mapping with method, path, headers or body' },
      )
      .describe('headers are merged into those of the request; the rest replaces')
      .exactOptional(),
  },
  { error: 'a mapping with target or request ({} changes nothing)' },
);

const captureMode = z
  .enum(['off', 'flags', 'headers', 'full'], { error: 'one of off, flags, headers, full' })
  .describe(
    'what the evidence trial keeps of each packet: flags (TCP header), headers (and 128 bytes), full, or off for no evidence trial',
  );

const metric = z.enum(METRIC_IDS, { error: 'a metric, such as ttfe_us_p99' });
const amount = z.union([z.string(), z.number()], {
  error: 'an amount in the unit of the metric, such as 50ms, 1% or 1500',
});
const maxRegression = z
  .union([z.string(), z.number()], { error: 'a share, such as 10%' })
  .describe('least change for the worse that is an alarm, as a share of base, such as 10%');

const slo = z.strictObject(
  {
    metric: metric.describe('id of the metric, such as ttfe_us_p99'),
    arm: z
      .string({ error: 'the name of a row, such as ssee-tester' })
      .describe('row it binds, by name or name@variant; without it, every row that observes the metric')
      .exactOptional(),
    max: amount.describe('largest value that keeps the promise, such as 50ms, 1% or 1500').exactOptional(),
    min: amount.describe('smallest value that keeps the promise').exactOptional(),
  },
  { error: 'a mapping such as {metric: ttfe_us_p99, arm: ssee-tester, max: 50ms}' },
);

const role = (what: string) => z.string({ error: 'the name of a variant' }).describe(what).exactOptional();

const gateMetric = z.union(
  [
    metric,
    z.strictObject(
      {
        metric: metric.describe('id of the metric, such as ttfe_us_p99'),
        maxRegression: maxRegression.exactOptional(),
        minEffect: amount
          .describe(
            'least change for the worse in the unit of the metric, such as 1ms; both must be exceeded',
          )
          .exactOptional(),
      },
      { error: 'a metric or a mapping such as {metric: ttfe_us_p99, maxRegression: 20%}' },
    ),
  ],
  { error: 'a metric, such as ttfe_us_p99, or a mapping such as {metric: ttfe_us_p99, maxRegression: 20%}' },
);

const gate = z.strictObject(
  {
    base: role('variant that is compared with, inside one run'),
    head: role('variant that is judged'),
    control: role('variant equal to base: what differs between the two is noise (A/A)'),
    arms: z
      .array(z.string({ error: 'the name of a tool here' }), {
        error: 'a list of tools, such as [ssee-tester]',
      })
      .min(1, 'a list of at least one tool, such as [ssee-tester]')
      .describe('rows that are gated, by the name of the tool; all without it')
      .exactOptional(),
    metrics: z
      .array(gateMetric, { error: 'a list of metrics, such as [requests_per_sec, ttfe_us_p99]' })
      .min(1, 'a list of at least one metric, such as [requests_per_sec]')
      .describe('what is gated; each further metric makes every alarm harder, because p is corrected for all')
      .exactOptional(),
    maxRegression: maxRegression.default('10%'),
    alpha: z
      .number({ error: 'a chance, such as 0.05' })
      .gt(0, 'a chance above 0, such as 0.05')
      .max(0.2, 'a chance up to 0.2, such as 0.05')
      .describe('chance of any false alarm among all cells of a night')
      .default(DEFAULT_ALPHA),
  },
  { error: 'a mapping such as {base: main, head: candidate, control: main-again}' },
);

const row = z.string({ error: 'the name of a row, such as ssee-tester' });

/** Figure that a condition is about: `{metric: ttfe_us_p99, arm: ssee-tester}`. */
const subject = {
  metric: metric.describe('id of a metric of the row').exactOptional(),
  outcome: z.string({ error: 'an outcome, such as completed' }).describe('count of streams').exactOptional(),
  wire: z
    .string({ error: 'a figure of the wire, such as rst_by_client' })
    .describe('a figure of the capture')
    .exactOptional(),
  process: z
    .string({ error: 'a figure of the processes, such as target_cpu_share' })
    .describe('a figure of the processes of tool and target')
    .exactOptional(),
  truth: z
    .string({ error: 'a counter of the target, such as header_parse_us_p50' })
    .describe("a figure of the target's own counters")
    .exactOptional(),
  profile: z
    .string({ error: 'a figure of the profile, such as json_share' })
    .describe("a figure of the target's profile")
    .exactOptional(),
  request: z.literal('length', { error: 'length' }).describe('bytes of the first request').exactOptional(),
  probe: z
    .string({ error: 'the name of a probe of this scenario' })
    .describe('take "figure" from the output of this probe')
    .exactOptional(),
  figure: z
    .string({ error: 'the id of a figure that the probe prints' })
    .describe('id of the figure of the probe')
    .exactOptional(),
  arm: row.describe('the row, by name, or by name@variant where there are variants').exactOptional(),
};

const COMPARED = 'an amount in the unit of the figure, or another figure such as {arm: hey, times: 2}';
const operand = z.union(
  [
    z.string(),
    z.number(),
    z.boolean(),
    z.strictObject(
      {
        ...subject,
        times: z
          .number({ error: 'a number above 0, such as 2' })
          .positive('a number above 0, such as 2')
          .describe('factor on this other figure; default: 1')
          .exactOptional(),
      },
      { error: COMPARED },
    ),
  ],
  { error: COMPARED },
);

type WrittenOperand = z.output<typeof operand>;
type Exact<T> = { [K in keyof T]: T[K] };

const conditions = z
  .array(
    z.lazy(() => condition),
    { error: 'a list of conditions' },
  )
  .min(1, 'a list of at least one condition');

/** A condition of a claim as written. Named, because it contains others. */
export interface WrittenCondition extends Exact<z.output<z.ZodObject<typeof subject>>> {
  above?: WrittenOperand;
  below?: WrittenOperand;
  atLeast?: WrittenOperand;
  atMost?: WrittenOperand;
  equals?: WrittenOperand;
  within?: string | number;
  header?: string;
  sent?: boolean;
  finding?: string;
  present?: boolean;
  rank?: number;
  all?: WrittenCondition[];
  any?: WrittenCondition[];
  not?: WrittenCondition;
}

/** One mapping for all kinds: check-claims.ts says what belongs together, in better words than a union could. */
const condition: z.ZodType<WrittenCondition, WrittenCondition> = z
  .strictObject(
    {
      ...subject,
      above: operand.exactOptional(),
      below: operand.exactOptional(),
      atLeast: operand.exactOptional(),
      atMost: operand.exactOptional(),
      equals: operand.exactOptional(),
      within: z
        .union([z.string(), z.number()], { error: 'a share, such as 10%' })
        .describe('relative tolerance of "equals", such as 10%')
        .exactOptional(),
      header: headerName.describe('a header of the first request that the row sent').exactOptional(),
      sent: z.boolean({ error: 'true or false' }).describe('whether it is there').exactOptional(),
      finding: z.string({ error: 'the code of a finding, such as stream-paced' }).exactOptional(),
      present: z
        .boolean({ error: 'true or false' })
        .describe('whether it is found; default: true')
        .exactOptional(),
      rank: wholeNumber(1, 99, 1).describe('found at this rank or before').exactOptional(),
      all: conditions.exactOptional(),
      any: conditions.exactOptional(),
      not: z.lazy(() => condition).exactOptional(),
    },
    { error: 'a mapping such as {metric: requests_per_sec, arm: wrk, above: 1000}' },
  )
  .meta({ id: 'ClaimCondition', description: 'what evidence would have to say' });

const claim = z.strictObject(
  {
    id: safeName('wrk-times-out').describe('name of the claim, once in the file'),
    says: line('one line that says what is claimed', 300).describe('the claim in your words'),
    quote: line('one line, quoted', 600).describe('the sentence as it was written').exactOptional(),
    section: z
      .string({ error: 'text, such as "3.1" in quotes' })
      .describe('where it was written')
      .exactOptional(),
    published: line('the figure as text, such as "41.6 %" in quotes', 60)
      .describe('the figure that was printed with it, for a table of it beside the one measured')
      .exactOptional(),
    note: line('one line for the reader', 600)
      .describe('what a reader should know beside it')
      .exactOptional(),
    confirm: condition.describe('what would confirm it').exactOptional(),
    refute: z
      .union([condition, z.literal('never')], { error: 'a condition, or never' })
      .describe(
        'what would refute it, or never where nothing measured here could; without, it is refuted where it is certainly not confirmed',
      )
      .exactOptional(),
    because: line('one line that says why nothing measured here can refute it', 600)
      .describe('why nothing can refute it; belongs to refute: never')
      .exactOptional(),
    beside: z
      .strictObject(subject, { error: 'a figure, such as {metric: requests_per_sec, arm: wrk}' })
      .describe('the figure to show beside what was published; belongs to refute: never')
      .exactOptional(),
  },
  { error: 'a mapping such as {id: ..., says: ..., confirm: {...}}' },
);

const probe = z.strictObject(
  {
    command: z
      .array(argument, { error: 'a list: program and arguments, such as [node, probe.mjs]' })
      .min(1, 'a list with at least the program in it')
      .describe('program and arguments'),
    cwd: line('a folder, such as .', 4096)
      .describe('folder it runs in, relative to the scenario file')
      .default('.'),
    reads: z
      .enum(['json', 'go-bench'], { error: 'one of json, go-bench' })
      .describe(
        'json: one document {"figures": {name: {"value": 1, "unit": "us"}}} or {"skipped": "reason"} on stdout; go-bench: what go test -bench prints',
      )
      .default('json'),
    within: duration('60s', 1).describe('it is ended after this time').default('60s'),
  },
  { error: 'a mapping such as {command: [node, probe.mjs]}' },
);

const isTrue = z.literal(true, { error: 'true' });

const fault = z.strictObject(
  {
    at: duration('5s', 0)
      .describe('when it comes, from the start of the tool; with for, makes it part of the timeline')
      .exactOptional(),
    for: duration('1s', 1)
      .describe('how long it stays; of a restart, how long the target is down')
      .exactOptional(),
    loss: percent('2%').describe('share of packets dropped; needs root and nft').exactOptional(),
    pause: z
      .union(
        [
          isTrue,
          z.strictObject(
            {
              after: duration('1s', 0).describe('time from the start of the tool'),
              length: duration('300ms', 1).describe('how long the target is stopped'),
            },
            { error: 'a mapping such as {after: 1s, length: 300ms}' },
          ),
        ],
        { error: 'true beside at and for, or a mapping such as {after: 1s, length: 300ms}' },
      )
      .describe('the target is stopped by a signal and continued')
      .exactOptional(),
    openFiles: z
      .strictObject(
        {
          target: wholeNumber(8, 1_000_000, 64).describe('of the target').exactOptional(),
          tool: wholeNumber(8, 1_000_000, 64).describe('of the tool').exactOptional(),
        },
        { error: 'a mapping such as {target: 64}' },
      )
      .describe('limits of open files')
      .exactOptional(),
    cpuLimit: z
      .strictObject(
        {
          tool: percent('30%').describe('of the tool; not on the timeline').exactOptional(),
          target: percent('20%')
            .describe('of the target; on the timeline alone, target.cpuLimit is the one for all the time')
            .exactOptional(),
        },
        { error: 'a mapping such as {tool: 30%}, or {target: 20%} beside at and for' },
      )
      .describe('CPU quota in percent of one CPU; needs root')
      .exactOptional(),
    ports: wholeNumber(8, 40_000, 200).describe('ports to connect from; needs root').exactOptional(),
    backlog: wholeNumber(1, 65_535, 8).describe('longest accept queue; needs root').exactOptional(),
    burners: wholeNumber(1, 64, 1)
      .describe('busy loops that belong to neither tool nor target')
      .exactOptional(),
    burnerPin: cpus.describe('CPUs that the busy loops may use').exactOptional(),
    captureBuffer: wholeNumber(32, 1_048_576, 64)
      .describe('buffer of the packet capture in KiB')
      .exactOptional(),
    delay: duration('100ms', 1)
      .describe('timeline: data passes so much later in each direction, through a proxy in front')
      .exactOptional(),
    disk: z
      .strictObject(
        {
          writeRate: wholeNumber(1, 1_000_000_000, 512).describe(
            'bytes per second that the target may write',
          ),
        },
        { error: 'a mapping such as {writeRate: 512}' },
      )
      .describe(
        "timeline: writes to the disk of the trial's folder are held back; needs root and a cgroup io controller",
      )
      .exactOptional(),
    dns: isTrue.describe('timeline: packets to port 53 are dropped; needs root and nft').exactOptional(),
    reset: isTrue
      .describe('timeline: connections are reset, and every request is; needs root, nft and ss')
      .exactOptional(),
    restart: z
      .enum(['kill', 'term'], { error: 'kill or term' })
      .describe('timeline: the target is ended by SIGKILL or SIGTERM and started again on the same port')
      .exactOptional(),
  },
  { error: 'a mapping such as {at: 5s, for: 1s, pause: true} or {loss: 2%}' },
);

/** A scenario as written. */
export const scenarioSchema = z.strictObject(
  {
    $schema: z.string({ error: 'the address of a JSON Schema' }).describe('for editors only').exactOptional(),
    name: line('one line of text that names the scenario, such as sse-100c', 100).describe(
      'name of the scenario, in reports and in the name of the run folder',
    ),
    description: z
      .string({ error: 'text' })
      .describe('what this scenario asks, for the head of every report')
      .exactOptional(),
    target,
    request,
    stream: z
      .enum(['finite', 'endless'], { error: 'finite or endless' })
      .describe('finite: each response ends by itself; endless: none ends while it is measured'),
    load,
    tools: z
      .array(tool, { error: `a list of tools: ${TOOL_NAMES.join(', ')}` })
      .min(1, 'a list with at least one tool, such as [wrk, ssee-tester]')
      .describe('load generators, one after the other under the same load'),
    variants: z
      .record(safeName('one-proc'), variant, {
        error: 'a mapping of names to changes, such as {one-proc: {target: {env: {GOMAXPROCS: "1"}}}}',
      })
      .describe('every tool runs once per variant; its rows are called tool@variant')
      .exactOptional(),
    capture: z
      .union(
        [captureMode, z.strictObject({ mode: captureMode }, { error: 'a mapping such as {mode: headers}' })],
        { error: 'one of off, flags, headers, full, or a mapping such as {mode: headers}' },
      )
      .describe('packet capture in the evidence trial that follows the measured ones')
      .default('headers'),
    observe: z
      .strictObject(
        {
          every: duration('100ms', 1)
            .refine((text) => (parseWholeMs(text) ?? 10) >= 10, {
              error: 'must be at least 10ms, the resolution of the CPU accounting; write for example 100ms',
            })
            .describe('interval of CPU and memory samples')
            .default('100ms'),
          profile: z
            .array(z.enum(PROFILE_KINDS, { error: `one of ${PROFILE_KINDS.join(', ')}` }), {
              error: `a list of ${PROFILE_KINDS.join(', ')}`,
            })
            .min(1, 'a list with at least one profile, such as [cpu]')
            .describe('profiles of the target, taken in one further short trial per row; Node has cpu alone')
            .exactOptional(),
        },
        { error: 'a mapping such as {every: 100ms}' },
      )
      .describe('what is sampled beside the tools')
      .prefault({}),
    faults: z
      .array(fault, { error: 'a list such as [{at: 5s, for: 1s, pause: true}]' })
      .min(1, 'a list with at least one fault, such as [{at: 5s, for: 1s, pause: true}]')
      .describe(
        'disturbances of every trial: with at and for they come and go and make a resilience report, without they are there all the time',
      )
      .exactOptional(),
    expect: z
      .strictObject(
        {
          finding: z
            .string({ error: 'the code of a finding, such as stream-paced' })
            .describe('code of the finding that must be ranked first for every tool'),
        },
        { error: 'a mapping such as {finding: stream-paced}' },
      )
      .describe('truth planted by the author of the scenario')
      .exactOptional(),
    slo: z
      .array(slo, { error: 'a list of promises, such as [{metric: timeout_rate, max: 1%}]' })
      .describe('promises: a run that breaks one exits with 3')
      .exactOptional(),
    gate: gate
      .describe('how ssee-bench gate judges two variants, or two runs, of this scenario')
      .exactOptional(),
    claims: z
      .array(claim, { error: 'a list of claims, such as [{id: ..., says: ..., confirm: {...}}]' })
      .describe('sentences, each with the evidence that would confirm or refute it')
      .exactOptional(),
    probes: z
      .record(safeName('toolchain'), probe, {
        error: 'a mapping of names to commands, such as {toolchain: {command: [node, probe.mjs]}}',
      })
      .describe('small programs whose output claims may use; they run behind all trials')
      .exactOptional(),
  },
  { error: 'a mapping with the keys name, target, request, stream, load and tools' },
);

/** A scenario that the schema accepts, defaults filled in. */
export type ValidScenario = z.output<typeof scenarioSchema>;

/** The schema as published under schema/scenario.schema.json: JSON Schema draft 7, the newest that YAML editors read. */
export const scenarioJsonSchema: Record<string, unknown> = {
  ...z.toJSONSchema(scenarioSchema, { io: 'input', target: 'draft-7' }),
  title: 'ssee-bench scenario',
};
