import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { connect, createServer } from 'node:net';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Download } from './network-space.ts';

/** A readiness or counters page beyond this size is not one. */
const LONGEST_BODY_BYTES = 16 * 1024 * 1024;

/**
 * HTTP GET on a connection of its own, body read to its end.
 * Rejects when the connection fails, after `timeoutMs` in all, or when the body is larger than 16 MiB.
 */
export function httpGet(
  url: string,
  timeoutMs: number,
  from?: string,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const options = { agent: false as const, ...(from === undefined ? {} : { localAddress: from }) };
    const request = get(url, options, (response) => {
      const chunks: Buffer[] = [];
      let length = 0;
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        length += chunk.length;
        if (length > LONGEST_BODY_BYTES) request.destroy(new Error(`${url}: more than 16 MiB of body`));
      });
      response.on('end', () => {
        clearTimeout(timer);
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') });
      });
      response.on('error', fail);
    });
    const timer = setTimeout(
      () => request.destroy(new Error(`${url}: no complete answer within ${timeoutMs} ms`)),
      timeoutMs,
    );
    const fail = (error: Error): void => {
      clearTimeout(timer);
      reject(error);
    };
    request.on('error', fail);
  });
}

/** An execution trace grows by some megabytes per second. */
const LONGEST_DOWNLOAD_BYTES = 256 * 1024 * 1024;
/** Enough for the line in which a server says what is wrong. */
const WORDS_BYTES = 300;

/**
 * HTTP GET on a connection of its own, a 2xx body written to `file` byte for byte.
 * Rejects when the connection fails, after `timeoutMs` in all, when the file cannot be written, and beyond 256 MiB.
 */
export async function httpDownload(url: string, file: string, timeoutMs: number): Promise<Download> {
  const controller = new AbortController();
  const timer = setTimeout(
    () => controller.abort(new Error(`${url}: no complete answer within ${timeoutMs} ms`)),
    timeoutMs,
  );
  try {
    const response = await ask(url, controller.signal);
    const status = response.statusCode ?? 0;
    if (status < 200 || status > 299) {
      return { status, bytes: 0, words: await readWords(response) };
    }
    let bytes = 0;
    const counter = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        bytes += chunk.length;
        done(bytes > LONGEST_DOWNLOAD_BYTES ? new Error(`${url}: more than 256 MiB of body`) : null, chunk);
      },
    });
    await pipeline(response, counter, createWriteStream(file), { signal: controller.signal });
    return { status, bytes };
  } catch (error) {
    throw controller.signal.aborted ? controller.signal.reason : error;
  } finally {
    clearTimeout(timer);
  }
}

function ask(url: string, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false, signal }, resolve).on('error', reject);
  });
}

async function readWords(response: IncomingMessage): Promise<string> {
  let words = '';
  for await (const chunk of response) {
    words += String(chunk);
    if (words.length >= WORDS_BYTES) break;
  }
  return words.slice(0, WORDS_BYTES);
}

/** True when a TCP connection to host and port is accepted in time; it is closed at once. */
export function acceptsConnection(port: number, timeoutMs: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    const finish = (accepted: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(accepted);
    };
    const timer = setTimeout(() => finish(false), timeoutMs);
    socket.once('connect', () => finish(true));
    socket.once('error', () => finish(false));
  });
}

/** A port of 127.0.0.1 that nobody listens on at the time of asking. */
export function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (typeof address === 'object' && address) resolve(address.port);
        else reject(new Error('the kernel named no port'));
      });
    });
  });
}

/**
 * A kernel setting of the network that the calling process is in, such as `ipv4/ip_local_port_range`; null where there
 * is none of that name or it may not be read.
 */
export async function readSetting(name: string): Promise<string | null> {
  try {
    return (await readFile(settingFile(name), 'utf8')).trim();
  } catch {
    return null;
  }
}

export function settingFile(name: string): string {
  return `/proc/sys/net/${name}`;
}
