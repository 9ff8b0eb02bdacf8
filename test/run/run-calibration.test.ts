import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createNoCapture } from '../../src/capture/none.ts';
import type { Behaviour } from '../../src/model/calibration.ts';
import { known } from '../../src/model/cell.ts';
import type { ToolProbe } from '../../src/model/tool.ts';
import type { NetworkSpace } from '../../src/process/network-space.ts';
import { openRegistry, type ProcessRegistry } from '../../src/process/process-registry.ts';
import { deriveComparison } from '../../src/run/derive-comparison.ts';
import { type CalibrationRequest, runCalibration } from '../../src/run/run-calibration.ts';
import type { LoadTool } from '../../src/tools/load-tool.ts';
import { type TypedTool, typedCommand } from '../../src/tools/typed-tool.ts';

let base: string;
let registry: ProcessRegistry;
let launched: string[];
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'ssee-calibration-'));
  registry = openRegistry();
  launched = [];
});
afterEach(() => {
  registry.close();
  rmSync(base, { recursive: true, force: true });
});

const METRICS_TEXT = (completed: number): string =>
  `ssee_target_streams_total{end="completed"} ${completed}\nssee_target_streams_total{end="reset"} 0\n`;

/** On the shared loopback, with a server that has completed five streams by the second reading of its counters. */
function fakeSpace(): NetworkSpace {
  let readings = 0;
  return {
    isolated: false,
    pid: process.pid,
    wrap: (argv) => [...argv] as [string, ...string[]],
    get: async () => ({ status: 200, text: METRICS_TEXT(readings++ * 5) }),
    accepts: async () => true,
    readSetting: async () => null,
    writeSetting: async () => {},
    download: async () => {
      throw new Error('nothing is downloaded here');
    },
    freePort: async () => 1,
    close: async () => {},
  };
}

const BEHAVIOURS: Behaviour[] = [
  {
    id: 'good',
    target: { use: 'faulty', args: [], metrics: '/metrics' },
    path: '/good',
    stream: 'finite',
    does: 'is good',
    truth: ['completed'],
  },
  {
    id: 'bad',
    target: { use: 'faulty', args: ['--bad'] },
    path: '/bad',
    stream: 'finite',
    does: 'is reset',
    truth: ['reset'],
  },
];

/** Publishes that it completed five streams, whatever was asked for. */
function fakeTool(name: string, probe?: ToolProbe): LoadTool {
  return {
    name,
    observes: new Set(['completed']),
    whyNot: (id) => `a test double cannot see ${id}`,
    probe: async () => probe ?? { available: true, path: '/bin/echo', version: '1' },
    refuses: () => undefined,
    run: (trial, exec) => exec(typedCommand(trial, ['echo', 'adapter'])),
    outputFiles: [],
    normalize: () => ({ metrics: {}, outcomes: { completed: known(5) }, caveats: [] }),
  };
}

/** Reads five good responses out of anything. */
const typedTool: TypedTool = {
  command: (trial) => typedCommand(trial, ['echo', `typed ${trial.url}`]),
  read: ({ stdout }) => ({ hasReport: true, fine: 5, failed: 0, open: 0, held: 0, words: stdout.trim() }),
};

function request(overrides: Partial<CalibrationRequest> = {}): CalibrationRequest {
  return {
    tools: ['alpha'],
    behaviours: BEHAVIOURS,
    outDir: base,
    adapters: {
      findTool: (name) => fakeTool(name),
      launcher: {
        launch: async ({ spec }) => {
          launched.push(spec.args.join());
          return {
            url: 'http://127.0.0.1:1',
            port: 1,
            record: { name: 'fake', isolated: false },
            died: new Promise(() => {}),
            stop: async () => {},
          };
        },
      },
      capture: createNoCapture('not needed'),
      openSpace: async () => fakeSpace(),
      registry,
    },
    requireTypedTool: () => typedTool,
    onProgress: () => {},
    signal: new AbortController().signal,
    ...overrides,
  };
}

describe('a calibration', () => {
  it('judges each cell twice: what is read as typed, and what is published of the adapter', async () => {
    const { calibration } = await runCalibration(request());
    expect(calibration.state).toBe('done');
    expect(calibration.tools).toEqual([{ name: 'alpha', version: '1', missing: null }]);
    const [good, bad] = calibration.cells;
    expect(good).toMatchObject({
      tool: 'alpha',
      behaviour: 'good',
      raw: {
        state: 'judged',
        verdict: 'right',
        said: 'typed http://127.0.0.1:1/good',
        server: { streamsCompleted: 5 },
        trial: 'typed-alpha@good',
      },
      normalized: { state: 'judged', verdict: 'right', argv: ['echo', 'adapter'], trial: 'r1-alpha@good' },
    });
    expect(bad).toMatchObject({
      raw: { verdict: 'wrong', server: null },
      normalized: { verdict: 'wrong', because: 'it publishes 5 streams as completed; every stream is reset' },
    });
    expect(launched.sort()).toEqual(['', '', '--bad', '--bad']);
  });

  it('leaves a folder that is the run of the adapters', async () => {
    const { runDir } = await runCalibration(request());
    const { run, comparison } = deriveComparison(runDir, (name) => fakeTool(name));
    expect(run.state).toBe('done');
    expect(comparison.arms.map(({ id }) => id)).toEqual(['alpha@good', 'alpha@bad']);
    expect(comparison.arms[0]!.outcomes.completed).toMatchObject({ known: true, value: 5 });
  });

  it('does not start a tool that is not there, and says so in its cells', async () => {
    const gone: ToolProbe = { available: false, reason: 'beta is not in PATH', remedy: 'install it' };
    const { adapters } = request();
    const { calibration } = await runCalibration(
      request({
        tools: ['alpha', 'beta'],
        adapters: { ...adapters, findTool: (name) => fakeTool(name, name === 'beta' ? gone : undefined) },
      }),
    );
    expect(calibration.tools[1]).toEqual({
      name: 'beta',
      version: null,
      missing: 'beta is not in PATH; install it',
    });
    const layers = calibration.cells
      .filter(({ tool }) => tool === 'beta')
      .flatMap((cell) => [cell.raw, cell.normalized]);
    expect(layers).toHaveLength(4);
    for (const layer of layers) {
      expect(layer).toEqual({ state: 'not-run', reason: 'beta is not in PATH; install it' });
    }
    expect(launched).toHaveLength(4);
  });

  it('judges what was done before an interrupt, and starts nothing after it', async () => {
    const controller = new AbortController();
    const { calibration } = await runCalibration(
      request({
        tools: ['alpha', 'beta', 'gamma', 'delta'],
        signal: controller.signal,
        onProgress: () => controller.abort(),
      }),
    );
    expect(calibration.state).toBe('interrupted');
    const layers = calibration.cells.flatMap((cell) => [cell.raw, cell.normalized]);
    expect(layers.filter(({ state }) => state === 'judged').length).toBeGreaterThanOrEqual(1);
    expect(layers.at(-1)).toMatchObject({ state: 'not-run', reason: expect.stringContaining('interrupted') });
  });

  it('shows a target that cannot be launched as a cell that was not run', async () => {
    const { adapters } = request();
    const launcher = {
      launch: async () => {
        throw new Error('no port left');
      },
    };
    const { calibration } = await runCalibration(request({ adapters: { ...adapters, launcher } }));
    expect(calibration.cells[0]!.raw).toEqual({
      state: 'not-run',
      reason: 'the harness failed: no port left',
    });
    expect(calibration.problems.join()).toContain('no port left');
  });
});
