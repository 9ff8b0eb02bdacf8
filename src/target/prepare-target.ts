import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { TargetSpec } from '../model/plan.ts';
import { PACKAGE_ROOT } from '../process/package-root.ts';
import { type OwnGroup, readOutputOfGroup } from '../process/read-output-of-group.ts';
import { buildGoTarget } from './build-go-target.ts';
import { lastWords } from './last-words.ts';

/** What can be said of a target before it is launched. */
export type PreparedTarget =
  | { ok: true; name: string; version?: string; fallbackReason?: string }
  | { ok: false; reason: string; remedy: string };

/** A prepared target with the program to start; `program` is absent for a url. */
export type LocatedTarget =
  | { ok: true; name: string; version?: string; fallbackReason?: string; program?: [string, ...string[]] }
  | { ok: false; reason: string; remedy: string };

/** Build or find what the target needs, once before the first trial, so that no trial pays for it. */
export async function prepareTarget(spec: TargetSpec, group: OwnGroup): Promise<PreparedTarget> {
  const located = await locateTarget(spec, group);
  if (!located.ok) return located;
  const problem = spec.prepare && (await runPreparation(spec.prepare, spec, group));
  if (problem) return problem;
  const { program: _, ...prepared } = located;
  return prepared;
}

/** Compiling a server on two slow cores, its toolchain fetched first. */
const PREPARED_WITHIN_MS = 300_000;

async function runPreparation(
  [program = '', ...args]: string[],
  { cwd, env }: TargetSpec,
  group: OwnGroup,
): Promise<{ ok: false; reason: string; remedy: string } | undefined> {
  const output = await readOutputOfGroup([program, ...args], {
    cwd,
    env,
    timeoutMs: PREPARED_WITHIN_MS,
    group,
  });
  if (output.code === 0) return undefined;
  const said = output.problem ?? (lastWords(output.stderr) || `exit code ${output.code}`);
  return {
    ok: false,
    reason: `the target cannot be prepared by ${program}: ${said}`,
    remedy: 'run that command by hand, or remove target.prepare',
  };
}

/** The command line that starts the target, without address and arguments of the scenario for bundled ones. */
export async function locateTarget(spec: TargetSpec, group: OwnGroup): Promise<LocatedTarget> {
  if (spec.url !== undefined) return { ok: true, name: spec.url };
  if (spec.command) {
    const [program, ...args] = spec.command;
    if (program === undefined) {
      return { ok: false, reason: 'target.command is empty', remedy: 'name a program in it' };
    }
    return { ok: true, name: basename(program), program: [program, ...args] };
  }
  if (spec.use !== 'go-nethttp') return locateNodeTarget(spec.use ?? 'node-http');

  const built = await buildGoTargetOnce(group);
  if (built.ok) {
    return { ok: true, name: 'go-nethttp', version: built.version, program: [built.binary] };
  }
  if (spec.fallback === undefined) return built;
  const fallback = locateNodeTarget(spec.fallback);
  if (!fallback.ok) return fallback;
  return {
    ...fallback,
    fallbackReason: `${built.reason}, so ${spec.fallback} was used in place of go-nethttp`,
  };
}

function locateNodeTarget(name: 'node-http' | 'faulty'): LocatedTarget {
  const program = join(PACKAGE_ROOT, `dist/targets/${name}/server.js`);
  if (!existsSync(program)) {
    return {
      ok: false,
      reason: `the bundled target ${name} is not built (${program})`,
      remedy: 'run npm run build',
    };
  }
  return { ok: true, name, version: process.version, program: [process.execPath, program] };
}

let goTarget: ReturnType<typeof buildGoTarget> | undefined;

/** Sources and compiler do not change while the harness runs, and asking the compiler costs CPU before each trial. */
function buildGoTargetOnce(group: OwnGroup): ReturnType<typeof buildGoTarget> {
  goTarget ??= buildGoTarget(undefined, group);
  return goTarget;
}
