import { markdownTable } from 'markdown-table';
import { judge } from './judge.ts';
import { describeLoadDoubt } from './machine.ts';
import type { Goal, Line, PerfReport } from './model.ts';
import type { Spread } from './statistics.ts';

/** The report for people: what was met first, then every line, what was left out, and how it was measured. */
export function formatPerfMarkdown(report: PerfReport): string {
  const lines = report.rows.flatMap((row) => row.lines);
  return [
    '# What ssee-tester costs beside its peers',
    '',
    summarize(lines, report),
    '',
    ...describeWarnings(report),
    ...report.rows.flatMap((row) => [`## ${row.id} ${row.title}`, '', ...formatRow(row.lines)]),
    '## How it was measured',
    '',
    ...describeMethod(report),
    '',
  ].join('\n');
}

function summarize(lines: readonly Line[], report: PerfReport): string {
  const measured = lines.filter((line) => line.state === 'measured');
  const judged = measured.map((line) => judge(line).verdict).filter((verdict) => verdict !== 'no goal');
  const met = judged.filter((verdict) => verdict === 'met').length;
  const count = (state: Line['state']): number => lines.filter((line) => line.state === state).length;
  const parts = [`${met} of ${judged.length} goals met`, `${count('skipped')} lines skipped`];
  if (count('failed') > 0) parts.push(`${count('failed')} lines failed`);
  const unfinished = report.complete ? '' : ' The run was not finished.';
  const few =
    report.settings.pairs < 5 ? ` Only ${report.settings.pairs} pairs each: no figure to rely on.` : '';
  return `${parts.join(', ')}.${few}${unfinished}`;
}

function describeWarnings(report: PerfReport): string[] {
  const loadDoubt = describeLoadDoubt(report.machine);
  const warnings = [
    ...(loadDoubt === undefined ? [] : [loadDoubt]),
    ...report.rows.flatMap((row) => row.warnings.map((warning) => `${row.id}, ${warning}`)),
  ];
  if (warnings.length === 0) return [];
  return ['**Warnings**', '', ...warnings.map((warning) => `- ${clean(warning)}`), ''];
}

function formatRow(lines: readonly Line[]): string[] {
  const cells = lines.map((line) => {
    if (line.state !== 'measured') {
      return [line.name, '', '', '', describeGoal(line.goal), `${line.state}: ${line.reason}`];
    }
    const { verdict, crosses } = judge(line);
    return [
      line.name,
      `${formatSpread(line.ours)} ${line.unit}`,
      line.peer ? `${line.peerName}: ${formatSpread(line.peer)}` : '',
      line.ratio ? formatSpread(line.ratio) : '',
      describeGoal(line.goal),
      [verdict === 'no goal' ? '' : verdict, crosses ? 'the range has both answers' : '', ...line.notes]
        .filter((text) => text !== '')
        .join('; '),
    ];
  });
  const head = ['what', 'ssee-tester', 'peer', 'ratio', 'goal', 'result'];
  return [markdownTable([head, ...cells.map((row) => row.map(clean))]), ''];
}

function describeGoal(goal: Goal | undefined): string {
  if (!goal) return '';
  const sign = goal.kind === 'at-most' ? '<=' : '>=';
  return `${goal.of === 'ratio' ? 'ratio ' : ''}${sign} ${formatFigure(goal.value)}`;
}

/** `0.91 (0.89 - 0.94)`: the median, then the range. */
export function formatSpread({ median, min, max }: Spread): string {
  if (min === max) return formatFigure(median);
  return `${formatFigure(median)} (${formatFigure(min)} - ${formatFigure(max)})`;
}

/** Three significant digits, or whole with thousands separated. */
export function formatFigure(value: number): string {
  if (Math.abs(value) >= 100) {
    return Math.round(value)
      .toString()
      .replace(/\B(?=(\d{3})+$)/g, ',');
  }
  return value === 0 ? '0' : String(Number(value.toPrecision(3)));
}

function describeMethod(report: PerfReport): string[] {
  const { machine, settings, versions } = report;
  const found = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `- ${report.startedAt}, \`${report.command}\``,
    `- ${machine.cpuModel}, ${machine.cpus} CPUs, ${(machine.memoryBytes / 2 ** 30).toFixed(0)} GiB, ${machine.os}, ${machine.kernel}, Node ${machine.node}`,
    `- load average before the first run: ${machine.loadAverage.map((load) => load.toFixed(2)).join(', ')}; open files per process: ${machine.openFilesHard ?? 'unlimited'}`,
    `- ${found.join(', ')}`,
    `- ${settings.pairs} pairs per comparison, ${settings.durationS} s per run, both sides of a pair one after the other against the same target process, the order turned round from pair to pair`,
    '- ratio: ssee-tester / peer, pair by pair; shown are the median and in brackets the range; the median decides about a goal',
    `- CPU: user + system time of the whole process from its start to its end as the kernel accounts it (${report.cpuClock})`,
    '- requests and events: by the counters of the target, for both sides alike; events are those that a program had read, where it counts fewer itself; events per CPU second and bytes of bulk streams by the count of the program',
    '- all values: perf.json beside this file',
  ];
}

/** What programs print must not break the table. */
function clean(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|').trim();
}
