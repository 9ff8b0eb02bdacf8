import { spawn } from 'node:child_process';
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FakePrograms, makeFakePrograms } from '../helpers/fake-programs.ts';
import { ROOT, waitFor } from '../helpers/run-cli.ts';

/** A main that says what it was given, and ends with 7 so that the exit code can be told from any other. */
const MAIN = `export async function main(argv: string[]): Promise<number> {
  process.stdout.write(\`main \${argv.join(' ')}\\n\`);
  return 7;
}
`;

/** What the real npm does as far as the entry scripts can tell: packages, and a copy of the lock beside them. */
const NPM_CI = `
rm -rf node_modules
mkdir -p node_modules/one
echo '{}' > node_modules/one/package.json
ln -s '${realpathSync(join(ROOT, 'node_modules/typescript'))}' node_modules/typescript
mkdir -p node_modules/@types
ln -s '${realpathSync(join(ROOT, 'node_modules/@types/node'))}' node_modules/@types/node
ln -s '${realpathSync(join(ROOT, 'node_modules/undici-types'))}' node_modules/undici-types
sed 's|,"node_modules/for-another-platform":{[^}]*}||' package-lock.json > node_modules/.package-lock.json
`;

function lockText(version: string): string {
  return JSON.stringify({
    packages: {
      '': { name: 'checkout' },
      'node_modules/one': { version, integrity: `sha512-${version}` },
      'node_modules/for-another-platform': { version: '1.0.0', optional: true },
    },
  });
}

describe('entry scripts on a checkout', () => {
  let parent: string;
  let checkout: string;
  let programs: FakePrograms;

  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'prepare-'));
    checkout = join(parent, 'checkout');
    cpSync(join(ROOT, 'scripts'), join(checkout, 'scripts'), { recursive: true });
    cpSync(join(ROOT, 'tsconfig.json'), join(checkout, 'tsconfig.json'));
    cpSync(join(ROOT, 'package.json'), join(checkout, 'package.json'));
    write('package-lock.json', lockText('1.0.0'));
    write('src/cli/ssee-bench.ts', MAIN);
    write('src/cli/ssee-tester.ts', MAIN);
    mkdirSync(join(checkout, 'targets'));
    programs = makeFakePrograms(parent);
    programs.add('npm', NPM_CI);
  });
  afterEach(() => rmSync(parent, { recursive: true, force: true }));

  function write(path: string, text: string): void {
    mkdirSync(dirname(join(checkout, path)), { recursive: true });
    writeFileSync(join(checkout, path), text);
  }

  interface Result {
    code: number | null;
    stdout: string;
    stderr: string;
  }

  function start(
    script: string,
    args: string[] = [],
    env: Record<string, string> = {},
    onStderr: (text: string) => void = () => {},
  ): Promise<Result> {
    const nodeArgs = args.filter((arg) => arg.startsWith('--import='));
    const userArgs = args.filter((arg) => !arg.startsWith('--import='));
    const child = spawn(process.execPath, [...nodeArgs, join(checkout, 'scripts', script), ...userArgs], {
      cwd: checkout,
      env: { ...process.env, ...env, PATH: `${programs.folder}${delimiter}${process.env.PATH}` },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const result: Result = { code: null, stdout: '', stderr: '' };
    child.stdout.on('data', (chunk) => {
      result.stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      result.stderr += chunk;
      onStderr(String(chunk));
    });
    return new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code) => resolve({ ...result, code }));
    });
  }

  it('installs and builds a fresh clone, says so on stderr, and hands arguments and exit code through', async () => {
    const result = await start('ssee-bench.mjs', ['check', 'a b', '--quiet']);
    expect(result).toEqual({
      code: 7,
      stdout: 'main check a b --quiet\n',
      stderr:
        'ssee-bench: installing npm packages as locked: npm ci --include=dev\nssee-bench: building dist/\n',
    });
    expect(programs.takeCalls()).toEqual(['npm ci --include=dev --no-audit --no-fund']);
  });

  it('does nothing and says nothing on the second start', async () => {
    await start('ssee-bench.mjs');
    programs.takeCalls();
    const builtAt = statSync(join(checkout, 'dist/src/cli/ssee-bench.js')).mtimeMs;
    expect(await start('ssee-bench.mjs', ['check'])).toEqual({ code: 7, stdout: 'main check\n', stderr: '' });
    expect(programs.takeCalls()).toEqual([]);
    expect(statSync(join(checkout, 'dist/src/cli/ssee-bench.js')).mtimeMs).toBe(builtAt);
    expect(existsSync(join(checkout, '.cache/setup.lock'))).toBe(false);
  });

  it('starts bench.mjs as the run command and ssee-tester.mjs as the tester', async () => {
    await start('ssee-bench.mjs');
    expect((await start('bench.mjs', ['none.yaml', '--quiet'])).stdout).toBe('main run none.yaml --quiet\n');
    write('src/cli/ssee-tester.ts', MAIN.replace('main $', 'tester $'));
    expect((await start('ssee-tester.mjs', ['http://127.0.0.1:1/'])).stdout).toBe(
      'tester http://127.0.0.1:1/\n',
    );
  });

  it.each<[string, () => void]>([
    ['the lock file has another version', () => write('package-lock.json', lockText('2.0.0'))],
    [
      'a package folder was deleted',
      () => rmSync(join(checkout, 'node_modules/one'), { recursive: true, force: true }),
    ],
    ['npm was killed before its end', () => rmSync(join(checkout, 'node_modules/.package-lock.json'))],
    ["npm's own lock was cut off", () => write('node_modules/.package-lock.json', '{"packages": {"')],
    [
      'a package is there that the lock lacks',
      () => {
        const lock = JSON.parse(lockText('1.0.0'));
        lock.packages['node_modules/two'] = { version: '1.0.0' };
        write('node_modules/.package-lock.json', JSON.stringify(lock));
      },
    ],
  ])('installs again when %s', async (_name, change) => {
    await start('ssee-bench.mjs');
    programs.takeCalls();
    change();
    expect((await start('ssee-bench.mjs')).code).toBe(7);
    expect(programs.takeCalls()).toHaveLength(1);
    expect((await start('ssee-bench.mjs')).stderr).toBe('');
  });

  it('does not install again when only the times of the lock files say otherwise', async () => {
    await start('ssee-bench.mjs');
    programs.takeCalls();
    utimesSync(join(checkout, 'package-lock.json'), new Date(), new Date(Date.now() + 3_600_000));
    expect((await start('ssee-bench.mjs')).stderr).toBe('');
    expect(programs.takeCalls()).toEqual([]);
  });

  it.each<[string, () => void]>([
    ['a source changed', () => write('src/cli/ssee-bench.ts', MAIN.replace('return 7', 'return 8'))],
    [
      'a source is older than the build but not what it was made from',
      () => {
        write('src/cli/ssee-bench.ts', MAIN.replace('return 7', 'return 8'));
        utimesSync(join(checkout, 'src/cli/ssee-bench.ts'), 1, 1);
      },
    ],
  ])('builds again when %s', async (_name, change) => {
    await start('ssee-bench.mjs');
    programs.takeCalls();
    change();
    expect(await start('ssee-bench.mjs')).toMatchObject({ code: 8, stderr: 'ssee-bench: building dist/\n' });
    expect(programs.takeCalls()).toEqual([]);
  });

  it('builds again when a source was added, deleted, or dist/ was built by hand meanwhile', async () => {
    const isRebuilt = async () => (await start('ssee-bench.mjs')).stderr.includes('building');
    await start('ssee-bench.mjs');
    write('targets/node-http/server.ts', 'export {};\n');
    expect(await isRebuilt()).toBe(true);
    expect(existsSync(join(checkout, 'dist/targets/node-http/server.js'))).toBe(true);
    rmSync(join(checkout, 'targets/node-http/server.ts'));
    expect(await isRebuilt()).toBe(true);
    write('perf/main.ts', 'export {};\n');
    expect(await isRebuilt()).toBe(true);
    expect(existsSync(join(checkout, 'dist/perf/main.js'))).toBe(true);
    const main = join(checkout, 'dist/src/cli/ssee-bench.js');
    utimesSync(main, new Date(), new Date(Date.now() + 60_000));
    expect(await isRebuilt()).toBe(true);
  });

  it('prints what the compiler said and exits 1 when the build fails, and tries again next time', async () => {
    write('src/cli/ssee-bench.ts', 'export const wrong: number = "text";\n');
    for (const _attempt of [1, 2]) {
      const result = await start('ssee-bench.mjs');
      expect(result.code).toBe(1);
      expect(result.stderr).toMatch(/the build failed:\nsrc\/cli\/ssee-bench\.ts\(1,14\): error TS2322/);
      expect(result.stdout).toBe('');
    }
  });

  it.each([
    ['--no-install', ['--no-install'], {}],
    ['SSEE_BENCH_NO_INSTALL=1', [], { SSEE_BENCH_NO_INSTALL: '1' }],
  ])('runs no npm under %s, prints the line to type and exits 1', async (_name, args, env) => {
    const result = await start('ssee-bench.mjs', ['check', ...args], env);
    expect(result).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'ssee-bench: npm packages are missing or not those of package-lock.json; type: npm ci --include=dev\n',
    });
    expect(programs.takeCalls()).toEqual([]);
  });

  it('keeps --no-install to itself when nothing is missing', async () => {
    await start('ssee-bench.mjs');
    expect((await start('ssee-bench.mjs', ['check', '--no-install'])).stdout).toBe('main check\n');
  });

  it("exits 1 with npm's own reason when npm fails", async () => {
    programs.add(
      'npm',
      'echo "npm error code ENOTFOUND" >&2; echo "npm error network down" >&2; echo "npm error A complete log of this run can be found in: /x.log" >&2; exit 1',
    );
    const result = await start('ssee-bench.mjs');
    expect(result.code).toBe(1);
    expect(result.stderr.split('\n')[1]).toBe(
      'ssee-bench: npm ci --include=dev failed: code ENOTFOUND; network down',
    );
  });

  it('lets two starts at once both work, with one install between them', async () => {
    const results = await Promise.all([start('ssee-bench.mjs', ['a']), start('ssee-bench.mjs', ['b'])]);
    expect(results.map((result) => result.code)).toEqual([7, 7]);
    expect(results.map((result) => result.stdout)).toEqual(['main a\n', 'main b\n']);
    expect(programs.takeCalls()).toHaveLength(1);
  });

  it('says whom it waits for while another start installs', async () => {
    const goAhead = join(parent, 'go-ahead');
    programs.add('npm', `until [ -e '${goAhead}' ]; do sleep 0.05; done\n${NPM_CI}`);
    const first = start('ssee-bench.mjs');
    const lock = join(checkout, '.cache/setup.lock');
    await waitFor('the lock', () => existsSync(lock));
    const holder = readdirSync(lock)[0]!.split('-')[0];
    let said = '';
    const second = start('ssee-bench.mjs', [], {}, (text) => {
      said += text;
    });
    await waitFor('the second start to wait', () => said !== '');
    expect(said).toBe(`ssee-bench: waiting for another start to finish setting up (pid ${holder})\n`);
    writeFileSync(goAhead, '');
    expect([(await first).code, (await second).code]).toEqual([7, 7]);
    expect((await second).stderr).toBe(said);
  });

  it.each([
    ['of a process that has ended', '4194304-1'],
    ['of an earlier process with the pid of a living one', `${process.pid}-1`],
  ])('takes over a lock %s', async (_name, owner) => {
    write(`.cache/setup.lock/${owner}`, '');
    expect((await start('ssee-bench.mjs')).code).toBe(7);
    expect(existsSync(join(checkout, '.cache/setup.lock'))).toBe(false);
  });

  it('says in one line which Node it needs when this one is too old', async () => {
    const pretend = join(parent, 'pretend.mjs');
    writeFileSync(
      pretend,
      "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.20.4' } });",
    );
    const result = await start('bench.mjs', [`--import=${pretend}`, 'scenario.yaml']);
    expect(result.code).toBe(1);
    expect(result.stderr).toBe(
      'ssee-bench needs Node 20.19 or newer, this is 18.20.4: install one from https://nodejs.org\n',
    );
    expect(programs.takeCalls()).toEqual([]);
  });

  it('runs from another folder and through a link to the checkout', async () => {
    const link = join(parent, 'link');
    symlinkSync(checkout, link);
    await start('ssee-bench.mjs');
    programs.takeCalls();
    const child = spawn(process.execPath, [join(link, 'scripts/ssee-bench.mjs')], { cwd: parent });
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect(code).toBe(7);
  });

  it('leaves everything it wrote to the owner of the checkout, also when root starts it', async () => {
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) chownSync(checkout, 65_534, 65_534);
    const owner = statSync(checkout).uid;
    await start('ssee-bench.mjs');
    for (const path of ['dist/src/cli/ssee-bench.js', 'node_modules/.package-lock.json', '.cache']) {
      expect(statSync(join(checkout, path)).uid, path).toBe(owner);
    }
  });

  it('keeps the version that engines asks for in one place', () => {
    expect(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).engines.node).toMatch(/^>=\d+\.\d+$/);
  });
});
