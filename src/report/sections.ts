import { formatFigure } from '../claims/format-figure.ts';
import type { Cell } from '../model/cell.ts';
import type { ClaimResult } from '../model/claim.ts';
import type { ArmComparison, Comparison } from '../model/comparison.ts';
import type { GateResult } from '../model/gate.ts';
import { OUTCOMES } from '../model/outcome.ts';
import { formatDuration } from '../model/units.ts';
import { isLoopback } from '../scenario/loopback.ts';
import { formatCount, formatPercent, formatRate, formatUs } from '../stats/format-figure.ts';
import { gridOfCells } from './cell-table.ts';
import { cleanText } from './clean-text.ts';
import { detailsOfClaim, headOfClaim } from './describe-claim.ts';
import { tabulateHeaders } from './describe-headers.ts';
import { describeProfile } from './describe-profile.ts';
import { describeResilience } from './describe-resilience.ts';
import { describeGate, describePromise, describePromised, describeSloVerdict } from './gate-lines.ts';
import type { Grid } from './grid.ts';
import { quoteArgument } from './quote-argument.ts';

/** One thing said under the table, with what supports it. All texts are printable, single lines. */
export interface Item {
  text: string;
  details: string[];
}

/** A part of the report below the table; `code` sections are command lines, to be copied as they are. */
export interface Section {
  title: string;
  kind: 'text' | 'code';
  /** Stands above the items. */
  grid?: Grid;
  items: Item[];
}

/** The line under the verdict: what was run. */
export function describeLoad({ scenario, load, arms, state }: Comparison): string {
  const versioned = new Set(arms.flatMap(({ target }) => (target.version === null ? [] : [target.name])));
  const targets = new Set(
    arms.flatMap(({ target: { name, version } }) => {
      if (version !== null) return [`${name} ${version}`];
      return versioned.has(name) ? [] : [name];
    }),
  );
  const parts = [
    scenario.name,
    `${formatCount(load.connections)} connections`,
    formatDuration(load.durationMs),
    `${load.rounds} ${load.rounds === 1 ? 'round' : 'rounds'}`,
    `${load.stream} streams`,
    `target ${[...targets].join(', ')}`,
    ...(state === 'done' ? [] : [`run ${state}`]),
  ];
  return cleanText(parts.join(', '));
}

/** Everything below the table and its notes, in reading order; empty sections are left out. */
export function buildSections(comparison: Comparison): Section[] {
  const { arms } = comparison;
  const sections: Section[] = [
    ...buildPromises(comparison),
    ...buildGate(comparison),
    text('What limits each row', arms.map(describeFindings)),
    text('Claims', comparison.claims.map(describeClaim)),
    text(
      'Resilience report',
      describeResilience(comparison).map(({ text: line, details }) => item(line, details)),
    ),
    text('Where the streams went', arms.flatMap(describeConservation)),
    text("The target's own counters, all measured rounds", arms.flatMap(describeTruth)),
    text('The wire, evidence trial', describeWires(arms)),
    text('Request headers: what rates follow, and what each header does', describeHeaders(comparison)),
    text(
      'Profiles of the target, in a trial of their own',
      arms.flatMap(describeProfile).map(({ text: line, details }) => item(line, details)),
    ),
    text('Requests as sent', arms.flatMap(describeRequest)),
    text('What the tools lump together or cannot prove', arms.flatMap(describeCaveats)),
    text('Trials that did not end well', arms.flatMap(describeTrials)),
    text(
      'Problems',
      comparison.problems.map((problem) => item(problem)),
    ),
    text('Environment', [item(describeEnvironment(comparison))]),
    { title: 'Reproduce', kind: 'code', items: describeReproduction(comparison) },
    {
      title: "The tools' command lines as executed (their port is gone)",
      kind: 'code',
      items: describeExecuted(arms),
    },
  ];
  return sections.filter((section) => section.items.length > 0 || section.grid !== undefined);
}

function text(title: string, items: Item[]): Section {
  return { title, kind: 'text', items };
}

function item(line: string, details: readonly string[] = []): Item {
  return { text: cleanText(line), details: details.map(cleanText) };
}

function buildPromises({ slo }: Comparison): Section[] {
  if (slo.length === 0) return [];
  const grid: Grid = {
    columns: [
      { head: 'verdict', align: 'left' },
      { head: 'tool', align: 'left' },
      { head: 'promise', align: 'left' },
      { head: 'is', align: 'left', dispensable: 2 },
      { head: 'line', align: 'left', dispensable: 1 },
    ],
    rows: slo.map((result) =>
      [
        describeSloVerdict(result),
        result.arm,
        describePromise(result),
        describePromised(result),
        `${result.file}:${result.line}`,
      ].map(cleanText),
    ),
  };
  const open = slo.filter(({ verdict }) => verdict !== 'met');
  return [
    {
      ...text(
        'Promises (slo)',
        open.map(({ file, line, column, sentence }) => item(`${file}:${line}:${column}: ${sentence}`)),
      ),
      grid,
    },
  ];
}

/** Of two variants of the run; a gate of two runs has a report of its own. */
function buildGate({ gate }: Comparison): Section[] {
  if (!('schema' in gate)) return [];
  const result = gate as GateResult;
  return [
    {
      ...text('Gate', [
        item(result.sentence),
        item(`base ${result.base}, head ${result.head}`),
        ...describeGate(result).map(({ title, lines }) => item(title, lines)),
      ]),
      ...(result.cells.length > 0 ? { grid: gridOfCells(result.cells) } : {}),
    },
  ];
}

function describeFindings(arm: ArmComparison): Item {
  const [first, ...others] = arm.findings;
  if (!first) return item(`${arm.id}: not judged`);
  return item(`${arm.id}: ${first.outcome === 'found' ? `${first.code}. ` : ''}${first.sentence}`, [
    ...first.because.map((reason) => `because ${reason}`),
    ...first.against.map((reason) => `against ${reason}`),
    ...others.map((finding) => `also ${finding.code} (rank ${finding.rank}): ${finding.sentence}`),
  ]);
}

/** The verdict first: what is claimed is not what was found. */
function describeClaim(claim: ClaimResult): Item {
  return item(headOfClaim(claim), detailsOfClaim(claim));
}

/** attempted = sum of outcomes + unaccounted, with n/a where the tool cannot say. */
function describeConservation(arm: ArmComparison): Item[] {
  const { attempted, unaccounted } = arm.outcomes;
  const seen = OUTCOMES.filter((row) => Number(cellValue(arm.outcomes[row]) ?? 0) > 0);
  const blind = OUTCOMES.filter((row) => !arm.outcomes[row].known);
  if (!attempted.known && seen.length === 0) return [];
  const terms = [
    ...seen.map((row) => `${show(arm.outcomes[row])} ${row}`),
    ...(blind.length > 0 ? [`n/a (${blind.join(', ')})`] : []),
    `${show(unaccounted)} unaccounted`,
  ];
  return [item(`${arm.id}: ${show(attempted)} attempted = ${terms.join(' + ')}`)];
}

function describeTruth(arm: ArmComparison): Item[] {
  const parts = Object.entries(arm.truth).flatMap(([id, cell]) => {
    const value = cellValue(cell);
    if (typeof value !== 'number' || (value === 0 && !/^(streams_completed|events|requests)$/.test(id)))
      return [];
    const name = id
      .replace(/_us_|_s$/, ' ')
      .trim()
      .replaceAll('_', ' ');
    const unit = cell.known && cell.unit !== 'bytes' ? cell.unit : 'count';
    return [`${name} ${formatFigure(value, unit)}`];
  });
  return parts.length === 0 ? [] : [item(`${arm.id}: ${parts.join(', ')}`)];
}

/** One line per arm with a capture; arms without one are listed by their common reason. */
function describeWires(arms: readonly ArmComparison[]): Item[] {
  const items: Item[] = [];
  const armsByReason = new Map<string, string[]>();
  for (const arm of arms) {
    const requests = arm.wire.requests_sent;
    if (requests && !requests.known && requests.why === 'not-collected') {
      armsByReason.set(requests.detail, [...(armsByReason.get(requests.detail) ?? []), arm.id]);
    } else {
      items.push(describeWire(arm));
    }
  }
  for (const [reason, ids] of armsByReason) items.push(item(`${ids.join(', ')}: no capture (${reason})`));
  return items;
}

function describeWire(arm: ArmComparison): Item {
  const { wire } = arm;
  const opened = `${show(wire.connections_opened)} connections`;
  const probes = Number(cellValue(wire.probe_connections) ?? 0);
  const parts = [
    probes > 0 ? `${opened} (${formatCount(probes)} without a byte)` : opened,
    `${show(wire.requests_sent)} requests`,
    `time: ${share(wire.transfer_share)} in responses, ${share(wire.server_wait_share)} waiting for the server, ${share(wire.client_turn_share)} for the client`,
    `TTFB p50 ${latency(wire.wire_ttfb_us_p50)}, p99 ${latency(wire.wire_ttfb_us_p99)}`,
    `handshake p50 ${latency(wire.handshake_us_p50)}`,
    ...happened(wire.rst_by_server, 'reset by the server'),
    ...happened(wire.rst_by_client, 'reset by the client'),
    ...happened(wire.server_closed_mid_response, 'closed by the server in mid-response'),
    ...happened(wire.refused, 'refused'),
    ...happened(wire.retransmissions, 'retransmissions'),
    ...happened(wire.syn_retransmissions, 'SYN retransmissions'),
    ...happened(wire.zero_windows, 'zero windows'),
    cellValue(wire.capture_complete) === true
      ? 'capture complete'
      : `capture not proved complete (${show(wire.dropped_by_kernel)} packets dropped)`,
    ...(wire.observer_ratio?.known
      ? [`rate with capture / rate without: ${Number(wire.observer_ratio.value).toFixed(2)}`]
      : []),
  ];
  return item(`${arm.id}: ${parts.join('; ')}`);
}

/** Tables as lines: figures with what they are, because a list has no columns. */
function describeHeaders(comparison: Comparison): Item[] {
  return tabulateHeaders(comparison).map(({ title, sentence, heads, rows }) =>
    item(
      `${title}: ${sentence}`,
      rows.map(([first, ...cells]) =>
        [first, ...cells.map((text, index) => `${heads[index + 1]} ${text}`)].join(', '),
      ),
    ),
  );
}

function describeRequest(arm: ArmComparison): Item[] {
  const bytes = cellValue(arm.wire.request_bytes);
  if (typeof bytes !== 'string') return [];
  const request = Buffer.from(bytes, 'base64');
  const lines = request
    .toString('latin1')
    .split('\r\n')
    .filter((line) => line !== '');
  return [item(`${arm.id}: ${request.length} bytes: ${lines.join(' | ')}`)];
}

function describeCaveats(arm: ArmComparison): Item[] {
  return arm.caveats.map((caveat) => item(`${arm.id}: ${caveat}`));
}

function describeTrials(arm: ArmComparison): Item[] {
  return arm.trials.flatMap((trial) =>
    trial.state === 'done'
      ? []
      : [item(`${trial.id}: ${trial.state}, ${trial.reason ?? 'no reason recorded'}`)],
  );
}

function describeEnvironment({ environment, harnessVersion, startedAt }: Comparison): string {
  const { cpus, cpuModel, memoryBytes, kernel, os, node, namespaces } = environment;
  return [
    `${cpus} x ${cpuModel}`,
    `${formatRate(memoryBytes / 2 ** 30)} GiB`,
    os,
    kernel,
    `Node ${node}`,
    namespaces ? 'every trial in a network namespace of its own' : 'on the shared loopback',
    `ssee-bench ${harnessVersion}`,
    `started ${startedAt}`,
  ].join(', ');
}

/**
 * The run again, then each row alone. The load is spelled out because the run's own options may have changed it. The
 * tools' own command lines would not do: they name a port that is gone with its target.
 */
function describeReproduction({ scenario, load, arms }: Comparison): Item[] {
  const run = `npm run bench -- ${quoteArgument(scenario.path)}`;
  const options = [
    `--connections ${load.connections} --duration ${formatDuration(load.durationMs)} --rounds ${load.rounds}`,
    ...allowedHosts(arms).map((host) => `--allow-remote ${quoteArgument(host)}`),
  ].join(' ');
  const rows = arms.map(({ id, replay }) => {
    const tools = replay === undefined ? id : `${id},${replay}`;
    return `${run} --tools ${quoteArgument(tools)} ${options}`;
  });
  return [`${run} ${options}`, ...rows].map(command);
}

/** Hosts outside loopback that the user had to name. */
function allowedHosts(arms: readonly ArmComparison[]): string[] {
  const hosts = arms.flatMap(({ target: { name } }) => {
    const host = /^http:/.test(name) && URL.canParse(name) ? new URL(name).hostname : undefined;
    return host === undefined || isLoopback(host) ? [] : [host];
  });
  return [...new Set(hosts)];
}

function describeExecuted(arms: readonly ArmComparison[]): Item[] {
  const lines = arms.flatMap((arm) => {
    const argv = arm.trials.find((trial) => trial.argv !== null)?.argv;
    return argv ? [argv.map(quoteArgument).join(' ')] : [];
  });
  return [...new Set(lines)].map(command);
}

/** A command line as it is: blanks inside its quotes belong to it, and what is unprintable is escaped in them. */
function command(line: string): Item {
  return { text: line, details: [] };
}

function cellValue(cell: Cell | undefined): number | string | boolean | undefined {
  return cell?.known ? cell.value : undefined;
}

function show(cell: Cell | undefined): string {
  const value = cellValue(cell);
  return typeof value === 'number' ? formatCount(value) : 'n/a';
}

function share(cell: Cell | undefined): string {
  const value = cellValue(cell);
  return typeof value === 'number' ? formatPercent(value) : 'n/a';
}

function latency(cell: Cell | undefined): string {
  const value = cellValue(cell);
  return typeof value === 'number' ? formatUs(value) : 'n/a';
}

function happened(cell: Cell | undefined, what: string): string[] {
  const value = cellValue(cell);
  return typeof value === 'number' && value > 0 ? [`${formatCount(value)} ${what}`] : [];
}
