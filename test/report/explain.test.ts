import { describe, expect, it } from 'vitest';
import { buildComparison } from '../../src/evidence/build-comparison.ts';
import { RULES } from '../../src/findings/index.ts';
import { evaluateRules, judgeArm } from '../../src/findings/rank-findings.ts';
import { witnessOf } from '../../src/findings/wire-witness.ts';
import { type ExplainInput, explain, explainable } from '../../src/report/explain.ts';
import { makeArm, makeArmEvidence, makeRecord, makeRun, PACED } from '../helpers/evidence-builder.ts';

function makeInput(): ExplainInput {
  const arm = makeArm({ id: 'wrk' });
  const evidence = makeArmEvidence({
    ...PACED,
    arm,
    trace: { examples: { retransmission: [{ packet: 4711, clientPort: 50_001 }] } },
  });
  const records = [
    makeRecord({ files: ['stdout.txt', 'wrk.json', 'metrics-before.txt', 'metrics-after.txt'] }),
    makeRecord({
      id: 'evidence-wrk',
      kind: 'evidence',
      round: 0,
      capture: {
        state: 'done',
        file: 'capture.pcap',
        filter: 'tcp port 8080',
        snapLength: 128,
        port: 8080,
        packets: 10,
        receivedByFilter: 20,
        droppedByKernel: 0,
        isolated: true,
      },
    }),
  ];
  const run = makeRun([arm], records);
  const findings = judgeArm(evidence);
  const comparison = buildComparison(run, [{ arm, evidence, findings, probe: undefined }], 'verdict');
  return { runDir: 'results/x', run, comparison, arm: comparison.arms[0]!, evidence };
}

const text = (input: ExplainInput, name?: string): string => explain(input, name)!.join('\n');

describe('explain', () => {
  it('shows the chain of every finding and what the other rules said', () => {
    const all = text(makeInput());
    expect(all).toMatch(/1\. stream-paced: .*\n {5}because /);
    expect(all).toMatch(/slow-handler: ruled out/);
    expect(all).toMatch(/not enough data, missing/);
    expect(all).toMatch(/Reproduce: npm run bench -- scenarios\/sse-100c\.yaml --tools wrk/);
  });

  it('shows a finding with its needs, its thresholds and what to look for on the wire', () => {
    const one = text(makeInput(), 'stream-paced');
    expect(one).toMatch(/^stream-paced: found, rank 1 \(wait, explains 98 %\)/);
    expect(one).toMatch(/It needs: CPU shares/);
    expect(one).toMatch(/src\/findings\/stream-paced\.ts/);
    expect(one).toMatch(/display filter: tcp\.srcport == 8080 && tcp\.len > 0/);
    expect(one).toMatch(/wireshark -r results\/x\/trials\/evidence-wrk\/capture\.pcap -Y '/);
  });

  it('shows a rule that found nothing as well, with packet numbers where there are any', () => {
    const one = text(makeInput(), 'packet-loss');
    expect(one).toMatch(/^packet-loss: not enough data/);
    expect(one).toMatch(/packet 4,711, its connection: tcp\.port == 50001/);
  });

  it('says that an arm with a finding is not unproven', () => {
    expect(text(makeInput(), 'unproven')).toMatch(/not so, since stream-paced was found/);
  });

  it('shows a figure with formula, definition, file and rounds', () => {
    const one = text(makeInput(), 'requests_per_sec');
    expect(one).toMatch(/^wrk metrics\.requests_per_sec: 2170 1\/s, over 1 round/);
    expect(one).toMatch(/formula: responses completed properly \/ measured time/);
    expect(one).toMatch(/definition: rps\/1/);
    expect(one).toMatch(
      /trials\/r1-wrk\/stdout\.txt and .*wrk\.json, read by src\/tools\/wrk\/normalize\.ts/,
    );
    expect(one).toMatch(/r1-wrk \(measured, done\): 2170/);
  });

  it('says why a figure is not known', () => {
    expect(text(makeInput(), 'gap_us_p50')).toMatch(/not known \(not-observable\)/);
  });

  it('names the capture for the wire, the counters for the truth and the samples for processes', () => {
    expect(text(makeInput(), 'wire.transfer_share')).toMatch(/evidence-wrk\/capture\.pcap/);
    expect(text(makeInput(), 'truth.events')).toMatch(/metrics-before\.txt and .*metrics-after\.txt/);
    expect(text(makeInput(), 'process.idle')).toMatch(/samples\.json/);
  });

  it('knows nothing of another name, and can say what there is', () => {
    expect(explain(makeInput(), 'speed')).toBeUndefined();
    expect(explainable(makeInput())).toEqual(expect.arrayContaining(['requests_per_sec', 'slow-handler']));
  });
});

describe('the rules', () => {
  it('are all evaluated, in the order of the list', () => {
    const evidence = makeArmEvidence(PACED);
    expect(evaluateRules(evidence).map(({ code }) => code)).toEqual(RULES.map(({ code }) => code));
  });

  it('have a display filter where the wire is their witness, and none where it is not', () => {
    for (const { code } of RULES) {
      const witness = witnessOf(code, 8080, {
        examples: {},
        serverEnds: [],
        stalls: [],
        unfinished: [],
        unanswered: [],
      });
      if (witness) expect(witness.filter).not.toBe('');
    }
    expect(witnessOf('host-saturated', 8080, undefined)).toBeUndefined();
  });

  it('shows silences by a filter that does not depend on what it shows', () => {
    const stall = { atUs: 0, lengthUs: 300_000, waiting: 4, open: 0, resumed: true };
    const trace = { examples: {}, serverEnds: [], unfinished: [] };
    const filterOf = (packets: number[]): string | undefined =>
      witnessOf('global-pause', 8080, {
        ...trace,
        stalls: packets.map((packet) => ({ ...stall, packet })),
      })?.filter;
    expect(filterOf([77, 90])).toBe('frame.number in {77, 90}');
    expect(filterOf([])).toBe('tcp.srcport == 8080 && tcp.len > 0 && tcp.time_delta > 0.1');
  });
});
