import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import type { TesterReport, TesterResult } from '../../src/model/tester-report.ts';
import type { LoadSocket, SocketOwner, Transport } from '../../src/tester/transport/transport.ts';
import { type StartedTarget, startTarget } from '../targets/start-target.ts';
import { outcomesOf, runChecked } from './checked-load.ts';
import { loadOn } from './raw-server.ts';
import { runProgram, runTester } from './run-tester.ts';

const DIST = resolve(import.meta.dirname, '../../dist/src');
/** As root a namespace is had at once, else by a user namespace, where the system allows those. */
const UNSHARE = process.getuid?.() === 0 ? ['--net'] : ['--map-root-user', '--net'];

let target: StartedTarget | undefined;
afterEach(async () => {
  await target?.stop();
  target = undefined;
});

describe('a machine that has run out of something', () => {
  it.each(['handle', 'net'])(
    'files: the connections that had none are client-aborted (%s)',
    async (transport) => {
      target = await startTarget('faulty');
      const url = `http://127.0.0.1:${target.port}/endless?interval=20ms`;
      const { stdout, stderr } = await runTester(
        [url, '-c', '100', '-d', '800ms', '--stream', 'endless', '--transport', transport, '--json'],
        ['sh', '-c', 'ulimit -n 60 && exec "$@"', 'sh'],
      );
      const { outcomes, errors } = JSON.parse(stdout) as TesterReport;
      expect(outcomes.held).toBeGreaterThan(0);
      expect(outcomes.refused).toBe(0);
      expect(errors).toEqual({ EMFILE: expect.any(Number) });
      // Besides, some may have waited for their head at the end.
      expect(outcomes['client-aborted']).toBeGreaterThanOrEqual(errors.EMFILE!);
      expect(stderr).toMatch(/^open files: \d+ are needed and 60 can be had/);
    },
  );

  const runs = spawnSync('unshare', [...UNSHARE, 'true']).status === 0;
  if (!runs) console.warn('no network namespace can be had: ports of one cannot be counted');
  for (const transport of runs ? (['handle', 'net'] as const) : []) {
    it.each([
      ['of every address', undefined, 'EADDRNOTAVAIL'],
      ['of its source address', ['127.0.0.2'], 'EADDRINUSE'],
    ])(
      `ports %s: the connections that had none are client-aborted (${transport})`,
      async (_, sourceAddresses, code) => {
        const { outcomes, errors, connectionsOpened } = await runWithTenPorts({ transport, sourceAddresses });
        expect(connectionsOpened).toBe(10);
        expect(outcomes).toMatchObject({ held: 10, refused: 0 });
        expect(errors).toEqual({ [code]: outcomes['client-aborted'] });
      },
    );
  }

  it.each(['EMFILE', 'ENFILE', 'EADDRNOTAVAIL', 'EADDRINUSE', 'ENOBUFS', 'ENOMEM'])(
    'never calls that a refusal of the server: %s',
    async (code) => {
      const result = await runChecked(loadOn(9, { durationMs: 50 }), {
        transport: new FailingTransport(code),
      });
      expect(outcomesOf(result)).toEqual(['client-aborted']);
      expect(result.errors).toEqual({ [code]: result.outcomes.attempted });
    },
  );
});

describe('a server that never accepts', () => {
  it.each(['handle', 'net'] as const)('refuses by silence: connect times out (%s)', async (transport) => {
    target = await startTarget('faulty', ['--never-accept']);
    const result = await runChecked(
      loadOn(target.port, { transport, connections: 6, stream: 'endless', timeoutMs: 250, durationMs: 400 }),
    );
    // Two handshakes are completed by the kernel.
    expect(result.outcomes.refused).toBeGreaterThanOrEqual(4);
    expect(result.timeouts).toMatchObject({ connect: result.outcomes.refused, firstEvent: 0, idle: 0 });
    expect(result.connectionsOpened).toBeGreaterThan(0);
    expect(result.errors).toEqual({});
    expect(result.firstError).toBeDefined();
  });
});

class FailingTransport implements Transport {
  readonly readBuffer = Buffer.alloc(1);
  private readonly code: string;

  constructor(code: string) {
    this.code = code;
  }

  open(owner: SocketOwner): LoadSocket {
    let isOpen = true;
    setImmediate(() => {
      if (isOpen) owner.onSocketError(this.code, `connect ${this.code}`);
    });
    return {
      write() {},
      pause() {},
      resume() {},
      close() {
        isOpen = false;
      },
    };
  }
}

/** A load of thirty connections and its server, in a namespace in which ten ports are to be had. */
async function runWithTenPorts(options: object): Promise<TesterResult> {
  const program = `
    import { createServer } from 'node:net';
    const { runLoad } = await import(${JSON.stringify(pathToFileURL(`${DIST}/tester/run-load.js`).href)});
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.write('HTTP/1.1 200 OK\\r\\nContent-Type: text/event-stream\\r\\n\\r\\ndata: x\\n\\n');
    }).listen(8080, '127.0.0.1', async () => {
      const result = await runLoad({
        address: '127.0.0.1', port: 8080, request: Buffer.from('GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n'), toHead: false,
        connections: 30, durationMs: 1200, timeoutMs: 2000, stream: 'endless', expectEventStream: true,
        ...${JSON.stringify(options)},
      });
      console.log(JSON.stringify(result));
      // An orderly exit may hang on a busy machine: nodejs/node#54918.
      process.kill(process.pid, 'SIGKILL');
    });`;
  const setUp =
    'ip link set lo up && echo "40000 40009" > /proc/sys/net/ipv4/ip_local_port_range && exec "$0" --input-type=module -e "$1"';
  const { stdout, stderr } = await runProgram([
    'unshare',
    ...UNSHARE,
    '--',
    'sh',
    '-c',
    setUp,
    process.execPath,
    program,
  ]);
  expect(stderr).toBe('');
  return JSON.parse(stdout) as TesterResult;
}
