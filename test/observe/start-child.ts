import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Run a program of Node in a process group of its own until `end`, which waits for it to be gone. */
export function startChild(program: string): { pid: number; end(): Promise<void> } {
  const child = spawn(process.execPath, ['-e', program], { detached: true, stdio: 'ignore' });
  const ended = once(child, 'exit');
  const pid = child.pid!;
  return {
    pid,
    async end() {
      process.kill(-pid, 'SIGKILL');
      await ended;
    },
  };
}
