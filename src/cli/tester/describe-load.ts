import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { UserError } from '../../model/errors.ts';
import type { TesterReportOptions } from '../../model/tester-report.ts';
import { createExtractor } from '../../sse/value-extractor.ts';
import type { LoadOptions } from '../../tester/load-options.ts';
import { acceptsEventStream, buildRequestBytes, isHeadRequest } from '../../tester/request-bytes.ts';
import type { LoadTarget } from '../../tester/resolve-target.ts';
import { scheduleDurationMs } from '../../tester/schedule/arrival-schedule.ts';
import { parseRate } from '../../tester/schedule/parse-rate.ts';
import { spreadSourceAddresses } from '../../tester/source-addresses.ts';
import type { TesterArguments } from './describe-program.ts';

/** The load that a command line asks for. @throws UserError for what does not go together, with the remedy */
export function describeLoad(target: LoadTarget, given: TesterArguments): LoadOptions {
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
    expectEventStream: !given.anyContentType && acceptsEventStream(request),
    ...describeLoadModel(target, given),
    ...describeStreams(given),
    ...(target.tls ? { tls: describeTls(target, given) } : refuseTls(given)),
    transport: given.transport,
  };
}

function describeLoadModel(target: LoadTarget, given: TesterArguments): Partial<LoadOptions> {
  const { workers, rate, ratePerConnection, ramp, streamsPerConnection, thinkTime, readRate } = given;
  if (workers > given.connections) {
    throw new UserError(
      `--workers ${workers}: more than the ${given.connections} connections that they share`,
    );
  }
  if (
    rate !== undefined &&
    (ratePerConnection !== undefined || thinkTime !== undefined || ramp !== undefined)
  ) {
    throw new UserError(
      '--rate sends by its own clock; leave out --rate-per-connection, --think-time and --ramp',
    );
  }
  if (given.poisson && rate === undefined) throw new UserError('--poisson goes with --rate');
  if (ramp !== undefined && ramp > given.duration) {
    throw new UserError('--ramp is longer than --duration, so some connections would never be opened');
  }
  const arrivals = rate === undefined ? undefined : parseRate(rate);
  if (arrivals !== undefined && scheduleDurationMs(arrivals) < given.duration) {
    throw new UserError(
      `--rate ${rate} ends after ${scheduleDurationMs(arrivals) / 1000} s and --duration later; end it with a rate without a time, e.g. ",100", or shorten --duration`,
    );
  }
  return {
    workers,
    ...(arrivals === undefined
      ? {}
      : {
          arrivals: {
            segments: arrivals,
            pacing: given.poisson ? ('poisson' as const) : ('uniform' as const),
          },
        }),
    ...(ratePerConnection === undefined ? {} : { ratePerConnection }),
    ...(ramp === undefined ? {} : { rampMs: ramp }),
    ...(streamsPerConnection === undefined ? {} : { streamsPerConnection }),
    ...(thinkTime === undefined ? {} : { thinkTimeMs: thinkTime }),
    ...(readRate === undefined ? {} : { slowReaders: { share: given.slowShare, bytesPerSec: readRate } }),
    ...describeSources(target, given.sourceAddresses),
  };
}

function describeSources(target: LoadTarget, text: string | undefined): Partial<LoadOptions> {
  if (text === undefined) return {};
  const wanted = /^\d+$/.test(text) ? Number(text) : text.split(',').map((address) => address.trim());
  return { sourceAddresses: spreadSourceAddresses(target.address, wanted) };
}

/** An hour in steps of 100 ms: some 70 MB on each thread. */
const MOST_SIGNAL_INTERVALS = 36_000;

function describeStreams(given: TesterArguments): Partial<LoadOptions> {
  if (given.signals !== undefined && given.duration / given.signals > MOST_SIGNAL_INTERVALS) {
    throw new UserError(
      `--signals: more than ${MOST_SIGNAL_INTERVALS} intervals in --duration; give a longer time`,
    );
  }
  for (const place of [given.idFrom, given.timeFrom]) if (place !== undefined) createExtractor(place);
  const { maxHeadBytes, maxHeaders, maxInterim, maxChunkBytes, maxLineBytes, maxEventBytes } = given;
  return {
    reconnect: given.reconnect,
    ...(given.reorderWindow === undefined ? {} : { reorderWindow: given.reorderWindow }),
    ...(given.retryLimit === undefined ? {} : { retryLimit: given.retryLimit }),
    ...(given.retryDefault === undefined ? {} : { retryDefaultMs: given.retryDefault }),
    ...(given.silenceLimit === undefined ? {} : { silenceLimitMs: given.silenceLimit }),
    ...(given.idFrom === undefined ? {} : { idFrom: given.idFrom }),
    ...(given.timeFrom === undefined ? {} : { timeFrom: given.timeFrom }),
    ...(given.llm ? { llm: true } : {}),
    ...(given.signals === undefined ? {} : { signalEveryMs: given.signals }),
    responseLimits: {
      ...(maxHeadBytes === undefined ? {} : { headBytes: maxHeadBytes }),
      ...(maxHeaders === undefined ? {} : { headerCount: maxHeaders }),
      ...(maxInterim === undefined ? {} : { interimResponses: maxInterim }),
      ...(maxChunkBytes === undefined ? {} : { chunkBytes: maxChunkBytes }),
    },
    eventLimits: {
      ...(maxLineBytes === undefined ? {} : { lineBytes: maxLineBytes }),
      ...(maxEventBytes === undefined ? {} : { eventBytes: maxEventBytes }),
    },
  };
}

function describeTls(target: LoadTarget, given: TesterArguments): ConnectionOptions {
  const servername = given.servername ?? target.servername;
  return {
    ...(servername === undefined ? {} : { servername }),
    ...(given.insecure ? { rejectUnauthorized: false } : {}),
    ...(given.ca === undefined ? {} : { ca: readText(given.ca) }),
    ...(given.cert === undefined ? {} : { cert: readText(given.cert) }),
    ...(given.key === undefined ? {} : { key: readText(given.key) }),
    ALPNProtocols: ['http/1.1'],
  };
}

function refuseTls(given: TesterArguments): Record<string, never> {
  for (const option of ['insecure', 'ca', 'cert', 'key', 'servername'] as const) {
    if (given[option] !== undefined) throw new UserError(`--${option} goes with an https:// URL`);
  }
  return {};
}

function buildRequest(target: LoadTarget, given: TesterArguments): Buffer {
  if (given.body !== undefined && given.bodyFile !== undefined) {
    throw new UserError('give the body by --body or by --body-file, not by both');
  }
  const body = given.bodyFile === undefined ? given.body : readBytes(given.bodyFile);
  return buildRequestBytes({
    method: given.method,
    authority: target.authority,
    path: target.path,
    headers: given.header ?? {},
    acceptsByDefault: given.defaultHeaders,
    ...(body === undefined ? {} : { body: Buffer.from(body) }),
  });
}

function readRequestFile(given: TesterArguments): Buffer {
  if (
    given.header !== undefined ||
    given.body !== undefined ||
    given.bodyFile !== undefined ||
    given.method !== 'GET'
  ) {
    throw new UserError('--request-file holds the whole request; leave out -H, -X, --body and --body-file');
  }
  const file = given.requestFile!;
  const request = readBytes(file);
  if (!request.includes('\r\n\r\n')) {
    throw new UserError(
      `${file}: no blank line (CR LF CR LF) ends its head; store the exact bytes of a request`,
    );
  }
  return request;
}

function readText(file: string): string {
  return readBytes(file).toString('utf8');
}

function readBytes(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new UserError(`${file}: cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

/** The options as the report shows them. */
export function reportOptions(load: LoadOptions, given: TesterArguments): TesterReportOptions {
  return {
    connections: load.connections,
    durationMs: load.durationMs,
    timeoutMs: load.timeoutMs,
    stream: load.stream,
    workers: load.workers ?? 1,
    ...describeRequest(load.request),
    headers: given.header ?? {},
    ...(given.bodyFile === undefined ? {} : { bodyFile: given.bodyFile }),
    ...(given.requestFile === undefined ? {} : { requestFile: given.requestFile }),
    ...(load.ratePerConnection === undefined ? {} : { ratePerConnection: load.ratePerConnection }),
    ...(given.rate === undefined ? {} : { rate: given.rate }),
    ...(load.rampMs === undefined ? {} : { rampMs: load.rampMs }),
    ...(load.thinkTimeMs === undefined ? {} : { thinkTimeMs: load.thinkTimeMs }),
    ...(load.streamsPerConnection === undefined ? {} : { streamsPerConnection: load.streamsPerConnection }),
    ...(load.slowReaders === undefined ? {} : { slowReaders: load.slowReaders }),
    reconnect: load.reconnect ?? 'fresh',
    anyContentType: !load.expectEventStream,
  };
}

/** What the bytes say, wherever they came from. */
function describeRequest(request: Uint8Array): Pick<TesterReportOptions, 'method' | 'bodyBytes'> {
  const bytes = Buffer.from(request.buffer, request.byteOffset, request.byteLength);
  const methodEnd = bytes.indexOf(' ');
  const headEnd = bytes.indexOf('\r\n\r\n');
  return {
    method: bytes.toString('latin1', 0, Math.max(0, methodEnd)),
    bodyBytes: headEnd < 0 ? 0 : bytes.length - headEnd - 4,
  };
}
