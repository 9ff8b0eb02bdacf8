import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { guardWorkflowLog, writeWorkflowCommands } from '../../src/cli/guard-workflow-log.ts';

function guarded(env: NodeJS.ProcessEnv = { GITHUB_ACTIONS: 'true' }): {
  stream: NodeJS.WriteStream;
  said: () => string;
} {
  const pipe = new PassThrough();
  const stream = pipe as unknown as NodeJS.WriteStream;
  guardWorkflowLog([stream], env);
  return { stream, said: () => (pipe.read() as Buffer | null)?.toString() ?? '' };
}

/** As the runner finds commands: it trims lines, and passes over characters without a shape. */
function isCommand(line: string): boolean {
  const seen = line.replace(/[\p{C}\p{DI}]/gu, '');
  return seen.trim().startsWith('::') || seen.includes('##[');
}

describe('the log of a GitHub job', () => {
  it.each([
    ['::error title=x::pwn', ': :error title=x::pwn'],
    ['said\n  ::stop-commands::x\r\n', 'said\n  : :stop-commands::x\r\n'],
    ['\u200b:\u00ad:error::x', '\u200b:\u00ad :error::x'],
    ['progress\r::error::x', 'progress\r: :error::x'],
    ['it said ##[error]x', 'it said ## [error]x'],
    ['[::1]:8080 std::move ## [x]', '[::1]:8080 std::move ## [x]'],
  ])('takes no command from %j', (text, expected) => {
    const { stream, said } = guarded();
    stream.write(text);
    expect(said()).toBe(expected);
  });

  it('takes none from any text, in whatever pieces it comes', () => {
    const piece = fc.string({ unit: fc.constantFrom(':', '#', '[', ' ', '\n', '\r', '\u200b', 'é', 'x') });
    fc.assert(
      fc.property(fc.array(fc.tuple(piece, fc.boolean())), (pieces) => {
        const { stream, said } = guarded();
        for (const [text, asBytes] of pieces) stream.write(asBytes ? Buffer.from(text) : text);
        const lines = said().split(/\r\n|[\r\n]/);
        expect(lines.filter(isCommand)).toEqual([]);
      }),
    );
  });

  it('gets our own commands whole, also when it is guarded twice', () => {
    const { stream, said } = guarded();
    guardWorkflowLog([stream], { GITHUB_ACTIONS: 'true' });
    writeWorkflowCommands('::notice::fine\n', stream);
    expect(said()).toBe('::notice::fine\n');
  });
});

it('nothing is changed outside of a GitHub job', () => {
  const { stream, said } = guarded({});
  stream.write('::error::x ##[y]');
  writeWorkflowCommands('::notice::fine', stream);
  expect(said()).toBe('::error::x ##[y]::notice::fine');
});
