import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { interruptible } from '../../src/cli/signals.ts';

let handlers: Map<string | symbol, () => void>;
let nowMs: number;
const killAll = vi.fn();

beforeEach(() => {
  handlers = new Map();
  nowMs = 1000;
  killAll.mockReset();
  vi.spyOn(process, 'on').mockImplementation((name, handler) => {
    handlers.set(name, handler as () => void);
    return process;
  });
  vi.spyOn(process, 'exit').mockImplementation((code) => {
    throw new Error(`exit ${code}`);
  });
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  vi.spyOn(performance, 'now').mockImplementation(() => nowMs);
});
afterEach(() => vi.restoreAllMocks());

describe('interruptible', () => {
  it('aborts at the first signal, says so once, and takes the same one from elsewhere for no second', () => {
    const { signal } = interruptible({ killAll, message: 'interrupted' });
    expect(signal.aborted).toBe(false);
    handlers.get('SIGINT')!();
    nowMs += 900;
    handlers.get('SIGINT')!();
    handlers.get('SIGTERM')!();
    expect(signal.aborted).toBe(true);
    expect(vi.mocked(process.stderr.write).mock.calls).toEqual([['interrupted; again to leave at once\n']]);
    expect(killAll).not.toHaveBeenCalled();
  });

  it('kills everything and leaves with 130 at one that comes later', () => {
    interruptible({ killAll, message: 'interrupted' });
    handlers.get('SIGTERM')!();
    nowMs += 1100;
    expect(() => handlers.get('SIGINT')!()).toThrow('exit 130');
    expect(killAll).toHaveBeenCalledOnce();
  });
});
