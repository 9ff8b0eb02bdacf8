import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BEHAVIOURS } from '../../src/evidence/calibration-behaviours.ts';
import { judgePlainReport } from '../../src/evidence/judge-plain-report.ts';
import type { Behaviour, CalibrationVerdict, PlainReading } from '../../src/model/calibration.ts';
import type { TargetCounters } from '../../src/model/evidence.ts';
import { requireTypedTool } from '../../src/tools/typed-tools.ts';
import { makeExit } from '../helpers/tool-trial.ts';

interface StoredOutput {
  tool: string;
  behaviour: string;
  server: TargetCounters | null;
  stdout: string;
  stderr: string;
}

const STORED = JSON.parse(
  readFileSync(join(import.meta.dirname, '../fixtures/calibration/typed-outputs.json'), 'utf8'),
) as StoredOutput[];

const CONNECTIONS = 4;

function behaviour(id: string): Behaviour {
  return BEHAVIOURS.find((candidate) => candidate.id === id)!;
}

function readStored({ tool, stdout, stderr }: StoredOutput): PlainReading {
  return requireTypedTool(tool).read({ exit: makeExit(), stdout, stderr, files: {} });
}

/** By hand: what each stored report makes one believe. r right, b blind, w wrong. */
const EXPECTED: Record<string, string> = {
  //             wrk hey curl autocannon ab ssee-tester
  finite: '       r   r   r   r   r   r',
  endless: '      w   w   b   w   w   r',
  eof: '          w   r   r   w   r   r',
  'split-utf8': ' r   r   r   r   r   r',
  'split-crlf': ' r   r   r   r   r   r',
  'one-byte': '   r   r   r   r   r   r',
  'huge-line': '  r   r   r   r   r   r',
  comments: '     r   r   r   r   r   r',
  retry: '        r   r   r   r   r   r',
  sequence: '     b   b   b   b   b   r',
  'slow-head': '  b   r   r   b   r   r',
  unflushed: '    b   r   r   b   r   r',
  stall: '        b   w   b   w   r   r',
  hang: '         b   r   r   r   r   r',
  fin: '          r   w   r   w   w   r',
  reset: '        r   w   r   w   r   r',
  truncated: '    r   w   r   b   w   r',
  '503': '        r   r   r   r   r   r',
  'never-accept': 'b  r   r   r   r   r',
};
const COLUMNS = ['wrk', 'hey', 'curl', 'autocannon', 'ab', 'ssee-tester'];
const LETTERS: Record<string, CalibrationVerdict> = { r: 'right', b: 'blind', w: 'wrong' };

describe('the report of a tool as typed', () => {
  it('is stored for every tool and every behaviour', () => {
    expect(Object.keys(EXPECTED).sort()).toEqual(BEHAVIOURS.map(({ id }) => id).sort());
    expect(STORED).toHaveLength(BEHAVIOURS.length * COLUMNS.length);
  });

  for (const stored of STORED) {
    const letter = EXPECTED[stored.behaviour]!.trim().split(/\s+/)[COLUMNS.indexOf(stored.tool)]!;
    it(`${stored.tool} on ${stored.behaviour} is ${LETTERS[letter]}`, () => {
      const judgement = judgePlainReport(
        behaviour(stored.behaviour),
        readStored(stored),
        stored.server ?? undefined,
        CONNECTIONS,
      );
      expect(judgement.verdict, judgement.because).toBe(LETTERS[letter]);
      expect(judgement.said).toMatch(/^\S.*\S$/);
      expect(judgement.because).toMatch(/^\S.*[^.\s]$/);
    });
  }
});

describe('the inversions that made this necessary', () => {
  const judge = (tool: string, id: string): string => {
    const stored = STORED.find((output) => output.tool === tool && output.behaviour === id)!;
    const { said, because } = judgePlainReport(
      behaviour(id),
      readStored(stored),
      stored.server ?? undefined,
      CONNECTIONS,
    );
    return `${said} | ${because}`;
  };

  it('wrk prints the same for a healthy, a stalled and a dead stream: nothing, and no error', () => {
    for (const id of ['endless', 'stall', 'hang', 'never-accept']) {
      expect(judge('wrk', id)).toMatch(/^0 requests in 2\.\d+s, \S+ read \|/);
    }
  });

  it('wrk counts every good stream that ends with its connection as a failure as well', () => {
    expect(judge('wrk', 'eof')).toMatch(/read (\d+), .* \| it counts \1 failures; the server completed \d+$/);
  });

  it('hey lists streams that were cut as [200], and faster than the others', () => {
    for (const id of ['fin', 'reset', 'truncated']) {
      expect(judge('hey', id)).toMatch(
        /^\[200\] \d{2,} responses; Average: 0\.0\d+ secs \| .* completed none/,
      );
    }
    expect(judge('hey', 'endless')).toMatch(/^\[200\] 8 responses; Average: 1\.00\d+ secs/);
    expect(judge('hey', 'stall')).toMatch(/^\[200\] 8 responses; Average: 1\.00\d+ secs/);
  });

  it('autocannon makes responses up, with a status and without', () => {
    expect(judge('autocannon', 'fin')).toMatch(/^2xx: \d{2,}, errors: 0, timeouts: 0; .* completed none/);
    expect(judge('autocannon', 'endless')).toContain('statusCodeStats: {"undefined": 4}');
    expect(judge('autocannon', 'eof')).toMatch(
      /^2xx: 0, errors: 0.*nothing was served; the server completed \d/,
    );
  });

  it('ab takes streams that were cut for whole ones', () => {
    expect(judge('ab', 'truncated')).toMatch(
      /^Complete requests: \d{2,}; Failed requests: 0 \|.*completed none/,
    );
  });
});

describe('a judgement of a report', () => {
  const empty: PlainReading = { hasReport: true, fine: 0, failed: 0, open: 0, held: 0, words: 'x' };
  const judge = (id: string, reading: Partial<PlainReading>, truth?: TargetCounters): CalibrationVerdict =>
    judgePlainReport(behaviour(id), { ...empty, ...reading }, truth, CONNECTIONS).verdict;

  it.each<[string, string, Partial<PlainReading>, TargetCounters | undefined, CalibrationVerdict]>([
    // One stream per connection may be on its way, and one in a hundred.
    ['a count within the connections', 'finite', { fine: 96 }, { streamsCompleted: 100 }, 'right'],
    ['a count beyond them', 'finite', { fine: 94 }, { streamsCompleted: 100 }, 'wrong'],
    ['a count above the server', 'finite', { fine: 106 }, { streamsCompleted: 100 }, 'wrong'],
    ['a count within one percent', 'finite', { fine: 9900 }, { streamsCompleted: 10_000 }, 'right'],
    ['a count that nobody else took', 'finite', { fine: 5 }, undefined, 'right'],
    ['a failure among good ones', 'finite', { fine: 99, failed: 1 }, { streamsCompleted: 99 }, 'wrong'],
    ['nothing where all was good', 'finite', {}, { streamsCompleted: 9 }, 'wrong'],
    [
      'a first byte that came too early to be true',
      'unflushed',
      { fine: 9, firstByteMs: 89 },
      undefined,
      'wrong',
    ],
    ['a first byte in time', 'unflushed', { fine: 9, firstByteMs: 90 }, undefined, 'right'],
    ['no first byte where it alone tells', 'unflushed', { fine: 9 }, undefined, 'blind'],
    ['ids that are missing, found', 'sequence', { fine: 9, idFaults: 27 }, undefined, 'right'],
    ['ids that are missing, not found', 'sequence', { fine: 9, idFaults: 0 }, undefined, 'wrong'],
    ['ids that are missing, not looked for', 'sequence', { fine: 9 }, undefined, 'blind'],
    ['some of the streams held', 'endless', { held: 3 }, undefined, 'wrong'],
    ['one good response among failures', 'reset', { fine: 1, failed: 99 }, undefined, 'wrong'],
    ['streams cut by the tool itself', 'stall', { open: 4 }, undefined, 'blind'],
    ['no report at all', 'finite', { hasReport: false, words: '' }, undefined, 'blind'],
  ])('%s', (_name, id, reading, truth, expected) => expect(judge(id, reading, truth)).toBe(expected));
});
