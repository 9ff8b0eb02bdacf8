import { join } from 'node:path';
import { parsePrometheusText } from '../src/evidence/prometheus-text.ts';
import type { TargetSpec } from '../src/model/plan.ts';
import { PACKAGE_ROOT } from '../src/process/package-root.ts';
import { readProcStat, TICKS_PER_SECOND } from '../src/process/proc-stat.ts';
import { buildGoTarget } from '../src/target/build-go-target.ts';
import { type Lab, SkippedError } from './lab.ts';

/** A target that runs for all runs of a comparison. */
export interface MeasuredTarget {
  url: string;
  pid: number;
  port: number;
  /** `go-nethttp go1.22.1` */
  name: string;
  /** The text of /metrics. */
  readMetrics(): Promise<string>;
  /** Wait until no stream is open. @returns false when some still are after ten seconds */
  drain(): Promise<boolean>;
  /** CPU time so far, in steps of 10 ms. */
  cpuUs(): number;
  /** Stop it by SIGSTOP. @returns the time, ms since the epoch */
  stop(): number;
  /** The opposite; does nothing to one that runs. */
  continue(): number;
}

const METRICS_WITHIN_MS = 10_000;
const DRAIN_WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 50;

/** Go's net/http: its cost per event is the lowest of the bundled ones, so it is least likely to be the limit. */
const GO_TARGET: TargetSpec = {
  use: 'go-nethttp',
  fallback: 'node-http',
  args: [],
  env: {},
  cwd: PACKAGE_ROOT,
  ready: { path: '/healthz', withinMs: 20_000 },
  metrics: '/metrics',
};

/** Run `work` against a bundled target of its own. */
export function withTarget<T>(lab: Lab, work: (target: MeasuredTarget) => Promise<T>): Promise<T> {
  return withTargetOf(lab, GO_TARGET, work);
}

/**
 * Run `work` against perf/pour, whose events cost next to nothing.
 * @throws SkippedError without Go
 */
export async function withPour<T>(lab: Lab, work: (target: MeasuredTarget) => Promise<T>): Promise<T> {
  const built = await buildGoTarget(join(PACKAGE_ROOT, 'perf/pour'));
  if (!built.ok) throw new SkippedError(`the target that is idle enough cannot be built: ${built.reason}`);
  const { use: _use, fallback: _fallback, ...rest } = GO_TARGET;
  // biome-ignore lint/suspicious/noTemplateCurlyInString: where the launcher puts the port
  return withTargetOf(lab, { ...rest, command: [built.binary, '--port', '${port}'] }, work);
}

async function withTargetOf<T>(
  lab: Lab,
  spec: TargetSpec,
  work: (target: MeasuredTarget) => Promise<T>,
): Promise<T> {
  const { launcher, space, dir, signal } = lab;
  const target = await launcher.launch({ spec, space, dir, signal });
  const readMetrics = async (): Promise<string> => {
    const { status, text } = await space.get(`${target.url}/metrics`, METRICS_WITHIN_MS);
    if (status !== 200) throw new Error(`${target.url}/metrics answered ${status}`);
    return text;
  };
  try {
    return await work({
      url: target.url,
      pid: target.pid!,
      port: target.port,
      name: [target.record.name, target.record.version].filter(Boolean).join(' '),
      readMetrics,
      drain: () => waitForDrain(readMetrics),
      cpuUs() {
        const stat = readProcStat(target.pid!);
        if (!stat) throw new Error('the target is gone');
        return ((stat.utimeTicks + stat.stimeTicks) / TICKS_PER_SECOND) * 1e6;
      },
      stop: () => signalAt(target.pid!, 'SIGSTOP'),
      continue: () => signalAt(target.pid!, 'SIGCONT'),
    });
  } finally {
    await target.stop();
  }
}

function signalAt(pid: number, signal: NodeJS.Signals): number {
  process.kill(pid, signal);
  return performance.timeOrigin + performance.now();
}

async function waitForDrain(readMetrics: () => Promise<string>): Promise<boolean> {
  const until = performance.now() + DRAIN_WITHIN_MS;
  for (;;) {
    const samples = parsePrometheusText(await readMetrics());
    if (samples.find(({ name }) => name === 'ssee_target_streams_open')?.value === 0) return true;
    if (performance.now() > until) return false;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
