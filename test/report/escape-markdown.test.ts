import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cleanText } from '../../src/report/clean-text.ts';
import { escapeMarkdown } from '../../src/report/escape-markdown.ts';

const SPLIT = '<!-- -->';

describe('text as Markdown that renders as itself', () => {
  test.each([
    ['an address', 'see http://a.b/c', `see http:${SPLIT}//a.b/c`],
    ['another scheme', 'ftp://a.b', `ftp:${SPLIT}//a.b`],
    ['an address without scheme', 'xwww.a.b', `xwww${SPLIT}.a.b`],
    ['a mail address', 'a+b@c.d', `a+b@${SPLIT}c.d`],
    ['a mention', 'by @user', `by @${SPLIT}user`],
    ['a mention behind a bracket', '(@user)', `(@${SPLIT}user)`],
    ['an issue', 'a/b#12', `a/b\\#${SPLIT}12`],
    ['an issue in words', 'GH-12', `GH-${SPLIT}12`],
    ['an emoji', 'a :tada: b', `a :${SPLIT}tada: b`],
    ['a formula', '$x$', '<span>$</span>x<span>$</span>'],
    ['a numbered list', '1. a', '1\\. a'],
    ['a numbered list with a bracket', '10) a', '10\\) a'],
    ['an empty numbered list', '1.', '1\\.'],
    ['a list', '- a', '\\- a'],
    ['a list by plus', '+ a', '\\+ a'],
    ['a list by star', '* a', '\\* a'],
    ['a rule', '---', '\\---'],
    ['a quote', '> a', '\\> a'],
    ['a heading', '# a', '\\# a'],
    ['a code block by indent', '    a', 'a'],
    ['emphasis', '*a* _b_ **c**', '\\*a\\* \\_b\\_ \\*\\*c\\*\\*'],
    ['emphasis by two underscores', '__init__', '\\_\\_init\\_\\_'],
    ['a strike', '~~a~~', '\\~\\~a\\~\\~'],
    ['code', '`a`', '\\`a\\`'],
    ['a link', '[a](b)', '\\[a\\](b)'],
    ['a tag', '<b>', '&lt;b>'],
    ['an entity', '&amp;', '&amp;amp;'],
    ['the border of a cell', 'a | b', 'a \\| b'],
    ['a backslash', '\\_', '\\\\\\_'],
  ])('%s', (_, text, markdown) => {
    expect(escapeMarkdown(text)).toBe(markdown);
  });

  test.each([
    'wrk@one-proc: 2,170 (2,145-2,154) requests/s, 0.5 % -> n/a',
    'started 2026-01-01T00:00:00.000Z',
    'events_per_sec and 127.0.0.1:40000',
    'in 1.5 s, because 2. is not at the start',
  ])('leaves alone what nobody would read otherwise: %s', (text) => {
    expect(escapeMarkdown(text)).toBe(text);
  });

  test('nothing is lost or added: without the escapes any text is what it was', () => {
    const part = fc.constantFrom(
      ...'\\|`*[]#~_-+>.)(<&$@:/!1 aé'.split(''),
      ...['http://', 'www.', '@a.b', '@user', '#1', 'GH-1', ':x:', '1. ', SPLIT, '<span>', '&lt;', '\u202e'],
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 20 }), (parts) => {
        const text = parts.join('');
        const rendered = escapeMarkdown(text)
          .replaceAll(SPLIT, '')
          .replaceAll('<span>$</span>', '$')
          .replace(/\\([!-/:-@[-`{-~])/g, '$1')
          .replaceAll('&lt;', '<')
          .replaceAll('&amp;', '&');
        expect(rendered).toBe(cleanText(text));
      }),
    );
  });

  test('no character that Markdown reads stays bare', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'\\|`*[]#~_<&$ a1@:/.'.split('')) }), (text) => {
        const bare = escapeMarkdown(text)
          .replaceAll(SPLIT, '')
          .replaceAll('<span>$</span>', '')
          .replace(/\\[!-/:-@[-`{-~]|&(?:amp|lt);/g, '');
        expect(bare).not.toMatch(/[\\|`*[\]#~<&$]/);
      }),
    );
  });
});
