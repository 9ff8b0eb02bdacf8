import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { lastLine } from './last-line.mjs';
import { commandLine, findManager, installSteps, planInstall } from './package-managers.mjs';
import { giveToOwnerOf, lockPath } from './prepare.mjs';
import { rootPrefix } from './root-rights.mjs';
import { withLock } from './with-lock.mjs';

/** Load generators that a scenario may name and a package manager brings. */
const LOAD_TOOLS = ['wrk', 'hey', 'curl', 'ab'];
/** Load generators that need nothing but the npm packages. */
const NPM_TOOLS = ['autocannon', 'ssee-tester'];
/** What a network namespace per trial and pinning need; on a full Linux only `ip` may be missing. */
const ISOLATION_TOOLS =
  process.platform === 'linux' ? ['ip', 'unshare', 'nsenter', 'taskset', 'setpriv'] : [];
/** Where system tools and Go live although the PATH of an ordinary user or of sudo may lack the folder. */
const USUAL_FOLDERS = ['/usr/local/go/bin', '/usr/local/sbin', '/usr/sbin', '/sbin'];
const INSTALL_TIMEOUT_MS = 10 * 60_000;

/** What the HTML report is tested in: any of these will do, the first is what is installed. */
export const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Everything that any scenario or test uses; tshark is what our reading of captures is held against. */
export const ALL_TOOLS = [...LOAD_TOOLS, 'tcpdump', 'tshark', 'go', ...ISOLATION_TOOLS, BROWSERS[0]];

/** `path` with the usual folders that exist and are not in it at its end. */
export function completePath(path = '') {
  const folders = path.split(delimiter).filter((folder) => folder !== '');
  const more = USUAL_FOLDERS.filter((folder) => !folders.includes(folder) && existsSync(folder));
  return [...folders, ...more].join(delimiter);
}

/** The tools that `ssee-bench run SCENARIO` or `ssee-bench calibrate` will use; none for every other command. */
export function toolsNamedBy(args) {
  if (args[0] === 'calibrate' && !args.includes('--help')) {
    const only = onlyTools(args);
    return [...LOAD_TOOLS.filter((name) => only?.includes(name) ?? true), ...ISOLATION_TOOLS];
  }
  if (args[0] !== 'run') return [];
  const scenario = args.slice(1).find((arg) => /\.ya?ml$/i.test(arg) && existsSync(arg));
  if (scenario === undefined) return [];
  return toolsInScenario(readFileSync(scenario, 'utf8'), onlyTools(args));
}

/** The names given by --tools; undefined without it. */
function onlyTools(args) {
  const index = args.findIndex((arg) => arg === '--tools' || arg.startsWith('--tools='));
  if (index === -1) return undefined;
  const value = args[index].includes('=') ? args[index].split('=')[1] : args[index + 1];
  return value?.split(',').map((name) => name.trim());
}

/**
 * Which system tools a scenario names. A scan of its text and no parser, because it runs before npm packages
 * are there: a tool too many is installed at worst, and the harness itself says what is wrong with the file.
 *
 * @param {string} text the scenario
 * @param {string[]} [only] tool or arm names that the run is limited to
 */
export function toolsInScenario(text, only) {
  const plain = text.replaceAll(/(^|\s)#.*$/gm, '$1');
  const toolsBlock = topLevelBlock(plain, 'tools');
  const named = LOAD_TOOLS.filter((name) => new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(toolsBlock));
  const captures = !/(?<![\w-])off(?![\w-])/.test(topLevelBlock(plain, 'capture'));
  const usesGo = /(?<![\w-])use:\s*['"]?go-nethttp(?![\w-])/.test(plain);
  return [
    ...(only?.every((name) => [...LOAD_TOOLS, ...NPM_TOOLS].includes(name))
      ? named.filter((name) => only.includes(name))
      : named),
    ...(captures ? ['tcpdump'] : []),
    ...(usesGo ? ['go'] : []),
    ...(/(?<![\w-])use:\s*['"]?nginx(?![\w-])/.test(plain) ? ['nginx'] : []),
    ...(/(?<![\w-])loss:/.test(plain) ? ['nft'] : []),
    ...(/(?<![\w-])openFiles:/.test(plain) ? ['prlimit'] : []),
    ...ISOLATION_TOOLS,
  ];
}

/** The text of a key that starts in the first column, down to the next such key. */
function topLevelBlock(text, key) {
  const start = new RegExp(`^${key}:`, 'm').exec(text);
  if (!start) return '';
  const rest = text.slice(start.index + start[0].length);
  const end = rest.search(/\n[A-Za-z]/);
  return end === -1 ? rest : rest.slice(0, end);
}

/** @returns {string | undefined} absolute path of an executable file */
export function findExecutable(name, path) {
  return path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return statSync(file).isFile();
      } catch {
        // Not there or not executable for us: the search goes on.
        return false;
      }
    });
}

/**
 * Install the tools that are missing where the machine allows it, and say what to type where it does not.
 * Never fails: a tool that stays missing becomes a skipped row of the report. Looks into PATH and does nothing
 * else when all are there.
 *
 * @param {object} options
 * @param {string[]} options.names executables wanted
 * @param {string} options.root absolute path of the checkout, whose lock keeps two starts apart
 * @param {boolean} options.mayInstall false: say what to type and leave it at that
 * @param {(line: string) => void} options.say
 * @param {string} [options.path] where to look, default PATH
 * @param {boolean} [options.isRoot]
 * @returns {Promise<string[]>} what is still missing
 */
export async function ensureSystemTools({
  names,
  root,
  mayInstall,
  say,
  path = process.env.PATH ?? '',
  isRoot = process.geteuid?.() === 0,
}) {
  const findMissing = () => names.filter((name) => !isThere(name, path));
  if (findMissing().length === 0) return [];
  const manager = findManager((name) => findExecutable(name, path) !== undefined);
  const prefix = mayInstall ? rightsPrefix(manager, path, isRoot) : undefined;
  if (prefix === undefined) {
    sayWhatToType({ missing: findMissing(), manager, isRoot, path, say });
    return findMissing();
  }
  await withLock(lockPath(root), () => install({ missing: findMissing(), manager, prefix, path, say }), say);
  // The lock's folder may be new.
  giveToOwnerOf(root);
  const left = findMissing();
  if (left.length > 0) sayWhatToType({ missing: left, manager, isRoot, path, say });
  return left;
}

function isThere(name, path) {
  const names = name === BROWSERS[0] ? BROWSERS : [name];
  return names.some((candidate) => findExecutable(candidate, path) !== undefined);
}

/** What to put before a package manager's command; undefined when it may not be run at all. */
function rightsPrefix(manager, path, isRoot) {
  if (manager === undefined) return undefined;
  // Homebrew refuses to run as root and needs no rights.
  if (manager.asUser) return isRoot ? undefined : [];
  return rootPrefix({ path, isRoot });
}

function install({ missing, manager, prefix, path, say }) {
  const { packages } = planInstall(manager, missing);
  if (packages.length === 0) return;
  say(`installing ${packages.join(', ')} with ${manager.name} (missing: ${missing.join(', ')})`);
  const failure = runSteps(installSteps(manager, packages), prefix, path);
  if (failure === undefined) return;
  say(`${manager.name} could not install ${packages.join(', ')}: ${failure}`);
  // One name that the package lists lack makes the whole command fail: give each of the others its chance.
  if (
    packages.length === 1 ||
    !/unable to locate|no installation candidate|no such package|not found|no match/i.test(failure)
  )
    return;
  for (const name of packages) runSteps(installSteps(manager, [name]).slice(-1), prefix, path);
}

/** Runs all steps whatever the earlier ones did: old package lists may do. @returns why the last failed */
function runSteps(steps, prefix, path) {
  let failure;
  for (const step of steps) {
    const [command, ...args] = [...prefix, ...step.argv];
    const result = spawnSync(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      encoding: 'utf8',
      env: { ...process.env, PATH: path },
      timeout: INSTALL_TIMEOUT_MS,
      maxBuffer: 64 * 1024 * 1024,
    });
    failure =
      result.status === 0
        ? undefined
        : (lastLine(result.stderr ?? '') ?? result.error?.message ?? `exit code ${result.status}`);
  }
  return failure;
}

function sayWhatToType({ missing, manager, isRoot, path, say }) {
  say(`missing: ${missing.join(', ')}; what needs them is skipped and the report says so`);
  if (manager === undefined) {
    say('no package manager found that this program knows: install them by hand');
    return;
  }
  const { packages, manual } = planInstall(manager, missing);
  if (packages.length > 0) {
    const withSudo = !isRoot && !manager.asUser && findExecutable('sudo', path) !== undefined;
    const asRoot = isRoot || manager.asUser || withSudo ? '' : ' as root';
    say(`to install them type${asRoot}: ${commandLine(manager, packages, withSudo)}`);
  }
  for (const { name, how } of manual) say(`${name}: ${how}`);
}
