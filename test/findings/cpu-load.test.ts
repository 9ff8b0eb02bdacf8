import { describe, expect, test } from 'vitest';
import { RULES } from '../../src/findings/index.ts';
import type { Arm } from '../../src/model/plan.ts';
import type { ProcessRecord } from '../../src/model/run-record.ts';
import { makeArm, makeArmEvidence, makeWire, PACED } from '../helpers/evidence-builder.ts';

const wire = (values: Parameters<typeof makeWire>[0]) => ({ ...PACED.wire!, ...knownOf(values) });

function knownOf(values: Parameters<typeof makeWire>[0] = {}) {
  const made = makeWire(values);
  return Object.fromEntries(Object.keys(values).map((key) => [key, made[key as keyof typeof made]]));
}

describe('tool and target on scarce CPUs', () => {
  const { target } = makeArm();
  const pinned = (tool: number[], server: number[]): Arm =>
    makeArm({ pin: tool, target: { ...target, pin: server } });
  const windowS = 30.08;
  /** CPU figures from shares of the CPUs that each side is pinned to. */
  const use = (tool: number, server: number, more: Partial<ProcessRecord> = {}): Partial<ProcessRecord> => ({
    toolCpuShare: tool,
    toolCpuS: tool * windowS,
    toolBusiestThread: Math.min(tool, 0.8),
    targetCpuShare: server,
    targetCpuS: server * windowS,
    targetBusiestThread: Math.min(server, 0.8),
    ...more,
  });
  const CPU_CODES = [
    'client-cpu-saturated',
    'server-cpu-saturated',
    'server-single-threaded',
    'host-saturated',
  ];
  const judge = (arm: Arm, process: Partial<ProcessRecord>, values: Parameters<typeof wire>[0] = {}) =>
    RULES.filter(({ code }) =>
      [...CPU_CODES, 'host-interference', 'slow-handler', 'stream-paced'].includes(code),
    )
      .map(({ code, evaluate }) => ({
        code,
        verdict: evaluate(makeArmEvidence({ arm, process, wire: wire(values) })),
      }))
      .filter(({ verdict }) => verdict.outcome === 'found')
      .map(({ code }) => code);
  const CLIENT = { server_wait_share: 0.2, transfer_share: 0.1, client_turn_share: 0.7 };
  const SERVER = {
    server_wait_share: 0.5,
    transfer_share: 0.45,
    client_turn_share: 0.05,
    wire_ttfb_us_p50: 9000,
  };

  test('a burner on the CPU of the tool starves the tool, beside a target with an idle CPU', () => {
    const process = use(0.48, 0.4, {
      toolRunQueueShare: 0.5,
      targetRunQueueShare: 0.02,
      toolCpusIdle: 0.01,
      targetCpusIdle: 0.5,
      idle: 0.26,
      unaccounted: 0.26,
    });
    expect(judge(pinned([0], [1]), process, CLIENT)).toEqual(['client-cpu-saturated']);
    // The capture costs the target too: what the wire says is not asked where only one side lacks CPU.
    expect(judge(pinned([0], [1]), process, SERVER)).toEqual(['client-cpu-saturated']);
  });

  test('a burner on the CPU of the target starves the target', () => {
    const process = use(0.3, 0.48, {
      targetRunQueueShare: 0.5,
      toolCpusIdle: 0.6,
      targetCpusIdle: 0.01,
      idle: 0.3,
      unaccounted: 0.26,
    });
    expect(judge(pinned([0], [1]), process, SERVER)).toEqual(['server-cpu-saturated']);
  });

  test('tool and target on one CPU share the blame, unless one of them uses most of it', () => {
    const shared = { toolCpusIdle: 0.01, targetCpusIdle: 0.01, idle: 0.5, unaccounted: 0.02 };
    const waits = { toolRunQueueShare: 0.5, targetRunQueueShare: 0.5 };
    expect(judge(pinned([0], [0]), use(0.45, 0.44, { ...shared, ...waits }), SERVER)).toEqual([
      'host-saturated',
    ]);
    expect(judge(pinned([0], [0]), use(0.65, 0.25, { ...shared, ...waits }), SERVER)).toEqual([
      'client-cpu-saturated',
    ]);
    expect(judge(pinned([0], [0]), use(0.2, 0.72, { ...shared, ...waits }), SERVER)).toEqual([
      'server-cpu-saturated',
    ]);
    expect(
      judge(pinned([0], [0]), use(0.2, 0.22, { ...shared, ...waits, unaccounted: 0.28 }), CLIENT),
    ).toEqual([]);
  });

  test('a slow tool on a fast target is what is measured', () => {
    const process = use(0.78, 0.4, { toolCpusIdle: 0.01, targetCpusIdle: 0.5, idle: 0.26, softirq: 0.12 });
    expect(judge(pinned([0], [1]), process, CLIENT)).toEqual(['client-cpu-saturated']);
    const single = use(0.49, 0.2, { toolBusiestThread: 0.97, idle: 0.3 });
    expect(judge(makeArm(), single, CLIENT)).toEqual(['client-cpu-saturated']);
  });

  test('a busy server on all CPUs is to blame, however long a cheap tool waits for its turn', () => {
    const process = use(0.05, 0.92, {
      toolRunQueueShare: 0.6,
      targetRunQueueShare: 1.5,
      toolCpuS: 0.1 * windowS,
      targetCpuS: 1.84 * windowS,
      toolCpusIdle: 0.01,
      targetCpusIdle: 0.01,
      idle: 0.01,
    });
    expect(judge(makeArm(), process, SERVER)).toEqual(['server-cpu-saturated']);
  });

  test('where both are full on CPUs of their own, the one that connections wait for is named', () => {
    const process = use(0.95, 0.97, { toolCpusIdle: 0.01, targetCpusIdle: 0.01, idle: 0.01 });
    expect(judge(pinned([0], [1]), process, CLIENT)).toEqual(['client-cpu-saturated']);
    expect(judge(pinned([0], [1]), process, SERVER)).toEqual(['server-cpu-saturated']);
    const even = { server_wait_share: 0.5, transfer_share: 0.05, client_turn_share: 0.45 };
    expect(judge(pinned([0], [1]), process, even)).toEqual(['client-cpu-saturated', 'server-cpu-saturated']);
  });

  test('strangers on the CPUs of both sides are to blame themselves', () => {
    const process = use(0.55, 0.52, {
      toolRunQueueShare: 0.5,
      targetRunQueueShare: 0.5,
      toolCpusIdle: 0.03,
      targetCpusIdle: 0.04,
      idle: 0.04,
      unaccounted: 0.42,
    });
    expect(judge(pinned([0], [1]), process, SERVER)).toEqual(['host-interference']);
  });

  test('a target that may use but one CPU is not called single-threaded for that', () => {
    const process = use(0.3, 0.97, { toolCpusIdle: 0.6, targetCpusIdle: 0.02, idle: 0.31 });
    expect(judge(pinned([0], [1]), process, SERVER)).toEqual(['server-cpu-saturated']);
  });
});
