import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
// @ts-expect-error plain JavaScript without types: it runs before anything is compiled
import { withholdEvidence } from '../../scripts/lib/withhold-evidence.mjs';
import type { RunRecord, TrialRecord } from '../../src/model/run-record.ts';
import type { CaptureRecord } from '../../src/model/wire.ts';
import { deriveComparison } from '../../src/run/derive-comparison.ts';
import { requireTool } from '../../src/tools/index.ts';
import { makeArm, makeRecord, makeRun } from '../helpers/evidence-builder.ts';
import { buildPcap, createConversation } from '../helpers/pcap-writer.ts';

const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 9\r\n\r\n';
const SCHED = 'SCHED 9ms: gomaxprocs=1 idleprocs=0 threads=3 idlethreads=1 runqueue=5 [ 0 ]\n';
const FILES = {
  'capture.pcap': exchange(),
  'probe.pcap': exchange(),
  'metrics-before.txt': 'ssee_target_requests_total{route="/events"} 1\n',
  'metrics-after.txt': 'ssee_target_requests_total{route="/events"} 9\n',
  'target-stderr.txt': SCHED,
};

let dir = '';
let run: RunRecord;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'ssee-withhold-'));
  // One trial of each kind with a capture and with what the target says of itself.
  const records = [storeTrial('r1-wrk', 'measured', 1), storeTrial('evidence-wrk', 'evidence', 0)];
  run = makeRun([makeArm()], records);
  for (const trial of run.plan.trials) trial.capture = 'headers';
  writeFileSync(join(dir, 'run.json'), JSON.stringify(run));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function exchange(): Buffer {
  const talk = createConversation().open();
  talk.wait(80).client('GET /events HTTP/1.1\r\nHost: a\r\n\r\n').wait(100).server(`${HEAD}data: a\n\n`);
  return buildPcap(talk.wait(50).fin('client').wait(10).fin('server').segments);
}

function storeTrial(id: string, kind: TrialRecord['kind'], round: number): TrialRecord {
  const trialDir = join(dir, 'trials', id);
  mkdirSync(trialDir, { recursive: true });
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(trialDir, name), text);
  return makeRecord({
    id,
    kind,
    round,
    capture: captureOf('capture.pcap'),
    probe: captureOf('probe.pcap'),
    targetStderr: [0, SCHED.length],
    files: Object.keys(FILES),
  });
}

function captureOf(file: string): CaptureRecord {
  return {
    state: 'done',
    file,
    filter: 'tcp port 8080',
    snapLength: 65_535,
    port: 8080,
    packets: 8,
    receivedByFilter: 16,
    droppedByKernel: 0,
    isolated: true,
  };
}

/** What is derived from the run's files under this record: ids of the cells that have a value, trials with a strip. */
function knownIn(record: RunRecord) {
  const { arms, comparison } = deriveComparison(dir, requireTool, record);
  const { wire, truth } = comparison.arms[0]!;
  const known = (cells: object): string[] =>
    Object.entries(cells).flatMap(([id, cell]: [string, { known?: boolean }]) => (cell.known ? [id] : []));
  return { wire: known(wire), truth: known(truth), strips: [...arms[0]!.strips.keys()] };
}

describe('what is derived from a run of which evidence is withheld', () => {
  it('has figures of the wire and of the target where nothing is', () => {
    const { wire, truth, strips } = knownIn(withholdEvidence(run, []));
    expect(strips).toEqual(['r1-wrk', 'evidence-wrk']);
    expect(wire).toContain('connections_opened');
    expect(truth).toEqual(expect.arrayContaining(['requests', 'go_run_queue_max']));
  });

  it('has no figure of the wire without captures, those of measured trials included', () => {
    const { wire, truth, strips } = knownIn(withholdEvidence(run, ['capture']));
    expect({ wire, strips }).toEqual({ wire: [], strips: [] });
    expect(truth).not.toEqual([]);
  });

  it('has no figure of the target without metrics, what it wrote to standard error included', () => {
    const { wire, truth } = knownIn(withholdEvidence(run, ['metrics']));
    expect(truth).toEqual([]);
    expect(wire).not.toEqual([]);
  });

  it('has neither without both', () => {
    expect(knownIn(withholdEvidence(run, ['capture', 'metrics']))).toEqual({
      wire: [],
      truth: [],
      strips: [],
    });
  });
});

it('leaves the record that it was given as it was', () => {
  const before = structuredClone(run);
  withholdEvidence(run, ['capture', 'metrics']);
  expect(run).toEqual(before);
});
