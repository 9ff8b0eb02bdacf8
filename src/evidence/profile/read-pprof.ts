import { gunzipSync } from 'node:zlib';
import { type Location, Profile } from 'pprof-format';
import type { FoldedProfile, StackKind } from '../../model/profile.ts';
import { StackFolder } from './fold-stacks.ts';

/** A profile file that could be read, or one sentence why not. */
export type ProfileReading = { ok: true; profile: FoldedProfile } | { ok: false; reason: string };

/** Real ones unpack to some hundred kilobytes; a small file can unpack to anything. */
const LONGEST_BYTES = 256 * 1024 * 1024;

/** The column of a sample to read, by the name that Go gives it. */
const SAMPLE_TYPE: Record<StackKind, string> = {
  cpu: 'cpu',
  block: 'delay',
  mutex: 'delay',
  goroutine: 'goroutine',
};
/** The column that counts what the value rests on. */
const COUNT_TYPE: Partial<Record<StackKind, string>> = { cpu: 'samples' };

/** A profile in the format of pprof (profile.proto), gzipped as servers send it or plain. Never throws. */
export function readPprof(bytes: Uint8Array, kind: StackKind): ProfileReading {
  try {
    const plain =
      bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes, { maxOutputLength: LONGEST_BYTES }) : bytes;
    if (plain.length === 0) return { ok: false, reason: 'the profile is empty' };
    return foldProfile(Profile.decode(plain), kind);
  } catch (error) {
    return { ok: false, reason: `the profile is damaged: ${(error as Error).message.split('\n')[0]}` };
  }
}

function foldProfile(profile: Profile, kind: StackKind): ProfileReading {
  const { strings } = profile.stringTable;
  const types = profile.sampleType.map(({ type }) => strings[Number(type)]);
  const column = types.indexOf(SAMPLE_TYPE[kind]);
  if (column === -1) {
    return {
      ok: false,
      reason: `it holds ${types.join(', ') || 'nothing'} where ${SAMPLE_TYPE[kind]} was expected`,
    };
  }
  const countType = COUNT_TYPE[kind];
  const countColumn = countType === undefined ? -1 : types.indexOf(countType);
  const names = new Map(profile.function.map(({ id, name }) => [Number(id), strings[Number(name)] ?? '']));
  const framesOf = new Map(
    profile.location.map((location) => [Number(location.id), readFrames(location, names)]),
  );
  const folder = new StackFolder();
  for (const { locationId, value } of profile.sample) {
    const frames: string[] = [];
    for (let index = locationId.length - 1; index >= 0; index--) {
      frames.push(...(framesOf.get(Number(locationId[index])) ?? ['(unknown)']));
    }
    const samples = countColumn === -1 ? undefined : Number(value[countColumn] ?? 0);
    folder.add(frames, Number(value[column] ?? 0), samples);
  }
  const durationS = Number(profile.durationNanos) / 1e9;
  return {
    ok: true,
    profile: {
      unit: kind === 'goroutine' ? 'count' : 'ns',
      stacks: folder.stacks,
      ...(durationS > 0 ? { durationS } : {}),
    },
  };
}

/** The functions at one address, root first: those that were inlined come before their caller in the file. */
function readFrames({ line, address }: Location, names: ReadonlyMap<number, string>): string[] {
  const frames = line.map(({ functionId }) => names.get(Number(functionId)) ?? '(unknown)').reverse();
  return frames.length > 0 ? frames : [`0x${address.toString(16)}`];
}
