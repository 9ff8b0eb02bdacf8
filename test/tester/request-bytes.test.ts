import { describe, expect, it } from 'vitest';
import { acceptsEventStream, buildRequestBytes, isHeadRequest } from '../../src/tester/request-bytes.ts';

const described = { method: 'GET', authority: 'h:1', path: '/p?q', headers: {} };
const textOf = (request: Buffer): string => request.toString('latin1');

describe('request bytes', () => {
  it('are minimal by default', () => {
    expect(textOf(buildRequestBytes(described))).toBe(
      'GET /p?q HTTP/1.1\r\nHost: h:1\r\nAccept: text/event-stream\r\n\r\n',
    );
  });

  it('take fields as written, in place of a default of the same name', () => {
    const headers = { accept: '*/*', 'X-A': 'b', HOST: 'other' };
    expect(textOf(buildRequestBytes({ ...described, headers }))).toBe(
      'GET /p?q HTTP/1.1\r\nHOST: other\r\naccept: */*\r\nX-A: b\r\n\r\n',
    );
  });

  it('give a body its length in bytes, unless the user gave one', () => {
    const body = Buffer.from('ä');
    expect(textOf(buildRequestBytes({ ...described, method: 'POST', body }))).toMatch(
      /\r\nContent-Length: 2\r\n\r\nÃ¤$/,
    );
    const own = buildRequestBytes({ ...described, headers: { 'content-length': '9' }, body });
    expect(textOf(own).match(/content-length/gi)).toHaveLength(1);
  });

  it('say whether they ask for an event stream, whatever their case', () => {
    const ask = (fields: string): boolean =>
      acceptsEventStream(Buffer.from(`GET / HTTP/1.1\r\n${fields}\r\n\r\nbody`));
    expect(ask('ACCEPT: text/html, Text/Event-Stream')).toBe(true);
    expect(ask('Accept: */*')).toBe(false);
    expect(ask('X-Accept: text/event-stream')).toBe(false);
    expect(ask('Host: x\r\n\r\nAccept: text/event-stream')).toBe(false);
  });

  it('say whether they are a HEAD request', () => {
    expect(isHeadRequest(buildRequestBytes({ ...described, method: 'HEAD' }))).toBe(true);
    expect(isHeadRequest(buildRequestBytes(described))).toBe(false);
  });
});
