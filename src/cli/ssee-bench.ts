import { Command, CommanderError } from 'commander';
import { UserError } from '../model/errors.ts';
import { HARNESS_VERSION } from '../run/version.ts';
import { type CalibrateCommandOptions, calibrateCommand } from './calibrate-command.ts';
import { checkCommand } from './check-command.ts';
import { reportCommand } from './report-command.ts';
import { type RunCommandOptions, runCommand } from './run-command.ts';
import { validateCommand } from './validate-command.ts';

/**
 * The `ssee-bench` command line. `argv` without node and script.
 * @returns the exit code: 0 done, 1 a trial or the harness failed, 2 bad usage or scenario, 130 interrupted
 */
export async function main(argv: string[]): Promise<number> {
  let exitCode = 0;
  const program = describeProgram((code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof UserError) {
      process.stderr.write(`${error.message}\n`);
      return error.exitCode;
    }
    process.stderr.write(`internal error: ${error instanceof Error ? error.stack : String(error)}\n`);
    return 1;
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
    .option('--format <list>', 'terminal, md, csv, json', 'terminal,md,csv,json')
    .option('--allow-remote <host>', 'permit load on this host outside loopback (repeatable)', collect)
    .option('--quiet', 'print nothing but the run folder')
    .action(async (scenario: string, options: RunCommandOptions) => {
      setExitCode(await runCommand(scenario, options));
    });

  program
    .command('report')
    .description('make every report again from a stored run; measures nothing')
    .argument('<run>', 'run folder, e.g. results/20260101T000000Z-quick')
    .option('--quiet', 'print nothing but the run folder')
    .action((run: string, options: { quiet?: boolean }) => setExitCode(reportCommand(run, options)));

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
    .command('check')
    .description('show tools, rights and limits of this machine, with the remedy for each gap')
    .argument('[scenario]', 'check what this scenario needs')
    .action(async (scenario: string | undefined) => setExitCode(await checkCommand(scenario)));

  program
    .command('validate')
    .description('list every error of a scenario as file:line:column: message')
    .argument('<scenario>', 'YAML file')
    .action((scenario: string) => setExitCode(validateCommand(scenario)));

  return program;
}

function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}
