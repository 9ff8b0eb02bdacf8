import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessExit, ToolOutput, ToolResult, ToolTrial } from '../../src/model/tool.ts';
import type { LoadTool } from '../../src/tools/load-tool.ts';
import { makeExit, makeTrial } from './tool-trial.ts';

const FIXTURES = join(import.meta.dirname, '../fixtures/tools');

export interface StoredRun {
  name: string;
  output: ToolOutput;
  trial: ToolTrial;
}

/** Outputs stored as NAME.txt with NAME.err. Exit codes were not kept; no normalizer may rest on them. */
export function readPlainFixtures(prefix: string): StoredRun[] {
  return readdirSync(FIXTURES)
    .filter((file) => file.startsWith(prefix) && file.endsWith('.txt'))
    .map((file) => readPlainFixture(file.replace(/\.txt$/, '')));
}

export function readPlainFixture(name: string, overrides: Partial<ToolTrial> = {}): StoredRun {
  const names = readdirSync(FIXTURES);
  const read = (file: string): string =>
    names.includes(file) ? readFileSync(join(FIXTURES, file), 'utf8') : '';
  return {
    name,
    output: { exit: makeExit(), stdout: read(`${name}.txt`), stderr: read(`${name}.err`), files: {} },
    trial: makeTrial(overrides),
  };
}

/** Outputs of the adapters' own command lines, with the trial they belong to. */
export function readRecordedRuns(tool: LoadTool): StoredRun[] {
  return readdirSync(join(FIXTURES, 'recorded'))
    .filter((name) => name.startsWith(`${tool.name}-`))
    .map((name) => readRecordedRun(tool, name));
}

export function readRecordedRun(tool: LoadTool, name: string): StoredRun {
  const dir = join(FIXTURES, 'recorded', name);
  const read = (file: string): string => readFileSync(join(dir, file), 'utf8');
  const stored = JSON.parse(read('trial.json')) as { exit: ProcessExit; trial: ToolTrial };
  const present = readdirSync(dir);
  return {
    name,
    output: {
      exit: stored.exit,
      stdout: read('stdout.txt'),
      stderr: read('stderr.txt'),
      files: Object.fromEntries(
        tool.outputFiles.filter((file) => present.includes(file)).map((file) => [file, read(file)]),
      ),
    },
    trial: stored.trial,
  };
}

/** What a tool's normalizer makes of one stored output, by the name of the fixture. */
export function normalizeStored(tool: LoadTool): {
  recorded: (name: string) => ToolResult;
  plain: (name: string, overrides?: Partial<ToolTrial>) => ToolResult;
} {
  const normalize = ({ output, trial }: StoredRun): ToolResult => tool.normalize(output, trial);
  return {
    recorded: (name) => normalize(readRecordedRun(tool, name)),
    plain: (name, overrides) => normalize(readPlainFixture(name, overrides)),
  };
}
