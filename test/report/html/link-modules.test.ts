import { expect, test } from 'vitest';
import { linkModules } from '../../../src/report/html/link-modules.ts';

function link(files: Record<string, string>): string {
  return linkModules('/a/main.js', (path) => {
    const text = files[path];
    if (text === undefined) throw new Error(`no file ${path}`);
    return text;
  });
}

/** Runs the script with one global of its own. */
function run(script: string): unknown[] {
  const seen: unknown[] = [];
  new Function('tell', script)((value: unknown) => seen.push(value));
  return seen;
}

test('modules see what they import and nothing else of each other', () => {
  const script = link({
    '/a/main.js':
      "import { one, two as deux } from './lib/x.js';\nconst hidden = 3;\ntell([one(), deux, hidden]);\n",
    '/a/lib/x.js':
      "import { base } from '../y.js';\nconst hidden = 10;\nexport function one() {\n  return base + hidden;\n}\nexport const two = 2;\n",
    '/a/y.js': 'export const base = 1;\nexport class Unused {}\nexport async function later() {}\n',
  });
  expect(run(script)).toEqual([[11, 2, 3]]);
});

test('a module that two others import runs once', () => {
  const script = link({
    '/a/main.js': "import { b } from './b.js';\nimport {\n  c,\n} from './c.js';\ntell(b + c);\n",
    '/a/b.js': "import { d } from './d.js';\nexport const b = d;\n",
    '/a/c.js': "import { d } from './d.js';\nexport const c = d;\n",
    '/a/d.js': "tell('d');\nexport const d = 1;\nexport {};\n",
  });
  expect(run(script)).toEqual(['d', 2]);
});

test('an import for its effect alone is run', () => {
  expect(run(link({ '/a/main.js': "import './b.js';\ntell(1);\n", '/a/b.js': 'tell(0);\n' }))).toEqual([
    0, 1,
  ]);
});

test.each([
  ['a default export', 'export default 1;\n', /cannot link "export default 1;"/],
  ['a namespace import', "import * as b from './b.js';\n", /cannot link "import \* as b/],
  [
    'modules that import each other',
    "import { m } from './main.js';\nexport const m = 1;\n",
    /import each other/,
  ],
])('%s is refused instead of being left in the script', (_, text, message) => {
  expect(() => link({ '/a/main.js': text })).toThrow(message);
});
