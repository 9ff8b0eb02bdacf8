import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TOOLS } from '../../src/tools/index.ts';
import { requireTypedTool } from '../../src/tools/typed-tools.ts';
import { readPlainFixture } from '../helpers/stored-outputs.ts';
import { makeExit, makeTrial } from '../helpers/tool-trial.ts';

const lineOf = (name: string): string =>
  requireTypedTool(name)
    .command(makeTrial({ durationMs: 2000, timeoutMs: 1000 }))
    .argv.join(' ');

describe('tools as a person types them', () => {
  it('are those of the list of tools', () => {
    for (const { name } of TOOLS) expect(requireTypedTool(name).command).toBeTypeOf('function');
    expect(() => requireTypedTool('siege')).toThrow('nobody knows how to type siege');
  });

  it.each([
    ['wrk', 'wrk -t1 -c4 -d2s --timeout 1s -H Accept: text/event-stream http://127.0.0.1:1/finite'],
    ['hey', 'hey -z 2s -c 4 -t 1 -H Accept: text/event-stream http://127.0.0.1:1/finite'],
    ['ab', 'ab -q -c 4 -t 2 -s 1 -H Accept: text/event-stream http://127.0.0.1:1/finite'],
  ])('%s', (name, line) => expect(lineOf(name)).toBe(line));

  it('get the load, and a second chance to report before they are killed', () => {
    expect(lineOf('autocannon')).toMatch(
      / --json --no-progress -c 4 -d 2 -t 1 -H Accept=text\/event-stream http/,
    );
    expect(lineOf('curl')).toMatch(/^curl -sS -N -Z --parallel-immediate -m 2 .*( -o \/dev\/null \S+){4}$/);
    expect(lineOf('ssee-tester')).toMatch(
      / -c 4 -d 2s --timeout 1s --stream finite -H Accept: text\/event-stream$/,
    );
    for (const { name } of TOOLS) {
      const { deadlineMs, signals } = requireTypedTool(name).command(
        makeTrial({ durationMs: 2000, timeoutMs: 1000 }),
      );
      expect(deadlineMs).toBe(6000);
      expect(signals.map(({ signal }) => signal)).toEqual(['SIGINT', 'SIGKILL']);
    }
  });

  it('never throw over what was printed, and never count below nothing', () => {
    const junk = fc.array(
      fc.constantFrom(
        '[200]\t4 responses',
        'Summary:',
        '{"errors":',
        '12',
        '-',
        ' ',
        '\n',
        '200, 1 bytes',
        'completed',
        '4/4',
        'Complete requests:',
        '\u0000',
        '  9 requests in 1s, 1KB read',
      ),
    );
    fc.assert(
      fc.property(fc.constantFrom(...TOOLS), junk, fc.boolean(), ({ name }, parts, overran) => {
        const text = parts.join('');
        const exit = makeExit({ overran, sent: overran ? ['SIGINT'] : [] });
        const reading = requireTypedTool(name).read({ exit, stdout: text, stderr: text, files: {} });
        for (const count of [reading.fine, reading.failed, reading.open, reading.held]) {
          expect(Number.isSafeInteger(count) && count >= 0).toBe(true);
        }
        expect(reading.words).not.toContain('\n');
      }),
    );
  });
});

describe('what a person reads in stored reports', () => {
  const read = (tool: string, fixture: string): ReturnType<ReturnType<typeof requireTypedTool>['read']> =>
    requireTypedTool(tool).read(readPlainFixture(fixture).output);

  it.each([
    ['wrk', 'wrk_endless_sse', { fine: 0, failed: 0 }],
    ['wrk', 'wrk_reset', { fine: 0, failed: 1065 }],
    ['wrk', 'wrk_503', { fine: 0, failed: 79_880 }],
    ['wrk', 'wrk_refused', { fine: 0, failed: 1 }],
    ['hey', 'hey_reset', { fine: 40, failed: 0 }],
    ['hey', 'hey_503', { fine: 0 }],
    ['hey', 'hey_noaccept', { fine: 0, failed: 8 }],
    ['hey', 'hey_endless_t0_sigint', { hasReport: false }],
    ['autocannon', 'ac_reset', { fine: 444, failed: 882 }],
    ['autocannon', 'ac_endless_t1_json', { fine: 4, failed: 8 }],
    ['autocannon', 'ac_eof', { fine: 0, failed: 0 }],
    ['ab', 'ab_finite_sse_t', { fine: 421, failed: 0, firstByteMs: 0 }],
    ['ab', 'ab_reset', { fine: 0, failed: 1, words: 'apr_socket_recv: Connection reset by peer (104)' }],
    ['ab', 'ab_503', { fine: 0, failed: 40 }],
    ['ab', 'ab_endless', { fine: 0, failed: 0, words: 'Complete requests: 0; Failed requests: 0' }],
  ])('%s in %s', (tool, fixture, expected) => expect(read(tool, fixture)).toMatchObject(expected));

  it('hey groups errors whose texts differ by a port only', () => {
    expect(read('hey', 'hey_rst_on_accept').words).toMatch(
      /^\d+ errors, such as "connection reset by peer"$/,
    );
  });
});
