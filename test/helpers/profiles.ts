import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { Function as Fn, Line, Location, Profile, Sample, StringTable, ValueType } from 'pprof-format';
import { readPprof } from '../../src/evidence/profile/read-pprof.ts';
import type { FoldedProfile, StackKind } from '../../src/model/profile.ts';

const FIXTURES = new URL('../fixtures/profiles/', import.meta.url);

export function profileBytes(file: string): Buffer {
  return readFileSync(new URL(file, FIXTURES));
}

/** A stored profile of Go, folded: `events-cpu`. */
export function goProfile(name: string): FoldedProfile {
  const reading = readPprof(profileBytes(`${name}.pb.gz`), name.split('-').at(-1) as StackKind);
  if (!reading.ok) throw new Error(reading.reason);
  return reading.profile;
}

/** Value of all stacks that hold the function, in milliseconds. */
export function cumulativeMs({ stacks }: FoldedProfile, name: string): number {
  return stacks.reduce((sum, { frames, value }) => sum + (frames.includes(name) ? value / 1e6 : 0), 0);
}

/** A profile in pprof's format: stacks root first, each location one function, or several where `inlined`. */
export function encodeCpuProfile(
  stacks: readonly { frames: readonly string[]; samples: number; ns: number }[],
  options: { inlined?: boolean; plain?: boolean } = {},
): Uint8Array {
  const strings = new StringTable();
  const valueType = (type: string, unit: string) =>
    new ValueType({ type: strings.dedup(type), unit: strings.dedup(unit) });
  const sampleType = [valueType('samples', 'count'), valueType('cpu', 'nanoseconds')];
  const names = [...new Set(stacks.flatMap(({ frames }) => frames))];
  const functions = names.map((name, index) => new Fn({ id: index + 1, name: strings.dedup(name) }));
  const idOf = new Map(names.map((name, index) => [name, index + 1]));
  const locations: Location[] = [];
  const locate = (frames: readonly string[]): number => {
    const line = frames.map((name) => new Line({ functionId: idOf.get(name)! }));
    return locations.push(new Location({ id: locations.length + 1, line }));
  };
  const samples = stacks.map(({ frames, samples: count, ns }) => {
    const leafFirst = frames.toReversed();
    const locationId = options.inlined ? [locate(leafFirst)] : leafFirst.map((name) => locate([name]));
    return new Sample({ locationId, value: [count, ns] });
  });
  const encoded = new Profile({
    sampleType,
    sample: samples,
    location: locations,
    function: functions,
    stringTable: strings,
    durationNanos: 2e9,
  }).encode();
  return options.plain ? encoded : gzipSync(encoded);
}
