import { Command } from 'commander';
import { HARNESS_VERSION } from '../run/version.ts';
import { USUAL_FORMATS } from '../run/write-reports.ts';
import { type ArticleCommandOptions, articleCommand } from './article-command.ts';
import { type CalibrateCommandOptions, calibrateCommand } from './calibrate-command.ts';
import { checkCommand } from './check-command.ts';
import { type CompareCommandOptions, compareCommand } from './compare-command.ts';
import { FORMATS } from './emit-reports.ts';
import { explainCommand } from './explain-command.ts';
import { type GateCommandOptions, gateCommand } from './gate-command.ts';
import { guardWorkflowLog } from './guard-workflow-log.ts';
import { historyCommand } from './history-command.ts';
import { reportCommand } from './report-command.ts';
import { reportError } from './report-error.ts';
import { type RunCommandOptions, runCommand } from './run-command.ts';
import { validateCommand } from './validate-command.ts';

/**
 * The `ssee-bench` command line. `argv` without node and script.
 * @returns the exit code: 0 done, 1 a trial or the harness failed, 2 bad usage or scenario, 3 regression or SLO broken,
 * 4 inconclusive, 130 interrupted
 */
export async function main(argv: string[]): Promise<number> {
  guardWorkflowLog();
  let exitCode = 0;
  const program = describeProgram((code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    return reportError(error);
  }
}

function describeProgram(setExitCode: (code: number) => void): Command {
  const program = new Command('ssee-bench');
  program
    .description('Launch an SSE server, run wrk, hey and ssee-tester under the same load, compare honestly.')
    .version(HARNESS_VERSION)
    .exitOverride()
    .showHelpAfterError('(ssee-bench --help lists commands and options)');

  program
    .command('run')
    .description('execute a scenario, store it, report; the last line on stdout is the run folder')
    .argument('<scenario>', 'YAML file, e.g. scenarios/quick.yaml')
    .option('--out <dir>', 'folder that run folders are made in', 'results')
    .option('--tools <names>', 'only these tools or arms, comma-separated')
    .option('--rounds <n>', 'rounds instead of those of the scenario')
    .option('--duration <time>', 'duration of each trial, e.g. 5s')
    .option('--connections <n>', 'connections instead of those of the scenario')
    .option('--format <list>', FORMATS.join(', '), USUAL_FORMATS)
    .option('--allow-remote <host>', 'permit load on this host outside loopback (repeatable)', collect)
    .option(
      '--live [port]',
      'serve a page on loopback that follows the run; nothing is sent while a tool measures (default: a free port)',
    )
    .option(
      '--live-during-trials',
      'the same with figures of the running trial, which takes CPU time from it',
    )
    .option('--quiet', 'print nothing but the run folder')
    .action(async (scenario: string, options: RunCommandOptions) => {
      setExitCode(await runCommand(scenario, options));
    });

  program
    .command('report')
    .description('make every report again from a stored run; measures nothing')
    .argument('<run>', 'run folder, e.g. results/20260101T000000Z-quick')
    .option('--format <list>', FORMATS.join(', '), USUAL_FORMATS)
    .option('--quiet', 'print nothing but the run folder')
    .action((run: string, options: { format: string; quiet?: boolean }) =>
      setExitCode(reportCommand(run, options)),
    );

  program
    .command('explain')
    .description('say where a cell or a finding of a stored run comes from; measures nothing')
    .argument('<run>', 'run folder')
    .argument('<arm>', 'row of the table, e.g. wrk or wrk@one-proc')
    .argument(
      '[name]',
      'a metric (ttfe_us_p99, wire.retransmissions) or a finding (slow-handler); all findings without it',
    )
    .action((run: string, arm: string, name: string | undefined) =>
      setExitCode(explainCommand(run, arm, name)),
    );

  program
    .command('compare')
    .description('hold two runs, or two variants of one, against each other; measures nothing')
    .argument('<base>', 'run folder, or RUN@variant')
    .argument('[head]', 'run folder, or RUN@variant; without it, two variants of the one run')
    .option('--base-variant <name>', 'variant of the base run')
    .option('--head-variant <name>', 'variant of the head run')
    .option('--metrics <ids>', 'metrics to compare, comma-separated, or all')
    .option('--out <dir>', 'folder for compare.json and compare.md (default: the head run)')
    .option('--quiet', 'print the first sentence alone')
    .action((base: string, head: string | undefined, options: CompareCommandOptions) =>
      setExitCode(compareCommand(base, head, options)),
    );

  program
    .command('gate')
    .description('the nightly verdict by exit code: 0 passed, 3 regression or broken SLO, 4 inconclusive')
    .argument('<base>', 'run folder, or RUN@variant')
    .argument(
      '[head]',
      'run to be judged; without it, two variants of the one run, or the run against --baseline',
    )
    .option('--base-variant <name>', 'variant that is compared with')
    .option('--head-variant <name>', 'variant that is judged')
    .option('--control-variant <name>', 'variant equal to base: its difference from base is noise (A/A)')
    .option('--baseline <file>', 'nights to compare with, or to know the noise between nights by')
    .option('--update-baseline', 'add the judged run to the baseline when it passed or began one')
    .option('--accept', 'begin the baseline anew with the judged run, whatever the verdict')
    .option('--confirm', 'measure alarmed rows again; an alarm counts when it comes again')
    .option('--out <dir>', 'folder for gate.json and gate.md (default: the head run)')
    .option('--quiet', 'print the verdict alone')
    .action(async (base: string, head: string | undefined, options: GateCommandOptions) => {
      setExitCode(await gateCommand(base, head, options));
    });

  program
    .command('history')
    .description('trends over all stored runs as index.html and history.json; measures nothing')
    .argument('[results]', 'folder that run folders are in', 'results')
    .option('--out <dir>', 'folder for index.html and history.json (default: the results folder)')
    .action((results: string, options: { out?: string }) => setExitCode(historyCommand(results, options)));

  program
    .command('calibrate')
    .description(
      'hold every installed tool against servers whose behaviour is known; the last line is the folder',
    )
    .option('--tools <names>', 'only these tools, comma-separated')
    .option('--out <dir>', 'folder that the folder of the calibration is made in', 'results')
    .option('--format <list>', 'terminal, md, json', 'terminal,md,json')
    .action(async (options: CalibrateCommandOptions) => setExitCode(await calibrateCommand(options)));

  program
    .command('article')
    .description('run every scenario of a folder and write the verdicts over their claims')
    .argument('<folder>', 'folder of scenarios, e.g. scenarios/seed')
    .option('--only <names>', 'only these scenarios, comma-separated, without .yaml')
    .option('--out <dir>', 'folder that run folders are made in', 'results/article')
    .option('--docs <dir>', 'folder for article.md, article.html and article.json', 'docs')
    .action(async (folder: string, options: ArticleCommandOptions) =>
      setExitCode(await articleCommand(folder, options)),
    );

  program
    .command('check')
    .description('show tools, rights and limits of this machine, with the remedy for each gap')
    .argument('[scenario]', 'check what this scenario needs')
    .action(async (scenario: string | undefined) => setExitCode(await checkCommand(scenario)));

  program
    .command('validate')
    .description('list every error of a scenario as file:line:column: message')
    .argument('<scenario>', 'YAML file')
    .option('--allow-remote <host>', 'take this host outside loopback as permitted (repeatable)', collect)
    .action((scenario: string, options: { allowRemote?: string[] }) =>
      setExitCode(validateCommand(scenario, options)),
    );

  return program;
}

function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}
