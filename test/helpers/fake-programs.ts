import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A folder to be used as PATH, with programs of the test's own in it that write down how they were called. */
export interface FakePrograms {
  folder: string;
  /** Add a program. `script` is POSIX shell and runs after the call was written down. */
  add(name: string, script?: string): void;
  /** Make the real program available under its name. */
  link(name: string, target: string): void;
  /** `name arg arg` per call, in order, and forget them. */
  takeCalls(): string[];
}

export function makeFakePrograms(parent: string): FakePrograms {
  const folder = join(parent, 'bin');
  const log = join(parent, 'calls.log');
  mkdirSync(folder);
  return {
    folder,
    add(name, script = '') {
      writeFileSync(join(folder, name), `#!/bin/sh\necho "${name} $*" >> '${log}'\n${script}\n`);
      chmodSync(join(folder, name), 0o755);
    },
    link: (name, target) => symlinkSync(target, join(folder, name)),
    takeCalls() {
      const calls = existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n') : [];
      writeFileSync(log, '');
      return calls.filter((call) => call !== '');
    },
  };
}
