import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openRegistry, type ProcessRegistry } from '../../src/process/process-registry.ts';
import { startProcess } from '../../src/process/start-process.ts';
import { waitUntil } from '../helpers/wait-until.ts';

/** Signals of the harness go nowhere, as to a process of another user or one that hangs in the kernel. */
vi.mock('../../src/process/process-family.ts', async (load) => ({
  ...(await load<typeof import('../../src/process/process-family.ts')>()),
  signalFamily: () => [{ pid: 1 }],
  killFamily: () => undefined,
  signalProcess: () => undefined,
}));

let dir: string;
let registry: ProcessRegistry;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'start-process-'));
  registry = openRegistry({ dir });
});
afterEach(() => {
  registry.close();
  rmSync(dir, { recursive: true });
});

const noted = (): unknown[] => {
  const name = readdirSync(dir).find((file) => file.endsWith('.json'))!;
  return JSON.parse(readFileSync(join(dir, name), 'utf8')).processes;
};

describe('a process that no signal ends', () => {
  it.each([
    ['files', true],
    ['pipes', false],
  ])(
    'is given up with its pid, and stays noted for as long as it lives, with outputs to %s',
    async (_to, toFiles) => {
      const file = toFiles ? join(dir, 'out') : null;
      const running = startProcess({ argv: ['sleep', '60'], stdoutFile: file, stderrFile: file, registry });
      const exit = await running.stop([{ signal: 'SIGTERM', waitMs: 20 }]);
      expect(exit).toMatchObject({
        code: null,
        signal: null,
        unended: `could not be ended (pid ${running.pid})`,
      });
      expect(exit.sent).toEqual(['SIGTERM', 'SIGKILL']);
      expect(await running.exited).toBe(exit);
      expect(noted()).toHaveLength(1);
      process.kill(running.pid!, 'SIGKILL');
      await waitUntil('it is forgotten', () => noted().length === 0);
    },
  );
});
