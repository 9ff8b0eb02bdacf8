import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LlmChunk, NOT_TOLD } from '../../src/sse/llm-chunk.ts';

interface Seen {
  isDone: boolean;
  hasChoices: boolean;
  hasContent: boolean;
  hasOutput: boolean;
  completionTokens: number;
}

const NOTHING: Seen = {
  isDone: false,
  hasChoices: false,
  hasContent: false,
  hasOutput: false,
  completionTokens: NOT_TOLD,
};
const CHOICES: Seen = { ...NOTHING, hasChoices: true };
const REASONING: Seen = { ...CHOICES, hasContent: true };
const OUTPUT: Seen = { ...REASONING, hasOutput: true };

/** Reads from the middle of a larger buffer: what stands around must not matter. */
function read(text: string, chunk = new LlmChunk()): Seen {
  const before = '{"choices":[{"delta":{"content":"';
  const buf = Buffer.from(`${before}${text}"}}],"usage":{"completion_tokens":99}}`);
  chunk.read(buf, before.length, before.length + Buffer.byteLength(text));
  const { isDone, hasChoices, hasContent, hasOutput, completionTokens } = chunk;
  return { isDone, hasChoices, hasContent, hasOutput, completionTokens };
}

const choice = (members: string): string => `{"id":"a","choices":[{"index":0,${members}}]}`;
const delta = (members: string): string => choice(`"delta":{${members}},"finish_reason":null`);

describe('one event', () => {
  it.each<[name: string, text: string, seen: Seen]>([
    ['is done', '[DONE]', { ...NOTHING, isDone: true }],
    ['is done with space around', ' [DONE]\t', { ...NOTHING, isDone: true }],
    ['is not done by more than the mark', '[DONE]x', NOTHING],
    ['is not done by less', '[DONE', NOTHING],
    ['is not done by a string', '"[DONE]"', NOTHING],
    ['with text is a content chunk', delta('"content":"x"'), OUTPUT],
    ['with text after spaces', delta(' "content" :\n\t "x" '), OUTPUT],
    ['with the role is none', delta('"role":"assistant","content":""'), CHOICES],
    ['with the role and text is one', delta('"content":"x","role":"assistant"'), OUTPUT],
    ['with content null is none', delta('"content":null'), CHOICES],
    ['with an empty delta is none', delta(''), CHOICES],
    ['with delta null is none', choice('"delta":null'), CHOICES],
    ['with an escaped quote', delta(String.raw`"content":"\""`), OUTPUT],
    ['with an escaped backslash at the end', delta(String.raw`"content":"\\"`), OUTPUT],
    ['with reasoning_content is content, not output', delta('"reasoning_content":"x"'), REASONING],
    ['with reasoning is content, not output', delta('"reasoning":"x","content":""'), REASONING],
    ['with both is both', delta('"reasoning_content":"x","content":"y"'), OUTPUT],
    ['with empty reasoning is none', delta('"reasoning_content":"","content":null'), CHOICES],
    [
      'with the name of a tool call',
      delta('"tool_calls":[{"index":0,"id":"c","type":"function","function":{"name":"f","arguments":""}}]'),
      OUTPUT,
    ],
    [
      'with arguments of a tool call',
      delta(String.raw`"tool_calls":[{"index":0,"function":{"arguments":"{\"a\""}}]`),
      OUTPUT,
    ],
    [
      'with an empty tool call is none',
      delta('"tool_calls":[{"index":0,"id":"c","function":{"arguments":""}}]'),
      CHOICES,
    ],
    ['with tool_calls null is none', delta('"tool_calls":null'), CHOICES],
    ['with the older function_call', delta('"function_call":{"name":"f","arguments":""}'), OUTPUT],
    ['with content in parts', delta('"content":[{"type":"text","text":"x"}]'), OUTPUT],
    ['with empty parts is none', delta('"content":[{"type":"text","text":""}]'), CHOICES],
    ['with text in the second choice only', '{"choices":[{"delta":{}},{"delta":{"content":"x"}}]}', OUTPUT],
    ['of the older completions', choice('"text":"x","logprobs":null'), OUTPUT],
    ['of the older completions with empty text is none', choice('"text":""'), CHOICES],
    [
      'with token probabilities alone is none',
      choice('"logprobs":{"content":[{"token":"x"}]},"delta":{}'),
      CHOICES,
    ],
    ['with a whole message is none', choice('"message":{"content":"x"}'), CHOICES],
    ['with text beside the choices is none', '{"delta":{"content":"x"},"text":"x","content":"x"}', NOTHING],
    [
      'with a choice that is no object is none',
      '{"choices":[{"delta":{"role":"x"}},[{"content":"x"}]]}',
      CHOICES,
    ],
    ['without choices', '{"choices":[]}', NOTHING],
    ['without choices but space', '{"choices": [ ] }', NOTHING],
    ['with choices null', '{"choices":null}', NOTHING],
    ['that only speaks of choices', String.raw`{"a":"\"choices\":[{}]","b":"choices"}`, NOTHING],
    ['that reports an error', '{"error":{"message":"x","code":500}}', NOTHING],
    [
      'with usage',
      '{"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":42}}',
      { ...NOTHING, completionTokens: 42 },
    ],
    [
      'with usage before the choices',
      '{"usage":{"completion_tokens": 0 },"choices":[{}]}',
      { ...CHOICES, completionTokens: 0 },
    ],
    ['with usage null', '{"choices":[{}],"usage":null}', CHOICES],
    ['with usage that tells no output', '{"usage":{"prompt_tokens":7}}', NOTHING],
    ['with usage that is no whole number', '{"usage":{"completion_tokens":1.5}}', NOTHING],
    ['with usage that is negative', '{"usage":{"completion_tokens":-5}}', NOTHING],
    ['with usage as a string', '{"usage":{"completion_tokens":"5"}}', NOTHING],
    ['with an absurd usage', '{"usage":{"completion_tokens":12345678901234567890}}', NOTHING],
    [
      'with details of usage',
      '{"usage":{"completion_tokens_details":{"completion_tokens":9},"completion_tokens":3}}',
      { ...NOTHING, completionTokens: 3 },
    ],
    ['with usage elsewhere', '{"x_groq":{"usage":{"completion_tokens":9}}}', NOTHING],
    [
      'with text that looks like usage',
      delta(String.raw`"content":"\"usage\":{\"completion_tokens\":9}"`),
      OUTPUT,
    ],
    ['that is empty', '', NOTHING],
    ['that is only space', '  ', NOTHING],
    ['that is no JSON', 'ping', NOTHING],
    ['that is an array', '[{"choices":[{}]}]', NOTHING],
  ])('%s', (_, text, seen) => {
    expect(read(text)).toEqual(seen);
  });

  it('is open until its document has ended, also where it begins like the one before', () => {
    const chunk = new LlmChunk();
    const written = Buffer.from(delta('"content":"a } b"'));
    chunk.read(Buffer.from('ping'), 0, 4);
    expect(chunk.isOpen).toBe(false);
    for (const _ of ['first', 'again']) {
      for (let end = 1; end < written.length; end++) {
        chunk.read(written, 0, end);
        expect(chunk.isOpen).toBe(true);
      }
      chunk.read(written, 0, written.length);
      expect(chunk.isOpen).toBe(false);
    }
  });
});

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const isObject = (value: Json | undefined): value is { [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: Json | undefined): boolean => typeof value === 'string' && value !== '';

/** Whether a string that is not empty stands under one of the keys, at any depth. */
function hasTextUnder(value: Json | undefined, keys: string[]): boolean {
  if (Array.isArray(value)) return value.some((element) => hasTextUnder(element, keys));
  if (!isObject(value)) return false;
  return Object.entries(value).some(
    ([key, member]) => (keys.includes(key) && isText(member)) || hasTextUnder(member, keys),
  );
}

/** The same by JSON.parse, written from the definition. */
function classify(text: string): Seen {
  const doc = JSON.parse(text) as Json;
  if (!isObject(doc)) return NOTHING;
  const choices = Array.isArray(doc.choices) ? doc.choices : [];
  const deltas = choices
    .filter(isObject)
    .map((element) => element.delta)
    .filter(isObject);
  const hasOutput =
    choices.filter(isObject).some((element) => isText(element.text)) ||
    deltas.some(
      ({ content, tool_calls, function_call }) =>
        isText(content) ||
        (Array.isArray(content) && hasTextUnder(content, ['text'])) ||
        hasTextUnder(tool_calls, ['name', 'arguments']) ||
        hasTextUnder(function_call, ['name', 'arguments']),
    );
  const hasReasoning = deltas.some((d) => isText(d.reasoning_content) || isText(d.reasoning));
  const tokens = isObject(doc.usage) ? doc.usage.completion_tokens : undefined;
  return {
    isDone: false,
    hasChoices: choices.length > 0,
    hasContent: hasOutput || hasReasoning,
    hasOutput,
    completionTokens: Number.isSafeInteger(tokens) && (tokens as number) >= 0 ? (tokens as number) : NOT_TOLD,
  };
}

/** JSON text with any white space that JSON allows between its tokens. */
function writeJson(value: Json, spaces: string[]): string {
  let next = 0;
  const space = (): string => (spaces.length === 0 ? '' : spaces[next++ % spaces.length]!);
  const write = (node: Json): string => {
    if (Array.isArray(node)) return `[${space()}${node.map(write).join(`${space()},${space()}`)}${space()}]`;
    if (!isObject(node)) return JSON.stringify(node);
    const members = Object.entries(node).map(
      ([key, member]) => `${space()}${JSON.stringify(key)}${space()}:${space()}${write(member)}${space()}`,
    );
    return `{${members.join(',')}}`;
  };
  return `${space()}${write(value)}${space()}`;
}

const KEYS = [
  'choices',
  'usage',
  'completion_tokens',
  'delta',
  'text',
  'content',
  'reasoning_content',
  'reasoning',
  'tool_calls',
  'function_call',
  'name',
  'arguments',
  'logprobs',
  'x',
];
const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.constantFrom('"', '\\', '{', '}', '[', ']', ':', 'a') }),
  fc.constantFrom('', 'content', '"usage":{"completion_tokens":5}', '"choices":[{"delta":{"content":"x"}}]'),
);
const { tree } = fc.letrec<{ tree: Json }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(text, fc.constant(null), fc.boolean(), fc.nat()),
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...KEYS), tie('tree'), { maxKeys: 5 }),
  ),
}));
const deltaTree = fc.record(
  {
    role: fc.constant('assistant'),
    content: fc.oneof(text, tree),
    reasoning_content: fc.oneof(text, fc.constant(null)),
    tool_calls: fc.oneof(tree, fc.array(fc.record({ function: fc.record({ name: text, arguments: text }) }))),
  },
  { requiredKeys: [] },
);
const document: fc.Arbitrary<Json> = fc.record(
  {
    id: text,
    choices: fc.oneof(
      tree,
      fc.array(fc.oneof(tree, fc.record({ delta: fc.oneof(deltaTree, tree), logprobs: tree, text })), {
        maxLength: 3,
      }),
    ),
    usage: fc.oneof(
      tree,
      fc.record({ prompt_tokens: fc.nat(), completion_tokens: fc.nat() }),
      fc.constant(null),
    ),
    x: tree,
  },
  { requiredKeys: [] },
) as fc.Arbitrary<Json>;
const spaces = fc.array(fc.string({ unit: fc.constantFrom(' ', '\n', '\t', '\r'), maxLength: 2 }));

describe('any document', () => {
  it('is read as JSON.parse would have it, keys in any order, white space anywhere', () => {
    fc.assert(
      fc.property(fc.oneof(document, tree), spaces, (doc, between) => {
        const written = writeJson(doc, between);
        expect(read(written)).toEqual(classify(written));
      }),
      { numRuns: 3000 },
    );
  });

  it('is read the same after others that differ little: in the text, around it, in a second text', () => {
    const alike = fc.record({
      id: fc.constantFrom('a', 'b'),
      key: fc.constantFrom('content', 'reasoning'),
      content: text,
      second: fc.constantFrom('', '', 'x'),
      tokens: fc.constantFrom(5, 5, 6),
    });
    const events = fc.oneof(
      {
        weight: 9,
        arbitrary: alike.map(
          ({ id, key, content, second, tokens }): Json => ({
            id,
            choices: [{ delta: { [key]: content }, text: second }],
            usage: { completion_tokens: tokens },
          }),
        ),
      },
      { weight: 1, arbitrary: document },
    );
    fc.assert(
      fc.property(fc.array(events, { maxLength: 20 }), (series) => {
        const chunk = new LlmChunk();
        for (const event of series) {
          const written = JSON.stringify(event);
          expect(read(written, chunk)).toEqual(classify(written));
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('may be anything at all without an exception, and leaves the reader fit for the next', () => {
    const chunk = new LlmChunk();
    const good = delta('"content":"x"');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), document, fc.nat(), (bytes, doc, at) => {
        const written = Buffer.from(JSON.stringify(doc));
        const place = at % (written.length + 1);
        const broken = Buffer.concat([written.subarray(0, place), bytes, written.subarray(place)]);
        chunk.read(broken, 0, broken.length);
        expect(read(good, chunk)).toEqual(OUTPUT);
      }),
      { numRuns: 1000 },
    );
  });
});
