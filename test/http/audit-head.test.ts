import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { auditStreamHead, type HeadAuditOptions, type HeadFinding } from '../../src/http/audit-head.ts';

const GOOD: Record<string, string> = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache',
  connection: 'keep-alive',
  'x-accel-buffering': 'no',
};
const HEADERS: HeadFinding['header'][] = [
  'Content-Type',
  'Cache-Control',
  'Connection',
  'X-Accel-Buffering',
  'Content-Encoding',
  'Content-Length',
];

function audit(fields: Record<string, string>, options: Partial<HeadAuditOptions> = {}): HeadFinding[] {
  return auditStreamHead((name) => fields[name], { endless: true, ...options });
}

/** The finding about one header where it has this value and all others are good; undefined leaves it out. */
function judge(
  header: HeadFinding['header'],
  value: string | undefined,
  options: Partial<HeadAuditOptions> = {},
): HeadFinding {
  const { [header.toLowerCase()]: _, ...others } = GOOD;
  const fields = value === undefined ? others : { ...others, [header.toLowerCase()]: value };
  const findings = audit(fields, options);
  expect(findings.filter((finding) => finding.verdict !== 'ok' && finding.header !== header)).toEqual([]);
  return findings.find((finding) => finding.header === header)!;
}

describe('a response head', () => {
  it('as it should be is ok in all six headers, in their order, with what was sent', () => {
    const findings = audit(GOOD);
    expect(findings.map(({ header, verdict }) => [header, verdict])).toEqual(
      HEADERS.map((header) => [header, 'ok']),
    );
    expect(findings.map(({ value }) => value)).toEqual([
      'text/event-stream',
      'no-cache',
      'keep-alive',
      'no',
      undefined,
      undefined,
    ]);
    for (const finding of findings) expect('value' in finding).toBe(finding.value !== undefined);
  });

  it('without any header lacks three; HTTP/1.1 implies the fourth', () => {
    expect(audit({}).map(({ verdict }) => verdict)).toEqual([
      'missing',
      'missing',
      'implied',
      'missing',
      'ok',
      'ok',
    ]);
  });
});

describe('Content-Type', () => {
  it.each([
    'text/event-stream',
    'Text/Event-Stream',
    'text/event-stream;charset=utf-8',
    'text/event-stream; charset=UTF-8',
    'text/event-stream ; Charset = "utf-8" ;',
    'text/event-stream; x="a;charset=latin1"',
    'text/event-stream; x="\\";charset=latin1"',
    // Never closed: the rest is a part of it.
    'text/event-stream; x="; charset=latin1',
    'text/event-stream; x="\\',
  ])('%s is ok', (value) => {
    expect(judge('Content-Type', value).verdict).toBe('ok');
  });

  it.each([
    '',
    'text/plain',
    'text/event-streams',
    'application/json; x=text/event-stream',
    'text/event-stream, text/html',
    'text/event-stream; charset=iso-8859-1',
    'text/event-stream; charset=utf8',
    'text/event-stream; charset',
    'text/event-stream; charset=utf-8; charset=latin1',
    'text/event-stream; charset="utf-16',
  ])('%s is wrong', (value) => {
    expect(judge('Content-Type', value)).toMatchObject({ verdict: 'wrong', value });
  });
});

describe('Cache-Control', () => {
  it.each([
    'no-cache',
    'no-store',
    'No-Cache',
    'private, no-store',
    'no-cache, no-transform,',
    ' , no-cache',
  ])('%s is ok', (value) => {
    expect(judge('Cache-Control', value).verdict).toBe('ok');
  });

  it.each(['', 'max-age=0', 'no-cachey', 'x="no-cache, no-store"', 'private;no-cache'])(
    '%s is wrong',
    (value) => {
      expect(judge('Cache-Control', value)).toMatchObject({ verdict: 'wrong', value });
    },
  );

  it('no-cache for some fields only is wrong, and says so', () => {
    expect(judge('Cache-Control', 'no-cache="Set-Cookie"')).toMatchObject({
      verdict: 'wrong',
      note: expect.stringContaining('field names') as string,
    });
  });
});

describe('Connection', () => {
  it('is implied by HTTP/1.1 and missing in HTTP/1.0', () => {
    expect(judge('Connection', undefined).verdict).toBe('implied');
    expect(judge('Connection', 'upgrade').verdict).toBe('implied');
    expect(judge('Connection', undefined, { http10: true }).verdict).toBe('missing');
    expect(judge('Connection', 'Keep-Alive', { http10: true }).verdict).toBe('ok');
  });

  it('close is wrong for an endless stream only, whatever stands beside it', () => {
    for (const value of ['close', 'Close', 'keep-alive, close']) {
      expect(judge('Connection', value)).toMatchObject({ verdict: 'wrong', value });
      expect(judge('Connection', value, { endless: false })).toMatchObject({
        verdict: 'ok',
        note: 'close: every stream costs a new connection',
      });
    }
    expect(judge('Connection', 'closed').verdict).toBe('implied');
  });
});

describe('X-Accel-Buffering', () => {
  it('is ok when it is no, wrong with another value', () => {
    expect(judge('X-Accel-Buffering', 'No').verdict).toBe('ok');
    expect(judge('X-Accel-Buffering', 'yes')).toMatchObject({ verdict: 'wrong', value: 'yes' });
  });

  it('is missed with the note that it matters behind nginx only', () => {
    expect(judge('X-Accel-Buffering', undefined)).toMatchObject({
      verdict: 'missing',
      note: expect.stringContaining('behind nginx only') as string,
    });
  });
});

describe('Content-Encoding', () => {
  it.each([undefined, '', 'identity'])('%s is ok: nothing is encoded', (value) => {
    expect(judge('Content-Encoding', value).verdict).toBe('ok');
  });

  it.each<[string, string | undefined]>([
    ['gzip', undefined],
    ['gzip', ''],
    ['gzip', 'identity'],
    ['gzip', 'br, deflate'],
    ['gzip', 'gzip;q=0'],
    ['gzip', 'gzip; Q=0.000, br'],
    ['gzip', '*;q=0'],
    ['gzip', 'gzip;q=0, *'],
    ['gzip, br', 'gzip'],
    ['zip', 'gzip'],
  ])('%s is wrong for a request with Accept-Encoding %s', (value, acceptEncoding) => {
    const options = acceptEncoding === undefined ? {} : { acceptEncoding };
    expect(judge('Content-Encoding', value, options)).toMatchObject({ verdict: 'wrong', value });
  });

  it.each([
    ['gzip', 'gzip'],
    ['GZIP', 'br;q=0.9, Gzip;q=0.001'],
    ['x-gzip', 'gzip'],
    ['gzip', 'x-gzip'],
    ['zstd', 'gzip, *;q=0.1'],
    ['gzip, br', 'br, gzip'],
  ])('%s is ok for a request with Accept-Encoding %s', (value, acceptEncoding) => {
    expect(judge('Content-Encoding', value, { acceptEncoding }).verdict).toBe('ok');
  });

  it('names the coding that nobody asked for', () => {
    expect(judge('Content-Encoding', 'gzip, br', { acceptEncoding: 'gzip' }).note).toContain('ask for br');
  });
});

describe('Content-Length', () => {
  it('is wrong for an endless stream only', () => {
    expect(judge('Content-Length', '100')).toMatchObject({ verdict: 'wrong', value: '100' });
    expect(judge('Content-Length', '100', { endless: false }).verdict).toBe('ok');
    expect(judge('Content-Length', undefined).verdict).toBe('ok');
  });
});

describe('any head', () => {
  it('gives six findings with a note each and the values as they were', () => {
    const piece = fc.oneof(
      fc.constantFrom('"', '\\', ',', ';', '=', ' ', 'no-cache', 'close', 'gzip', 'q=0', 'charset', '*'),
      fc.string({ maxLength: 4 }),
    );
    const value = fc.option(
      fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join('')),
      { nil: undefined },
    );
    const options = fc.record({ endless: fc.boolean(), http10: fc.boolean(), acceptEncoding: fc.string() });
    fc.assert(
      fc.property(fc.array(value, { minLength: 6, maxLength: 6 }), options, (values, anyOptions) => {
        const byName = new Map(HEADERS.map((header, i) => [header.toLowerCase(), values[i]]));
        const findings = auditStreamHead((name) => byName.get(name), anyOptions);
        expect(findings.map((finding) => finding.header)).toEqual(HEADERS);
        expect(findings.map((finding) => finding.value)).toEqual(values);
        for (const { verdict, note, value: sent } of findings) {
          expect(note).not.toBe('');
          if (verdict === 'missing') expect(sent === undefined || anyOptions.http10).toBe(true);
        }
      }),
    );
  });
});
