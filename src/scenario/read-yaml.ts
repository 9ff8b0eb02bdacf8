import {
  type Alias,
  type CST,
  type Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  type Node,
  type ParsedNode,
  Parser,
  parseDocument,
  type YAMLError,
} from 'yaml';
import type { Path, TextFault } from './fault.ts';
import { toPlainValue } from './plain-value.ts';

/** A scenario has some 5 KB; far longer texts are another kind of file. */
const MAX_CHARACTERS = 256 * 1024;
/** A scenario has 5 levels. The parser is recursive and a text of brackets alone would end the process. */
const MAX_DEPTH = 64;

/** What the text says, or why it says nothing. */
export interface YamlText {
  faults: TextFault[];
  /** Absent when the faults leave no data to check. */
  content?: YamlContent;
}

export interface YamlContent {
  value: unknown;
  /**
   * Offset in the text of the key or the value at `path`. Where there is none, of the key of the nearest mapping
   * around it. Undefined where the text is known to be wrong already.
   */
  offsetOf(path: Path, at: 'key' | 'value'): number | undefined;
}

/** Read one YAML 1.2 document. Never throws. */
export function readYaml(text: string): YamlText {
  const tooMuch = findTooMuch(text);
  if (tooMuch) return { faults: [tooMuch] };
  const document = parseDocument(text, {
    version: '1.2',
    schema: 'core',
    // !!binary, !!timestamp and their like make values that no scenario has a place for.
    resolveKnownTags: false,
    merge: false,
    stringKeys: true,
    uniqueKeys: true,
    prettyErrors: false,
  });
  const unclosed = document.errors.find((error) => UNCLOSED_QUOTE.test(error.message));
  const faults = [...document.errors, ...document.warnings]
    // What is wrong behind a quote that swallowed the rest of the text is wrong because of it.
    .filter((error) => unclosed === undefined || error === unclosed || error.pos[0] < unclosed.pos[0])
    .map((error) => explainYamlError(error, text));
  const version = document.directives?.yaml;
  if (version?.explicit && version.version !== '1.2') {
    faults.push({
      offset: Math.max(0, text.indexOf('%YAML')),
      message: `YAML ${version.version} reads some words as other values; remove the %YAML line (scenarios are YAML 1.2)`,
    });
  }
  const misread = document.errors.some((error) => !LEAVES_DATA.has(error.code));
  if (misread || version?.version !== '1.2') return { faults };
  if (document.contents === null || isEmptyScalar(document.contents)) {
    return {
      faults: [
        ...faults,
        {
          offset: 0,
          message: 'the file is empty; write a scenario with name, target, request, stream, load and tools',
        },
      ],
    };
  }
  const plain = toPlainValue(document.contents);
  if (plain.faults.length > 0) return { faults: [...faults, ...plain.faults] };
  return { faults, content: { value: plain.value, offsetOf: placesIn(document, plain.aliases) } };
}

/** Errors of a text whose first document says all that it says without them. */
const LEAVES_DATA: ReadonlySet<YAMLError['code']> = new Set(['DUPLICATE_KEY', 'MULTIPLE_DOCS']);

/** The parser's words for a quote that runs to the end of the text, where it places the error. */
const UNCLOSED_QUOTE = /^Missing closing (["'])quote/;

function isEmptyScalar(node: Node): boolean {
  return isScalar(node) && node.value === null && (node.source ?? '') === '';
}

/** Measured on the token tree, which is built and walked here without recursion. */
function findTooMuch(text: string): TextFault | undefined {
  if (text.length > MAX_CHARACTERS) {
    return { offset: 0, message: `the file is over ${MAX_CHARACTERS / 1024} KiB long; is it a scenario?` };
  }
  for (const { token, depth } of walkTokens(text)) {
    if (depth > MAX_DEPTH) {
      return { offset: token.offset, message: `nested more than ${MAX_DEPTH} levels deep; flatten it` };
    }
  }
  return undefined;
}

/** Every token of every document, in no order. */
function* walkTokens(text: string): Generator<{ token: CST.Token; depth: number }> {
  const waiting: { token: CST.Token | null | undefined; depth: number }[] = [];
  for (const token of new Parser().parse(text)) waiting.push({ token, depth: 0 });
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { token, depth } = next;
    if (!token) continue;
    yield { token, depth };
    if ('items' in token) {
      for (const item of token.items) {
        waiting.push({ token: item.key, depth: depth + 1 }, { token: item.value, depth: depth + 1 });
      }
    } else if (token.type === 'document') waiting.push({ token: token.value, depth });
  }
}

/** Where the last quoted text before `end` begins: one that is not closed leaves room for no other. */
function startOfLastQuote(text: string, end: number): number {
  let start = 0;
  for (const { token } of walkTokens(text)) {
    const quoted = token.type === 'double-quoted-scalar' || token.type === 'single-quoted-scalar';
    if (quoted && token.offset < end) start = Math.max(start, token.offset);
  }
  return start;
}

/** What to do about the parser's errors; the others say it themselves. */
const REMEDIES: Partial<Record<YAMLError['code'], string>> = {
  BAD_ALIAS: 'put the text in quotes',
  BAD_DQ_ESCAPE: 'double the backslash or use single quotes',
  BAD_INDENT: 'line it up with its neighbours',
  BAD_SCALAR_START: 'put the text in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'put it on a line of its own, or in quotes if it is text with a colon',
  BLOCK_IN_FLOW: 'put commas between the entries',
  KEY_OVER_1024_CHARS: 'shorten the key',
  MISSING_CHAR: 'add it',
  MULTILINE_IMPLICIT_KEY: 'end the line before, or put the text in quotes',
  NON_STRING_KEY: 'use a word as the key',
  TAB_AS_INDENT: 'indent with spaces',
  UNEXPECTED_TOKEN: 'remove it, or put the whole text in quotes',
};

function explainYamlError(error: YAMLError, text: string): TextFault {
  const offset = error.pos[0];
  switch (error.code) {
    case 'DUPLICATE_KEY': {
      const key = /^("[^"\n]*"|'[^'\n]*'|[^\s:]*)/.exec(text.slice(offset))![0].replaceAll(/["']/g, '');
      return { offset, message: `the key "${key}" is here a second time; remove one of the two` };
    }
    case 'MULTIPLE_DOCS':
      return { offset, message: 'a second document begins here; put one scenario in each file' };
    case 'TAG_RESOLVE_FAILED': {
      const tag = error.message.replace(/^.*?: /, '').replace('tag:yaml.org,2002:', '!!');
      return { offset, message: `the tag ${tag} is not known or does not fit the value; remove it` };
    }
    default: {
      const quote = UNCLOSED_QUOTE.exec(error.message)?.[1];
      if (quote !== undefined) {
        return {
          offset: startOfLastQuote(text, offset),
          message: `the quote that begins here is never closed; add a second ${quote} behind the text`,
        };
      }
      const remedy = REMEDIES[error.code];
      return { offset, message: `${oneLine(error.message)}${remedy ? `; ${remedy}` : ''}` };
    }
  }
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

function placesIn(
  document: Document.Parsed<ParsedNode, true>,
  aliases: ReadonlyMap<Alias, Node>,
): YamlContent['offsetOf'] {
  return (path, at) => {
    let node: Node | null = document.contents;
    let key: Node | undefined;
    for (const step of path) {
      const from: Node | undefined = isAlias(node) ? aliases.get(node) : (node ?? undefined);
      const next = childAt(from, step);
      // A value that is missing is missing from the mapping around it.
      if (!next) return (key ?? node)?.range?.[0] ?? 0;
      key = next.key;
      node = next.value;
    }
    if (isScalar(node) && hasUnknownTag(node)) return undefined;
    return (at === 'key' ? (key ?? node) : (node ?? key))?.range?.[0] ?? 0;
  };
}

function childAt(
  node: Node | undefined,
  step: string | number,
): { key: Node | undefined; value: Node | null } | undefined {
  if (isSeq(node)) {
    const item = typeof step === 'number' ? node.items[step] : undefined;
    return isNode(item) ? { key: undefined, value: item } : undefined;
  }
  if (!isMap(node)) return undefined;
  // Of a key that is there twice the last one counts.
  const pair = node.items.findLast(
    (item) => isPair(item) && isScalar(item.key) && String(item.key.value ?? '') === step,
  );
  if (!pair) return undefined;
  return { key: pair.key as Node, value: isNode(pair.value) ? pair.value : null };
}

function hasUnknownTag(node: { tag?: string }): boolean {
  return node.tag !== undefined && !node.tag.startsWith('tag:yaml.org,2002:');
}
