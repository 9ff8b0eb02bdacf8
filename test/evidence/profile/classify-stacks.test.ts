import { describe, expect, it } from 'vitest';
import {
  classifyBlock,
  classifyGoroutine,
  classifyGoStack,
  isGoProfiler,
  isProgramMutex,
  phaseOfGoStack,
} from '../../../src/evidence/profile/classify-go-stack.ts';
import { classifyNodeStack } from '../../../src/evidence/profile/classify-node-stack.ts';
import { totalOf } from '../../../src/evidence/profile/fold-stacks.ts';
import { readCpuProfiles } from '../../../src/evidence/profile/read-cpuprofile.ts';
import type { FoldedProfile } from '../../../src/model/profile.ts';
import { goProfile, profileBytes } from '../../helpers/profiles.ts';

const SERVE = 'net/http.(*conn).serve';
const HANDLER = [SERVE, 'net/http.serverHandler.ServeHTTP', 'main.handle'];
const READ = [SERVE, 'net/http.(*conn).readRequest', 'net/http.readRequest'];
const FINISH = [SERVE, 'net/http.(*response).finishRequest'];
const SYSCALL = ['syscall.Syscall', 'syscall.RawSyscall6', 'internal/runtime/syscall/linux.Syscall6'];

describe('a CPU sample of a Go server', () => {
  it.each<[string, string[], string]>([
    ['parsing of a head', [...READ, 'net/textproto.readMIMEHeader'], 'header_parse'],
    ['memory for a head', [...READ, 'net/textproto.readMIMEHeader', 'runtime.mallocgc'], 'header_parse'],
    ['the read of a head', [...READ, 'net.(*conn).Read', 'syscall.read', ...SYSCALL], 'syscall_read'],
    ['a URL in a handler', [...HANDLER, 'net/url.ParseQuery'], 'handler'],
    ['a URL in a head', [...READ, 'net/url.ParseRequestURI'], 'header_parse'],
    ['JSON', [...HANDLER, 'encoding/json.Marshal', 'reflect.Value.MapRange'], 'json'],
    ['memory for JSON', [...HANDLER, 'encoding/json.Marshal', 'runtime.mallocgc'], 'json'],
    ['JSON by another library', [...HANDLER, 'github.com/goccy/go-json.Marshal'], 'json'],
    ['memory of a handler', [...HANDLER, 'runtime.makeslice', 'runtime.mallocgc'], 'malloc'],
    ['help for the collector', [...HANDLER, 'runtime.mallocgc', 'runtime.gcAssistAlloc'], 'gc'],
    ['the collector', ['runtime.gcBgMarkWorker', 'runtime.systemstack', 'runtime.gcDrain'], 'gc'],
    ['a flush', [...HANDLER, 'net/http.(*response).Flush', 'bufio.(*Writer).Flush'], 'write_flush'],
    [
      'the write of a flush',
      [...HANDLER, 'net/http.(*response).Flush', 'syscall.write', ...SYSCALL],
      'syscall_write',
    ],
    ['the end of a response', [...FINISH, 'time.Time.AppendFormat'], 'write_flush'],
    [
      'an accept',
      ['main.main.func1', 'net/http.(*Server).Serve', 'net.(*netFD).accept', ...SYSCALL],
      'connection',
    ],
    ['a close', [SERVE, 'net/http.(*conn).close', 'syscall.Close', ...SYSCALL], 'connection'],
    ['the scheduler', ['runtime.mcall', 'runtime.park_m', 'runtime.findRunnable'], 'scheduler'],
    ['a futex', [...HANDLER, 'runtime.wakep', 'runtime.futex'], 'scheduler'],
    ['a mutex', [...HANDLER, 'sync.(*Mutex).Lock', 'internal/sync.(*Mutex).lockSlow'], 'lock'],
    ['the profiler', [...HANDLER, 'net/http/pprof.Profile', 'runtime/pprof.StopCPUProfile'], 'profiler'],
    ['something else', ['main.main.func2', 'main.tick'], 'other'],
    ['a function that is named like one', [...HANDLER, 'main.encoding/json.Marshal'], 'handler'],
  ])('of %s', (_, frames, category) => {
    expect(classifyGoStack(frames)).toBe(category);
  });

  it('belongs to a phase of serving by the frames near the root', () => {
    expect(phaseOfGoStack([...READ, 'syscall.read'])).toBe('read_request');
    expect(phaseOfGoStack(HANDLER)).toBe('handler');
    expect(phaseOfGoStack(FINISH)).toBe('finish_request');
    expect(phaseOfGoStack(['runtime.mcall'])).toBeUndefined();
  });
});

describe('real profiles', () => {
  const shares = ({ stacks }: FoldedProfile, classify: (frames: readonly string[]) => string) => {
    const sums: Record<string, number> = {};
    for (const { frames, value } of stacks) sums[classify(frames)] = (sums[classify(frames)] ?? 0) + value;
    return Object.fromEntries(
      Object.entries(sums).map(([category, sum]) => [
        category,
        Math.round((1000 * sum) / totalOf(stacks)) / 10,
      ]),
    );
  };

  it('of flushed events are writes', () => {
    expect(shares(goProfile('events-cpu'), classifyGoStack)).toEqual({
      syscall_write: 68.7,
      write_flush: 10.4,
      header_parse: 7.5,
      syscall_read: 4.5,
      handler: 3,
      scheduler: 3,
      gc: 1.5,
      lock: 1.5,
    });
  });

  it.each([
    ['headers-cpu', 'header_parse', 46.7],
    ['close-cpu', 'connection', 42.1],
    ['json-cpu', 'json', 32.5],
    ['alloc-cpu', 'malloc', 40.6],
  ])('%s is above all %s', (name, category, percent) => {
    const found = Object.entries(shares(goProfile(name), classifyGoStack)).sort((a, b) => b[1] - a[1])[0];
    expect(found).toEqual([category, percent]);
  });

  it('of a Node server are writes and its collector', () => {
    const reading = readCpuProfiles([profileBytes('node-events.cpuprofile').toString()]);
    if (!reading.ok) throw new Error(reading.reason);
    const found = shares(reading.profile, classifyNodeStack);
    expect(found).toMatchObject({ syscall_write: 72.8, gc: 8.6, handler: 3.7, header_parse: 1.6 });
    expect(Object.values(found).reduce((sum, share) => sum + share, 0)).toBeCloseTo(100, 0);
  });
});

describe('a CPU sample of a Node server', () => {
  const ROOT = [
    'onStreamRead (node:internal/stream_base_commons:168)',
    'socketOnData (node:_http_server:819)',
  ];
  it.each<[string, string[], string]>([
    [
      'a write',
      [...ROOT, 'answer (app/server.js:1)', 'write_ (node:_http_outgoing:900)', 'writev (native)'],
      'syscall_write',
    ],
    [
      'a response',
      [...ROOT, 'answer (app/server.js:1)', '_storeHeader (node:_http_outgoing:409)'],
      'write_flush',
    ],
    ['the parser', [...ROOT, 'execute (native)'], 'header_parse'],
    [
      'headers',
      [...ROOT, 'parserOnHeadersComplete (node:_http_common:71)', '_addHeaderLine (node:_http_incoming:381)'],
      'header_parse',
    ],
    ['JSON', [...ROOT, 'answer (app/server.js:1)', 'stringify (native)'], 'json'],
    [
      'a URL',
      [...ROOT, 'answer (app/server.js:1)', 'URL (node:internal/url:797)', 'parse (native)'],
      'handler',
    ],
    ['its own code', [...ROOT, 'emit (node:events:470)', '(anonymous) (app/server.js:3)'], 'handler'],
    ['an emitter', [...ROOT, 'answer (app/server.js:1)', 'emit (node:events:470)'], 'handler'],
    ['the collector', [...ROOT, 'answer (app/server.js:1)', '(garbage collector)'], 'gc'],
    ['code without JavaScript', ['(program)'], 'native'],
    [
      'timers',
      ['processTimers (node:internal/timers:508)', 'listOnTimeout (node:internal/timers:540)'],
      'scheduler',
    ],
    ['a connection', ['onconnection (node:net:2000)', 'Socket (node:net:350)'], 'connection'],
    ['anything else', ['run (node:internal/modules/esm/loader:1)'], 'other'],
  ])('of %s', (_, frames, category) => {
    expect(classifyNodeStack(frames)).toBe(category);
  });
});

describe('waits and goroutines', () => {
  it('tell locks from conditions and from channels', () => {
    expect(classifyBlock([...HANDLER, 'sync.(*Mutex).Lock'])).toBe('lock');
    expect(classifyBlock([...FINISH, 'net/http.(*connReader).abortPendingRead', 'sync.(*Cond).Wait'])).toBe(
      'condition',
    );
    expect(classifyBlock([...HANDLER, 'main.wait', 'runtime.selectgo'])).toBe('channel');
  });

  it('tell the locks of the program from those of the runtime', () => {
    expect(isProgramMutex([...HANDLER, 'sync.(*Mutex).Unlock'])).toBe(true);
    expect(
      isProgramMutex(['net/http.(*connReader).backgroundRead', 'sync.(*Cond).Broadcast', 'runtime.goready']),
    ).toBe(false);
  });

  it('know those that profiles cause', () => {
    expect(isGoProfiler([...HANDLER, 'net/http/pprof.handler.serveDeltaProfile', 'runtime.selectgo'])).toBe(
      true,
    );
    expect(isGoProfiler(HANDLER)).toBe(false);
  });

  it('name what a goroutine waits for', () => {
    const states: Record<string, number> = {};
    for (const { frames, value } of goProfile('lock-goroutine').stacks) {
      const state = isGoProfiler(frames) ? 'profiler' : classifyGoroutine(frames);
      states[state] = (states[state] ?? 0) + value;
    }
    expect(states).toMatchObject({ lock: 14 });
    expect(states.network).toBeGreaterThanOrEqual(16);
    expect(classifyGoroutine([...HANDLER, 'time.Sleep', 'runtime.gopark'])).toBe('sleep');
    expect(classifyGoroutine([...HANDLER, 'runtime.chanrecv1', 'runtime.gopark'])).toBe('channel');
    expect(classifyGoroutine(['main.spin'])).toBe('other');
  });
});
