import { describe, expect, it } from 'vitest';
import type { ToolCommand, ToolTrial } from '../../../src/model/tool.ts';
import { sseeTester } from '../../../src/tools/ssee-tester/adapter.ts';
import { makeExit, makeTrial } from '../../helpers/tool-trial.ts';

async function commandFor(overrides: Partial<ToolTrial>): Promise<ToolCommand> {
  let command: ToolCommand | undefined;
  await sseeTester.run(makeTrial(overrides), async (wanted) => {
    command = wanted;
    return makeExit();
  });
  return command!;
}

describe('the command line of ssee-tester', () => {
  it('runs the built program with the Node that runs the harness', async () => {
    const { argv } = await commandFor({});
    expect(argv[0]).toBe(process.execPath);
    expect(argv[1]).toMatch(/\/dist\/src\/cli\/bin\/ssee-tester\.js$/);
    expect(argv.slice(2).join(' ')).toBe(
      'http://127.0.0.1:1/finite --json --connections 4 --duration 1s --timeout 500ms --stream finite --method GET --no-default-headers --header Accept: text/event-stream',
    );
  });

  it('lets finite streams finish before its deadline and ends in steps', async () => {
    const { deadlineMs, signals } = await commandFor({ durationMs: 2000, timeoutMs: 700 });
    expect(deadlineMs).toBe(5700);
    expect(signals.map(({ signal }) => signal)).toEqual(['SIGINT', 'SIGTERM', 'SIGKILL']);
  });

  it('passes method, headers, body and rate', async () => {
    const { argv } = await commandFor({
      ratePerConnection: 10,
      request: { method: 'POST', path: '/', headers: { 'X-A': 'b' }, body: 'x' },
    });
    expect(argv.join(' ')).toContain(
      '--method POST --no-default-headers --header X-A: b --body x --any-content-type --rate-per-connection 10',
    );
  });

  it('takes another content type for an error only where the scenario asks for events', async () => {
    const anyType = async (headers: Record<string, string>): Promise<boolean> => {
      const { argv } = await commandFor({ request: { method: 'GET', path: '/hello', headers } });
      return argv.includes('--any-content-type');
    };
    expect(await anyType({})).toBe(true);
    expect(await anyType({ Accept: '*/*' })).toBe(true);
    expect(await anyType({ accept: 'application/json, Text/Event-Stream;q=0.9' })).toBe(false);
  });

  it('passes the file with the request of another tool, and then nothing else about the request', async () => {
    const { argv } = await commandFor({ replayFile: '/tmp/request.bin' });
    expect(argv.join(' ')).toMatch(/--request-file \/tmp\/request\.bin$/);
    expect(argv).not.toContain('--method');
    expect(argv).not.toContain('--no-default-headers');
    expect(argv).not.toContain('--header');
  });
});
