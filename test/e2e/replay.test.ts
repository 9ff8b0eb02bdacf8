import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Comparison } from '../../src/model/comparison.ts';
import {
  armOf,
  type CliResult,
  findRunDir,
  makeOutDir,
  outcomeOf,
  readComparison,
  runCli,
} from '../helpers/run-cli.ts';

const SCENARIO = `
name: replay
target: {use: node-http, metrics: /metrics, ready: {path: /healthz, within: 10s}}
request:
  path: /events?count=3&interval=5ms
  headers: {Accept: text/event-stream, Origin: "http://localhost:\${port}"}
stream: finite
load: {connections: 4, duration: 1s, timeout: 1s, rounds: 1}
tools: [hey, {use: ssee-tester, name: hey-bytes, replay: hey}]
capture: headers
expect: {finding: server-resets}
`;

describe('an arm that replays the request of another tool', () => {
  const outDir = makeOutDir();
  let result: CliResult;
  let comparison: Comparison;

  beforeAll(async () => {
    const scenario = join(outDir, 'replay.yaml');
    writeFileSync(scenario, SCENARIO);
    result = await runCli(['run', scenario, '--out', join(outDir, 'runs')]);
    comparison = readComparison(findRunDir(join(outDir, 'runs')));
  }, 60_000);
  afterAll(() => rmSync(outDir, { recursive: true, force: true }));

  const requestOf = (id: string): string => {
    const cell = armOf(comparison, id).wire.request_bytes;
    return cell?.known
      ? Buffer.from(String(cell.value), 'base64').toString('latin1')
      : `unknown: ${cell?.detail}`;
  };

  it('sends the bytes of that tool, its own headers included', () => {
    expect(requestOf('hey-bytes')).toBe(requestOf('hey'));
    expect(requestOf('hey-bytes')).toMatch(/User-Agent: hey/);
    expect(outcomeOf(armOf(comparison, 'hey-bytes'), 'completed')).toBeGreaterThan(10);
  });

  it('fills the port in where a header asks for it', () => {
    const port = /Host: 127\.0\.0\.1:(\d+)/.exec(requestOf('hey'))?.[1];
    expect(requestOf('hey')).toContain(`Origin: http://localhost:${port}\r\n`);
  });

  it('fails a run whose planted truth is not found, naming what was found instead', () => {
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/hey-bytes: expected server-resets as its first finding, got \S+/);
  });
});
