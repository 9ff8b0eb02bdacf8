import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parsePrometheusText, readHistogram } from '../../src/evidence/prometheus-text.ts';

test('names, labels, values and timestamps are told apart; comments and blank lines are passed over', () => {
  const samples = parsePrometheusText(
    [
      '# HELP requests_total Requests',
      '# TYPE requests_total counter',
      '',
      'requests_total{route="/events",code="200"} 12',
      'requests_total{route="/hello",} 3 1700000000000',
      'up 1',
      'load 1.5e-3',
      'bound{le="+Inf"} +Inf',
    ].join('\n'),
  );
  expect(samples.map(({ name, labels, value }) => [name, [...labels], value])).toEqual([
    [
      'requests_total',
      [
        ['route', '/events'],
        ['code', '200'],
      ],
      12,
    ],
    ['requests_total', [['route', '/hello']], 3],
    ['up', [], 1],
    ['load', [], 0.0015],
    ['bound', [['le', '+Inf']], Number.POSITIVE_INFINITY],
  ]);
});

test('lines that are no samples are passed over and do not take their neighbours with them', () => {
  const text = [
    'a 1',
    '{x="y"} 2',
    'b{x=y} 3',
    'c{x="y" 4',
    'd',
    'e one',
    'f{x="y"}',
    'g 0x10',
    'h 1 2 3',
    'z 9\r',
  ];
  expect(parsePrometheusText(text.join('\n')).map(({ name, value }) => [name, value])).toEqual([
    ['a', 1],
    ['z', 9],
  ]);
});

test('a label named __proto__ is a label', () => {
  const [sample] = parsePrometheusText('a{__proto__="x"} 1');
  expect([...sample!.labels]).toEqual([['__proto__', 'x']]);
});

test('any samples survive being written and read', () => {
  const name = fc.stringMatching(/^[a-zA-Z_:][a-zA-Z0-9_:]{0,8}$/);
  const label = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,8}$/);
  const sample = fc.record({
    name,
    labels: fc.uniqueArray(fc.tuple(label, fc.string({ unit: 'binary' })), {
      selector: ([key]) => key,
      maxLength: 4,
    }),
    value: fc.double({ noNaN: true, noDefaultInfinity: true }),
  });
  fc.assert(
    fc.property(fc.array(sample, { maxLength: 8 }), (samples) => {
      const text = samples.map(({ name, labels, value }) => {
        const list = labels.map(([key, content]) => `${key}="${escapeLabel(content)}"`).join(',');
        return `${name}${list === '' ? '' : `{${list}}`} ${Object.is(value, -0) ? '-0' : value}`;
      });
      const read = parsePrometheusText(text.join('\n'));
      expect(read.map((one) => ({ ...one, labels: [...one.labels] }))).toEqual(samples);
    }),
  );
});

function escapeLabel(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

test('garbage never throws', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      parsePrometheusText(text);
      parsePrometheusText(`a{${text}} 1\nb 2`);
    }),
  );
});

test('a histogram is summed over its label sets and sorted by bound', () => {
  const samples = parsePrometheusText(
    [
      'h_bucket{route="a",le="+Inf"} 4',
      'h_bucket{route="a",le="0.1"} 1',
      'h_bucket{route="b",le="0.1"} 2',
      'h_bucket{route="b",le="+Inf"} 3',
      'h_sum{route="a"} 0.5',
      'h_sum{route="b"} 0.25',
    ].join('\n'),
  );
  expect(readHistogram(samples, 'h')).toEqual({
    buckets: [
      { le: 0.1, count: 3 },
      { le: Number.POSITIVE_INFINITY, count: 7 },
    ],
    sum: 0.75,
    count: 7,
  });
  expect(readHistogram(samples, 'other')).toBeUndefined();
});
