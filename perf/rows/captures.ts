import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { findBinary, readBanner } from '../../src/tools/find-binary.ts';
import type { Versions } from '../find-programs.ts';
import { lineOfValues } from '../judge.ts';
import { type Lab, SkippedError } from '../lab.ts';
import { CAPTURE_PORT, makeCapture } from '../make-capture.ts';
import type { RowResult } from '../model.ts';
import { runPairs } from '../pairing.ts';
import type { CaptureReading } from '../read-capture.ts';
import { emptyResult } from './compare.ts';

const SPEED_BYTES = { usual: 100e6, quick: 2e6 };
const MEMORY_BYTES = { usual: 1e9, quick: 50e6 };
/** tshark takes some 10 us per packet: far longer than the largest of these files needs. */
const WITHIN_MS = 300_000;
/** What a script would ask tshark for to follow connections. */
const FIELDS = [
  'frame.time_epoch',
  'tcp.stream',
  'tcp.srcport',
  'tcp.dstport',
  'tcp.seq',
  'tcp.flags',
  'tcp.len',
  'tcp.analysis.retransmission',
];

/** R10: reading a capture against `tshark -T fields`, and the memory that a large one takes. */
export async function measureCaptures(lab: Lab, versions: Versions): Promise<RowResult> {
  const tshark = findBinary('tshark');
  if (tshark === undefined) throw new SkippedError('tshark is not on PATH');
  versions.tshark = /(\d+\.\d+\S*)/.exec(await readBanner(tshark, ['--version']))?.[1] ?? 'unknown version';
  const result = emptyResult();
  const size = lab.options.quick ? 'quick' : 'usual';
  const file = join(lab.dir, 'capture.pcap');
  try {
    await compareSpeed(lab, tshark, file, SPEED_BYTES[size], result);
    await measureMemory(lab, file, MEMORY_BYTES[size], result);
  } finally {
    rmSync(file, { force: true });
  }
  return result;
}

async function compareSpeed(
  lab: Lab,
  tshark: string,
  file: string,
  leastBytes: number,
  result: RowResult,
): Promise<void> {
  const { packets, bytes } = makeCapture(file, leastBytes);
  const name = `reading a capture of ${Math.round(bytes / 1e6)} MB`;
  const pairs = await runPairs(lab.options.pairs, async (side): Promise<number> => {
    lab.say(`${name}: ${side === 'ours' ? 'ssee-bench' : 'tshark'}`);
    const wallMs =
      side === 'ours' ? (await readOnce(lab, file, packets)).wallMs : await runTshark(lab, tshark, file);
    return (packets * 1000) / wallMs;
  });
  result.raw[name] = { packets, bytes, pairs };
  const line = lineOfValues(
    { row: 'R10', name, unit: 'packets / s', goal: { kind: 'at-least', value: 50, of: 'ratio' } },
    'ssee-bench',
    pairs.map(({ ours }) => ours),
    'tshark -T fields',
    pairs.map(({ peer }) => peer),
  );
  line.notes.push(
    'ours is the whole evidence of a trial, without the start of Node; of tshark with its start',
  );
  result.lines.push(line);
}

async function measureMemory(lab: Lab, file: string, leastBytes: number, result: RowResult): Promise<void> {
  const { packets, bytes } = makeCapture(file, leastBytes);
  const name = `memory of reading ${Math.round(bytes / 1e6)} MB`;
  lab.say(name);
  const reading = await readOnce(lab, file, packets);
  result.raw[name] = { bytes, reading };
  const line = lineOfValues(
    { row: 'R10', name, unit: 'MB resident', goal: { kind: 'at-most', value: 300, of: 'ours' } },
    'ssee-bench',
    [reading.peakRssBytes / 1e6],
  );
  line.notes.push(`${((packets * 1e-3) / reading.wallMs).toFixed(1)} million packets/s`);
  result.lines.push(line);
}

/** @throws Error when it did not see every packet */
async function readOnce(lab: Lab, file: string, packets: number): Promise<CaptureReading> {
  const program = fileURLToPath(new URL('../read-capture.js', import.meta.url));
  const { stdout } = await execa(process.execPath, [program, file, String(CAPTURE_PORT)], {
    cancelSignal: lab.signal,
    timeout: WITHIN_MS,
  });
  const reading = JSON.parse(stdout) as CaptureReading;
  if (reading.packets !== packets) throw new Error(`${reading.packets} of ${packets} packets were read`);
  return reading;
}

/** Its output is thrown away: writing it is part of its work, keeping it is not. @returns wall time in ms */
async function runTshark(lab: Lab, tshark: string, file: string): Promise<number> {
  const startedAt = performance.now();
  await execa(tshark, ['-n', '-r', file, '-T', 'fields', ...FIELDS.flatMap((field) => ['-e', field])], {
    stdout: 'ignore',
    stderr: 'ignore',
    cancelSignal: lab.signal,
    timeout: WITHIN_MS,
  });
  return performance.now() - startedAt;
}
