import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findFloorViolations } from '../../scripts/lib/find-floor-violations.mjs';
import { ROOT } from '../helpers/run-cli.ts';

describe('findFloorViolations', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'floors-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  function plant(files: Record<string, string>): string[] {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    return findFloorViolations(root).map(({ file, line, message }) => `${file}:${line}: ${message}`);
  }

  it('accepts imports that point down or stay on the floor', () => {
    expect(
      plant({
        'src/model/cell.ts': 'export type Cell = number;',
        'src/stats/median.ts': "import type { Cell } from '../model/cell.ts';\nexport type M = Cell;",
        'src/evidence/arm.ts': "export { type M } from '../stats/median.ts';",
        'src/process/start.ts': "import { spawn } from 'node:child_process';\nspawn('x');",
        'src/tools/wrk/adapter.ts': "import '../../process/start.ts';\nimport '../find.ts';",
        'src/tools/find.ts': 'export {};',
        'src/run/run.ts': "import '../tools/wrk/adapter.ts';\nimport '../evidence/arm.ts';",
        'src/cli/main.ts': "import '../run/run.ts';\nconsole.log(Date.now(), new Date());",
      }),
    ).toEqual([]);
  });

  it('names file and line of an import that points up', () => {
    expect(
      plant({
        'src/model/cell.ts': "\n\nimport { x } from '../stats/median.ts';\nx;",
        'src/stats/median.ts': 'export const x = 1;',
      }),
    ).toEqual(['src/model/cell.ts:3: floor 0 must not import src/stats/median.ts on floor 1']);
  });

  it.each([
    ['type import', "import type { x } from '../cli/a.ts';"],
    ['import over several lines', "import {\n  x,\n} from '../cli/a.ts';"],
    ['re-export', "export * from '../cli/a.ts';"],
    ['import for effect', "import '../cli/a.ts';"],
    ['dynamic import', "const a = await import('../cli/a.ts');"],
    ['type written as import', "type A = import('../cli/a.ts').A;"],
  ])('sees a %s', (_name, code) => {
    expect(plant({ 'src/report/r.ts': code, 'src/cli/a.ts': 'export {};' })).toEqual([
      'src/report/r.ts:1: floor 1 must not import src/cli/a.ts on floor 4',
    ]);
  });

  it('keeps process/ below the other adapters of its floor', () => {
    expect(
      plant({ 'src/process/p.ts': "import '../target/t.ts';", 'src/target/t.ts': 'export {};' }),
    ).toHaveLength(1);
  });

  it.each([
    ['node:fs'],
    ['node:fs/promises'],
    ['node:net'],
    ['node:child_process'],
    ['node:http'],
    ['node:os'],
    ['execa'],
    ['ora'],
  ])('forbids %s on the pure floors and allows it above', (module) => {
    const code = `import * as x from '${module}';\nx;`;
    expect(plant({ 'src/pcap/p.ts': code, 'src/observe/o.ts': code })).toEqual([
      `src/pcap/p.ts:1: floor 1 is pure and must not import ${module}`,
    ]);
  });

  it.each([['Date.now()'], ['new Date()'], ['new Date'], ['performance.now()'], ['process.hrtime.bigint()']])(
    'forbids %s on the pure floors',
    (code) => {
      expect(plant({ 'src/stats/s.ts': `const a = 1;\nconst b = ${code};` })).toEqual([
        expect.stringMatching(/^src\/stats\/s\.ts:2: floor 1 is pure, this reads the clock/),
      ]);
    },
  );

  it('allows a date made from a given time', () => {
    expect(plant({ 'src/report/r.ts': 'export const d = (ms: number) => new Date(ms);' })).toEqual([]);
  });

  it.each([['console.error(1)'], ["process.stdout.write('x')"], ["process.stderr.write('x')"]])(
    'forbids %s outside cli',
    (code) => {
      expect(plant({ 'src/run/r.ts': code, 'src/cli/c.ts': code })).toEqual([
        expect.stringMatching(/^src\/run\/r\.ts:1: only src\/cli prints/),
      ]);
    },
  );

  it('forbids adapters to import each other', () => {
    expect(
      plant({
        'src/tools/wrk/a.ts': "import '../hey/b.ts';\nimport './c.ts';",
        'src/tools/wrk/c.ts': 'export {};',
        'src/tools/hey/b.ts': 'export {};',
      }),
    ).toEqual(['src/tools/wrk/a.ts:1: adapter wrk must not import adapter hey (src/tools/hey/b.ts)']);
  });

  it('keeps targets apart from src', () => {
    expect(
      plant({
        'targets/node-http/server.ts': "import '../../src/model/a.ts';\nimport '../shared/b.ts';",
        'src/model/a.ts': "import '../../targets/shared/b.ts';",
        'targets/shared/b.ts': 'console.log(Date.now());',
      }),
    ).toEqual([
      'src/model/a.ts:1: src must not import targets/shared/b.ts from outside',
      'targets/node-http/server.ts:1: a target is a program of its own and must not import src/model/a.ts',
    ]);
  });

  it('lets benchmarks use src but neither import targets nor be imported', () => {
    expect(
      plant({
        'perf/main.ts':
          "import '../src/cli/a.ts';\nimport '../targets/shared/b.ts';\nconsole.log(Date.now());",
        'src/cli/a.ts': "import '../../perf/main.ts';",
        'targets/shared/b.ts': "import '../../perf/rows.ts';",
        'perf/rows.ts': 'export {};',
      }).filter((line) => !line.includes('cycle')),
    ).toEqual([
      'perf/main.ts:2: perf starts targets as programs and must not import targets/shared/b.ts',
      'src/cli/a.ts:1: src must not import perf/main.ts from outside',
      'targets/shared/b.ts:1: a target is a program of its own and must not import perf/rows.ts',
    ]);
  });

  it('finds an import cycle and names every file in it', () => {
    expect(
      plant({
        'src/http/a.ts': "import './b.ts';",
        'src/http/b.ts': "import './c.ts';",
        'src/http/c.ts': "import './a.ts';",
      }),
    ).toEqual([
      'src/http/c.ts:1: import cycle: src/http/a.ts -> src/http/b.ts -> src/http/c.ts -> src/http/a.ts',
    ]);
  });

  it('asks for a floor for every new folder', () => {
    expect(plant({ 'src/shiny/a.ts': 'export {};' })).toEqual([
      expect.stringMatching(/^src\/shiny\/a\.ts:1: .*no floor/),
    ]);
  });

  it('does not mistake comments, strings, templates and regular expressions for code', () => {
    const text = [
      '// console.log(Date.now()); import "../cli/a.ts";',
      '/* process.stdout',
      "   import '../cli/a.ts' */",
      "const a = 'console.log new Date()';",
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is source text to be read
      "const b = `import '../cli/a.ts'; ${a.replace(/['\"`/*]/g, '{')} Date.now()`;",
      'const c = a.length / 2 / b.length; // performance.now()',
      "const d = 'say \"import x from \\'../cli/a.ts\\'\"';",
    ].join('\n');
    expect(plant({ 'src/http/h.ts': text, 'src/cli/a.ts': 'export {};' })).toEqual([]);
  });

  it('still sees code inside a template and after a regular expression', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is source text to be read
    const text = 'const a = `x ${Date.now()} y`;\nconst b = /[/]\'/.test("");\nconsole.log(b);';
    const lines = plant({ 'src/http/h.ts': text });
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^src\/http\/h\.ts:1: .*Date\.now/);
    expect(lines[1]).toMatch(/^src\/http\/h\.ts:3: .*console/);
  });

  it('ends the command with 1 and prints file:line: message', () => {
    plant({ 'src/http/h.ts': '\nconsole.log(1);' });
    const script = join(ROOT, 'scripts/check-floors.mjs');
    const result = spawnSync(process.execPath, [script, root], { encoding: 'utf8' });
    expect(result.status).toBe(1);
    expect(result.stderr).toBe('src/http/h.ts:2: only src/cli prints, this prints (console)\n');
  });

  it('finds nothing in this checkout', () => {
    expect(findFloorViolations(ROOT)).toEqual([]);
  });
});
