import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../helpers/run-cli.ts';
import { waitUntil } from '../helpers/wait-until.ts';

/**
 * Stands for node: scripts/ssee-bench.mjs is answered as the plan in $FAKE_PLAN says, `node -e` is the real one. The
 * command lines go to $FAKE_LOG. A baseline begins with the first gate that is told to update it, or becomes the plan's.
 * The history is a list of the runs; while it is made, another machine may do what the plan calls a race.
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
    dir=$4/2026010$((count + 1))T000000Z-\${folder:-$name}
    [ -z "\${scenario:-}" ] || name=$scenario
    mkdir -p "$dir/trials/r1"
    echo "{\\"scenario\\": {\\"name\\": \\"$name\\"}}" >"$dir/run.json"
    echo "{\\"gate\\": \${interleaved:-{\\}}}" >"$dir/comparison.json"
    echo raw >"$dir/trials/r1/stdout.txt"
    echo "page of $dir" >"$dir/report.html"
    [ -f /dev/stdout ] && echo "written into a file, where it is not guarded"
    echo "the report"
    echo "$dir"
    exit "$run_code"
    ;;
  gate)
    code=$gate_code
    sentence=Passed.
    case "$*" in *--baseline*)
      file=$4
      [ -f "$file" ] || { code=4; sentence="Inconclusive: no baseline, the baseline is empty."; echo {} >"$file"; }
      [ -z "\${baseline:-}" ] || echo "$baseline" >"$file"
    ;; esac
    [ -z "\${begun:-}" ] || { echo begun >&2; while [ ! -e "$begun" ]; do sleep 0.05; done; }
    [ -z "\${complaint:-}" ] || { echo "$complaint" >&2; exit "$code"; }
    sentence=\${said:-$sentence}
    echo "{\\"sentence\\": \\"$sentence\\"}" >"$2/gate.json"
    printf '# Gate\\n\\n**%s**\\n' "$sentence" >"$2/gate.md"
    exit "$code"
    ;;
  history)
    echo '<html>' >"$4/index.html"
    ls "$2" >"$4/history.json"
    eval "\${race:-}"
    exit "$history_code"
    ;;
esac
`;

const HAS_FLOCK = spawnSync('sh', ['-c', 'command -v flock']).status === 0;
/** What the script and its stand-in for node call. */
const TOOLS = 'sh basename cat cksum cp date dirname ls mkdir mktemp rm sed tail tee wc'.split(' ');

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

function writePlan(answers: Record<string, string | number>): void {
  const all = { run_code: 0, gate_code: 0, history_code: 0, ...answers };
  writeFileSync(
    plan,
    Object.entries(all)
      .map(([name, value]) => `${name}='${value}'\n`)
      .join(''),
  );
  rmSync(log, { force: true });
}

const ENV = {
  ...process.env,
  GITHUB_STEP_SUMMARY: '',
  PATH: `${join(work, 'bin')}:${process.env.PATH}`,
  FAKE_PLAN: plan,
  FAKE_LOG: log,
};

function runNight(
  args: string[],
  {
    answers = {},
    env = {},
    root = ROOT,
  }: { answers?: Record<string, string | number>; env?: Record<string, string>; root?: string } = {},
): Night {
  writePlan(answers);
  const { status, stdout, stderr } = spawnSync('sh', [join(root, 'scripts/nightly.sh'), ...args], {
    cwd: work,
    encoding: 'utf8',
    env: { ...ENV, ...env },
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
  it('puts the verdict into the summary as the harness has escaped it, and names of files without signs', () => {
    const { args } = freshFolders();
    const said = 'Regression: &lt;b> \\| !\\[x\\](http:<!-- -->//x.invalid) @<!-- -->all.';
    const judged = runNight([...args, 'one.yaml'], { answers: { said } });
    expect(judged.stdout).toContain(`| ${said}`);
    const odd = 'a|b ![x](y)\nc.yaml';
    writeFileSync(join(work, odd), '');
    const failed = runNight([...freshFolders().args, odd], { answers: { run_code: 2 } });
    expect(failed.stdout).toContain(
      '| a-b---x--y--c.yaml | bad scenario or baseline | nothing was measured, see the log |',
    );
  });

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
    expect(summary).toContain('| one.yaml | bad scenario or baseline | nothing was measured, see the log |');
    expect(summary).toContain('| two.yaml | bad scenario or baseline |');
  });

  it('says in the summary what the gate could not read', () => {
    const { data, args } = freshFolders();
    mkdirSync(join(data, 'baselines'), { recursive: true });
    writeFileSync(join(data, 'baselines/one.json'), '{}');
    const answers = { gate_code: 2, complaint: 'baselines/one.json is no baseline: it is <b>damaged</b>' };
    const { code, stderr } = runNight([...args, 'one.yaml'], { answers });
    expect(code).toBe(2);
    expect(stderr).toContain(answers.complaint);
    expect(readFileSync(join(data, 'summary.md'), 'utf8')).toContain(
      '| one | bad scenario or baseline | baselines/one.json is no baseline: it is /b/damaged//b/ |',
    );
  });

  it('shows what the gate says while it is at work, and keeps its exit code', async () => {
    const { args } = freshFolders();
    const begun = join(work, 'begun');
    writePlan({ gate_code: 3, begun });
    const night = spawn('sh', [join(ROOT, 'scripts/nightly.sh'), ...args, 'one.yaml'], {
      cwd: work,
      env: ENV,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const ended = once(night, 'exit');
    let stderr = '';
    night.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk;
      // It waits for this, so what it says has to come first.
      if (stderr.includes('begun')) writeFileSync(begun, '');
    });
    try {
      await waitUntil('the gate was heard', () => existsSync(begun));
    } finally {
      // Without it the night would wait for ever, and outlive a test that has failed.
      writeFileSync(begun, '');
      await ended;
    }
    // The first night has no baseline: the stand-in says 4.
    expect(await ended).toEqual([4, null]);
  });

  it('takes the output of a run by a pipe, behind which the harness guards it', () => {
    const { stdout } = runNight([...freshFolders().args, 'one.yaml']);
    expect(stdout).toContain('the report');
    expect(stdout).not.toContain('written into a file');
  });

  it('quotes no command to the runner of a GitHub job out of a damaged file', () => {
    const { args } = freshFolders();
    const { stderr } = runNight([...args, 'one.yaml'], { answers: { interleaved: '##[error]x' } });
    expect(stderr).toMatch(/^nightly: no gate in this run: .*## \[error\]/m);
    expect(stderr).not.toContain('##[');
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

  it('derives baseline and kept nights from the name in folders, which leads nowhere else', () => {
    const { data, args } = freshFolders();
    const answers = { scenario: '../a b', folder: '..-a-b' };
    for (let night = 0; night < 3; night++) runNight([...args, '--keep', '2', 'one.yaml'], { answers });
    expect(readdirSync(join(data, 'baselines'))).toEqual(['..-a-b.json']);
    expect(readdirSync(join(data, 'runs'))).toEqual(['20260102T000000Z-..-a-b', '20260103T000000Z-..-a-b']);
  });

  it('counts a night whose folder got a number, and none of a scenario whose name ends alike', () => {
    const { data, args } = freshFolders();
    const names = {
      '20250101T000000Z-one-2': 'one',
      '20250102T000000Z-one': 'one',
      '20250101T000000Z-Z-one': 'Z-one',
    };
    for (const [folder, name] of Object.entries(names)) {
      mkdirSync(join(data, 'runs', folder), { recursive: true });
      writeFileSync(join(data, 'runs', folder, 'run.json'), JSON.stringify({ scenario: { name } }));
    }
    runNight([...args, '--keep', '2', 'one.yaml']);
    expect(readdirSync(join(data, 'runs'))).toEqual([
      '20250101T000000Z-Z-one',
      '20250102T000000Z-one',
      '20260101T000000Z-one',
    ]);
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

  it.skipIf(!HAS_FLOCK)('measures beside no other night, and takes over from a killed one', async () => {
    const { data, args } = freshFolders();
    mkdirSync(data);
    const holder = spawn('sh', ['-c', 'exec 9<"$1"; flock -n 9 && echo held; read -r _', 'sh', data], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    try {
      const [said] = await once(holder.stdout, 'data');
      expect(String(said)).toBe('held\n');
      const beside = runNight([...args, 'one.yaml']);
      expect(beside).toMatchObject({ code: 1, commands: [] });
      expect(beside.stderr).toContain(`another night is under way in ${data}`);
    } finally {
      const ended = once(holder, 'exit');
      holder.kill('SIGKILL');
      await ended;
    }
    expect(runNight([...args, 'one.yaml']).code).toBe(4);
  });

  it('goes on where flock is missing, and says what that means', () => {
    const bin = join(work, 'bin-without-flock');
    mkdirSync(bin);
    for (const name of TOOLS) {
      const path = execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
      symlinkSync(path, join(bin, name));
    }
    symlinkSync(join(work, 'bin/node'), join(bin, 'node'));
    const { args } = freshFolders();
    const night = runNight([...args, 'one.yaml'], { env: { PATH: bin } });
    expect(night.code).toBe(4);
    expect(night.stderr).toMatch(/^nightly: flock .* nothing keeps a second night/m);
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
    const data = join(work, 'offline-data');
    const args = ['--branch', 'offline', '--data', data, '--out', join(work, 'offline-out'), 'one.yaml'];
    expect(runNight(args, { root }).code).toBe(4);
    git(root, 'remote', 'set-url', 'origin', join(work, 'nowhere.git'));
    const { code, stderr } = runNight(args, { root });
    expect(code).toBe(1);
    expect(stderr).toMatch(/offline was not brought up to date/);
    expect(stderr).toMatch(/the night could not be stored on branch offline/);
    expect(git(data, 'log', '--format=%s').trim().split('\n')).toHaveLength(2);
    git(root, 'remote', 'set-url', 'origin', origin);
    expect(runNight(args, { root }).code).toBe(0);
    expect(git(origin, 'log', '--format=%s', 'offline').trim().split('\n')).toHaveLength(3);
  });

  it('does not begin a branch while origin does not say whether it exists', () => {
    const root = cloneTo('unknown');
    git(root, 'remote', 'set-url', 'origin', join(work, 'nowhere.git'));
    const data = join(work, 'unknown-data');
    const args = ['--branch', 'nights', '--data', data, '--out', join(work, 'unknown-out'), 'one.yaml'];
    const { code, stderr, commands } = runNight(args, { root });
    expect([code, commands]).toEqual([1, []]);
    expect(stderr).toMatch(/origin does not say whether it has branch nights/);
    expect(git(root, 'branch', '--list', 'nights')).toBe('');
  });

  /** Two checkouts, as on two machines, whose nights go to the branch of that name. */
  function machines(branch: string, out: (machine: string) => string) {
    return ['a', 'b'].map((machine) => {
      const root = cloneTo(`${branch}-${machine}`);
      const data = join(work, `${branch}-${machine}-data`);
      const args = ['--branch', branch, '--data', data, '--out', join(work, out(machine))];
      return {
        data,
        night: (nights: number[], extra: string[] = [], race = '') =>
          runNight([...args, ...extra, 'one.yaml'], {
            root,
            answers: { baseline: JSON.stringify(baselineOf(nights)), race },
          }),
      };
    }) as [Machine, Machine];
  }

  interface Machine {
    data: string;
    night: (nights: number[], extra?: string[], race?: string) => Night;
  }

  const baselineOf = (nights: number[]) => ({
    schema: 'ssee-bench/baseline/1',
    entries: [
      {
        key: { scenario: { sha256: 'x' } },
        nights: nights.map((night) => ({ label: `night ${night}`, startedAt: `2026-01-0${night}` })),
      },
    ],
  });

  const stored = (branch: string, file: string) => git(origin, 'show', `${branch}:${file}`);
  const runsOf = (branch: string) =>
    git(origin, 'ls-tree', '--name-only', `${branch}:runs`).trim().split('\n').sort();

  it('stores the nights of two machines that race, under one baseline and one history', () => {
    const [a, b] = machines('race', () => 'race-out');
    expect(a.night([1]).code).toBe(4);
    expect(b.night([1, 2], ['--no-push']).code).toBe(0);
    // B pushes after A has fetched and before A pushes.
    const raced = a.night([1, 3], [], `git -C "${b.data}" push -q origin HEAD:race`);
    expect([raced.code, git(a.data, 'symbolic-ref', '--short', 'HEAD').trim()]).toEqual([0, 'race']);
    const runs = [1, 2, 3].map((night) => `2026010${night}T000000Z-one`);
    expect(runsOf('race')).toEqual(runs);
    expect(stored('race', 'history.json').trim().split('\n')).toEqual(runs);
    expect(JSON.parse(stored('race', 'baselines/one.json'))).toEqual(baselineOf([1, 2, 3]));
    expect(stored('race', 'summary.md')).not.toMatch(/^[<=>]{7}/m);
    expect(git(a.data, 'status', '--porcelain')).toBe('');
    // Later nights of both go on from there.
    expect([b.night([1, 2, 3, 4]).code, a.night([1, 2, 3, 4, 5]).code]).toEqual([0, 0]);
    expect(runsOf('race')).toHaveLength(5);
  });

  it('merges nights that were not pushed with those of another machine, also of the same second', () => {
    const [a, b] = machines('apart', (machine) => `apart-out-${machine}`);
    expect(a.night([1], ['--no-push']).code).toBe(4);
    expect(b.night([2]).code).toBe(4);
    const second = a.night([1, 2, 3]);
    expect(second.code).toBe(0);
    expect(second.stderr).not.toMatch(/not brought up to date/);
    expect(runsOf('apart')).toEqual([
      '20260101T000000Z-one',
      '20260101T000000Z-one-2',
      '20260102T000000Z-one',
    ]);
  });

  it('leaves a worktree that works behind a baseline that cannot be merged', () => {
    const [a, b] = machines('broken', () => 'broken-out');
    a.night([1]);
    b.night([1, 2], ['--no-push']);
    writeFileSync(join(b.data, 'baselines/one.json'), 'torn');
    git(b.data, 'commit', '-q', '-a', '-m', 'Tear');
    const raced = a.night([1, 3], [], `git -C "${b.data}" push -q origin HEAD:broken`);
    expect(raced.code).toBe(1);
    expect(raced.stderr).toMatch(/baselines\/one\.json cannot be merged with that of origin/);
    expect(git(a.data, 'symbolic-ref', '--short', 'HEAD').trim()).toBe('broken');
    expect(git(a.data, 'status', '--porcelain')).toBe('');
    expect(JSON.parse(readFileSync(join(a.data, 'baselines/one.json'), 'utf8'))).toEqual(baselineOf([1, 3]));
  });
});
