import { keysAt, textAt, textsBelow } from './draft.ts';
import { type Fault, type Path, valueAt } from './fault.ts';

const KINDS = ['use', 'command', 'url'];
/** What a server that runs already cannot be given any more. */
const ONLY_LAUNCHED = ['fallback', 'prepare', 'args', 'env', 'cwd', 'pin', 'cpuLimit', 'proxy'];

/** What the schema cannot say about `target` and about what variants change of it. */
export function checkTarget(draft: unknown): Fault[] {
  const keys = keysAt(draft, ['target']);
  return [
    ...checkKind(draft, keys),
    ...checkFallback(draft, keys),
    ...(keys.includes('url') ? [...checkUrl(draft), ...checkOnlyLaunched(draft, keys)] : []),
    ...checkPlaceholders(draft),
  ];
}

function checkKind(draft: unknown, keys: string[]): Fault[] {
  const target = valueAt(draft, ['target']);
  if (typeof target !== 'object' || target === null || Array.isArray(target)) return [];
  const [first, ...others] = keys.filter((key) => KINDS.includes(key));
  if (first === undefined) {
    return [
      {
        path: ['target'],
        at: 'key',
        message:
          '"target" names no server; add one of "use", "command" and "url", for example use: node-http',
      },
    ];
  }
  return others.map((key) => ({
    path: ['target', key],
    at: 'key',
    message: `"${key}" cannot stand beside "${first}": a target is one of use, command and url; remove one`,
  }));
}

function checkFallback(draft: unknown, keys: string[]): Fault[] {
  if (!keys.includes('fallback') || textAt(draft, ['target', 'use']) === 'go-nethttp') return [];
  return [
    {
      path: ['target', 'fallback'],
      at: 'key',
      message: '"fallback" stands in for go-nethttp alone; remove it or write use: go-nethttp',
    },
  ];
}

function checkUrl(draft: unknown): Fault[] {
  const text = textAt(draft, ['target', 'url']);
  const problem = text === undefined ? undefined : explainUrl(text);
  return problem === undefined ? [] : [{ path: ['target', 'url'], at: 'value', message: problem }];
}

function explainUrl(text: string): string | undefined {
  if (/^https:/i.test(text)) {
    return 'https is not supported by this version of ssee-bench; give an http:// address, for example of the server behind the TLS proxy';
  }
  if (!/^http:\/\/[^/]/i.test(text) || !URL.canParse(text)) {
    return `"url" must be an address such as http://127.0.0.1:9000, not ${JSON.stringify(text)}`;
  }
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') {
    return '"url" must not hold a user name or password; put an Authorization header into request.headers';
  }
  if (/[?#]/.test(text)) return '"url" must not hold "?" or "#"; put the query into request.path';
  return undefined;
}

function checkOnlyLaunched(draft: unknown, keys: string[]): Fault[] {
  const own = keys.filter((key) => ONLY_LAUNCHED.includes(key)).map((key): Path => ['target', key]);
  const ofVariants = keysAt(draft, ['variants'])
    .filter((name) => keysAt(draft, ['variants', name, 'target']).length > 0)
    .map((name): Path => ['variants', name, 'target']);
  return [...own, ...ofVariants].map((path) => ({
    path,
    at: 'key',
    message: `"${path.at(-1)}" has no effect on a server that runs already ("url"); remove it`,
  }));
}

const PLACEHOLDER = /\$\{[^}]*\}/g;
// biome-ignore lint/suspicious/noTemplateCurlyInString: what scenarios write where the port is to stand
const PORT = '${port}';

/** Where ${port} is filled in: what starts the target, and what the tools send. */
function checkPlaceholders(draft: unknown): Fault[] {
  const variants = keysAt(draft, ['variants']);
  const targets: Path[] = [['target'], ...variants.map((name) => ['variants', name, 'target'])];
  const requests: Path[] = [['request'], ...variants.map((name) => ['variants', name, 'request'])];
  const filled = [
    ...targets.flatMap((path) =>
      ['command', 'args', 'env'].flatMap((key) => textsBelow(draft, [...path, key])),
    ),
    ...requests.flatMap((path) => textsBelow(draft, [...path, 'headers'])),
  ];
  return [
    ...filled.flatMap(({ path, text }) =>
      [...text.matchAll(PLACEHOLDER)]
        .filter(([placeholder]) => placeholder !== PORT)
        .map(
          ([placeholder]): Fault => ({
            path,
            at: 'value',
            message: `unknown placeholder ${placeholder}; the only one is ${PORT} (a shell variable is $NAME without braces)`,
          }),
        ),
    ),
    ...textsBelow(draft, ['target', 'cwd'])
      .filter(({ text }) => text.includes(PORT))
      .map(
        ({ path }): Fault => ({
          path,
          at: 'value',
          message: `${PORT} has no meaning in a folder, whose port changes from trial to trial; remove it`,
        }),
      ),
  ];
}
