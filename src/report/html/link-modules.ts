const IMPORT = /^import\s*\{([^}]*)\}\s*from\s*'([^']+)';$/gm;
const SIDE_EFFECT_IMPORT = /^import\s*'([^']+)';$/gm;
const EXPORT = /^export (?=(?:async )?(?:function|const|class)\b)/gm;
const EXPORTED = /^export (?:async )?(?:function|const|class)\s+([\w$]+)/gm;
/** An `export {}` that TypeScript leaves in a module that only has types. */
const EMPTY_EXPORT = /^export \{\};$/gm;

/**
 * One classic script from ES modules as the compiler writes them: relative imports with names at the top, exports at
 * declarations. A page can carry it inline under a policy of hashes. Every module becomes a function scope of its own
 * that returns its exports; the order is that of the imports.
 *
 * @param load returns the text of the module at a path
 * @throws Error at an import or export that is written in another way
 */
export function linkModules(entry: string, load: (path: string) => string): string {
  const modules = new Map<string, { name: string; text: string }>();
  const open = new Set<string>();

  function visit(path: string): string {
    const done = modules.get(path);
    if (done) return done.name;
    if (open.has(path)) throw new Error(`modules import each other: ${[...open, path].join(' -> ')}`);
    open.add(path);
    const source = load(path);
    const exported = [...source.matchAll(EXPORTED)].map((match) => match[1]!);
    const linked = source
      .replace(IMPORT, (_, names: string, from: string) => {
        const bound = names
          .replace(/\bas\b/g, ':')
          .replace(/\s+/g, ' ')
          .trim();
        return `const { ${bound} } = ${visit(resolvePath(path, from))};`;
      })
      .replace(SIDE_EFFECT_IMPORT, (_, from: string) => {
        visit(resolvePath(path, from));
        return '';
      })
      .replace(EMPTY_EXPORT, '')
      .replace(EXPORT, '');
    const left = /^(?:import|export)\b.*/m.exec(linked);
    if (left) throw new Error(`${path}: cannot link "${left[0]}"`);
    open.delete(path);
    const name = `module${modules.size}`;
    const text = `const ${name} = (() => {\n${linked.trim()}\nreturn { ${exported.join(', ')} };\n})();`;
    modules.set(path, { name, text });
    return name;
  }

  visit(entry);
  const body = [...modules.values()].map(({ text }) => text).join('\n');
  return `(() => {\n'use strict';\n${body}\n})();\n`;
}

function resolvePath(from: string, specifier: string): string {
  const parts = from.split('/').slice(0, -1);
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}
