import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createNoCapture } from '../../src/capture/none.ts';
import type { PacketCapture } from '../../src/capture/packet-capture.ts';
import { createTcpdumpCapture } from '../../src/capture/tcpdump.ts';
import { UserError } from '../../src/model/errors.ts';
import type { CaptureMode } from '../../src/model/plan.ts';
import type { CaptureRecord, WireEvidence } from '../../src/model/wire.ts';
import { readProbeExchange, wireEvidenceFromChunks } from '../../src/pcap/read-wire-evidence.ts';
import type { NetworkSpace } from '../../src/process/network-space.ts';
import { openSpace } from '../../src/process/open-space.ts';
import { openRegistry, type ProcessRegistry } from '../../src/process/process-registry.ts';
import { startProcess } from '../../src/process/start-process.ts';
import { KNOWN_COUNTS, KNOWN_REQUEST, plainReadings } from '../helpers/known-exchanges.ts';

const SCRIPT = join(import.meta.dirname, '../helpers/known-exchanges.mjs');

let dir: string;
let registry: ProcessRegistry;
let capture: PacketCapture;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ssee-capture-test-'));
  registry = openRegistry({ dir });
  capture = createTcpdumpCapture({ registry });
});

afterAll(async () => {
  registry.killAll();
  registry.close();
  await rm(dir, { recursive: true, force: true });
});

async function withSpace<T>(shared: boolean, use: (space: NetworkSpace) => Promise<T>): Promise<T> {
  const space = await openSpace({ registry, shared });
  try {
    return await use(space);
  } finally {
    await space.close();
  }
}

/** Capture the known exchanges in the space. */
async function captureKnown(
  space: NetworkSpace,
  mode: Exclude<CaptureMode, 'off'>,
  immediate: boolean,
): Promise<{ record: CaptureRecord; bytes: Buffer; evidence: WireEvidence }> {
  const port = await space.freePort();
  const file = join(dir, `${mode}-${port}.pcap`);
  const active = await capture.start({ mode, port, file, space, immediate });
  const log = join(dir, `exchanges-${port}.txt`);
  const argv = space.wrap([process.execPath, SCRIPT, String(port)]);
  const exit = await startProcess({ argv, stdoutFile: log, stderrFile: log, registry }).exited;
  const record = await active.stop();
  expect({ code: exit.code, said: await readFile(log, 'utf8') }).toEqual({ code: 0, said: '' });
  const bytes = await readFile(file);
  return { record, bytes, evidence: wireEvidenceFromChunks([bytes], record) };
}

/** The Tcp line of the space's /proc/net/snmp by name. */
async function readTcpCounters(space: NetworkSpace): Promise<Record<string, number>> {
  const text = await readFile(`/proc/${space.pid}/net/snmp`, 'utf8');
  const [names, values] = text.split('\n').filter((line) => line.startsWith('Tcp:'));
  const numbers = values!.split(' ').map(Number);
  return Object.fromEntries(names!.split(' ').map((name, index) => [name, numbers[index]!]));
}

describe('a real capture of known exchanges', () => {
  test('of headers in a network space of its own equals what was done, and is proved complete', async () => {
    const { record, evidence, kernel } = await withSpace(false, async (space) => ({
      ...(await captureKnown(space, 'headers', false)),
      kernel: await readTcpCounters(space),
    }));
    expect(record).toMatchObject({ state: 'done', snapLength: 128, droppedByKernel: 0, isolated: true });
    const readings = plainReadings(evidence);
    expect(readings).toMatchObject({ ...KNOWN_COUNTS, capture_complete: true });
    // The namespace saw nothing else, so the kernel's own counts must be those of the packets.
    expect({
      ActiveOpens: Number(readings.connections_opened) + Number(readings.refused),
      RetransSegs: Number(readings.retransmissions) + Number(readings.syn_retransmissions),
    }).toEqual({ ActiveOpens: kernel.ActiveOpens, RetransSegs: kernel.RetransSegs });
  });

  test('of full payload on the shared loopback shows requests, events and response layout', async () => {
    const { record, bytes, evidence } = await withSpace(true, (space) => captureKnown(space, 'full', true));
    expect(record).toMatchObject({ state: 'done', isolated: false });
    expect(plainReadings(evidence)).toMatchObject({
      ...KNOWN_COUNTS,
      events_per_segment: 1,
      request_bytes: Buffer.from(KNOWN_REQUEST).toString('base64'),
      capture_complete: 'not-observable',
    });
    const port = record.state === 'done' ? record.port : 0;
    const probe = readProbeExchange([bytes], port);
    expect(probe.requestBytes?.toString()).toBe(KNOWN_REQUEST);
    expect(probe.layout).toEqual({ status: 200, headBytes: 105, firstEventAt: 108 });
  });

  test('of flags alone keeps who opened and who closed', async () => {
    const { evidence } = await withSpace(false, (space) => captureKnown(space, 'flags', false));
    const { connections_opened, first_fin_by_client, first_fin_by_server } = KNOWN_COUNTS;
    const { rst_by_client, rst_by_server, refused, left_open } = KNOWN_COUNTS;
    expect(plainReadings(evidence)).toMatchObject({
      ...{ connections_opened, first_fin_by_client, first_fin_by_server },
      ...{ rst_by_client, rst_by_server, refused, left_open },
      requests_sent: 'not-observable',
    });
  });
});

describe('what can go wrong', () => {
  test('a file in the place of its stderr may be taken from it, as by the AppArmor profile of Ubuntu', async () => {
    const confined = 'if [ -f /proc/self/fd/2 ]; then exec 2>/dev/null; fi; exec "$0" "$@"';
    const { record, log } = await withSpace(true, async (space) => {
      const wrap: NetworkSpace['wrap'] = (argv) => space.wrap(['sh', '-c', confined, ...argv]);
      const { record } = await captureKnown({ ...space, wrap }, 'flags', true);
      const file = record.state === 'done' ? record.file.replace('.pcap', '-tcpdump.txt') : '';
      return { record, log: await readFile(join(dir, file), 'utf8') };
    });
    expect(record).toMatchObject({ state: 'done', droppedByKernel: 0 });
    expect(log).toMatch(/^tcpdump: listening on lo.*packets captured/s);
  });

  test('a results folder that is gone at the end costs the log alone', async () => {
    await withSpace(true, async (space) => {
      const folder = join(dir, 'gone');
      await mkdir(folder);
      const file = join(folder, 'capture.pcap');
      const active = await capture.start({ mode: 'flags', port: 9, file, space, immediate: true });
      await rm(folder, { recursive: true });
      expect(await active.stop()).toMatchObject({ state: 'done', packets: 0 });
    });
  });

  test('the probe sees packets where capturing is allowed', async () => {
    const probe = await withSpace(false, (space) => capture.probe(space));
    expect(probe).toMatchObject({ available: true, version: expect.stringMatching(/^\d+\.\d+/) });
  });

  test('without rights the reason and the remedy are named, by probe and by start', async () => {
    await withSpace(true, async (space) => {
      // A user namespace without one of the network: no right over this loopback, whoever runs the test.
      const powerless: NetworkSpace = { ...space, wrap: (argv) => ['unshare', '--user', ...argv] };
      const refusal = {
        reason: 'capturing needs CAP_NET_RAW',
        remedy: expect.stringMatching(/^run as root, or `setcap cap_net_raw=ep \/.*tcpdump`$/),
      };
      expect(await capture.probe(powerless)).toEqual({ available: false, ...refusal });
      const request = { mode: 'headers', port: 9, file: join(dir, 'no.pcap'), immediate: true } as const;
      const started = capture.start({ ...request, space: powerless });
      await expect(started).rejects.toThrow(UserError);
      await expect(started).rejects.toThrow(/^capturing needs CAP_NET_RAW; run as root/);
    });
  });

  test('a file that cannot be written is named', async () => {
    await withSpace(true, async (space) => {
      const file = join(dir, 'is-a-folder.pcap');
      await mkdir(file);
      const request = { mode: 'headers', port: 9, file, space, immediate: true } as const;
      const started = capture.start(request);
      await expect(started).rejects.toThrow(UserError);
      await expect(started).rejects.toThrow(`tcpdump cannot write ${file}: is a directory`);
    });
  });

  test('a tcpdump that dies in mid-run is a failed record, and stopping twice gives the same one', async () => {
    await withSpace(true, async (space) => {
      const file = join(dir, 'dies.pcap');
      const brief: NetworkSpace = { ...space, wrap: (argv) => ['timeout', '-s', 'KILL', '0.5', ...argv] };
      const active = await capture.start({ mode: 'headers', port: 9, file, space: brief, immediate: false });
      const record = await active.stop();
      expect(record).toMatchObject({
        state: 'failed',
        reason: expect.stringMatching(/^tcpdump ended before/),
      });
      expect(await active.stop()).toBe(record);
    });
  });
});

test('the null adapter records nothing and says why', async () => {
  const none = createNoCapture('this machine cannot capture');
  await withSpace(true, async (space) => {
    expect(await none.probe(space)).toMatchObject({
      available: false,
      reason: 'this machine cannot capture',
    });
    const request = { mode: 'full', port: 9, file: join(dir, 'none.pcap'), space, immediate: true } as const;
    const active = await none.start(request);
    expect(await active.stop()).toEqual({ state: 'off', reason: 'this machine cannot capture' });
  });
});
