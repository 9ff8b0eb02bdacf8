import { readFileSync } from 'node:fs';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { UserError } from '../model/errors.ts';
import type { StreamKind } from '../model/plan.ts';
import type { TesterReport, TesterReportOptions } from '../model/tester-report.ts';
import { parseDurationMs } from '../model/units.ts';
import { HARNESS_VERSION } from '../run/version.ts';
import type { LoadOptions } from '../tester/load-options.ts';
import { acceptsEventStream, buildRequestBytes, isHeadRequest } from '../tester/request-bytes.ts';
import { type LoadTarget, resolveTarget } from '../tester/resolve-target.ts';
import { runLoad } from '../tester/run-load.ts';
import { formatTesterReport } from './tester-text.ts';

interface TesterArguments {
  connections: number;
  duration: number;
  timeout: number;
  stream: StreamKind;
  header?: Record<string, string>;
  method: string;
  body?: string;
  requestFile?: string;
  ratePerConnection?: number;
  anyContentType?: boolean;
  json?: boolean;
}

/**
 * The `ssee-tester` command line. `argv` without node and script.
 * @returns the exit code: 0 measured, 1 nothing could be measured, 2 bad usage
 */
export async function main(argv: string[]): Promise<number> {
  const program = describeProgram();
  let exitCode = 0;
  program.action(async (url: string, options: TesterArguments) => {
    exitCode = await testUrl(url, options);
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof UserError) {
      process.stderr.write(`${error.message}\n`);
      return error.exitCode;
    }
    process.stderr.write(`internal error: ${error instanceof Error ? error.stack : String(error)}\n`);
    return 1;
  }
}

function describeProgram(): Command {
  return new Command('ssee-tester')
    .description('Load an HTTP/1.1 server with event streams and tell how every one of them ended.')
    .version(HARNESS_VERSION)
    .exitOverride()
    .showHelpAfterError('(ssee-tester --help lists options)')
    .argument('<url>', 'e.g. http://127.0.0.1:8080/events')
    .option('-c, --connections <n>', 'concurrent connections', readCount, 10)
    .addOption(
      new Option('-d, --duration <time>', 'how long streams are started, e.g. 500ms or 2m')
        .argParser(readDuration)
        .default(10_000, '10s'),
    )
    .addOption(
      new Option('--timeout <time>', 'limit of connecting, of the head, of silence')
        .argParser(readDuration)
        .default(5000, '5s'),
    )
    .addOption(
      new Option('--stream <kind>', 'finite: it ends by itself; endless: it is alive at the deadline')
        .choices(['finite', 'endless'])
        .default('finite'),
    )
    .option('-H, --header <field>', '"Name: value" to add or replace (repeatable)', readHeader)
    .option('-X, --method <method>', 'request method', readMethod, 'GET')
    .option('--body <text>', 'request body')
    .option('--request-file <file>', 'send exactly the bytes of this file')
    .option('--rate-per-connection <n>', 'requests per second on each connection at most', readRate)
    .option('--any-content-type', 'accept responses that are not text/event-stream')
    .option('--json', 'one JSON document on stdout, nothing else');
}

async function testUrl(url: string, given: TesterArguments): Promise<number> {
  const target = await resolveTarget(url);
  const load = describeLoad(target, given);
  const { signal, release } = catchSignals();
  let report: TesterReport;
  try {
    const result = await runLoad(load, { signal });
    report = {
      schema: 'ssee-tester/1',
      version: HARNESS_VERSION,
      node: process.version,
      url,
      options: reportOptions(load, given),
      ...result,
    };
  } finally {
    release();
  }
  process.stdout.write(given.json ? `${JSON.stringify(report)}\n` : formatTesterReport(report));
  if (report.outcomes.refused === 0 || report.outcomes.refused < report.outcomes.attempted) return 0;
  process.stderr.write(`${url} cannot be reached: ${report.firstError}; ${remedyFor(report)}\n`);
  return 1;
}

function remedyFor({ errors }: TesterReport): string {
  if ('EMFILE' in errors) return 'raise the open-file limit (ulimit -n)';
  if ('EADDRNOTAVAIL' in errors) return 'wait for ports in TIME_WAIT or widen net.ipv4.ip_local_port_range';
  return 'start the server or correct host and port';
}

function describeLoad(target: LoadTarget, given: TesterArguments): LoadOptions {
  const request = given.requestFile === undefined ? buildRequest(target, given) : readRequestFile(given);
  return {
    address: target.address,
    port: target.port,
    request,
    toHead: isHeadRequest(request),
    connections: given.connections,
    durationMs: given.duration,
    timeoutMs: given.timeout,
    stream: given.stream,
    ...(given.ratePerConnection !== undefined && { ratePerConnection: given.ratePerConnection }),
    expectEventStream: !given.anyContentType && acceptsEventStream(request),
  };
}

function buildRequest(target: LoadTarget, given: TesterArguments): Buffer {
  return buildRequestBytes({
    method: given.method,
    authority: target.authority,
    path: target.path,
    headers: given.header ?? {},
    ...(given.body !== undefined && { body: Buffer.from(given.body) }),
  });
}

function readRequestFile(given: TesterArguments): Buffer {
  if (given.header !== undefined || given.body !== undefined || given.method !== 'GET') {
    throw new UserError('--request-file holds the whole request; leave out -H, -X and --body');
  }
  const file = given.requestFile!;
  let request: Buffer;
  try {
    request = readFileSync(file);
  } catch (error) {
    throw new UserError(`${file}: cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  if (!request.includes('\r\n\r\n')) {
    throw new UserError(
      `${file}: no blank line (CR LF CR LF) ends its head; store the exact bytes of a request`,
    );
  }
  return request;
}

function reportOptions(load: LoadOptions, given: TesterArguments): TesterReportOptions {
  return {
    connections: load.connections,
    durationMs: load.durationMs,
    timeoutMs: load.timeoutMs,
    stream: load.stream,
    method: given.method,
    headers: given.header ?? {},
    bodyBytes: Buffer.byteLength(given.body ?? ''),
    ...(given.requestFile !== undefined && { requestFile: given.requestFile }),
    ...(load.ratePerConnection !== undefined && { ratePerConnection: load.ratePerConnection }),
    anyContentType: !load.expectEventStream,
  };
}

/** The first SIGINT or SIGTERM ends the window, the second the process. */
function catchSignals(): { signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(130);
    process.stderr.write('interrupted: reporting what was measured; again to leave at once\n');
    controller.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    signal: controller.signal,
    release() {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}

function readCount(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > 1_000_000) {
    throw new InvalidArgumentError('write a whole number from 1 on.');
  }
  return value;
}

function readRate(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0) {
    throw new InvalidArgumentError('write a number above 0, e.g. 10 or 0.5.');
  }
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
