import {
  OUTCOME_DEFINITIONS,
  PROCESS_DEFINITIONS,
  TRUTH_DEFINITIONS,
  WIRE_DEFINITIONS,
} from '../evidence/definitions.ts';
import { evaluateRules } from '../findings/rank-findings.ts';
import { witnessOf } from '../findings/wire-witness.ts';
import type { Cell } from '../model/cell.ts';
import type { ArmComparison, Comparison } from '../model/comparison.ts';
import type { ArmEvidence } from '../model/evidence.ts';
import type { Verdict } from '../model/finding.ts';
import { METRICS, type MetricId } from '../model/metrics.ts';
import type { OutcomeRow } from '../model/outcome.ts';
import type { RunRecord, TrialRecord } from '../model/run-record.ts';
import type { WireMetric } from '../model/wire.ts';
import { formatCount, formatPercent, formatUs } from '../stats/format-figure.ts';
import { cleanText } from './clean-text.ts';
import { quoteArgument } from './quote-argument.ts';

/** Everything that is known about one arm of a stored run. */
export interface ExplainInput {
  /** Folder of the run, as the user named it. */
  runDir: string;
  run: RunRecord;
  comparison: Comparison;
  arm: ArmComparison;
  /** Undefined where no trial of the arm was executed. */
  evidence: ArmEvidence | undefined;
}

/** A figure of the comparison with where it comes from. */
interface Figure {
  id: string;
  group: 'metrics' | 'outcomes' | 'wire' | 'process' | 'truth';
  cell: Cell;
  formula: string;
}

/**
 * Where a cell or a finding comes from, as lines of text; undefined when the arm has neither of that name.
 * Without a name: the chain of every finding, and what every other rule said.
 */
export function explain(input: ExplainInput, name: string | undefined): string[] | undefined {
  if (name === undefined) return explainArm(input).map(cleanLine);
  const lines = explainFinding(input, name) ?? explainFigure(input, name);
  return lines?.map(cleanLine);
}

/** Indentation is structure here; everything behind it is somebody else's text. */
function cleanLine(line: string): string {
  const indent = /^ */.exec(line)![0];
  return indent + cleanText(line.slice(indent.length));
}

/** What can be asked about an arm, for a suggestion when a name is not known. */
export function explainable({ arm, evidence }: ExplainInput): string[] {
  return [
    ...listFigures(arm).map(({ id }) => id),
    ...(evidence ? evaluateRules(evidence).map(({ code }) => code) : []),
  ];
}

function explainArm(input: ExplainInput): string[] {
  const { arm, evidence } = input;
  const chains = arm.findings.flatMap((finding) => [
    `${finding.rank}. ${finding.code}: ${finding.sentence}`,
    ...finding.because.map((reason) => `     because ${reason}`),
    ...finding.against.map((reason) => `     against ${reason}`),
  ]);
  const others = evidence
    ? evaluateRules(evidence)
        .filter(({ verdict }) => verdict.outcome !== 'found')
        .map(({ code, verdict }) => `  ${code}: ${describeVerdict(verdict)}`)
    : [];
  return [
    `${arm.id}: what limits it`,
    ...chains,
    ...(others.length > 0 ? ['', 'What the other rules say', ...others] : []),
    '',
    ...reproduction(input),
  ];
}

function explainFinding(input: ExplainInput, code: string): string[] | undefined {
  const { arm, evidence } = input;
  if (code === 'unproven') {
    const finding = arm.findings.find((one) => one.code === code);
    if (finding) return [`unproven: ${finding.sentence}`, ...finding.because.map((reason) => `  ${reason}`)];
    return [`unproven: not so, since ${arm.findings.map((one) => one.code).join(', ')} was found`];
  }
  if (!evidence) return undefined;
  const rule = evaluateRules(evidence).find((one) => one.code === code);
  if (!rule) return undefined;
  const { verdict, needs } = rule;
  const rank = arm.findings.find((finding) => finding.code === code)?.rank;
  const head =
    verdict.outcome === 'found'
      ? [
          `${code}: found${rank === undefined ? '' : `, rank ${rank}`} (${verdict.class}, explains ${formatPercent(verdict.weight)})`,
          `  ${verdict.sentence}`,
          ...verdict.because.map((reason) => `  because ${reason}`),
          ...verdict.against.map((reason) => `  against ${reason}`),
        ]
      : [`${code}: ${describeVerdict(verdict)}`];
  return [
    ...head,
    '',
    `It needs: ${needs.join('; ')}`,
    `Its thresholds, each with its unit, reason and doubt: src/findings/${code}.ts`,
    ...describeWitness(input, code, evidence),
    '',
    ...reproduction(input),
  ];
}

function describeVerdict(verdict: Verdict): string {
  if (verdict.outcome === 'insufficient-data')
    return `not enough data, missing ${verdict.missing.join('; ')}`;
  const reasons = verdict.because.join('; ');
  return verdict.outcome === 'clear' ? `ruled out, ${reasons}` : reasons;
}

function describeWitness({ runDir, run, arm }: ExplainInput, code: string, evidence: ArmEvidence): string[] {
  const record = run.trials.find((trial) => trial.armId === arm.id && trial.kind === 'evidence');
  if (record?.capture?.state !== 'done') return [];
  const { capture } = record;
  const witness = witnessOf(code, capture.port, evidence.trace);
  if (!witness) return [];
  const file = `${runDir}/trials/${record.id}/${capture.file}`;
  const examples = witness.examples.map(({ packet, clientPort }) =>
    clientPort > 0
      ? `  packet ${formatCount(packet)}, its connection: tcp.port == ${clientPort}`
      : `  packet ${formatCount(packet)}`,
  );
  return [
    '',
    `On the wire: ${file}`,
    `  Wireshark display filter: ${witness.filter}`,
    ...examples,
    `  wireshark -r ${quoteArgument(file)} -Y ${quoteArgument(witness.filter)}`,
  ];
}

function explainFigure(input: ExplainInput, name: string): string[] | undefined {
  const { arm } = input;
  const figure = listFigures(arm).find(({ id, group }) => id === name || `${group}.${id}` === name);
  if (!figure) return undefined;
  const { id, group, cell, formula } = figure;
  return [
    `${arm.id} ${group}.${id}: ${describeCell(cell)}`,
    `  formula: ${formula}`,
    ...(cell.known ? [`  definition: ${cell.definition}`] : []),
    ...(cell.known && cell.note ? [`  note: ${cell.note}`] : []),
    `  source: ${describeSource(input, group, id)}`,
    ...describeRounds(input, figure),
    '',
    ...reproduction(input),
  ];
}

function listFigures(arm: ArmComparison): Figure[] {
  const figures = <K extends string>(
    group: Figure['group'],
    cells: Record<K, Cell>,
    formulaOf: (id: K) => string | undefined,
  ): Figure[] =>
    (Object.entries(cells) as [K, Cell][]).map(([id, cell]) => ({
      id,
      group,
      cell,
      formula: formulaOf(id) ?? id,
    }));
  return [
    ...figures('metrics', arm.metrics, (id: MetricId) => METRICS[id]?.formula),
    ...figures('outcomes', arm.outcomes, (id: OutcomeRow) => OUTCOME_DEFINITIONS[id]?.text),
    ...figures('wire', arm.wire, (id) => WIRE_DEFINITIONS[id as WireMetric]?.text),
    ...figures('process', arm.process, (id) => PROCESS_DEFINITIONS[id]?.text),
    ...figures('truth', arm.truth, (id) => TRUTH_DEFINITIONS[id]?.text),
  ];
}

function describeCell(cell: Cell): string {
  if (!cell.known) return `not known (${cell.why}): ${cell.detail}`;
  const { value, unit, interval, range, rounds } = cell;
  const shown = unit === 'us' && typeof value === 'number' ? formatUs(value) : `${value} ${unit}`;
  return [
    shown,
    ...(interval ? [`95 % interval ${interval.map(formatPercent).join(' to ')}`] : []),
    ...(range ? [`from ${range[0]} to ${range[1]}`] : []),
    ...(rounds === undefined ? [] : [`over ${rounds} ${rounds === 1 ? 'round' : 'rounds'}`]),
  ].join(', ');
}

/** The stored file, and where in it, that a figure is computed from. */
function describeSource({ runDir, run, arm }: ExplainInput, group: Figure['group'], id: string): string {
  const kind = group === 'wire' || id.startsWith('tool_added_') ? 'evidence' : 'measured';
  const records = run.trials.filter((trial) => trial.armId === arm.id && trial.kind === kind);
  const files = (names: (record: TrialRecord) => string[]): string =>
    records
      .map((record) =>
        names(record)
          .map((file) => `${runDir}/trials/${record.id}/${file}`)
          .join(' and '),
      )
      .join(', ') || 'no trial of this kind was executed';
  switch (group) {
    case 'wire':
      return files(({ capture, probe }) =>
        [capture, probe].flatMap((one) => (one?.state === 'done' ? [one.file] : [])),
      );
    case 'process':
      return `${runDir}/run.json, trials[].process; samples in ${files(() => ['samples.json'])}`;
    case 'truth':
      return files(() =>
        /^g[oc]_/.test(id) ? ['target-stderr.txt'] : ['metrics-before.txt', 'metrics-after.txt'],
      );
    default:
      return `${files((record) => toolFiles(record))}${fieldOf(arm.tool, id)}`;
  }
}

function toolFiles({ files }: TrialRecord): string[] {
  const own = files.filter((file) => /^(stdout|stderr)\.txt$|^(wrk|curl|hey)\./.test(file));
  return own.length > 0 ? own : ['stdout.txt'];
}

/** Where in ssee-tester's document a figure stands; other tools print text, read by their normalizer. */
function fieldOf(tool: string, id: string): string {
  if (tool !== 'ssee-tester') return `, read by src/tools/${tool}/normalize.ts`;
  const latency = /^(.*_us)_(p50|p90|p99|p999|max|mean)$/.exec(id);
  if (latency) return `, field latencies.${latency[1]}.${latency[2]}`;
  const fields: Record<string, string> = {
    requests_per_sec: 'completedInWindow / window.durationUs',
    events_per_sec: 'events / window.durationUs',
    hold_ratio: 'holdRatio',
    bytes_received: 'bytesReceived',
  };
  return `, field ${fields[id] ?? `outcomes.${id}`}`;
}

function describeRounds({ arm }: ExplainInput, { group, id }: Figure): string[] {
  if (group !== 'metrics') return [];
  return arm.trials.map((trial) => {
    const cell = trial.metrics[id as MetricId];
    return `  ${trial.id} (${trial.kind}, ${trial.state}): ${cell ? describeCell(cell) : 'none'}`;
  });
}

function reproduction({ run, comparison, arm }: ExplainInput): string[] {
  const { connections, durationMs, rounds } = comparison.load;
  const argv = arm.trials.find((trial) => trial.argv)?.argv;
  const options = `--tools ${arm.id} --connections ${connections} --duration ${durationMs}ms --rounds ${rounds}`;
  return [
    `Reproduce: npm run bench -- ${quoteArgument(run.scenario.path)} ${options}`,
    ...(argv ? [`The tool's command line: ${argv.map(quoteArgument).join(' ')}`] : []),
  ];
}
