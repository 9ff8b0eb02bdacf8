import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../helpers/run-cli.ts';

/**
 * Stands for node: scripts/ssee-bench.mjs is answered as the plan in $FAKE_PLAN says, `node -e` is the real one. The
 * command lines go to $FAKE_LOG. A baseline begins with the first gate that is told to update it.
 */
const FAKE_NODE = `#!/bin/sh
[ "$1" = -e ] && exec ${process.execPath} "$@"
shift
[ "$1" = --version ] && exit 0
echo "$*" >>"$FAKE_LOG"
. "$FAKE_PLAN"
command=$1
case $command in
  run)
    [ "$run_code" = 2 ] && exit 2
    name=$(basename "$2" .yaml)
    count=$(ls "$4" | wc -l)
    dir=$4/2026010$((count + 1))T000000Z-$name
    mkdir -p "$dir/trials/r1"
    echo "{\\"scenario\\": {\\"name\\": \\"$name\\"}}" >"$dir/run.json"
    echo "{\\"gate\\": \${interleaved:-{\\}}}" >"$dir/comparison.json"
    echo raw >"$dir/trials/r1/stdout.txt"
    echo page >"$dir/report.html"
    echo "the report"
    echo "$dir"
    exit "$run_code"
    ;;
  gate)
    code=$gate_code
    sentence=Passed.
    case "$*" in *--baseline*)
      file=$4
      [ -f "$file" ] || { code=4; sentence="Inconclusive: no baseline, the <b>baseline</b> is | empty."; echo {} >"$file"; }
    ;; esac
    echo "{\\"sentence\\": \\"$sentence\\"}" >"$2/gate.json"
    printf '# Gate\\n\\n**%s**\\n' "$sentence" >"$2/gate.md"
    exit "$code"
    ;;
  history)
    echo '<html>' >"$4/index.html"
    echo {} >"$4/history.json"
    exit "$history_code"
    ;;
esac
`;

const work = mkdtempSync(join(tmpdir(), 'ssee-bench-nightly-'));
const plan = join(work, 'plan');
const log = join(work, 'log');
afterAll(() => rmSync(work, { recursive: true, force: true }));
beforeAll(() => {
  mkdirSync(join(work, 'bin'));
  writeFileSync(join(work, 'bin/node'), FAKE_NODE, { mode: 0o755 });
  for (const name of ['one', 'two']) writeFileSync(join(work, `${name}.yaml`), '');
});

interface Night {
  code: number | null;
  stdout: string;
  stderr: string;
  commands: string[];
}

function runNight(
  args: string[],
  {
    answers = {},
    env = {},
    root = ROOT,
  }: { answers?: Record<string, string | number>; env?: Record<string, string>; root?: string } = {},
): Night {
  const all = { run_code: 0, gate_code: 0, history_code: 0, ...answers };
  writeFileSync(
    plan,
    Object.entries(all)
      .map(([name, value]) => `${name}='${value}'\n`)
      .join(''),
  );
  rmSync(log, { force: true });
  const { status, stdout, stderr } = spawnSync('sh', [join(root, 'scripts/nightly.sh'), ...args], {
    cwd: work,
    encoding: 'utf8',
    env: {
      ...process.env,
      GITHUB_STEP_SUMMARY: '',
      PATH: `${join(work, 'bin')}:${process.env.PATH}`,
      FAKE_PLAN: plan,
      FAKE_LOG: log,
      ...env,
    },
  });
  const commands = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [];
  return { code: status, stdout, stderr, commands };
}

let folders = 0;
/** Options for a data folder and run folders of its own. */
function freshFolders(): { data: string; args: string[] } {
  folders++;
  const data = join(work, `data-${folders}`);
  return { data, args: ['--data', data, '--out', join(work, `out-${folders}`)] };
}

describe('scripts/nightly.sh', () => {
  it('finds no baseline in the first night, stores one and says so, and passes the second', () => {
    const { data, args } = freshFolders();
    const first = runNight([...args, 'one.yaml']);
    expect(first.code).toBe(4);
    expect(first.stdout).toMatch(
      /\| one \| inconclusive \| Inconclusive: no baseline, .* This night is the baseline from now on\. \|/,
    );
    expect(existsSync(join(data, 'baselines/one.json'))).toBe(true);
    const second = runNight([...args, 'one.yaml']);
    expect(second.code).toBe(0);
    expect(second.stdout).not.toContain('from now on');
    expect(second.stdout).toMatch(/^# Night of \d{4}-\d\d-\d\d: passed$/m);
    expect(readdirSync(join(data, 'runs'))).toHaveLength(2);
  });

  it('runs, gates, reports with the verdict, and makes the history', () => {
    const { data, args } = freshFolders();
    const { commands } = runNight([...args, '--rounds', '6', '--duration', '2s', 'one.yaml']);
    const run = join(args[3]!, '20260101T000000Z-one');
    expect(commands).toEqual([
      `run ${work}/one.yaml --out ${args[3]} --format terminal,md,csv,json,html,junit --rounds 6 --duration 2s`,
      `gate ${run} --baseline ${data}/baselines/one.json --update-baseline --confirm`,
      `report ${run} --quiet`,
      `history ${data}/runs --out ${data}`,
    ]);
    expect(readdirSync(join(data, 'runs/20260101T000000Z-one')).sort()).toEqual([
      'comparison.json',
      'gate.json',
      'gate.md',
      'report.html',
      'run.json',
    ]);
  });

  it('judges variants of one run by each other', () => {
    const { args } = freshFolders();
    const { commands, code } = runNight([...args, '--no-confirm', 'one.yaml'], {
      answers: { interleaved: '{"schema": "ssee-bench/gate/1"}' },
    });
    expect([code, commands[1]]).toEqual([0, `gate ${join(args[3]!, '20260101T000000Z-one')}`]);
  });

  it.each([
    [0, 0, 0, 0],
    [0, 3, 0, 3],
    [3, 4, 0, 3],
    [1, 3, 0, 1],
    [130, 3, 0, 130],
    [0, 0, 1, 1],
    [2, 0, 0, 2],
  ])(
    'of run %i, gate %i and history %i makes exit code %i',
    (run_code, gate_code, history_code, expected) => {
      const { data, args } = freshFolders();
      mkdirSync(join(data, 'baselines'), { recursive: true });
      writeFileSync(join(data, 'baselines/one.json'), '{}');
      expect(runNight([...args, 'one.yaml'], { answers: { run_code, gate_code, history_code } }).code).toBe(
        expected,
      );
    },
  );

  it('goes on after a scenario that is broken, and keeps the worst code', () => {
    const { data, args } = freshFolders();
    const { code } = runNight([...args, 'one.yaml', 'two.yaml'], { answers: { run_code: 2 } });
    expect(code).toBe(2);
    const summary = readFileSync(join(data, 'summary.md'), 'utf8');
    expect(summary).toContain('| one.yaml | bad scenario | nothing was measured, see the log |');
    expect(summary).toContain('| two.yaml | bad scenario |');
  });

  it('writes the summary into a GitHub job, where no text breaks out of its table', () => {
    const { args } = freshFolders();
    const summary = join(work, 'step-summary');
    writeFileSync(summary, 'before\n');
    runNight([...args, 'one.yaml'], { env: { GITHUB_STEP_SUMMARY: summary } });
    const text = readFileSync(summary, 'utf8');
    expect(text).toMatch(/^before\n# Night of .*: inconclusive\n\n\| scenario/);
    expect(text).toMatch(/^\| one \| inconclusive \| [^|<>]+ \|$/m);
    expect(text).toMatch(/^## Gate$/m);
  });

  it('keeps so many nights and their baseline', () => {
    const { data, args } = freshFolders();
    for (let night = 0; night < 3; night++) runNight([...args, '--keep', '2', 'one.yaml']);
    expect(readdirSync(join(data, 'runs'))).toEqual(['20260102T000000Z-one', '20260103T000000Z-one']);
  });

  it.each([
    [['--nonsense'], /there is no option --nonsense/],
    [['--data'], /--data needs a value/],
    [['--keep', '0'], /--keep 0: give a whole number from 1/],
    [['--rounds', '6; echo x'], /--rounds 6; echo x: give a number/],
    [['missing.yaml'], /cannot read scenario missing.yaml/],
    [['one.yaml', '--accept'], /--accept stands behind a scenario/],
  ])('exits with 2 for %j', (args, message) => {
    const { code, stderr, commands } = runNight(args);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(commands).toEqual([]);
  });

  it('does not measure beside another night, and takes over from one that was killed', () => {
    const { data, args } = freshFolders();
    mkdirSync(join(data, 'nightly.lock'), { recursive: true });
    writeFileSync(join(data, 'nightly.lock/pid'), `${process.pid}\n`);
    expect(runNight([...args, 'one.yaml'])).toMatchObject({ code: 1, commands: [] });
    expect(existsSync(join(data, 'nightly.lock'))).toBe(true);
    // Above every pid that the kernel gives.
    writeFileSync(join(data, 'nightly.lock/pid'), '4194305\n');
    expect(runNight([...args, 'one.yaml']).code).toBe(4);
    expect(existsSync(join(data, 'nightly.lock'))).toBe(false);
  });
});

describe('scripts/nightly.sh --branch', () => {
  const git = (cwd: string, ...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], {
      cwd,
      encoding: 'utf8',
      stdio: 'pipe',
    });
  const origin = join(work, 'origin.git');

  /** A checkout of a repository that holds the script alone. */
  function cloneTo(name: string): string {
    const root = join(work, name);
    git(work, 'clone', '-q', origin, root);
    return root;
  }

  beforeAll(() => {
    git(work, 'init', '-q', '--bare', '-b', 'main', origin);
    const root = cloneTo('seed');
    mkdirSync(join(root, 'scripts'));
    writeFileSync(join(root, 'scripts/nightly.sh'), readFileSync(join(ROOT, 'scripts/nightly.sh')));
    git(root, 'add', '-A');
    git(root, 'commit', '-q', '-m', 'Add the script');
    git(root, 'push', '-q', 'origin', 'HEAD:main');
  });

  it('begins the branch, commits and pushes the night, and goes on with it from a fresh clone', () => {
    for (const [clone, code] of [
      ['first', 4],
      ['second', 0],
    ] as const) {
      const root = cloneTo(clone);
      const data = join(work, `${clone}-data`);
      const args = ['--branch', 'nights', '--data', data, '--out', join(work, 'branch-out'), 'one.yaml'];
      const night = runNight(args, { root });
      expect([night.code, night.stderr.match(/branch nights is new/)?.[0]]).toEqual([
        code,
        code === 4 ? 'branch nights is new' : undefined,
      ]);
      expect(git(root, 'status', '--porcelain')).toBe('');
    }
    expect(git(origin, 'log', '--format=%s', 'nights').trim().split('\n')).toEqual([
      expect.stringMatching(/^Add the night of /),
      expect.stringMatching(/^Add the night of /),
    ]);
    const files = git(origin, 'ls-tree', '-r', '--name-only', 'nights').split('\n');
    expect(files).toEqual(
      expect.arrayContaining([
        'baselines/one.json',
        'index.html',
        'history.json',
        'summary.md',
        'runs/20260102T000000Z-one/run.json',
      ]),
    );
    expect(files.filter((file) => file.startsWith('scripts/'))).toEqual([]);
  });

  it('exits with 1 when the night cannot be pushed, and keeps it', () => {
    const root = cloneTo('offline');
    git(root, 'remote', 'set-url', 'origin', join(work, 'nowhere.git'));
    const data = join(work, 'offline-data');
    const args = ['--branch', 'nights', '--data', data, '--out', join(work, 'offline-out'), 'one.yaml'];
    const { code, stderr } = runNight(args, { root });
    expect(code).toBe(1);
    expect(stderr).toMatch(/the night could not be stored on branch nights/);
    expect(git(data, 'log', '--format=%s')).toMatch(/^Add the night of /);
  });
});
