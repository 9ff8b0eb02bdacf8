import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const STARTED_MS = Date.UTC(2026, 0, 1);
const PORT = 8080;
const ARM = 'ssee-tester';
const EVIDENCE = `evidence-${ARM}`;
const SNAP_BYTES = 128;
const ROUNDS = 3;
const SAMPLE_EVERY_MS = 100;

const REQUEST = Buffer.from(
  'GET /events HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nAccept: text/event-stream\r\n\r\n',
);
// Short enough that all of it is in a frame cut as `capture: headers` cuts frames.
const HEAD = Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
const EVENT = Buffer.from('37\r\nid: 1\ndata: {"n":1,"sent":1700000000000000,"text":"abcdef"}\n\n\r\n');
const LAST = Buffer.from('0\r\n\r\n');
const NONE = Buffer.alloc(0);

/** What happens to a connection, in the order in which it is written where two things happen at once. */
const ACTION = { connect: 0, request: 1, head: 2, event: 3, last: 4, serverFin: 5, serverReset: 6 };
/** Keys of actions are one number each, which sorts a million of them in the time of a blink: time, connection, action. */
const ACTIONS = 8;
const MOST_CONNECTIONS = 1 << 14;

/**
 * Write a run folder that no tool measured: `connections` streams over `seconds`, some of which fall silent, end and are
 * asked for again, or are cut and come back as a connection of their own. The same folder for the same options, but for
 * the version of ssee-bench.
 *
 * @param {object} options
 * @param {string} options.dist absolute path of the compiled sources, of which random numbers, histograms and captures are
 * @param {string} options.dir the run folder; made here
 * @param {number} options.connections rows of the heat-strip, later ones of cut streams included
 * @param {number} options.seconds
 * @param {number} options.eventsPerSecond of each stream
 * @param {'capture' | 'events'} options.from what the times of single streams are in: packets, or `ssee-tester --events`
 * @param {number} [options.seed]
 * @returns {Promise<{events: number, bytes: number}>} events and bytes of the file that has them
 */
export async function generateRun({ dist, dir, connections, seconds, eventsPerSecond, from, seed = 1 }) {
  if (connections > MOST_CONNECTIONS) throw new Error(`at most ${MOST_CONNECTIONS} connections`);
  const load = async (path) => import(pathToFileURL(join(dist, path)).href);
  const [{ SeededRandom }, { LatencyRecorder }, { OUTCOMES }, { HARNESS_VERSION }, captures] =
    await Promise.all([
      load('src/stats/seeded-random.js'),
      load('src/tester/latency-recorder.js'),
      load('src/model/outcome.js'),
      load('src/run/version.js'),
      load('perf/write-capture.js'),
    ]);
  const random = new SeededRandom(seed);
  const keys = planActions(random, connections, seconds * 1e6, 1e6 / eventsPerSecond);
  const events = keys.reduce((sum, key) => sum + (key % ACTIONS === ACTION.event ? 1 : 0), 0);

  const trials = [
    { id: EVIDENCE, kind: 'evidence', round: 0 },
    ...Array.from({ length: ROUNDS }, (_, index) => ({
      id: `r${index + 1}-${ARM}`,
      kind: 'measured',
      round: index + 1,
    })),
  ];
  for (const { id } of trials) {
    const folder = join(dir, 'trials', id);
    mkdirSync(folder, { recursive: true });
    const report = testerReport({ random, LatencyRecorder, OUTCOMES, connections, seconds, events });
    writeFileSync(join(folder, 'stdout.txt'), JSON.stringify(report));
    writeFileSync(join(folder, 'samples.json'), JSON.stringify(cpuSamples(random, seconds)));
  }
  const folder = join(dir, 'trials', EVIDENCE);
  const written =
    from === 'capture'
      ? writeCapture(captures, join(folder, 'capture.pcap'), keys, connections)
      : writeEvents(join(folder, 'events.jsonl'), keys);
  const run = runRecord({ HARNESS_VERSION, trials, connections, seconds, from, packets: written.packets });
  writeFileSync(join(dir, 'run.json'), JSON.stringify(run));
  return { events, bytes: written.bytes };
}

/** @returns {Float64Array} keys in the order of time */
function planActions(random, connections, spanUs, gapUs) {
  const keys = [];
  const put = (timeUs, connection, action) =>
    keys.push((Math.round(timeUs) * MOST_CONNECTIONS + connection) * ACTIONS + action);
  /** A tenth of the rows are streams that came back after they had been cut. */
  const first = Math.max(1, Math.round(connections * 0.9));
  for (let connection = 0, returned = first; connection < first; connection++) {
    let at = random.next() * Math.min(spanUs, 1e6);
    let own = connection;
    const begin = () => {
      put(at, own, ACTION.connect);
      ask();
    };
    const ask = () => {
      put(at + 200, own, ACTION.request);
      at += 1000 + random.next() * 40_000;
      put(at, own, ACTION.head);
      at += random.next() * gapUs;
    };
    const cutUs =
      (connection + 1) % 9 === 0 ? spanUs * (0.2 + 0.6 * random.next()) : Number.POSITIVE_INFINITY;
    let isCut = false;
    begin();
    while (at < spanUs) {
      if (at > cutUs && !isCut && returned < connections) {
        isCut = true;
        put(at, own, returned % 2 === 0 ? ACTION.serverReset : ACTION.serverFin);
        at += 500_000 + random.next() * 1e6;
        own = returned++;
        begin();
        continue;
      }
      put(at, own, ACTION.event);
      const chance = random.next();
      // Both per second and not per event, so that dense streams have no more of them.
      const perSecond = gapUs / 1e6;
      if (chance < 0.01 * perSecond) at += 4e6 + random.next() * 4e6;
      else if (chance < 0.02 * perSecond) {
        at += 100;
        put(at, own, ACTION.last);
        ask();
      } else at += gapUs * (0.8 + 0.4 * random.next());
    }
  }
  return Float64Array.from(keys).sort();
}

/** Client and server talk on the loopback; every second event is acknowledged by itself, as Linux does. */
function writeCapture({ createCaptureWriter, FLAGS }, path, keys, connections) {
  const capture = createCaptureWriter(path, { snapBytes: SNAP_BYTES, connections, serverPort: PORT });
  const unacknowledged = new Uint8Array(connections);
  const { syn, ack, push, fin, reset } = FLAGS;
  for (const key of keys) {
    const action = key % ACTIONS;
    const rest = (key - action) / ACTIONS;
    const connection = rest % MOST_CONNECTIONS;
    const timeUs = STARTED_MS * 1000 + (rest - connection) / MOST_CONNECTIONS;
    const client = (flags, payload = NONE) => capture.put(timeUs, connection, true, flags, payload);
    const server = (flags, payload = NONE) => capture.put(timeUs, connection, false, flags, payload);
    if (action === ACTION.connect) {
      client(syn);
      server(syn | ack);
      client(ack);
    } else if (action === ACTION.request) client(push | ack, REQUEST);
    else if (action === ACTION.head) server(push | ack, HEAD);
    else if (action === ACTION.last) server(push | ack, LAST);
    else if (action === ACTION.serverReset) server(reset | ack);
    else if (action === ACTION.serverFin) {
      server(fin | ack);
      client(fin | ack);
      server(ack);
    } else {
      server(push | ack, EVENT);
      unacknowledged[connection] ^= 1;
      if (unacknowledged[connection] === 0) client(ack);
    }
  }
  return capture.close();
}

/** One line per event, as `ssee-tester --events` writes them. */
function writeEvents(path, keys) {
  const fd = openSync(path, 'w');
  let bytes = 0;
  let piece = '';
  const flush = () => {
    bytes += writeSync(fd, piece);
    piece = '';
  };
  let index = 0;
  try {
    for (const key of keys) {
      if (key % ACTIONS !== ACTION.event) continue;
      const rest = (key - ACTION.event) / ACTIONS;
      const connection = rest % MOST_CONNECTIONS;
      const readAtUs = STARTED_MS * 1000 + (rest - connection) / MOST_CONNECTIONS;
      const data = `{\\"n\\":${index},\\"sent\\":${readAtUs - 90}}`;
      piece += `{"connection":${connection},"readAtUs":${readAtUs},"id":"${index++}","event":"message","data":"${data}"}\n`;
      if (piece.length > 1 << 20) flush();
    }
    flush();
  } finally {
    closeSync(fd);
  }
  return { bytes, packets: 0 };
}

function testerReport({ random, LatencyRecorder, OUTCOMES, connections, seconds, events }) {
  const latency = (count, middleUs) => {
    const recorder = new LatencyRecorder();
    for (let sample = 0; sample < count; sample++) {
      recorder.recordUs(Math.round(middleUs * (0.6 + 0.3 * random.nextExponential())), 1);
    }
    return recorder.summarize();
  };
  return {
    schema: 'ssee-tester/1',
    window: { startedAtMs: STARTED_MS, durationUs: seconds * 1e6, drainUs: 0 },
    outcomes: {
      ...Object.fromEntries(OUTCOMES.map((row) => [row, 0])),
      attempted: connections,
      held: connections,
    },
    completedInWindow: 0,
    completedInDrain: 0,
    timeouts: { connect: 0, headers: 0, firstEvent: 0, idle: 0, deadline: 0 },
    events,
    eventsTotal: events,
    comments: 0,
    reads: events,
    bytesReceived: events * EVENT.length,
    connectionsOpened: connections,
    statusCodes: { 200: connections },
    errors: {},
    holdRatio: 0.999,
    latencies: {
      connect_us: latency(connections, 150),
      ttfb_us: latency(connections, 20_000),
      ttfe_us: latency(connections, 60_000),
      gap_us: latency(events, (seconds * 1e6 * connections) / events),
      stream_us: null,
      delivery_lag_us: latency(events, 90),
    },
    survival: null,
    sequence: { gaps: 0, duplicates: 0, reordered: 0, rolledBack: 0, replayed: 0, lostOverReconnect: 0 },
    series: {
      intervalMs: 1000,
      events: Array.from({ length: seconds }, () => Math.round(events / seconds)),
      completed: Array.from({ length: seconds }, () => 0),
      open: Array.from({ length: seconds }, () => connections),
    },
  };
}

function cpuSamples(random, seconds) {
  return {
    samples: Array.from({ length: (seconds * 1000) / SAMPLE_EVERY_MS + 1 }, (_, index) => ({
      atMs: index * SAMPLE_EVERY_MS,
      tool: { cpuMs: 10 * Math.round(4 * random.next()) },
      target: { cpuMs: 10 * Math.round(6 * random.next()) },
    })),
  };
}

function runRecord({ HARNESS_VERSION, trials, connections, seconds, from, packets }) {
  const startedAt = new Date(STARTED_MS).toISOString();
  const durationMs = seconds * 1000;
  const withCapture = from === 'capture';
  return {
    schema: 'ssee-bench/run/1',
    harnessVersion: HARNESS_VERSION,
    scenario: { name: 'generated', path: 'generated.yaml', sha256: '0'.repeat(64) },
    plan: {
      arms: [
        {
          id: ARM,
          tool: 'ssee-tester',
          target: { command: ['generated'], args: [], env: {}, cwd: '/', ready: { withinMs: 20_000 } },
          request: { method: 'GET', path: '/events', headers: { Accept: 'text/event-stream' } },
          stream: 'endless',
          connections,
          durationMs,
          timeoutMs: 10_000,
        },
      ],
      trials: trials.map((trial) => ({
        ...trial,
        armId: ARM,
        durationMs,
        capture: withCapture && trial.kind === 'evidence' ? 'headers' : 'off',
      })),
      warmupMs: 0,
      rounds: ROUNDS,
      sampleEveryMs: SAMPLE_EVERY_MS,
      allowRemote: [],
    },
    environment: {
      cpuModel: 'none: this run was generated',
      cpus: 2,
      memoryBytes: 2 ** 34,
      kernel: 'Linux 6',
      os: 'none',
      node: process.version,
      openFiles: 20_000,
      portRange: [32_768, 60_999],
      user: 'nobody',
      namespaces: true,
    },
    startedAt,
    state: 'done',
    problems: [],
    tools: { 'ssee-tester': { available: true, path: 'ssee-tester', version: HARNESS_VERSION } },
    trials: trials.map(({ id, kind, round }) => {
      const isEvidence = kind === 'evidence';
      return {
        id,
        armId: ARM,
        kind,
        round,
        state: 'done',
        startedAt,
        durationMs,
        url: `http://127.0.0.1:${PORT}/events`,
        argv: ['ssee-tester'],
        exit: {
          code: 0,
          signal: null,
          overran: false,
          sent: [],
          startedAtMs: STARTED_MS,
          wallMs: durationMs + 100,
        },
        ...(isEvidence && withCapture
          ? {
              capture: {
                state: 'done',
                file: 'capture.pcap',
                filter: `tcp port ${PORT}`,
                snapLength: SNAP_BYTES,
                port: PORT,
                packets,
                receivedByFilter: packets,
                droppedByKernel: 0,
                isolated: true,
              },
            }
          : {}),
        files: [
          'stdout.txt',
          'samples.json',
          ...(isEvidence ? [withCapture ? 'capture.pcap' : 'events.jsonl'] : []),
        ],
      };
    }),
  };
}
