import { known, type Reading, type UnknownReading, unknown } from '../../model/cell.ts';
import {
  CPU_CATEGORIES,
  CPU_PHASES,
  type CpuCategory,
  type CpuPhase,
  type FoldedProfile,
  type FoldedStack,
  GOROUTINE_STATES,
  type HotFunctions,
  type ProfileEvidence,
  type ProfileFigureId,
  type ProfileItem,
  type ProfileKind,
  type ProfileRecord,
  type StackKind,
} from '../../model/profile.ts';
import type { TrialRecord } from '../../model/run-record.ts';
import { clopperPearson } from '../../stats/clopper-pearson.ts';
import {
  allocatesInGo,
  type BlockCause,
  classifyBlock,
  classifyGoroutine,
  classifyGoStack,
  isGoProfiler,
  isProgramMutex,
  phaseOfGoStack,
} from './classify-go-stack.ts';
import { classifyNodeStack } from './classify-node-stack.ts';
import { totalOf } from './fold-stacks.ts';
import { findHotFunctions } from './hot-functions.ts';
import type { ProfileReading } from './read-pprof.ts';

/** The stored profiles of one trial, read. */
export type ReadProfiles = Partial<Record<StackKind, ProfileReading>>;

/**
 * Samples below which shares are not told. Unit: count. Reason: at 100 the 95 % interval of a share of one half is
 * 0.40 to 0.60, at 20 it is 0.27 to 0.73. Doubt: samples of one long call are not independent, so it is wider in truth.
 */
const FEWEST_SAMPLES = 20;

/** A profile of which so much lay behind the end of the load is said to. Unit: ratio. Reason: a tenth is in the noise. */
const TOLERATED_IDLE_SHARE = 0.1;

/** What Node does outside of JavaScript has no name. */
const ONLY_GO: readonly CpuCategory[] = ['syscall_read', 'malloc', 'lock'];

/**
 * What a profile trial says about the target; undefined where the record holds no profile.
 * @param observerRatio rate of the trial against the measured ones
 */
export function buildProfileEvidence(
  record: TrialRecord,
  profiles: ReadProfiles,
  observerRatio: Reading,
): ProfileEvidence | undefined {
  const taken = record.profile;
  if (!taken) return undefined;
  const input: Input = { record, taken, profiles };
  const hot = (['cpu', 'block', 'mutex', 'goroutine'] as const).flatMap((kind): HotFunctions[] => {
    const profile = profileOf(input, kind);
    const functions = profile.known ? findHotFunctions(kind, stacksOfTarget(kind, profile.value)) : undefined;
    return functions ? [functions] : [];
  });
  return {
    trialId: record.id,
    source: taken.source,
    figures: {
      ...cpuFigures(input),
      ...blockFigures(input),
      ...mutexFigures(input),
      ...goroutineFigures(input),
      observer_ratio: observerRatio,
    },
    hot,
    items: taken.items.map((item) => explainItem(item, profiles)),
  };
}

interface Input {
  record: TrialRecord;
  taken: ProfileRecord;
  profiles: ReadProfiles;
}

/** A file that turned out to be unreadable counts as not taken. */
function explainItem(item: ProfileItem, profiles: ReadProfiles): ProfileItem {
  const reading = item.kind === 'trace' ? undefined : profiles[item.kind];
  return item.state === 'done' && reading && !reading.ok
    ? { kind: item.kind, state: 'failed', reason: reading.reason }
    : item;
}

/** In waits and goroutines those of the profiles themselves would be counted; their CPU time has a category. */
export function stacksOfTarget(kind: StackKind, { stacks }: FoldedProfile): FoldedStack[] {
  return kind === 'cpu' ? stacks : stacks.filter(({ frames }) => !isGoProfiler(frames));
}

function profileOf({ taken, profiles }: Input, kind: StackKind): Reading<FoldedProfile> {
  const item = taken.items.find((candidate) => candidate.kind === kind);
  if (!item) {
    return unknown('not-collected', `${describeKind(kind)} was not asked for`);
  }
  if (item.state === 'failed') return unknown('not-collected', item.reason);
  const reading = profiles[kind];
  if (!reading) return unknown('not-collected', `${item.files.join(', ')} is no longer in the run folder`);
  return reading.ok ? known(reading.profile) : unknown('not-collected', reading.reason);
}

function describeKind(kind: ProfileKind): string {
  return kind === 'cpu' ? 'a CPU profile' : `a ${kind} profile`;
}

type Selector = (frames: readonly string[]) => boolean;
type ShareId = `${CpuCategory}_share` | `${CpuPhase}_phase_share` | 'allocation_share';

function cpuFigures(input: Input): Record<ShareId | 'cpu_cores' | 'cpu_samples', Reading> {
  const node = input.taken.source === 'inspector';
  const profile = profileOf(input, 'cpu');
  const note = noteOfWindow(input, 'cpu');
  const readShare = profile.known ? shareReader(profile.value.stacks, node, note) : () => profile;
  const figures = {} as ReturnType<typeof cpuFigures>;
  for (const [id, selector] of Object.entries(selectorsOf(node)) as [ShareId, Selector | UnknownReading][]) {
    figures[id] = typeof selector === 'function' ? readShare(selector) : selector;
  }
  figures.cpu_samples = profile.known ? known(countSamples(profile.value.stacks), note) : profile;
  figures.cpu_cores = profile.known ? readCores(profile.value, note) : profile;
  return figures;
}

function countSamples(stacks: readonly FoldedStack[]): number {
  return stacks.reduce((sum, stack) => sum + (stack.samples ?? 0), 0);
}

function readCores({ stacks, durationS }: FoldedProfile, note: { note?: string }): Reading {
  return durationS === undefined
    ? unknown('not-observable', 'the profile does not say what time it covers')
    : known(totalOf(stacks) / 1e9 / durationS, note);
}

/** How a share of this profile is read. */
function shareReader(
  stacks: readonly FoldedStack[],
  node: boolean,
  note: { note?: string },
): (selects: Selector) => Reading {
  const total = totalOf(stacks);
  const samples = countSamples(stacks);
  if (samples < FEWEST_SAMPLES) {
    const reason = `${samples} samples are too few for shares: the target used next to no CPU`;
    return () => unknown('no-samples', reason);
  }
  return (selects) => {
    const selected = stacks.filter(({ frames }) => selects(frames));
    // V8 weighs each sample with its own time, so its share is none of counted things.
    const interval = node ? {} : { interval: clopperPearson(countSamples(selected), samples) };
    return known(totalOf(selected) / total, { ...interval, ...note });
  };
}

/** Each stack is asked about once per category. */
function remember(classify: (frames: readonly string[]) => CpuCategory): typeof classify {
  const known = new Map<readonly string[], CpuCategory>();
  return (frames) => {
    const category = known.get(frames) ?? classify(frames);
    known.set(frames, category);
    return category;
  };
}

/** What belongs to each share, or why a target of this kind can never have it. */
function selectorsOf(node: boolean): Record<ShareId, Selector | UnknownReading> {
  const classify = remember(node ? classifyNodeStack : classifyGoStack);
  const notInNode = unknown('not-observable', "Node's profile does not tell it apart from other native code");
  const selectors = {} as Record<ShareId, Selector | UnknownReading>;
  for (const category of CPU_CATEGORIES) {
    selectors[`${category}_share`] = (frames) => classify(frames) === category;
  }
  for (const phase of CPU_PHASES) {
    selectors[`${phase}_phase_share`] = node ? notInNode : (frames) => phaseOfGoStack(frames) === phase;
  }
  selectors.allocation_share = node ? notInNode : allocatesInGo;
  if (node) for (const category of ONLY_GO) selectors[`${category}_share`] = notInNode;
  else selectors.native_share = unknown('not-observable', 'all code of a Go program has a name');
  return selectors;
}

function blockFigures(input: Input): Record<`block_${BlockCause}_ratio`, Reading> {
  const figure = (cause: BlockCause): Reading =>
    perSecond(input, 'block', 'runtime.SetBlockProfileRate', (frames) => classifyBlock(frames) === cause);
  return {
    block_lock_ratio: figure('lock'),
    block_condition_ratio: figure('condition'),
    block_channel_ratio: figure('channel'),
  };
}

function mutexFigures(input: Input): Record<'mutex_ratio' | 'runtime_lock_ratio', Reading> {
  const setting = 'runtime.SetMutexProfileFraction';
  return {
    mutex_ratio: perSecond(input, 'mutex', setting, isProgramMutex),
    runtime_lock_ratio: perSecond(input, 'mutex', setting, (frames) => !isProgramMutex(frames)),
  };
}

/**
 * Waiting time / time. A profile without any stack tells nothing: it is what a program gives that has never switched
 * it on. In a block profile that is on, the wait of its own handler is always found.
 */
function perSecond(
  input: Input,
  kind: 'block' | 'mutex',
  setting: string,
  selects: (frames: readonly string[]) => boolean,
): Reading {
  const profile = profileOf(input, kind);
  if (!profile.known) return profile;
  const { stacks, durationS } = profile.value;
  if (stacks.length === 0) {
    const also = kind === 'mutex' ? ', or no lock was waited for' : '';
    return unknown('no-samples', `the profile is empty: the target does not call ${setting}${also}`);
  }
  const seconds = durationS ?? windowOf(input, kind) / 1000;
  const selected = stacksOfTarget(kind, profile.value).filter(({ frames }) => selects(frames));
  return known(totalOf(selected) / 1e9 / seconds, noteOfWindow(input, kind));
}

function goroutineFigures(
  input: Input,
): Record<Extract<ProfileFigureId, 'goroutines' | `goroutines_${string}`>, Reading> {
  const profile = profileOf(input, 'goroutine');
  const count = (selects: (frames: readonly string[]) => boolean): Reading =>
    profile.known
      ? known(
          totalOf(stacksOfTarget('goroutine', profile.value).filter(({ frames }) => selects(frames))),
          noteOfWindow(input, 'goroutine'),
        )
      : profile;
  const figures = { goroutines: count(() => true) } as ReturnType<typeof goroutineFigures>;
  for (const state of GOROUTINE_STATES) {
    figures[`goroutines_${state}`] = count((frames) => classifyGoroutine(frames) === state);
  }
  return figures;
}

function windowOf({ taken }: Input, kind: ProfileKind): number {
  const item = taken.items.find((candidate) => candidate.kind === kind);
  return item?.state === 'done' ? item.windowMs : 0;
}

/** Says so where the tool had ended before the profile did. */
function noteOfWindow({ taken, record }: Input, kind: ProfileKind): { note?: string } {
  const item = taken.items.find((candidate) => candidate.kind === kind);
  if (item?.state !== 'done' || !record.exit) return {};
  const afterMs = item.startedMs + item.windowMs - record.exit.wallMs;
  if (afterMs <= TOLERATED_IDLE_SHARE * item.windowMs) return {};
  return { note: `the load had ended ${Math.round(afterMs)} ms before the profile did` };
}
