import type { Environment } from '../model/run-record.ts';
import type { ToolProbe } from '../model/tool.ts';

/** One line of `ssee-bench check`. */
export interface CheckRow {
  what: string;
  /** limited: it works, with a restriction that `detail` names. */
  state: 'ok' | 'missing' | 'limited';
  /** Version and path, or the figure found; empty when there is nothing. */
  found: string;
  detail: string;
  /** What to type or do about it; empty when nothing is needed. */
  remedy: string;
}

/** What the capture adapter says of itself. */
export type CaptureProbe =
  | { available: true; version: string }
  | { available: false; reason: string; remedy: string };

export interface MachineFacts {
  tools: { name: string; probe: ToolProbe }[];
  capture: CaptureProbe;
  /** The Go toolchain; leave it out where no Go target is asked for. */
  go?: ToolProbe;
  environment: Environment;
  /** Tool names of the scenario; rows of other tools are left out. */
  scenarioTools?: string[];
  /** Connections of the scenario, held against the limits of the machine. */
  connections?: number;
}

/** Files a process keeps open beside its connections: runtime, logs, pipes. Node alone holds about 25. */
const OTHER_OPEN_FILES = 64;
/** Below this a soft limit is unusual, and the scenarios of 100 connections come near it. */
const USUAL_OPEN_FILES = 1024;
/**
 * Ports wanted per connection. A tool that opens a new connection for each request leaves the old port in
 * TIME_WAIT; two is what holding every connection while as many linger takes. Busy loops may need far more.
 */
const PORTS_PER_CONNECTION = 2;
const USUAL_PORTS = 10_000;
const WIDE_PORT_RANGE = 'sudo sysctl -w net.ipv4.ip_local_port_range="1024 65535"';

/** Judge the machine: what is there, what will be missing in the report, and how to get it. Pure. */
export function checkMachine(facts: MachineFacts): CheckRow[] {
  const { environment, scenarioTools, connections } = facts;
  const tools = facts.tools.filter(({ name }) => !scenarioTools || scenarioTools.includes(name));
  return [
    ...tools.map(({ name, probe }) => checkTool(name, probe, 'its rows are skipped')),
    ...(facts.go ? [checkTool('go', facts.go, 'the target go-nethttp cannot be built')] : []),
    checkCapture(facts.capture),
    checkNamespaces(environment),
    checkOpenFiles(environment.openFiles, connections),
    checkPorts(environment.portRange, connections),
    checkCpus(environment),
    { what: 'Node', state: 'ok', found: environment.node, detail: 'runs the harness', remedy: '' },
  ];
}

function checkTool(what: string, probe: ToolProbe, consequence: string): CheckRow {
  if (probe.available) {
    return { what, state: 'ok', found: `${probe.version} (${probe.path})`, detail: '', remedy: '' };
  }
  return {
    what,
    state: 'missing',
    found: '',
    detail: `${probe.reason}; ${consequence}`,
    remedy: probe.remedy,
  };
}

function checkCapture(probe: CaptureProbe): CheckRow {
  const what = 'packet capture';
  if (probe.available) {
    return { what, state: 'ok', found: probe.version, detail: 'a trial capture succeeded', remedy: '' };
  }
  const detail = `${probe.reason}; wire columns will say not collected`;
  return { what, state: 'missing', found: '', detail, remedy: probe.remedy };
}

function checkNamespaces({ namespaces, user }: Environment): CheckRow {
  const what = 'network namespaces';
  if (namespaces) {
    return { what, state: 'ok', found: 'yes', detail: 'each trial gets its own', remedy: '' };
  }
  return {
    what,
    state: 'limited',
    found: 'no',
    detail:
      'trials share the loopback: kernel counters contain other traffic, captures are not provably complete',
    remedy: user === 'root' ? 'give the container CAP_SYS_ADMIN and CAP_NET_ADMIN' : 'run as root',
  };
}

function checkOpenFiles(openFiles: number | null, connections: number | undefined): CheckRow {
  const what = 'open-file limit';
  if (openFiles === null) return unknownLimit(what);
  const needed = connections === undefined ? USUAL_OPEN_FILES : connections + OTHER_OPEN_FILES;
  return compareLimit(what, openFiles, needed, connections, `ulimit -n ${Math.max(65_536, needed)}`);
}

function checkPorts(range: [number, number] | null, connections: number | undefined): CheckRow {
  const what = 'client ports';
  if (range === null) return unknownLimit(what);
  const ports = range[1] - range[0] + 1;
  const needed = connections === undefined ? USUAL_PORTS : connections * PORTS_PER_CONNECTION;
  const row = compareLimit(what, ports, needed, connections, WIDE_PORT_RANGE);
  return { ...row, found: `${ports} (${range[0]}-${range[1]})` };
}

function compareLimit(
  what: string,
  found: number,
  needed: number,
  connections: number | undefined,
  remedy: string,
): CheckRow {
  const purpose = connections === undefined ? 'usual' : `needed for ${connections} connections`;
  const enough = found >= needed;
  return {
    what,
    state: enough ? 'ok' : 'limited',
    found: String(found),
    detail: enough ? `at least the ${needed} ${purpose}` : `fewer than the ${needed} ${purpose}`,
    remedy: enough ? '' : remedy,
  };
}

/** /proc says nothing outside Linux; a guess would be worse than saying so. */
function unknownLimit(what: string): CheckRow {
  return { what, state: 'limited', found: '', detail: 'this system does not tell', remedy: 'run on Linux' };
}

function checkCpus({ cpus, cpuModel }: Environment): CheckRow {
  const enough = cpus >= 2;
  return {
    what: 'CPUs',
    state: enough ? 'ok' : 'limited',
    found: `${cpus} (${cpuModel})`,
    detail: enough
      ? 'tool and target can run at the same time'
      : 'tool and target share one CPU: each slows the other',
    remedy: enough ? '' : 'use a machine with 2 or more CPUs',
  };
}
