import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { guardWorkflowLog, writeJsonLine, writeWorkflowCommands } from '../../src/cli/guard-workflow-log.ts';

function guarded(
  env: NodeJS.ProcessEnv = { GITHUB_ACTIONS: 'true' },
  fd?: number,
): {
  stream: NodeJS.WriteStream;
  said: () => string;
} {
  const pipe = new PassThrough();
  const stream = Object.assign(pipe, { fd }) as unknown as NodeJS.WriteStream;
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

  it('is said the same in pieces as at once', () => {
    const piece = fc.string({
      unit: fc.constantFrom(':', '#', '[', ' ', '\n', '\r', '\u200b', 'x'),
      maxLength: 4,
    });
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const [one, other] = [guarded(), guarded()];
        for (const text of pieces) one.stream.write(text);
        other.stream.write(pieces.join(''));
        expect(one.said()).toBe(other.said());
      }),
    );
  });

  it.each(['x', ' ', '#', '\u200b'])('takes a line that does not end, of %j', (unit) => {
    let said = '';
    const stream = {
      write(text: string) {
        said = (said + text).slice(-10);
        return true;
      },
    } as unknown as NodeJS.WriteStream;
    guardWorkflowLog([stream], { GITHUB_ACTIONS: 'true' });
    const piece = unit.repeat(100);
    // Gone through from its start with each piece, this line would take minutes.
    for (let count = 0; count < 20_000; count++) stream.write(piece);
    stream.write('##[x');
    expect(said.endsWith('## [x')).toBe(true);
  });

  it('is not what goes to a file, which stays as it is', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ssee-bench-guard-'));
    const fds = [openSync(join(folder, 'data'), 'w'), openSync('/dev/null', 'w')];
    try {
      const texts = fds.map((fd) => {
        const { stream, said } = guarded({ GITHUB_ACTIONS: 'true' }, fd);
        stream.write('::x ##[y');
        return said();
      });
      expect(texts).toEqual(['::x ##[y', ': :x ## [y']);
    } finally {
      for (const fd of fds) closeSync(fd);
      rmSync(folder, { recursive: true });
    }
  });

  it('keeps a line of JSON the same value', () => {
    const piece = fc.string({ unit: fc.constantFrom(':', '#', '[', '\\', '"', '\n', '\u200b', 'x') });
    fc.assert(
      fc.property(fc.record({ text: piece, list: fc.array(piece) }), (value) => {
        const { stream, said } = guarded();
        writeJsonLine(value, stream);
        const line = said();
        expect(line).toMatch(/^[^\n]+\n$/);
        expect(JSON.parse(line)).toEqual(value);
        expect(isCommand(line)).toBe(false);
      }),
    );
    const { stream, said } = guarded({});
    writeJsonLine({ url: 'http://x/#y' }, stream);
    expect(said()).toBe('{"url":"http://x/#y"}\n');
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
