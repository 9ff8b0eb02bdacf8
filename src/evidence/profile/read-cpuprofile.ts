import { z } from 'zod';
import type { FoldedProfile } from '../../model/profile.ts';
import { StackFolder } from './fold-stacks.ts';
import type { ProfileReading } from './read-pprof.ts';

/** What is used of the CPU profile of V8 (DevTools protocol, Profiler.Profile). */
const cpuProfile = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.number() }),
      children: z.array(z.number()).optional(),
    }),
  ),
  startTime: z.number(),
  endTime: z.number(),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
});
type CpuProfile = z.output<typeof cpuProfile>;

/** V8's own name for time in which the thread waited. Shares are of CPU that was used. */
const IDLE = '(idle)';

/**
 * CPU profiles of the threads of a Node target as one: `function (module:line)`, or `(native)` for what is not
 * JavaScript. Idle time is left out. Never throws.
 * @param texts .cpuprofile files of the same window, one per thread
 */
export function readCpuProfiles(texts: readonly string[]): ProfileReading {
  const folder = new StackFolder();
  let durationS = 0;
  for (const text of texts) {
    let profile: CpuProfile;
    try {
      profile = cpuProfile.parse(JSON.parse(text));
    } catch {
      return { ok: false, reason: 'the profile is damaged: it is no CPU profile of V8' };
    }
    foldThread(profile, folder);
    durationS = Math.max(durationS, (profile.endTime - profile.startTime) / 1e6);
  }
  const profile: FoldedProfile = {
    unit: 'ns',
    stacks: folder.stacks,
    ...(durationS > 0 ? { durationS } : {}),
  };
  return { ok: true, profile };
}

function foldThread({ nodes, samples, timeDeltas }: CpuProfile, folder: StackFolder): void {
  const parents = new Map<number, number>();
  const byId = new Map(nodes.map((node) => [node.id, node]));
  for (const { id, children = [] } of nodes) for (const child of children) parents.set(child, id);
  const sums = new Map<number, { us: number; samples: number }>();
  for (const [index, id] of samples.entries()) {
    const sum = sums.get(id) ?? { us: 0, samples: 0 };
    // Deltas can be negative where the clock of a core stepped back.
    sum.us += Math.max(0, timeDeltas[index] ?? 0);
    sum.samples += 1;
    sums.set(id, sum);
  }
  for (const [id, { us, samples: count }] of sums) {
    const frames: string[] = [];
    // The bound is for files whose nodes form a circle.
    for (let at: number | undefined = id; at !== undefined && frames.length <= nodes.length; ) {
      const node = byId.get(at);
      if (!node) break;
      if (parents.has(at)) frames.push(describeFrame(node.callFrame));
      at = parents.get(at);
    }
    if (frames[0] === IDLE) continue;
    folder.add(frames.reverse(), us * 1000, count);
  }
}

function describeFrame({ functionName, url, lineNumber }: CpuProfile['nodes'][number]['callFrame']): string {
  if (/^\(.*\)$/.test(functionName) && url === '') return functionName;
  const name = functionName === '' ? '(anonymous)' : functionName;
  return `${name} (${describePlace(url, lineNumber)})`;
}

/** Two folders suffice to know a file by, and keep the machine's own paths out of reports. */
function describePlace(url: string, lineNumber: number): string {
  if (url === '') return 'native';
  const place = url.startsWith('node:') ? url : url.replace(/^.*\/(?=[^/]*\/[^/]*$)/, '');
  return `${place}:${lineNumber + 1}`;
}
