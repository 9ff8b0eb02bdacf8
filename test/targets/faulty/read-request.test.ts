import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRequest } from '../../../targets/faulty/read-request.ts';

const POST = Buffer.from(
  'POST /fin?after=2 HTTP/1.1\r\nHost: t\r\nX-Y:  z \r\nContent-Length: 4\r\n\r\nbody',
);

describe('reading a request', () => {
  it('takes method, path, query, headers and the length of head and body', () => {
    const result = readRequest(Buffer.concat([POST, Buffer.from('GET')]));
    expect(result).toMatchObject({
      state: 'complete',
      bytes: POST.length,
      request: { method: 'POST', path: '/fin', query: 'after=2', keepAlive: true },
    });
    expect(result.state === 'complete' && result.request.headers.get('x-y')).toBe('z');
  });

  it('is incomplete for every shorter beginning of it', () => {
    fc.assert(
      fc.property(fc.nat(POST.length - 1), (length) => {
        expect(readRequest(POST.subarray(0, length))).toEqual({ state: 'incomplete' });
      }),
    );
  });

  it('refuses a head without end', () => {
    expect(readRequest(Buffer.alloc(70_000, 'a'))).toMatchObject({ state: 'refused', status: /^431/ });
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const { state } = readRequest(Buffer.from(`${text}\r\n\r\n`));
        expect(['incomplete', 'refused', 'complete']).toContain(state);
      }),
    );
  });
});
