import type { Behaviour } from '../model/calibration.ts';

const METRICS = '/metrics';

/** Every behaviour that the tools are held against, healthy ones first. The routes are those of targets/README.md. */
export const BEHAVIOURS: readonly Behaviour[] = [
  {
    id: 'finite',
    target: { use: 'node-http', args: [], metrics: METRICS },
    path: '/events?count=5&interval=20ms',
    stream: 'finite',
    does: 'is good: five events, then its proper end',
    truth: ['completed'],
  },
  {
    id: 'endless',
    target: { use: 'node-http', args: [], metrics: METRICS },
    path: '/events?interval=50ms',
    stream: 'endless',
    does: 'is good and endless: an event every 50 ms until the client leaves',
    truth: ['held'],
  },
  faulty(
    'eof',
    '/eof?count=5&interval=10ms',
    'is good and ends with its connection, without chunks or length',
    ['completed'],
  ),
  faulty('split-utf8', '/split-utf8?count=3&interval=10ms', 'is good, its characters cut between segments', [
    'completed',
  ]),
  faulty('split-crlf', '/split-crlf?count=3&interval=10ms', 'is good, its line ends cut between segments', [
    'completed',
  ]),
  faulty('one-byte', '/one-byte?count=1', 'is good and comes byte by byte', ['completed']),
  faulty('huge-line', '/huge-line', 'is good: one event of 2 MiB', ['completed']),
  faulty(
    'comments',
    '/comments?count=3&interval=10ms&comments=2&long=0.3&control=0.3',
    'is good, with comments that are very long or hold control characters',
    ['completed'],
  ),
  faulty('retry', '/retry?count=4&interval=10ms', 'is good, with retry fields of which some are no numbers', [
    'completed',
  ]),
  {
    ...faulty(
      'sequence',
      '/sequence?ids=1,2,5,5,6&interval=10ms',
      'is whole, but two of its events are missing and one comes twice',
      ['completed'],
    ),
    hasIdFaults: true,
  },
  {
    ...faulty('slow-head', '/slow-head?delay=200ms&count=3&interval=10ms', 'is good, its head after 200 ms', [
      'completed',
    ]),
    firstByteMs: 200,
  },
  {
    ...faulty(
      'unflushed',
      '/unflushed?count=6&interval=20ms',
      'is held back: six events in 100 ms, all of them sent at the end',
      ['completed'],
    ),
    firstByteMs: 100,
  },
  faulty('stall', '/stall', 'gets one event, then silence for ever', ['stalled']),
  faulty('hang', '/hang', 'is asked for and never answered', ['no-headers']),
  faulty('fin', '/fin?interval=10ms', 'is closed by the server after three events', ['closed-early']),
  faulty('reset', '/reset?interval=10ms', 'is reset by the server after three events', ['reset']),
  faulty('truncated', '/truncated?interval=10ms', 'is closed by the server within an event', [
    'closed-early',
  ]),
  faulty('503', '/503', 'is answered with status 503', ['http-error']),
  {
    id: 'never-accept',
    target: { use: 'faulty', args: ['--never-accept'] },
    path: '/endless',
    stream: 'finite',
    does: 'finds a server that listens and never accepts a connection',
    truth: ['no-headers', 'refused'],
  },
];

function faulty(id: string, path: string, does: string, truth: Behaviour['truth']): Behaviour {
  return { id, target: { use: 'faulty', args: [], metrics: METRICS }, path, stream: 'finite', does, truth };
}
