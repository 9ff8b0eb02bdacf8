import { describe, expect, it } from 'vitest';
import { buildTrialEvidence } from '../../src/evidence/build-trial-evidence.ts';
import { BEHAVIOURS } from '../../src/evidence/calibration-behaviours.ts';
import { judgePublished } from '../../src/evidence/judge-published.ts';
import type { Behaviour, CalibrationVerdict } from '../../src/model/calibration.ts';
import { known, unknown } from '../../src/model/cell.ts';
import type { TargetCounters, TrialEvidence } from '../../src/model/evidence.ts';
import type { ToolResult } from '../../src/model/tool.ts';
import { requireTool } from '../../src/tools/index.ts';
import { makeArm, makeRecord, makeSight } from '../helpers/evidence-builder.ts';
import { readRecordedRun } from '../helpers/stored-outputs.ts';

const CONNECTIONS = 4;

function behaviour(id: string): Behaviour {
  return BEHAVIOURS.find((candidate) => candidate.id === id)!;
}

function evidenceOf(
  id: string,
  result: Partial<ToolResult>,
  truth?: TargetCounters,
  sight = makeSight(),
): TrialEvidence {
  const { stream } = behaviour(id);
  return buildTrialEvidence({
    arm: makeArm({ stream, connections: CONNECTIONS }),
    record: makeRecord(),
    result: { metrics: {}, outcomes: {}, caveats: [], ...result },
    tool: sight,
    ...(truth ? { truth } : {}),
  });
}

/** The case of a stored run, the behaviour that it is one of, and what a server would have counted. */
const CASES: [name: string, id: string, truth: TargetCounters][] = [
  ['503', '503', { requests: 80, streamsCompleted: 0 }],
  ['cut', 'fin', { streamsCompleted: 0, streamsClosedEarly: 300, events: 300 }],
  ['reset', 'reset', { streamsCompleted: 0, streamsReset: 300, events: 300 }],
  ['hang', 'hang', { streamsCompleted: 0, streamsStalled: 4 }],
  ['stall', 'stall', { streamsCompleted: 0, streamsStalled: 4, events: 4 }],
  ['endless', 'endless', { streamsCompleted: 0, streamsClientClosed: 4, events: 400 }],
];

/** r right, b blind; w is what must not be. */
const EXPECTED: Record<string, string> = {
  //      503 cut reset hang stall endless
  wrk: '  r   b   b   b   b   b',
  hey: '  r   b   b   r   b   b',
  curl: ' r   r   r   r   b   b',
  autocannon: 'r b b b b b',
  ab: '   r   b   b   b   b   b',
};
const LETTERS: Record<string, CalibrationVerdict> = { r: 'right', b: 'blind', w: 'wrong' };

describe('what is published of the stored runs', () => {
  for (const [toolName, row] of Object.entries(EXPECTED)) {
    for (const [index, [name, id, truth]] of CASES.entries()) {
      const verdict = LETTERS[row.trim().split(/\s+/)[index]!]!;
      it(`${toolName} on ${name} is ${verdict}`, () => {
        const tool = requireTool(toolName);
        const { output, trial } = readRecordedRun(tool, `${toolName}-${name}`);
        const evidence = buildTrialEvidence({
          arm: makeArm({ tool: toolName, stream: trial.stream, connections: CONNECTIONS }),
          record: makeRecord({ exit: output.exit }),
          result: tool.normalize(output, trial),
          tool,
          truth,
        });
        const judgement = judgePublished(behaviour(id), evidence, CONNECTIONS);
        expect(judgement.verdict, judgement.because).toBe(verdict);
        expect(judgement.because).toMatch(/^\S.*[^.\s]$/);
      });
    }
  }
});

describe('a judgement of what is published', () => {
  const some = known(7);
  const none = known(0);
  const blind = unknown('not-observable', 'the tool cannot see it');
  const counted = { streamsCompleted: 100, events: 500 };

  it.each<[string, string, Partial<ToolResult>, TargetCounters | undefined, CalibrationVerdict]>([
    ['the outcome of all streams', 'reset', { outcomes: { reset: some } }, undefined, 'right'],
    ['another outcome', 'reset', { outcomes: { 'closed-early': some } }, undefined, 'wrong'],
    [
      'another outcome beside it',
      'reset',
      { outcomes: { reset: some, completed: some } },
      undefined,
      'wrong',
    ],
    [
      'streams cut by the end beside it',
      'reset',
      { outcomes: { reset: some, 'client-aborted': some } },
      undefined,
      'right',
    ],
    ['that none ended as all did', 'reset', { outcomes: { reset: none } }, undefined, 'wrong'],
    ['that it cannot tell', 'reset', { outcomes: { reset: blind, completed: none } }, undefined, 'blind'],
    [
      'one of two names',
      'never-accept',
      { outcomes: { 'no-headers': none, refused: some } },
      undefined,
      'right',
    ],
    [
      'none of two names',
      'never-accept',
      { outcomes: { 'no-headers': none, refused: none } },
      undefined,
      'wrong',
    ],
    [
      'none of the one and nothing of the other',
      'never-accept',
      { outcomes: { 'no-headers': none, refused: blind } },
      undefined,
      'blind',
    ],
    ['a rate of streams that broke', 'reset', { metrics: { requests_per_sec: some } }, undefined, 'wrong'],
    ['no rate of streams that broke', 'reset', { metrics: { requests_per_sec: none } }, undefined, 'blind'],
    ['a rate alone, of good streams', 'finite', { metrics: { requests_per_sec: some } }, counted, 'right'],
    ['no rate of good streams', 'finite', { metrics: { requests_per_sec: none } }, counted, 'wrong'],
    ['as many as the server', 'finite', { outcomes: { completed: known(97) } }, counted, 'right'],
    ['fewer than the server', 'finite', { outcomes: { completed: known(90) } }, counted, 'wrong'],
    [
      'more events than the server',
      'finite',
      { outcomes: { completed: known(100) }, events: known(600) },
      counted,
      'wrong',
    ],
    [
      'timeouts of good streams',
      'finite',
      { outcomes: { completed: known(100) }, metrics: { timeout_rate_idle: known(0.1) } },
      counted,
      'wrong',
    ],
    [
      'streams cut by the end of the run',
      'finite',
      { outcomes: { completed: known(100) }, metrics: { timeout_rate_deadline: known(0.04) } },
      counted,
      'right',
    ],
    ['all streams held', 'endless', { outcomes: { held: known(4) } }, undefined, 'right'],
    ['some streams held', 'endless', { outcomes: { held: known(3) } }, undefined, 'blind'],
    [
      'good endless streams as finished',
      'endless',
      { outcomes: { held: blind, completed: some } },
      undefined,
      'wrong',
    ],
    [
      'no timeout where all are silent',
      'stall',
      { outcomes: { stalled: blind }, metrics: { timeout_rate_idle: none } },
      undefined,
      'wrong',
    ],
    [
      'no timeout where none is answered',
      'hang',
      { outcomes: { 'no-headers': blind }, metrics: { timeout_rate_headers: none } },
      undefined,
      'wrong',
    ],
    ['no failure where all fail', 'fin', { metrics: { failure_rate: none } }, undefined, 'wrong'],
    [
      'a late first byte',
      'unflushed',
      { outcomes: { completed: known(100) }, metrics: { ttfb_us_p50: known(101_000) } },
      counted,
      'right',
    ],
    [
      'an early first byte',
      'unflushed',
      { outcomes: { completed: known(100) }, metrics: { ttfb_us_p50: known(2000) } },
      counted,
      'wrong',
    ],
    ['no first byte', 'unflushed', { outcomes: { completed: known(100) } }, counted, 'blind'],
    [
      'ids that are missing',
      'sequence',
      { outcomes: { completed: known(100) }, extra: { sequence: { gaps: 200, duplicates: 100 } } },
      counted,
      'right',
    ],
    [
      'no id that is missing',
      'sequence',
      { outcomes: { completed: known(100) }, extra: { sequence: { gaps: 0, duplicates: 0 } } },
      counted,
      'wrong',
    ],
    ['nothing of ids', 'sequence', { outcomes: { completed: known(100) } }, counted, 'blind'],
  ])('%s', (_name, id, result, truth, expected) => {
    const judgement = judgePublished(behaviour(id), evidenceOf(id, result, truth), CONNECTIONS);
    expect(judgement.verdict, judgement.because).toBe(expected);
  });

  it('shows the rate of endless streams as the lie that it is, however it came to be published', () => {
    const evidence = evidenceOf('endless', { metrics: { requests_per_sec: known(0) } });
    const forced = { ...evidence, metrics: { ...evidence.metrics, requests_per_sec: known(0) } };
    expect(judgePublished(behaviour('endless'), forced, CONNECTIONS).verdict).toBe('wrong');
    expect(judgePublished(behaviour('endless'), evidence, CONNECTIONS).verdict).not.toBe('right');
  });

  it('says what is published, with n/a for what is not', () => {
    const evidence = evidenceOf(
      'unflushed',
      { outcomes: { completed: known(1200) } },
      { streamsCompleted: 1200 },
    );
    expect(judgePublished(behaviour('unflushed'), evidence, CONNECTIONS).said).toBe(
      'completed 1,200, requests/s n/a, first byte n/a',
    );
  });
});
