import { asAmount, asCount, parseJsonObject } from '../read-json.ts';

/** One transfer as curl's `%{json}` describes it. Times are from the start of the transfer. */
export interface CurlTransfer {
  exitCode: number;
  /** 0 without a response head. */
  httpCode: number;
  contentType?: string;
  error: string;
  /** Undefined when there was no connection. */
  connectUs?: number;
  /** The request is about to be written. */
  sentUs: number;
  /** First byte of the head; undefined without one. */
  firstByteUs?: number;
  totalUs: number;
  /** Of the body, chunk framing removed. */
  bodyBytes: number;
  headBytes: number;
}

/** Every complete line of curl's output; a line cut off by a kill is left out. */
export function parseTransfers(stdout: string): CurlTransfer[] {
  return stdout.split('\n').flatMap((line) => parseTransfer(line) ?? []);
}

function parseTransfer(line: string): CurlTransfer | undefined {
  const json = parseJsonObject(line);
  const exitCode = asCount(json?.exitcode);
  const httpCode = asCount(json?.http_code);
  const sentUs = toUs(json?.time_pretransfer);
  const totalUs = toUs(json?.time_total);
  if (!json || exitCode === undefined || httpCode === undefined) return undefined;
  if (sentUs === undefined || totalUs === undefined) return undefined;
  const lookedUpUs = toUs(json.time_namelookup) ?? 0;
  const connectedUs = toUs(json.time_connect) ?? 0;
  const firstByteUs = toUs(json.time_starttransfer) ?? 0;
  return {
    exitCode,
    httpCode,
    error: typeof json.errormsg === 'string' ? json.errormsg : '',
    sentUs,
    totalUs,
    bodyBytes: asCount(json.size_download) ?? 0,
    headBytes: asCount(json.size_header) ?? 0,
    ...(typeof json.content_type === 'string' ? { contentType: json.content_type } : {}),
    // curl prints 0 for a step that was not reached.
    ...(connectedUs > 0 ? { connectUs: Math.max(0, connectedUs - lookedUpUs) } : {}),
    ...(httpCode > 0 && firstByteUs > 0 ? { firstByteUs } : {}),
  };
}

function toUs(seconds: unknown): number | undefined {
  const amount = asAmount(seconds);
  return amount === undefined ? undefined : Math.round(amount * 1e6);
}
