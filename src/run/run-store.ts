import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { UserError } from '../model/errors.ts';
import type { RunRecord, TrialRecord } from '../model/run-record.ts';
import { giveToOwner } from '../process/give-to-owner.ts';
import { explainFullDisk, isDiskFull, isNoSpaceError } from './full-disk.ts';

/** A run folder on disk. Every write is atomic, so a kill at any moment leaves a folder that can be read. */
export interface RunStore {
  /** Absolute path of the run folder. */
  dir: string;
  /** Absolute path of a trial's folder, created on demand. */
  trialDir(trialId: string): string;
  /** Absolute path of the folder of the probes' output, created on demand. */
  probesDir(): string;
  write(run: RunRecord): void;
  /** True where the folder takes no further files. Never throws. */
  isFull(): boolean;
}

/**
 * Create `<outDir>/<time>-<name>/`. Done before anything is launched, so that a folder that cannot be written
 * costs no measurement.
 * @throws UserError (exit 1) naming the folder, the cause and the remedy
 */
export function createRunStore(outDir: string, scenarioName: string, startedAt: Date): RunStore {
  const stamp = startedAt
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replace(/[-:]/g, '');
  const safeName = scenarioName.replace(/[^A-Za-z0-9._-]+/g, '-');
  const base = resolve(outDir);
  let dir = '';
  try {
    mkdirSync(base, { recursive: true });
    dir = makeFreshFolder(join(base, `${stamp}-${safeName}`));
    mkdirSync(join(dir, 'trials'));
  } catch (error) {
    throw cannotWriteResults(base, error);
  }
  giveToOwner(dir);
  return {
    dir,
    trialDir(trialId) {
      const trialDir = join(dir, 'trials', trialId);
      mkdirSync(trialDir, { recursive: true });
      return trialDir;
    },
    probesDir() {
      const probesDir = join(dir, 'probes');
      mkdirSync(probesDir, { recursive: true });
      return probesDir;
    },
    write(run) {
      writeFileAtomically(join(dir, 'run.json'), `${JSON.stringify(run, null, 1)}\n`);
      giveToOwner(dir);
    },
    isFull: () => isDiskFull(dir),
  };
}

/** What a user can do about a results folder that takes no files. */
export function cannotWriteResults(folder: string, error: unknown): UserError {
  const { code, message } = error as NodeJS.ErrnoException;
  if (isNoSpaceError(error)) return new UserError(explainFullDisk(folder, true), 1);
  return new UserError(
    `cannot write results to ${folder}: ${code ?? message}; choose a folder you may write with --out DIR`,
    1,
  );
}

/** Two runs may start in the same second: the later one gets a number. */
function makeFreshFolder(path: string): string {
  for (let attempt = 1; ; attempt++) {
    const candidate = attempt === 1 ? path : `${path}-${attempt}`;
    try {
      mkdirSync(candidate);
      return candidate;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt >= 100) throw error;
    }
  }
}

/** Write beside the file, then rename over it: readers see the old or the new text, never half of one. */
export function writeFileAtomically(path: string, text: string): void {
  const temporary = `${path}.tmp-${process.pid}`;
  try {
    writeFileSync(temporary, text);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/**
 * Read a run folder back.
 * @throws UserError (exit 2) when the folder is not a run
 */
export function readRun(runDir: string): RunRecord {
  const path = join(runDir, 'run.json');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new UserError(
      `${runDir} is not a run folder: ${path} cannot be read; name a folder such as results/<run>`,
    );
  }
  let run: Partial<RunRecord> | null;
  try {
    run = JSON.parse(text) as Partial<RunRecord> | null;
  } catch (error) {
    throw new UserError(`${path} is damaged: ${(error as Error).message}; measure again`);
  }
  if (typeof run !== 'object' || run === null) {
    throw new UserError(`${path} is damaged: it holds no record of a run; measure again`);
  }
  if (run.schema !== 'ssee-bench/run/1') {
    throw new UserError(`${path} has schema "${run.schema}"; this version reads ssee-bench/run/1`);
  }
  if (!Array.isArray(run.plan?.arms) || !Array.isArray(run.trials)) {
    throw new UserError(`${path} is damaged: it has no plan or no trials; measure again`);
  }
  return run as RunRecord;
}

/**
 * Text of a stored trial file; empty when the trial never wrote it.
 * @throws UserError (exit 2) when it did and the file cannot be read any more
 */
export function readTrialText(runDir: string, trial: TrialRecord, name: string): string {
  return readTrialBytes(runDir, trial, name).toString();
}

/** The same as it was written: what is not text has other offsets once it has been decoded. */
export function readTrialBytes(runDir: string, trial: TrialRecord, name: string): Buffer {
  const file = basename(name);
  if (!trial.files.includes(file)) return Buffer.alloc(0);
  const path = join(runDir, 'trials', trial.id, file);
  try {
    return readFileSync(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const what =
      code === 'ENOENT' ? 'is gone, though run.json lists it' : `cannot be read (${code ?? message})`;
    throw new UserError(`${path} ${what}; restore the run folder or measure again`);
  }
}
