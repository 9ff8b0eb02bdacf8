import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bareRequest } from '../../http/request-variants.ts';
import type { Arm } from '../../model/plan.ts';
import { firstRequestBytes } from '../../pcap/read-wire-evidence.ts';
import type { TrialContext } from './trial-context.ts';

/** The request that another arm was seen to send, in a file for ssee-tester to send byte for byte. */
export function writeReplayFile(
  context: TrialContext,
  { replay, bare }: Arm,
  dir: string,
): string | undefined {
  const source = context.earlier.find((record) => record.armId === replay && record.probe?.state === 'done');
  if (source?.probe?.state !== 'done') return undefined;
  const capture = readFileSync(join(context.store.trialDir(source.id), source.probe.file));
  const requestBytes = firstRequestBytes([capture], source.probe.port);
  if (!requestBytes) return undefined;
  const file = join(dir, 'replay-request.bin');
  writeFileSync(file, bare ? bareRequest(requestBytes) : requestBytes);
  return file;
}
