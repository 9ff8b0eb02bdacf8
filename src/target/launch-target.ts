import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../model/errors.ts';
import type { TargetSpec } from '../model/plan.ts';
import type { TargetRecord } from '../model/run-record.ts';
import type { ProcessExit } from '../model/tool.ts';
import { formatDuration } from '../model/units.ts';
import { findExecutable } from '../process/find-executable.ts';
import type { ProcessRegistry } from '../process/process-registry.ts';
import {
  explainMissing,
  type RunningProcess,
  type SignalLadder,
  startProcess,
} from '../process/start-process.ts';
import { findTargetAtUrl } from './find-target-at-url.ts';
import { lastWords, portComplaint } from './last-words.ts';
import { type LocatedTarget, locateTarget } from './prepare-target.ts';
import type { LaunchRequest, Target, TargetLauncher } from './target-launcher.ts';
import { waitUntilReady } from './wait-until-ready.ts';

const STOP_LADDER: SignalLadder = [
  { signal: 'SIGTERM', waitMs: 3000 },
  { signal: 'SIGKILL', waitMs: 1000 },
];

const KILL_LADDER: SignalLadder = [{ signal: 'SIGKILL', waitMs: 1000 }];

// biome-ignore lint/suspicious/noTemplateCurlyInString: what scenarios write where the port is to stand
const PORT_PLACEHOLDER = '${port}';

/** A server that fails in its second step has opened its port in the first. */
const STAYS_ALIVE_MS = 50;

const PORT_CLOSES_WITHIN_MS = 1000;

/** Launches bundled targets, the user's commands, and finds servers that run already. */
export function createTargetLauncher(options: { registry: ProcessRegistry }): TargetLauncher {
  return {
    async launch(request) {
      if (request.spec.url !== undefined) return findTargetAtUrl(request.spec, request.spec.url, request);
      const located = await locateTarget(request.spec, {
        registry: options.registry,
        signal: request.signal,
      });
      if (!located.ok) throw new UserError(`${located.reason}; ${located.remedy}`, 1);
      return launchProgram(request, located, options.registry);
    },
  };
}

async function launchProgram(
  request: LaunchRequest,
  located: Extract<LocatedTarget, { ok: true }>,
  registry: ProcessRegistry,
): Promise<Target> {
  const { spec, space, dir, signal } = request;
  const port = await space.freePort();
  const program = [...located.program!, ...profilingArgs(request, located)] as [string, ...string[]];
  const argv = commandLine(spec, program, port);
  const env = Object.fromEntries(
    // Where it may keep files of its own: they are part of the run.
    Object.entries({ SSEE_TRIAL_DIR: dir, ...spec.env, ...request.profiling?.env }).map(([name, value]) => [
      name,
      withPort(value, port),
    ]),
  );
  const executable = findExecutable(argv[0], {
    cwd: spec.cwd,
    ...(env.PATH === undefined ? {} : { path: env.PATH }),
  });
  if (executable === undefined) {
    throw new UserError(`the target cannot be launched: ${explainMissing(argv[0])}`, 1);
  }
  signal.throwIfAborted();
  let starts = 0;
  const start = (): Launched => {
    // What it said before it was ended stays readable.
    const suffix = starts++ === 0 ? '' : `-${starts}`;
    const stderrFile = join(dir, `target-stderr${suffix}.txt`);
    const running = startProcess({
      argv: space.wrap([executable, ...argv.slice(1)]),
      cwd: spec.cwd,
      env,
      stdoutFile: join(dir, `target-stdout${suffix}.txt`),
      stderrFile,
      ...(spec.pin ? { pin: spec.pin } : {}),
      registry,
    });
    return { spec, port, stderrFile, running };
  };
  let current = start();
  try {
    await becomeReady(current, request);
  } catch (error) {
    await current.running.stop(STOP_LADDER);
    throw error;
  }

  const record: TargetRecord = {
    name: located.name,
    ...(located.version === undefined ? {} : { version: located.version }),
    ...(located.fallbackReason === undefined ? {} : { fallbackReason: located.fallbackReason }),
    pid: current.running.pid!,
    isolated: space.isolated,
  };
  /** Those that the harness ended itself. */
  const ended = new Set<RunningProcess>();
  let sayDead: (exit: ProcessExit) => void;
  const died = new Promise<ProcessExit>((resolve) => {
    sayDead = resolve;
  });
  const watch = ({ running }: Launched): void => {
    void running.exited.then((exit) => {
      if (!ended.has(running)) sayDead(exit);
    });
  };
  const end = async ({ running }: Launched, ladder: SignalLadder): Promise<void> => {
    ended.add(running);
    const { unended } = await running.stop(ladder);
    if (unended !== undefined) throw new UserError(`the target ${unended}; end it by hand`, 1);
  };
  watch(current);
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    get pid() {
      return current.running.pid!;
    },
    record,
    died,
    restart: {
      end: (by) => end(current, by === 'SIGKILL' ? KILL_LADDER : STOP_LADDER),
      async begin(onStart) {
        current = start();
        // At once: one that ends before it is ready is a target that has died, too.
        watch(current);
        if (current.running.pid !== undefined) onStart(current.running.pid);
        await becomeReady(current, request);
      },
    },
    async stop() {
      await end(current, STOP_LADDER);
      if (!space.isolated) await waitUntilClosed(request, port);
    },
  };
}

/** Measured trials run the bundled target without its profile endpoints. */
function profilingArgs({ profiling, spec }: LaunchRequest, { name }: { name: string }): string[] {
  return profiling && name === 'go-nethttp' && !spec.args.includes('--pprof') ? ['--pprof'] : [];
}

function commandLine(
  spec: TargetSpec,
  program: readonly [string, ...string[]],
  port: number,
): [string, ...string[]] {
  const own = spec.args.map((arg) => withPort(arg, port));
  const [file, ...args] = program;
  if (spec.command) return [withPort(file, port), ...args.map((arg) => withPort(arg, port)), ...own];
  return [file, ...args, '--host', '127.0.0.1', '--port', String(port), ...own];
}

function withPort(text: string, port: number): string {
  return text.replaceAll(PORT_PLACEHOLDER, String(port));
}

interface Launched {
  spec: TargetSpec;
  port: number;
  stderrFile: string;
  running: RunningProcess;
}

/** @throws UserError when it ends or the time is over before it is ready; the abort's reason when aborted */
async function becomeReady(launched: Launched, request: LaunchRequest): Promise<void> {
  const { spec, port, running } = launched;
  const { space, signal } = request;
  const over = new AbortController();
  const exit = running.exited.then((end) => {
    over.abort();
    return end;
  });
  const giveUp = AbortSignal.any([over.signal, signal]);
  const { path, withinMs } = spec.ready;
  const probe = { url: `http://127.0.0.1:${port}`, path };
  const ready = await waitUntilReady(space, [probe], withinMs, giveUp);
  signal.throwIfAborted();
  const ended = await Promise.race([exit, ready ? sleep(STAYS_ALIVE_MS) : sleep(0)]);
  if (ended) throw new UserError(explainEnd(launched, ended), 1);
  if (!ready) throw new UserError(explainSilence(launched), 1);
}

function explainEnd({ spec, port, stderrFile }: Launched, exit: ProcessExit): string {
  if (exit.spawnError) return `the target cannot be launched: ${exit.spawnError}`;
  const stderr = readFileSync(stderrFile, 'utf8');
  const complaint = portComplaint(stderr);
  if (complaint) return `the target ended at once because ${explainTaken(complaint.port, port, spec)}`;
  const how = exit.signal ? `was ended by ${exit.signal}` : `exited with code ${exit.code}`;
  const words = lastWords(stderr);
  return `the target ${how} before it was ready${words ? `, saying "${words}"` : ' and said nothing'}; see ${stderrFile}`;
}

/** @param named the port that the target complained about, where it named one */
function explainTaken(named: number | undefined, port: number, spec: TargetSpec): string {
  const remedy = `end what listens there, or let the target listen on ${PORT_PLACEHOLDER}`;
  // One that cannot know the port it was given has tried another.
  if (named === undefined && !usesPort(spec)) {
    return `a port that target.command names is already in use; ${remedy}`;
  }
  if (named === undefined || named === port) {
    return `port ${port} is already in use; run it again, another port will be chosen; if it stays, the target binds the port twice`;
  }
  return `port ${named} is already in use; ${remedy}${usesPort(spec) ? ' alone' : ''}`;
}

function explainSilence({ spec, port, stderrFile }: Launched): string {
  const { path, withinMs } = spec.ready;
  const missed =
    path === undefined ? `accept on port ${port}` : `answer GET ${path} with 2xx on port ${port}`;
  const hint = usesPort(spec)
    ? ''
    : `; target.command does not contain \${port}, so it may listen on another port`;
  return `the target did not ${missed} within ${formatDuration(withinMs)}; raise target.ready.within or see ${stderrFile}${hint}`;
}

/** True when the target can know the port that was chosen for it. */
function usesPort(spec: TargetSpec): boolean {
  if (!spec.command) return true;
  return [...spec.command, ...spec.args, ...Object.values(spec.env)].some((text) =>
    text.includes(PORT_PLACEHOLDER),
  );
}

/** On the shared loopback the next trial may be given the same port: it must not meet this target. */
async function waitUntilClosed({ space }: LaunchRequest, port: number): Promise<void> {
  const until = performance.now() + PORT_CLOSES_WITHIN_MS;
  while ((await space.accepts(port, 200)) && performance.now() < until) await sleep(20);
}

function sleep(ms: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, ms, undefined));
}
