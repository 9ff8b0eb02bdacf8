import { describe, expect, it } from 'vitest';
import { lastWords, takenPort } from '../../src/target/last-words.ts';

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

describe('takenPort', () => {
  it.each([
    ['Node', NODE_CRASH, 8080],
    ['Go', '2026/01/01 10:00:00 listen tcp 127.0.0.1:9000: bind: address already in use', 9000],
    ['nginx', 'nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)', 80],
    ['Python, which names none', 'OSError: [Errno 98] Address already in use', 4711],
  ])('is read from the words of %s', (_what, stderr, port) => {
    expect(takenPort(stderr, 4711)).toBe(port);
  });

  it('is undefined when the complaint is another', () => {
    expect(takenPort('Error: EACCES: permission denied 0.0.0.0:80', 4711)).toBeUndefined();
  });
});
