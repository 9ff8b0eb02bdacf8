import Table from 'cli-table3';
import { createTcpdumpCapture } from '../capture/tcpdump.ts';
import type { ToolProbe } from '../model/tool.ts';
import { readEnvironment } from '../observe/environment.ts';
import { openSpace, probeIsolation } from '../process/open-space.ts';
import { openRegistry, type ProcessRegistry } from '../process/process-registry.ts';
import { findGo } from '../target/find-go.ts';
import { TOOLS } from '../tools/index.ts';
import { type CheckRow, checkMachine, type MachineFacts } from './check-machine.ts';
import { readScenario } from './run-command.ts';
import { interruptible } from './signals.ts';

/**
 * `ssee-bench check [SCENARIO]`: what is there, what will be missing in the report, and the remedy.
 * Exit code 1 when something that the scenario (or any scenario) needs is missing.
 */
export async function checkCommand(scenarioPath: string | undefined): Promise<number> {
  const wanted = scenarioPath === undefined ? { go: await probeGo() } : await readNeeds(scenarioPath);
  const registry = openRegistry();
  const { signal, release } = interruptible({
    killAll: () => registry.killAll(),
    message: 'interrupted: ending what was started',
  });
  // Nothing is worth waiting for: what is asked about ends at once, and with it each step below.
  signal.addEventListener('abort', () => registry.killAll());
  try {
    const facts = await readFacts(registry, signal);
    if (signal.aborted) return 130;
    const rows = checkMachine({ ...facts, ...wanted });
    process.stdout.write(formatRows(rows));
    return rows.some((row) => row.state === 'missing') ? 1 : 0;
  } catch (error) {
    if (signal.aborted) return 130;
    throw error;
  } finally {
    release();
    registry.killAll();
    registry.close();
  }
}

async function readFacts(registry: ProcessRegistry, signal: AbortSignal): Promise<MachineFacts> {
  const isolation = await probeIsolation(registry);
  signal.throwIfAborted();
  const space = await openSpace({ registry });
  try {
    signal.throwIfAborted();
    const capture = await createTcpdumpCapture({ registry }).probe(space);
    signal.throwIfAborted();
    const tools = TOOLS.map(async (tool) => ({ name: tool.name, probe: await tool.probe() }));
    return {
      tools: await Promise.all(tools),
      capture,
      environment: { ...readEnvironment(), namespaces: isolation.available },
    };
  } finally {
    await space.close();
  }
}

async function readNeeds(scenarioPath: string): Promise<Partial<MachineFacts>> {
  const { scenario } = readScenario(scenarioPath);
  return {
    scenarioTools: scenario.tools.map((tool) => tool.use),
    connections: scenario.load.connections,
    ...(scenario.target.use === 'go-nethttp' ? { go: await probeGo() } : {}),
  };
}

async function probeGo(): Promise<ToolProbe> {
  const go = await findGo();
  if (!go.ok) return { available: false, reason: go.reason, remedy: go.remedy };
  return { available: true, path: go.path, version: go.version };
}

function formatRows(rows: CheckRow[]): string {
  const table = new Table({
    head: ['what', 'state', 'found', 'detail', 'remedy'],
    style: { head: [], border: [] },
  });
  for (const row of rows) table.push([row.what, row.state, row.found, row.detail, row.remedy]);
  return `${table.toString()}\n`;
}
