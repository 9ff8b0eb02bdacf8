import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { blankNonCode, lineAt } from './source-text.mjs';

/** Lowest first. A folder may import from its own line and from those above it in this list. */
const FLOORS = [
  { name: '0', folders: ['model'] },
  {
    name: '1',
    folders: ['http', 'sse', 'pcap', 'stats', 'scenario', 'evidence', 'findings', 'claims', 'gate', 'report'],
  },
  { name: '2 (process)', folders: ['process'] },
  { name: '2', folders: ['tools', 'target', 'tester', 'capture', 'observe', 'plant'] },
  { name: '3', folders: ['run'] },
  { name: '4', folders: ['cli'] },
];
const PURE_FLOORS = 2;

const IMPURE_MODULES = [
  /^node:(fs|net|child_process|http|https|http2|os|tls|dgram|dns|cluster|worker_threads|perf_hooks|readline)(\/|$)/,
  /^(execa|ora)$/,
];
const IMPURE_CODE = [
  { pattern: /\bDate\.now\b/g, what: 'reads the clock (Date.now)' },
  { pattern: /\bnew\s+Date\s*(\(\s*\)|(?![\w$\s(]))/g, what: 'reads the clock (new Date)' },
  { pattern: /\bperformance\.now\b/g, what: 'reads the clock (performance.now)' },
  { pattern: /\bprocess\.hrtime\b/g, what: 'reads the clock (process.hrtime)' },
];
const PRINTS = [
  { pattern: /\bconsole\.\w+/g, what: 'prints (console)' },
  { pattern: /\bprocess\.std(out|err)\b/g, what: 'prints (process.stdout or process.stderr)' },
];
/** Files outside cli that may print, each with the reason. */
const MAY_PRINT = {
  'src/process/space-holder.ts': 'a program of its own that answers the harness with lines on stdout',
};

/** import and export ... from '...', import '...', import('...'), and types written as import('...'). */
const IMPORT = /\b(?:import|export)\b(?:[\w$\s{},*]*?\bfrom)?\s*\(?\s*(['"])([^'"\n]+)\1/g;

/**
 * Everything in src/, targets/ and perf/ that breaks the dependency direction.
 *
 * @param {string} root absolute path of a checkout
 * @returns {{file: string, line: number, message: string}[]} sorted by file and line
 */
export function findFloorViolations(root) {
  const files = ['src', 'targets', 'perf']
    .flatMap((folder) => sourceFiles(root, folder))
    .map((path) => readSource(root, path));
  const violations = files.flatMap((file) => checkFile(file));
  return [...violations, ...findCycles(files)].sort(
    (a, b) => a.file.localeCompare(b.file) || a.line - b.line,
  );
}

function sourceFiles(root, folder) {
  let names;
  try {
    names = readdirSync(join(root, folder), { recursive: true });
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
  return names.filter((name) => name.endsWith('.ts')).map((name) => `${folder}/${name}`);
}

function readSource(root, path) {
  const text = readFileSync(join(root, path), 'utf8');
  const withStrings = blankNonCode(text, { keepStrings: true });
  const code = blankNonCode(text);
  const imports = [...withStrings.matchAll(IMPORT)]
    // Text that looks like an import inside a string is blank in `code`.
    .filter((match) => /^(import|export)\b/.test(code.slice(match.index)))
    .map((match) => ({
      specifier: match[2],
      line: lineAt(text, match.index),
      path: match[2].startsWith('.') ? posix.join(dirname(path), match[2]) : undefined,
    }));
  return { path, code, imports };
}

function checkFile(file) {
  if (file.path.startsWith('src/')) return checkSource(file);
  return file.path.startsWith('targets/') ? checkTarget(file) : checkPerf(file);
}

/** Benchmarks stand above everything: they may use what src has, and start targets as programs. */
function checkPerf({ path, imports }) {
  return imports
    .filter((item) => item.path?.startsWith('targets/'))
    .map((item) =>
      violation(path, item.line, `perf starts targets as programs and must not import ${item.path}`),
    );
}

function checkTarget({ path, imports }) {
  return imports
    .filter((item) => /^(src|perf)\//.test(item.path ?? ''))
    .map((item) =>
      violation(path, item.line, `a target is a program of its own and must not import ${item.path}`),
    );
}

function checkSource(file) {
  const floor = floorOf(file.path);
  if (floor === -1) {
    return [
      violation(file.path, 1, 'this folder has no floor: name it in scripts/lib/find-floor-violations.mjs'),
    ];
  }
  const found = file.imports.flatMap((item) => checkImport(file.path, floor, item));
  if (floor < PURE_FLOORS) found.push(...findCode(file, IMPURE_CODE, `floor ${FLOORS[floor].name} is pure`));
  if (folderOf(file.path) !== 'cli' && !(file.path in MAY_PRINT)) {
    found.push(...findCode(file, PRINTS, 'only src/cli prints'));
  }
  return found;
}

function checkImport(path, floor, item) {
  const say = (message) => [violation(path, item.line, message)];
  if (item.path === undefined) {
    return floor < PURE_FLOORS && IMPURE_MODULES.some((pattern) => pattern.test(item.specifier))
      ? say(`floor ${FLOORS[floor].name} is pure and must not import ${item.specifier}`)
      : [];
  }
  if (!item.path.startsWith('src/')) return say(`src must not import ${item.path} from outside`);
  const importedFloor = floorOf(item.path);
  if (importedFloor > floor) {
    return say(
      `floor ${FLOORS[floor].name} must not import ${item.path} on floor ${FLOORS[importedFloor].name}`,
    );
  }
  const [own, other] = [adapterOf(path), adapterOf(item.path)];
  return own && other && own !== other
    ? say(`adapter ${own} must not import adapter ${other} (${item.path})`)
    : [];
}

function findCode({ path, code }, patterns, rule) {
  return patterns.flatMap(({ pattern, what }) =>
    [...code.matchAll(pattern)].map((match) =>
      violation(path, lineAt(code, match.index), `${rule}, this ${what}`),
    ),
  );
}

/** One violation per cycle, at the import that closes it. Cycles of types alone count: they knot files as well. */
function findCycles(files) {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const done = new Set();
  const trail = [];
  const found = [];

  function visit(file) {
    trail.push(file.path);
    for (const item of file.imports) {
      const start = trail.indexOf(item.path);
      if (start !== -1) {
        const cycle = [...trail.slice(start), item.path].join(' -> ');
        found.push(violation(file.path, item.line, `import cycle: ${cycle}`));
      } else if (byPath.has(item.path) && !done.has(item.path)) visit(byPath.get(item.path));
    }
    trail.pop();
    done.add(file.path);
  }

  for (const file of files) if (!done.has(file.path)) visit(file);
  return found;
}

function violation(file, line, message) {
  return { file, line, message };
}

/** `tools` of src/tools/wrk/parse.ts; empty for a file directly in src. */
function folderOf(path) {
  const parts = path.split('/');
  return parts.length > 2 ? parts[1] : '';
}

function floorOf(path) {
  return FLOORS.findIndex((floor) => floor.folders.includes(folderOf(path)));
}

/** `wrk` of src/tools/wrk/parse.ts; undefined for files that all adapters share. */
function adapterOf(path) {
  return /^src\/tools\/([^/]+)\//.exec(path)?.[1];
}
