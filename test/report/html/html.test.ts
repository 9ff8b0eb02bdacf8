import fc from 'fast-check';
import { expect, test } from 'vitest';
import { embedJson } from '../../../src/report/html/embed-json.ts';
import { html, rawHtml } from '../../../src/report/html/html.ts';
import { HOSTILE } from '../../helpers/hostile.ts';

const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.constant(HOSTILE));

test('any text is text, in an element and in an attribute', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const made = html`<p title="${text}">${text}</p>`.text;
      expect(made.match(/[<>"']/g)?.join('')).toBe('<""><>');
      // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there are control characters
      expect(made).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/);
      expect(made.isWellFormed?.() ?? true).toBe(true);
    }),
  );
});

test('spaces stay where they are, so that lines can be made of pieces', () => {
  expect(html`${'a '}${' b'}`.text).toBe('a  b');
});

test('HTML is taken as it is, lists are joined, and nothing is nothing', () => {
  expect(html`${rawHtml('<b>')}${[html`<i>`, 'x', 3]}${undefined}${false}`.text).toBe('<b><i>x3');
});

test('any value survives being embedded, and nothing in it can end the element', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.oneof(fc.integer(), fc.boolean(), fc.constant(null))),
      (value) => {
        const text = embedJson(value);
        expect(text).not.toMatch(/[<>&\u2028\u2029]/);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      },
    ),
  );
});

test('strings are cleaned and numbers rounded to what a chart can show', () => {
  expect(
    JSON.parse(embedJson({ a: `x\u001b[31m</script>${'\u2028'}y`, b: 1.23456789, c: 1_234_567_890 })),
  ).toEqual({
    a: 'x [31m</script> y',
    b: 1.23457,
    c: 1_234_567_890,
  });
});
