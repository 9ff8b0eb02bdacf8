import { describe, expect, it } from 'vitest';
import type { ToolCommand, ToolTrial } from '../../../src/model/tool.ts';
import { hey, isHey } from '../../../src/tools/hey/adapter.ts';
import { makeExit, makeTrial } from '../../helpers/tool-trial.ts';

async function commandFor(overrides: Partial<ToolTrial>): Promise<ToolCommand> {
  let command: ToolCommand | undefined;
  await hey.run(makeTrial(overrides), async (wanted) => {
    command = wanted;
    return makeExit();
  });
  return command!;
}

describe('the command line of hey', () => {
  it('gives every stream the run and the timeout, and the deadline all of that after the run', async () => {
    const { argv, deadlineMs } = await commandFor({ durationMs: 1500, timeoutMs: 700, connections: 8 });
    expect(argv.slice(0, 9).join(' ')).toBe(
      'hey -z 1500ms -c 8 -t 3 -disable-redirects -disable-compression',
    );
    expect(argv).not.toContain('-q');
    expect(deadlineMs).toBe(1500 + 3000 + 3000);
  });

  it('sets no timeout on an endless stream: the deadline ends hey', async () => {
    const { argv, deadlineMs, signals } = await commandFor({ stream: 'endless', durationMs: 2000 });
    expect(argv.slice(5, 7)).toEqual(['-t', '0']);
    expect(deadlineMs).toBe(5000);
    expect(signals.at(-1)?.signal).toBe('SIGKILL');
  });

  it('passes rate, method, headers and body', async () => {
    const { argv } = await commandFor({
      ratePerConnection: 10,
      request: {
        method: 'POST',
        path: '/',
        headers: { Accept: 'text/event-stream', Host: 'events.test' },
        body: '{"a":1}',
      },
    });
    const line = argv.join(' ');
    expect(line).toContain('-q 10 ');
    expect(line).toContain('-m POST -H Accept: text/event-stream -host events.test -d {"a":1} -o ');
  });
});

describe('loads that hey cannot run', () => {
  it('are headers that it would drop', () => {
    const withHeaders = (headers: Record<string, string>): string | undefined =>
      hey.refuses?.(makeTrial({ request: { method: 'GET', path: '/', headers } }));
    expect(withHeaders({ 'X-Empty': '' })).toMatch(/X-Empty/);
    expect(withHeaders({ 'x.y': 'z' })).toMatch(/x\.y/);
    expect(withHeaders({ Accept: 'text/event-stream' })).toBeUndefined();
  });
});

describe('hey by its usage', () => {
  it('is told from a program of the same name', () => {
    expect(
      isHey('Usage: hey [options...] <url>\n\nOptions:\n  -z  Duration of application to send requests.'),
    ).toBe(true);
    expect(isHey('hey! usage: hey NAME')).toBe(false);
    expect(isHey('')).toBe(false);
  });
});
