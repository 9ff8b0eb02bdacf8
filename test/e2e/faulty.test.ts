import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Comparison } from '../../src/model/comparison.ts';
import { OUTCOMES, type Outcome } from '../../src/model/outcome.ts';
import {
  armOf,
  findRunDir,
  makeOutDir,
  numberIn,
  outcomeOf,
  readComparison,
  runCli,
} from '../helpers/run-cli.ts';

/** Every misbehaviour of the faulty target with what truly becomes of each of its streams. */
const ROUTES: { name: string; path: string; truth: Outcome }[] = [
  { name: 'stall', path: '/stall', truth: 'stalled' },
  { name: 'hang', path: '/hang', truth: 'no-headers' },
  { name: 'fin', path: '/fin?interval=5ms', truth: 'closed-early' },
  { name: 'reset', path: '/reset?interval=5ms', truth: 'reset' },
  { name: 'truncated', path: '/truncated?interval=5ms', truth: 'closed-early' },
  { name: 'eof', path: '/eof?count=3&interval=5ms', truth: 'completed' },
  { name: 'unflushed', path: '/unflushed?count=5&interval=5ms', truth: 'completed' },
  { name: 'slow-head', path: '/slow-head?delay=100ms&count=2&interval=5ms', truth: 'completed' },
  { name: '503', path: '/503', truth: 'http-error' },
  { name: 'split-utf8', path: '/split-utf8?count=3&interval=5ms', truth: 'completed' },
  { name: 'split-crlf', path: '/split-crlf?count=3&interval=5ms', truth: 'completed' },
  { name: 'one-byte', path: '/one-byte?count=2', truth: 'completed' },
  { name: 'huge-line', path: '/huge-line', truth: 'completed' },
];

/** What a finite run leaves over at its end is the client's doing, whatever the server does. */
const ALWAYS_ALLOWED: readonly Outcome[] = ['client-aborted'];

const TOOLS = ['wrk', 'hey', 'curl', 'autocannon', 'ab', 'ssee-tester'] as const;

/** Runs side by side: they wait far more than they work, and nothing here rests on a rate. */
const RUNS_AT_ONCE = 3;

function scenarioText(routes: typeof ROUTES): string {
  const variants = routes.map((route) => `  ${route.name}: {request: {path: "${route.path}"}}`).join('\n');
  return `
name: faulty
target: {use: faulty, metrics: /metrics, ready: {path: /healthz, within: 10s}}
request: {method: GET, path: /hello, headers: {Accept: text/event-stream}}
stream: finite
load: {connections: 4, duration: 1s, timeout: 500ms, rounds: 1}
tools: [${TOOLS.join(', ')}]
variants:
${variants}
capture: off
`;
}

const BACKLOG = `
name: backlog
target: {command: [node, dist/targets/faulty/server.js, --port, "\${port}", --never-accept], cwd: "${process.cwd()}"}
request: {method: GET, path: /endless, headers: {Accept: text/event-stream}}
stream: finite
load: {connections: 6, duration: 1s, timeout: 500ms, rounds: 1}
tools: [${TOOLS.join(', ')}]
capture: off
`;

const outDir = makeOutDir();
afterAll(() => rmSync(outDir, { recursive: true, force: true }));

async function runScenario(name: string, text: string): Promise<Comparison> {
  const scenario = join(outDir, `${name}.yaml`);
  writeFileSync(scenario, text);
  const runs = join(outDir, `runs-${name}`);
  const result = await runCli(['run', scenario, '--out', runs]);
  expect(result.stderr).not.toMatch(/internal error/);
  expect(result.code, result.stderr).toBe(0);
  return readComparison(findRunDir(runs));
}

let backlogRun: Promise<Comparison>;
beforeAll(() => {
  backlogRun = runScenario('backlog', BACKLOG);
  // Whoever awaits it is told; until then a failure must not end the process.
  backlogRun.catch(() => undefined);
});

describe('servers whose misbehaviour is known', () => {
  const comparisons = new Map<string, Comparison>();

  const armAt = (route: string, tool: string) => armOf(comparisons.get(route)!, `${tool}@${route}`);

  async function runRoutes(part: number): Promise<void> {
    const routes = ROUTES.filter((_, index) => index % RUNS_AT_ONCE === part);
    const comparison = await runScenario(`faulty-${part}`, scenarioText(routes));
    for (const { name } of routes) comparisons.set(name, comparison);
  }

  beforeAll(async () => {
    await Promise.all(Array.from({ length: RUNS_AT_ONCE }, (_, part) => runRoutes(part)));
  }, 400_000);

  for (const route of ROUTES) {
    it(`/${route.name}: ssee-tester says ${route.truth} of every stream and accounts for all of them`, () => {
      const arm = armAt(route.name, 'ssee-tester');
      const seen = OUTCOMES.filter((row) => (outcomeOf(arm, row) ?? 0) > 0);
      expect(seen.filter((row) => !ALWAYS_ALLOWED.includes(row))).toEqual([route.truth]);
      expect(outcomeOf(arm, route.truth)).toBeGreaterThanOrEqual(1);
      expect(outcomeOf(arm, 'unaccounted')).toBe(0);
    });

    for (const tool of TOOLS.filter((name) => name !== 'ssee-tester')) {
      it(`/${route.name}: ${tool} says ${route.truth} or that it cannot know, never the opposite`, () => {
        const arm = armAt(route.name, tool);
        const seen = OUTCOMES.filter((row) => (outcomeOf(arm, row) ?? 0) > 0);
        expect(seen.filter((row) => row !== route.truth && !ALWAYS_ALLOWED.includes(row))).toEqual([]);
        const saysNoneOfTheTruth = outcomeOf(arm, route.truth) === 0;
        expect(saysNoneOfTheTruth, `a known 0 for ${route.truth}`).toBe(false);
        if (route.truth !== 'completed') {
          expect(numberIn(arm.metrics.requests_per_sec) ?? 0, 'rate of streams that were not completed').toBe(
            0,
          );
        }
      });
    }
  }

  it('does not let hey count a stream that the server reset', () => {
    const hey = armAt('reset', 'hey');
    expect(hey.outcomes.completed).toMatchObject({ known: false, why: 'not-observable' });
    expect(hey.metrics.requests_per_sec.known).toBe(false);
    expect(hey.findings.map((finding) => finding.code)).toContain('tool-misreports');
  });
});

describe('a server that never accepts', () => {
  it('is not one whose streams anybody completes', async () => {
    const comparison = await backlogRun;
    const tester = armOf(comparison, 'ssee-tester');
    const seen = OUTCOMES.filter((row) => (outcomeOf(tester, row) ?? 0) > 0);
    // The kernel completes two handshakes by itself; the other connections are never established.
    expect(seen.filter((row) => row !== 'client-aborted').sort()).toEqual(['no-headers', 'refused']);
    for (const id of ['wrk', 'hey', 'curl', 'autocannon', 'ab']) {
      expect(outcomeOf(armOf(comparison, id), 'completed') ?? 0).toBe(0);
      expect(numberIn(armOf(comparison, id).metrics.requests_per_sec) ?? 0).toBe(0);
    }
  }, 120_000);
});
