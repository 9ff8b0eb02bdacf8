import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { addNight, findNights, whyNotStored } from '../gate/baseline.ts';
import { buildSide } from '../gate/build-side.ts';
import { alarmedCells, confirmAlarms } from '../gate/confirm-alarms.ts';
import { type GateInput, judgeGate } from '../gate/judge-gate.ts';
import { keyDifferences } from '../gate/key-differences.ts';
import { poolSides } from '../gate/pool-sides.ts';
import { UserError } from '../model/errors.ts';
import type { GateResult, GateSpec, RunSide, SloResult } from '../model/gate.ts';
import { formatDuration } from '../model/units.ts';
import { cleanText } from '../report/clean-text.ts';
import { reportGateMarkdown, reportGateTerminal } from '../report/compare-text.ts';
import { readBaselineFile, writeBaselineFile } from '../run/baseline-file.ts';
import { type LoadedRun, loadRun, parseRunName, requireVariant } from '../run/load-run.ts';
import { writeReportFile } from '../run/write-report-file.ts';
import { DEFAULT_GATE } from '../scenario/gate-defaults.ts';
import { findTool } from '../tools/index.ts';
import { loadSides } from './compare-command.ts';
import { terminalOptions } from './emit-reports.ts';
import { displayPath, measureScenario } from './run-command.ts';

export interface GateCommandOptions {
  baseVariant?: string;
  headVariant?: string;
  controlVariant?: string;
  baseline?: string;
  updateBaseline?: boolean;
  accept?: boolean;
  confirm?: boolean;
  out?: string;
  quiet?: boolean;
}

/** What is judged, and from which run. */
interface Subject {
  input: GateInput;
  headRun: LoadedRun;
  headVariant: string | undefined;
  /** Base and control are variants of the judged run, so a second measurement has to measure them too. */
  interleaved: boolean;
}

const INTERRUPTED = 130;

/** Measures rows of a run again, by arm id, the way the run was measured. Returns the new run folder; undefined when interrupted. */
export type Remeasure = (run: LoadedRun, armIds: readonly string[]) => Promise<string | undefined>;

/**
 * `ssee-bench gate BASE HEAD`, `gate RUN` with two variants, or `gate HEAD --baseline FILE`. Returns the exit code: 0
 * passed, 1 the harness failed, 3 regression, 4 inconclusive, 130 interrupted while an alarm was measured again: the
 * unconfirmed verdict is stored then.
 */
export async function gateCommand(
  baseName: string,
  headName: string | undefined,
  options: GateCommandOptions,
  remeasure: Remeasure = measureAgain,
): Promise<number> {
  if ((options.updateBaseline || options.accept) && options.baseline === undefined) {
    const option = options.accept ? '--accept' : '--update-baseline';
    throw new UserError(`${option}: name the file with --baseline FILE`);
  }
  const subject =
    headName === undefined && options.baseline !== undefined
      ? loadAgainstBaseline(baseName, options.baseline, options)
      : loadAgainstBase(baseName, headName, options);
  const first = judgeGate(subject.input);
  let result = first;
  if (options.confirm && isForConfirmation(first)) {
    const confirmed = await confirm(first, subject, remeasure);
    if (confirmed === undefined) {
      publish(first, subject.headRun, options);
      return INTERRUPTED;
    }
    result = confirmed;
  }
  publish(result, subject.headRun, options);
  if (options.baseline !== undefined) {
    // What was wrong with the second run says nothing of the night that is to be stored.
    const own = { ...result, problems: first.problems };
    updateBaseline(options.baseline, own, subject.input, options);
  }
  return result.exitCode;
}

function loadAgainstBase(
  baseName: string,
  headName: string | undefined,
  options: GateCommandOptions,
): Subject {
  const { base, head, baseRun, headRun } = loadSides(baseName, headName, options);
  const interleaved = baseRun === headRun;
  const spec = specOf(headRun);
  const controlVariant = options.controlVariant ?? (interleaved ? spec.control : undefined);
  requireVariant(baseRun, controlVariant);
  const found =
    options.baseline === undefined ? undefined : findNights(readBaselineFile(options.baseline), head.key);
  return {
    input: {
      base,
      head,
      ...(controlVariant === undefined
        ? {}
        : { control: buildSide(baseRun.run, baseRun.arms, baseRun.dir, controlVariant) }),
      ...(found && 'nights' in found ? { nights: found.nights } : {}),
      spec,
      noBaseline: interleaved ? [] : keyDifferences(head.key, base.key, 'in base'),
      slos: slosOf(headRun, variantOf(head, headRun)),
    },
    headRun,
    headVariant: variantOf(head, headRun),
    interleaved,
  };
}

function loadAgainstBaseline(headName: string, file: string, options: GateCommandOptions): Subject {
  const { dir, variant } = parseRunName(headName);
  const headRun = loadRun(dir, findTool);
  const headVariant = options.headVariant ?? variant;
  requireVariant(headRun, headVariant);
  const head = buildSide(headRun.run, headRun.arms, dir, headVariant);
  const found = findNights(readBaselineFile(file), head.key);
  return {
    input: {
      base: 'nights' in found ? poolNights(found.nights) : undefined,
      baseIsPooled: true,
      head,
      ...('nights' in found ? { nights: found.nights } : {}),
      spec: specOf(headRun),
      noBaseline: 'nights' in found ? [] : found.reasons,
      slos: slosOf(headRun, headVariant),
    },
    headRun,
    headVariant,
    interleaved: false,
  };
}

function poolNights(nights: readonly RunSide[]): RunSide {
  return poolSides(nights, nights.length === 1 ? nights[0]!.label : `${nights.length} stored nights`);
}

function specOf({ run }: LoadedRun): GateSpec {
  return run.plan.gate ?? DEFAULT_GATE;
}

/** The variant that a side was cut to, if it was. */
function variantOf(side: RunSide, { run }: LoadedRun): string | undefined {
  const variants = new Set(side.arms.map(({ variant }) => variant));
  const all = new Set(run.plan.arms.map(({ variant }) => variant));
  return all.size > 1 && variants.size === 1 ? ([...variants][0] ?? undefined) : undefined;
}

function slosOf({ comparison }: LoadedRun, variant: string | undefined): SloResult[] {
  const others = new Set(
    comparison.arms.filter((arm) => variant !== undefined && arm.variant !== variant).map(({ id }) => id),
  );
  return comparison.slo.filter(({ arm }) => !others.has(arm));
}

/** Lost events and broken promises are facts already: only figures can be a fluke. */
function isForConfirmation(result: GateResult): boolean {
  const { exitCode, invariants, brokenSlos } = result;
  return (
    exitCode === 3 && invariants.length === 0 && brokenSlos.length === 0 && alarmedCells(result).length > 0
  );
}

/** Measure the alarmed rows once more and judge them alone. An alarm that cannot be measured again stands; undefined when interrupted. */
async function confirm(
  first: GateResult,
  subject: Subject,
  remeasure: Remeasure,
): Promise<GateResult | undefined> {
  const { input, headRun, headVariant, interleaved } = subject;
  const alarmed = alarmedCells(first);
  const names = new Set(alarmed.map(({ arm }) => arm));
  const sides = [input.head, ...(interleaved ? [input.base, input.control] : [])];
  const armIds = sides.flatMap((side) =>
    (side?.arms ?? []).filter(({ name }) => names.has(name)).map(({ id }) => id),
  );
  if (!interleaved && input.head.key.watched) {
    process.stderr.write(
      'not confirmed, so the alarm stands: the trials could be looked into while they ran, and those of a second run could not\n',
    );
    return first;
  }
  let dir: string | undefined;
  try {
    dir = await remeasure(headRun, armIds);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    if (error.exitCode === INTERRUPTED) return undefined;
    process.stderr.write(`not confirmed, so the alarm stands: ${error.message}\n`);
    return first;
  }
  if (dir === undefined) return undefined;
  const again = loadRun(dir, findTool);
  const sideOf = (side: RunSide | undefined): RunSide | undefined => {
    if (!side || !interleaved) return side;
    return buildSide(again.run, again.arms, dir, side.arms[0]?.variant ?? undefined);
  };
  const control = sideOf(input.control);
  const metrics = new Set(alarmed.map(({ metric }) => metric));
  const second = judgeGate({
    base: sideOf(input.base),
    head: buildSide(again.run, again.arms, dir, headVariant),
    ...(control ? { control } : {}),
    ...(input.nights ? { nights: input.nights } : {}),
    ...(input.baseIsPooled ? { baseIsPooled: true } : {}),
    spec: {
      ...input.spec,
      arms: [...names],
      metrics: input.spec.metrics.filter(({ metric }) => metrics.has(metric)),
    },
    noBaseline: [],
  });
  return confirmAlarms(first, second);
}

/** @throws UserError when the scenario is not there any more as it was measured */
const measureAgain: Remeasure = async ({ run, dir }, armIds) => {
  const { path, sha256 } = run.scenario;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new UserError(`--confirm: ${path}, which ${dir} was measured by, cannot be read from here`, 1);
  }
  if (createHash('sha256').update(text).digest('hex') !== sha256) {
    throw new UserError(`--confirm: ${path} has changed since ${dir} was measured; measure again`, 1);
  }
  const replayed = run.plan.arms.flatMap(({ id, replay }) => (armIds.includes(id) ? (replay ?? []) : []));
  const first = run.plan.arms[0]!;
  process.stderr.write(`measuring again: ${armIds.join(', ')}\n`);
  const { runDir, run: again } = await measureScenario(path, {
    out: join(dir, '..'),
    tools: [...new Set([...armIds, ...replayed])].join(','),
    rounds: String(run.plan.rounds),
    duration: formatDuration(first.durationMs),
    connections: String(first.connections),
    allowRemote: run.plan.allowRemote,
  });
  if (again.state === 'interrupted') return undefined;
  if (again.state !== 'done') throw new UserError(`--confirm: the second run was ${again.state}`, 1);
  process.stderr.write(`second run: ${displayPath(runDir)}\n`);
  return runDir;
};

function publish(result: GateResult, headRun: LoadedRun, options: GateCommandOptions): void {
  const out = options.out ?? headRun.dir;
  process.stdout.write(
    options.quiet ? `${cleanText(result.sentence)}\n` : reportGateTerminal(result, terminalOptions()),
  );
  writeReportFile(join(out, 'gate.json'), `${JSON.stringify(result, null, 1)}\n`);
  writeReportFile(join(out, 'gate.md'), reportGateMarkdown(result));
}

function updateBaseline(
  file: string,
  result: GateResult,
  input: GateInput,
  { updateBaseline: update, accept }: GateCommandOptions,
): void {
  if (!update && !accept) return;
  const { head } = input;
  const reason = whyNotStored(result, input, accept === true);
  if (reason !== undefined) {
    process.stderr.write(`baseline ${file} is left as it is: ${reason}\n`);
    return;
  }
  writeBaselineFile(file, addNight(readBaselineFile(file), head, accept === true));
  process.stderr.write(`baseline ${file}: ${head.label} was added\n`);
}
