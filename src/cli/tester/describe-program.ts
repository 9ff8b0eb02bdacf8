import { Command, InvalidArgumentError, Option } from 'commander';
import type { StreamKind } from '../../model/plan.ts';
import { parseDurationMs } from '../../model/units.ts';
import { HARNESS_VERSION } from '../../run/version.ts';
import type { ReconnectPolicy } from '../../tester/load-options.ts';
import type { TransportKind } from '../../tester/transport/choose-transport.ts';

/** The command line as the user gave it, values checked one by one. Durations in milliseconds. */
export interface TesterArguments {
  connections: number;
  duration: number;
  timeout: number;
  stream: StreamKind;
  workers: number;

  rate?: string;
  poisson?: boolean;
  ratePerConnection?: number;
  ramp?: number;
  streamsPerConnection?: number;
  thinkTime?: number;
  readRate?: number;
  slowShare: number;
  sourceAddresses?: string;

  header?: Record<string, string>;
  method: string;
  body?: string;
  bodyFile?: string;
  requestFile?: string;
  /** False for --no-default-headers. */
  defaultHeaders: boolean;
  anyContentType?: boolean;

  insecure?: boolean;
  ca?: string;
  cert?: string;
  key?: string;
  servername?: string;

  reconnect: ReconnectPolicy;
  retryLimit?: number;
  retryDefault?: number;
  reorderWindow?: number;
  silenceLimit?: number;
  idFrom?: string;
  timeFrom?: string;
  llm?: boolean;

  maxHeadBytes?: number;
  maxHeaders?: number;
  maxInterim?: number;
  maxChunkBytes?: number;
  maxLineBytes?: number;
  maxEventBytes?: number;

  events?: string;
  series?: string;
  signals?: number;
  metricsPort?: number;
  otlp?: string;
  /** False for --no-live. */
  live: boolean;
  transport: TransportKind;
  json?: boolean;
}

/** `ssee-tester --help`, in the order in which a load is thought of. */
export function describeProgram(): Command {
  const program = new Command('ssee-tester')
    .description('Load an HTTP/1.1 server with event streams and tell how every one of them ended.')
    .version(HARNESS_VERSION)
    .exitOverride()
    .showHelpAfterError('(ssee-tester --help lists options)')
    .argument('<url>', 'e.g. http://127.0.0.1:8080/events');

  program
    .optionsGroup('Load:')
    .option('-c, --connections <n>', 'concurrent connections', readCount, 10)
    .addOption(duration('-d, --duration <time>', 'how long streams are started').default(10_000, '10s'))
    .addOption(
      new Option('--stream <kind>', 'finite: it ends by itself; endless: it is alive at the deadline')
        .choices(['finite', 'endless'])
        .default('finite'),
    )
    .addOption(
      duration('--timeout <time>', 'limit of connecting, of the head, of silence').default(5000, '5s'),
    )
    .option('--workers <n>', 'threads that share the connections', readCount, 1)
    .option(
      '--rate <rates>',
      'open loop: requests/s whatever is answered: 500, a ramp 100..1000/30s, steps 100/10s,200/10s',
    )
    .option('--poisson', 'with --rate: independent arrivals, as of many users, instead of even ones')
    .option('--rate-per-connection <n>', 'closed loop: requests/s on each connection at most', readAmount)
    .addOption(duration('--ramp <time>', 'open the connections evenly over this time'))
    .option('--streams-per-connection <n>', 'close a connection after so many streams', readCount)
    .addOption(duration('--think-time <time>', 'pause between two streams of a connection'))
    .option('--read-rate <bytes/s>', 'some connections read so slowly (see --slow-share)', readAmount)
    .option('--slow-share <share>', 'share of connections that read slowly, 0 to 1', readShare, 1)
    .option(
      '--source-addresses <n|list>',
      'connect from so many loopback addresses, or from these; one has some 28,000 ports',
    );

  program
    .optionsGroup('Request:')
    .option('-H, --header <field>', '"Name: value" to add or replace (repeatable)', readHeader)
    .option('-X, --method <method>', 'request method', readMethod, 'GET')
    .option('--body <text>', 'request body')
    .option('--body-file <file>', 'request body from a file')
    .option('--request-file <file>', 'send exactly the bytes of this file')
    .option('--no-default-headers', 'send Host and the given headers only, no Accept of our own')
    .option('--any-content-type', 'accept responses that are not text/event-stream');

  program
    .optionsGroup('TLS (https URLs):')
    .option('--insecure', 'do not check the certificate of the server')
    .option('--ca <file>', 'trust this certificate authority (PEM)')
    .option('--cert <file>', 'certificate of the client (PEM)')
    .option('--key <file>', 'key of the client (PEM)')
    .option('--servername <name>', 'server name to ask for (SNI) instead of the host of the URL');

  program
    .optionsGroup('Event streams:')
    .addOption(
      new Option(
        '--reconnect <policy>',
        'after the loss of an endless stream: a fresh one, resume with Last-Event-ID, or never',
      )
        .choices(['fresh', 'resume', 'never'])
        .default('fresh'),
    )
    .addOption(duration('--retry-default <time>', 'reconnection time where the server asks for none (3s)'))
    .option('--retry-limit <n>', 'follow no retry: above this; servers send milliseconds', readWhole)
    .option(
      '--reorder-window <n>',
      'ids overtaken by at most so many are reordered, not missing (5)',
      readWindow,
    )
    .addOption(duration('--silence-limit <time>', 'longest silence of a stream that is no fault (30s)'))
    .option('--id-from <place>', 'event id in the data: pointer:/a/b or regex:"seq":(\\d+)')
    .option('--time-from <place>', 'the server\'s time in the data, likewise; else "ts":<unix us>')
    .option('--llm', 'read streams as answers of a language model: TTFT, TPOT, tokens/s')
    .option('--max-head-bytes <n>', 'response heads that are larger are protocol errors', readCount)
    .option('--max-headers <n>', 'likewise more header fields', readCount)
    .option('--max-interim <n>', 'likewise more 1xx responses before the one that counts', readCount)
    .option('--max-chunk-bytes <n>', 'likewise larger chunks', readCount)
    .option('--max-line-bytes <n>', 'likewise longer lines', readCount)
    .option('--max-event-bytes <n>', 'likewise larger events', readCount);

  program
    .optionsGroup('Output:')
    .option('--json', 'one JSON document on stdout, nothing else')
    .option('--no-live', 'no panel on the terminal while the load runs')
    .option('--series <file>', 'a line of JSON per second')
    .addOption(
      duration(
        '--signals <time>',
        'with --json: what happens in each interval of this length, such as 100ms',
      ),
    )
    .option('--metrics-port <port>', 'serve /metrics for Prometheus on loopback meanwhile', readPort)
    .option('--otlp <url>', 'send metrics by OTLP/HTTP (needs the OpenTelemetry packages)')
    .option('--events <file>', 'a line of JSON per event, as many as can be written beside the load')
    .addOption(
      new Option('--transport <kind>', 'how sockets are had from Node')
        .choices(['auto', 'handle', 'net'])
        .default('auto'),
    );
  return program;
}

function duration(flags: string, description: string): Option {
  return new Option(flags, description).argParser(readDuration);
}

function readCount(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || !Number.isSafeInteger(value)) {
    throw new InvalidArgumentError('write a whole number from 1 on.');
  }
  return value;
}

function readWhole(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) {
    throw new InvalidArgumentError('write a whole number from 0 on.');
  }
  return value;
}

function readWindow(text: string): number {
  const value = readWhole(text);
  if (value > 4096) throw new InvalidArgumentError('write a whole number from 0 to 4096.');
  return value;
}

function readAmount(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0) {
    throw new InvalidArgumentError('write a number above 0, e.g. 10 or 0.5.');
  }
  return value;
}

function readShare(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0 && value <= 1)) {
    throw new InvalidArgumentError('write a number above 0 and up to 1, e.g. 0.1.');
  }
  return value;
}

function readPort(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65_535)
    throw new InvalidArgumentError('write a port, 0 for any free one.');
  return value;
}

/** Timers of Node reach no further than 2^31 ms. */
const LONGEST_MS = 2 ** 31 - 1;

function readDuration(text: string): number {
  const ms = parseDurationMs(text);
  if (ms === undefined || ms < 1 || ms > LONGEST_MS) {
    throw new InvalidArgumentError('write a duration with its unit, e.g. 500ms, 10s or 2m.');
  }
  return ms;
}

function readMethod(text: string): string {
  if (!/^[A-Za-z-]+$/.test(text)) throw new InvalidArgumentError('write a method, e.g. POST.');
  return text.toUpperCase();
}

function readHeader(text: string, before: Record<string, string> | undefined): Record<string, string> {
  const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)$/.exec(text);
  if (!match) throw new InvalidArgumentError('write "Name: value".');
  return { ...before, [match[1]!]: match[2]! };
}
