import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { main } from '../../src/cli/ssee-tester.ts';
import { OUTCOMES } from '../../src/model/outcome.ts';
import type { TesterReport } from '../../src/model/tester-report.ts';
import {
  CHUNKED_HEAD,
  chunk,
  eventsFrom,
  findClosedPort,
  type RawServer,
  startRawServer,
} from './raw-server.ts';
import { type Ran, runTester, startTester } from './run-tester.ts';

const run = (...args: string[]): Promise<Ran> => runTester(args);

let server: RawServer;
let url: string;
const folder = mkdtempSync(join(tmpdir(), 'ssee-tester-'));
const started: ChildProcess[] = [];

beforeAll(async () => {
  server = await startRawServer((socket) =>
    socket.write(`${CHUNKED_HEAD}${chunk(eventsFrom(1, 3))}0\r\n\r\n`),
  );
  url = `http://127.0.0.1:${server.port}/events?x=1`;
});
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('ssee-tester --json', () => {
  it('prints one document with everything applied, and nothing else', async () => {
    const { code, stdout, stderr } = await run(
      url,
      '-c',
      '3',
      '-d',
      '300ms',
      '--timeout',
      '2s',
      '-H',
      'X-A: b',
      '--json',
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    const report = JSON.parse(stdout) as TesterReport;
    expect(report).toMatchObject({
      schema: 'ssee-tester/1',
      node: process.version,
      url,
      interrupted: false,
      options: {
        connections: 3,
        durationMs: 300,
        timeoutMs: 2000,
        stream: 'finite',
        method: 'GET',
        headers: { 'X-A': 'b' },
        bodyBytes: 0,
        anyContentType: false,
      },
      connectionsOpened: 3,
    });
    const sum = OUTCOMES.reduce((total, outcome) => total + report.outcomes[outcome], 0);
    expect(sum).toBe(report.outcomes.attempted);
    expect(report.outcomes.completed).toBe(report.outcomes.attempted);
    expect(report.eventsTotal).toBe(report.outcomes.completed * 3);
    expect(report.selfCheck.cpuUs).toBeGreaterThan(0);
    expect(server.requests.at(-1)).toBe(
      `GET /events?x=1 HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nAccept: text/event-stream\r\nX-A: b\r\n\r\n`,
    );
  });

  it('sends the bytes of a file', async () => {
    const file = join(folder, 'request');
    const bytes = 'GET /raw HTTP/1.1\r\nhost:   odd\r\n\r\n';
    writeFileSync(file, bytes);
    const { code, stdout } = await run(url, '-c', '1', '-d', '100ms', '--request-file', file, '--json');
    expect(code).toBe(0);
    expect(server.requests.at(-1)).toBe(bytes);
    // These bytes ask for no event stream, so any content type is right.
    expect((JSON.parse(stdout) as TesterReport).options).toMatchObject({
      requestFile: file,
      anyContentType: true,
    });
  });

  it('writes a line of JSON per event to a file', async () => {
    const file = join(folder, 'events.jsonl');
    const { code, stdout, stderr } = await run(url, '-c', '2', '-d', '150ms', '--events', file, '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { eventsTotal, tapDropped } = JSON.parse(stdout) as TesterReport;
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(eventsTotal - tapDropped);
    expect(JSON.parse(lines[0]!)).toMatchObject({ id: '1', type: 'message', data: '{"seq":1}' });
  });

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`reports the window so far after ${signal}`, async () => {
      const before = server.requests.length;
      const { child, done } = startTester([url, '-c', '1', '-d', '60s', '--json']);
      started.push(child);
      const deadline = Date.now() + 20_000;
      while (server.requests.length < before + 20 && Date.now() < deadline)
        await new Promise((wake) => setTimeout(wake, 10));
      child.kill(signal);
      const { code, stdout, stderr } = await done;
      expect(code).toBe(130);
      expect(stderr).toMatch(/^interrupted: .*\n$/);
      const report = JSON.parse(stdout) as TesterReport;
      expect(report.interrupted).toBe(true);
      expect(report.outcomes.completed).toBeGreaterThan(0);
      expect(report.window.durationUs).toBeLessThan(60_000_000);
    });
  }
});

describe('ssee-tester for a person', () => {
  it('says in one sentence how the streams ended, then rates, latencies, outcomes and itself', async () => {
    const { code, stdout } = await run(url, '-c', '2', '-d', '200ms');
    expect(code).toBe(0);
    const lines = stdout.split('\n');
    // On a machine that is busy the generator may well have been the limit; then that comes first.
    expect(lines.slice(0, 2).join(' ')).toMatch(
      /^(The load generator was the limit, not the server\. )?All [\d,]+ streams completed \(2 connections for 0\.2 s\)\./,
    );
    for (const label of [
      'requests/s',
      'events/s',
      'latency',
      'first event',
      'event gap',
      'completed',
      'timed out',
      'self-check',
    ]) {
      expect(
        lines.filter((line) => line.startsWith(label)),
        label,
      ).toHaveLength(1);
    }
    expect(stdout).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('exits 1 and says what to do when nothing listens', async () => {
    const closed = `http://127.0.0.1:${await findClosedPort()}/`;
    const { code, stdout, stderr } = await run(closed, '-d', '100ms');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^(\d+) of \1 streams failed .*ECONNREFUSED/s);
    expect(stderr).toMatch(
      /cannot be reached: connect ECONNREFUSED .*; start the server or correct host and port\n$/,
    );
  });
});

/** On this thread: nothing is loaded, and a process for each would take most of the time. */
async function runHere(args: string[]): Promise<Ran> {
  const written = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      written[stream] += String(text);
      return true;
    });
  }
  try {
    return { code: await main(args), ...written };
  } finally {
    vi.restoreAllMocks();
  }
}

describe('bad usage exits 2 with one line that names the remedy', () => {
  const cases: [string, string[], RegExp][] = [
    ['no scheme', ['127.0.0.1:80/x'], /not a URL; write it in full/],
    ['another scheme', ['ftp://127.0.0.1/'], /not a URL; write it in full, e\.g\. http/],
    ['TLS options without TLS', ['http://127.0.0.1/', '--insecure'], /--insecure goes with an https/],
    ['two bodies', ['http://127.0.0.1/', '--body', 'a', '--body-file', 'b'], /not by both/],
    ['an empty rate', ['http://127.0.0.1/', '--rate', '0'], /sends nothing; give a rate above 0/],
    ['a rate that ends first', ['http://127.0.0.1/', '--rate', '5/1s', '-d', '2s'], /ends after 1 s/],
    ['a rate and a think time', ['http://127.0.0.1/', '--rate', '5', '--think-time', '1s'], /leave out/],
    ['a place that is none', ['http://127.0.0.1/', '--id-from', 'x'], /pointer:/],
    ['more workers than connections', ['http://127.0.0.1/', '-c', '2', '--workers', '3'], /they share/],
    ['a name nobody knows', ['http://name.invalid/'], /name not found \(\w+\); use an IP address/],
    ['credentials', ['http://a:b@127.0.0.1/'], /use -H "Authorization/],
    ['a duration without unit', ['http://127.0.0.1/', '-d', '10'], /--duration .*e\.g\. 500ms, 10s or 2m/],
    ['no connections', ['http://127.0.0.1/', '-c', '0'], /--connections .*whole number from 1/],
    ['a negative rate', ['http://127.0.0.1/', '--rate-per-connection=-1'], /above 0/],
    ['an unknown kind of stream', ['http://127.0.0.1/', '--stream', 'auto'], /finite, endless/],
    ['a header without colon', ['http://127.0.0.1/', '-H', 'Accept'], /write "Name: value"/],
    ['a header with a line end', ['http://127.0.0.1/', '-H', 'A: b\r\nC: d'], /write "Name: value"/],
    [
      'a file that is not there',
      ['http://127.0.0.1/', '--request-file', '/nowhere'],
      /cannot be read \(ENOENT\)/,
    ],
    [
      'a file and a method',
      ['http://127.0.0.1/', '--request-file', '/nowhere', '-X', 'POST'],
      /leave out -H, -X/,
    ],
    ['an unknown option', ['http://127.0.0.1/', '--conections', '5'], /Did you mean --connections/],
  ];
  for (const [name, args, message] of cases) {
    it(name, async () => {
      const { code, stdout, stderr } = await runHere(args);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(message);
      expect(stderr).not.toMatch(/\n\s+at /);
    });
  }
});
