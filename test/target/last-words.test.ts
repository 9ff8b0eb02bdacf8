import { describe, expect, it } from 'vitest';
import { lastWords, portComplaint } from '../../src/target/last-words.ts';

const NODE_CRASH = `node:events:497
      throw er; // Unhandled 'error' event
      ^

Error: listen EADDRINUSE: address already in use 127.0.0.1:8080
    at Server.setupListenHandle [as _listen2] (node:net:1940:16)
Emitted 'error' event on Server instance at:
    at emitErrorNT (node:net:1919:8) {
  code: 'EADDRINUSE',
  port: 8080
}

Node.js v20.20.2
`;

describe('lastWords', () => {
  it.each([
    ['a crash of Node', NODE_CRASH, 'Error: listen EADDRINUSE: address already in use 127.0.0.1:8080'],
    [
      'a traceback of Python',
      'Traceback (most recent call last):\n  File "s.py"\nOSError: [Errno 98] Address already in use\n',
      'OSError: [Errno 98] Address already in use',
    ],
    [
      'a panic of Go',
      'panic: no config\n\ngoroutine 1 [running]:\nmain.main()\n\t/x.go:3 +0x25\nexit status 2\n',
      'panic: no config',
    ],
    ['plain words', 'starting\ncannot read config: no such file\n', 'cannot read config: no such file'],
    ['silence', '\n\n', ''],
  ])('of %s', (_what, stderr, words) => {
    expect(lastWords(stderr)).toBe(words);
  });

  it('are one line of bearable length', () => {
    expect(lastWords('x'.repeat(10_000)).length).toBeLessThan(250);
  });
});

describe('portComplaint', () => {
  it.each([
    ['Node', NODE_CRASH, 8080],
    ['Go', '2026/01/01 10:00:00 listen tcp 127.0.0.1:9000: bind: address already in use', 9000],
    ['nginx', 'nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)', 80],
    [
      'uvicorn',
      "ERROR:    [Errno 98] error while attempting to bind on address ('127.0.0.1', 8000): address already in use",
      8000,
    ],
  ])('has the port from the words of %s', (_what, stderr, port) => {
    expect(portComplaint(stderr)).toEqual({ port });
  });

  it.each([
    ['Python', 'OSError: [Errno 98] Address already in use'],
    ['a log with times', '2026-01-01 10:00:00,123 ERROR Address already in use'],
  ])('has no port from the words of %s, which name none', (_what, stderr) => {
    expect(portComplaint(stderr)).toEqual({});
  });

  it('is undefined when the complaint is another', () => {
    expect(portComplaint('Error: EACCES: permission denied 0.0.0.0:80')).toBeUndefined();
  });
});
