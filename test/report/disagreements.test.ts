import { expect, test } from 'vitest';
import type { Cell } from '../../src/model/cell.ts';
import type { ArmComparison, Comparison } from '../../src/model/comparison.ts';
import { type Disagreement, findDisagreements } from '../../src/report/disagreements.ts';
import { sampleComparison } from '../helpers/sample-comparison.ts';

function count(value: number): Cell {
  return { known: true, value, unit: 'count', definition: 'x/1' };
}

function us(value: number): Cell {
  return { known: true, value, unit: 'us', definition: 'x/1' };
}

/** What is said of one thing by the arm after `change`. */
function about(what: string, id: string, change: (arm: ArmComparison) => void = () => {}): Disagreement {
  const comparison: Comparison = sampleComparison();
  const arm = comparison.arms.find((candidate) => candidate.id === id)!;
  change(arm);
  const row = findDisagreements(arm, comparison).find((candidate) => candidate.what === what);
  if (!row) throw new Error(`nothing is said about ${what}`);
  return row;
}

test('counts that differ by no more than the streams in flight agree', () => {
  expect(about('Streams completed', 'ssee-tester')).toMatchObject({ verdict: 'agree', sentence: 'the same' });
  const near = about('Streams completed', 'ssee-tester', (arm) => {
    arm.outcomes.completed = count(65_120 - 90);
  });
  expect(near).toMatchObject({ verdict: 'agree', sentence: '-90, within the streams in flight' });
});

test('counts that differ by more differ, and by how much is said', () => {
  const row = about('Streams completed', 'ssee-tester', (arm) => {
    arm.outcomes.completed = count(32_560);
  });
  expect(row).toMatchObject({ verdict: 'differ', sentence: '-32,560 (-50 %)' });
});

test('a tool without a count is taken by its rate, and one without either is blind', () => {
  const byRate = about('Streams completed', 'hey');
  expect(byRate.tool).toMatchObject({ known: true, note: 'worked out from its rate' });
  const blind = about('Streams completed', 'hey', (arm) => {
    arm.metrics.requests_per_sec = { known: false, why: 'not-observable', detail: 'it cannot' };
  });
  expect(blind.verdict).toBe('blind');
});

test('failures that only the target and the wire have seen are told', () => {
  const row = about('Streams that failed', 'ssee-tester', (arm) => {
    arm.truth.streams_reset = count(7);
    for (const id of ['streams_closed_early', 'streams_stalled', 'streams_write_error'])
      arm.truth[id] = count(0);
  });
  expect(row).toMatchObject({ verdict: 'differ', sentence: 'failures that the tool did not report' });
});

test('a reset is one failure on the wire, not also a close', () => {
  const row = about('Streams that failed', 'ssee-tester', (arm) => {
    arm.wire.rst_by_server = count(3);
    arm.wire.server_closed_mid_response = count(3);
    arm.wire.refused = count(0);
  });
  expect(row.wire).toMatchObject({ known: true, value: 3 });
});

test("the tool's first byte is held against the wire's of the same trial", () => {
  const change = (added: number) => (arm: ArmComparison) => {
    arm.wire.wire_ttfb_us_p50 = us(1000);
    const evidence = arm.trials.find(({ kind }) => kind === 'evidence')!;
    evidence.metrics.ttfb_us_p50 = us(1000 + added);
  };
  expect(about('First byte, median', 'hey', change(150)).verdict).toBe('agree');
  expect(about('First byte, median', 'hey', change(1500))).toMatchObject({
    verdict: 'differ',
    sentence: 'the tool adds 1.5 ms',
  });
  expect(about('First byte, median', 'hey', change(-700)).sentence).toMatch(
    /^700 us less than the wire shows/,
  );
});

test('connections opened again are told from ones that test the server, and from too few', () => {
  const change = (opened: number, probes: number) => (arm: ArmComparison) => {
    arm.wire.connections_opened = count(opened);
    arm.wire.probe_connections = count(probes);
  };
  expect(about('Connections opened', 'wrk', change(101, 1)).sentence).toMatch(/to test the server/);
  expect(about('Connections opened', 'wrk', change(300, 1)).sentence).toMatch(/opened again/);
  expect(about('Connections opened', 'wrk', change(90, 0)).verdict).toBe('differ');
});

test('an arm that was not measured claims nothing', () => {
  const comparison = sampleComparison();
  const curl = comparison.arms.find(({ id }) => id === 'curl')!;
  const said = findDisagreements(curl, comparison).filter(({ what }) => what !== 'Connections opened');
  expect(said).toEqual([]);
});
