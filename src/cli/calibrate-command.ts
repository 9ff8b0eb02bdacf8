import { join } from 'node:path';
import ora from 'ora';
import { createTcpdumpCapture } from '../capture/tcpdump.ts';
import { BEHAVIOURS } from '../evidence/calibration-behaviours.ts';
import type { Calibration } from '../model/calibration.ts';
import { UserError } from '../model/errors.ts';
import { openSpace } from '../process/open-space.ts';
import { describeReaped, openRegistry, reapOrphans } from '../process/process-registry.ts';
import { CALIBRATION_REPORTERS } from '../report/calibration/index.ts';
import { runCalibration } from '../run/run-calibration.ts';
import { writeFileAtomically } from '../run/run-store.ts';
import { createTargetLauncher } from '../target/launch-target.ts';
import { requireTool, TOOLS } from '../tools/index.ts';
import { requireTypedTool } from '../tools/typed-tools.ts';
import { terminalOptions } from './emit-reports.ts';
import { displayPath } from './run-command.ts';
import { interruptible } from './signals.ts';

export interface CalibrateCommandOptions {
  out: string;
  tools?: string;
  format: string;
}

const FILE_OF_FORMAT = { md: 'calibration.md', json: 'calibration.json' } as const;
type Format = keyof typeof CALIBRATION_REPORTERS;

/**
 * `ssee-bench calibrate`: every installed tool against servers whose behaviour is known. The last line on stdout is the
 * folder. Exit code 1 when something that the harness publishes is wrong, or something could not be run.
 */
export async function calibrateCommand(options: CalibrateCommandOptions): Promise<number> {
  const formats = parseFormats(options.format);
  const tools = parseTools(options.tools);
  for (const reaped of reapOrphans()) process.stderr.write(`${describeReaped(reaped)}\n`);
  const registry = openRegistry();
  const interrupt = interruptible({
    killAll: () => registry.killAll(),
    message: 'interrupted: stopping what runs, then reporting what was judged',
  });
  const progress = showProgress(process.stderr);
  try {
    const { runDir, calibration } = await runCalibration({
      tools,
      behaviours: BEHAVIOURS,
      outDir: options.out,
      adapters: {
        findTool: requireTool,
        launcher: createTargetLauncher({ registry }),
        capture: createTcpdumpCapture({ registry }),
        openSpace: () => openSpace({ registry }),
        registry,
      },
      requireTypedTool,
      onProgress: progress.onProgress,
      signal: interrupt.signal,
    });
    progress.stop();
    for (const format of formats) {
      if (format === 'terminal') {
        process.stdout.write(CALIBRATION_REPORTERS.terminal(calibration, terminalOptions()));
      } else {
        const text = CALIBRATION_REPORTERS[format](calibration, {});
        writeFileAtomically(join(runDir, FILE_OF_FORMAT[format]), text);
      }
    }
    for (const line of complaintsOf(calibration)) process.stderr.write(`${line}\n`);
    process.stdout.write(`${displayPath(runDir)}\n`);
    return exitCodeOf(calibration);
  } finally {
    progress.stop();
    interrupt.release();
    registry.killAll();
    registry.close();
  }
}

function parseTools(text: string | undefined): string[] {
  const known = TOOLS.map(({ name }) => name);
  if (text === undefined) return known;
  const wanted = text.split(',').map((name) => name.trim());
  const unknown = wanted.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new UserError(`--tools ${unknown}: no load tool is called that; choose from ${known.join(', ')}`);
  }
  return known.filter((name) => wanted.includes(name));
}

function parseFormats(text: string): Format[] {
  return text.split(',').map((part) => {
    const format = part.trim();
    if (Object.hasOwn(CALIBRATION_REPORTERS, format)) return format as Format;
    throw new UserError(`--format ${format}: choose from ${Object.keys(CALIBRATION_REPORTERS).join(', ')}`);
  });
}

/** A tool that is not installed is no failure; a trial that was started and could not be judged is one. */
function complaintsOf(calibration: Calibration): string[] {
  const missing = new Set(calibration.tools.filter((tool) => tool.missing !== null).map(({ name }) => name));
  return [
    ...calibration.problems,
    ...calibration.cells
      .filter(({ tool }) => !missing.has(tool) && calibration.state === 'done')
      .flatMap(({ tool, behaviour, raw, normalized }) =>
        [raw, normalized].flatMap((layer) =>
          layer.state === 'not-run' ? [`${tool}@${behaviour} was not run: ${layer.reason}`] : [],
        ),
      ),
  ];
}

function exitCodeOf(calibration: Calibration): number {
  if (calibration.state === 'interrupted') return 130;
  const { cells } = calibration;
  const wrong = cells.some(
    ({ normalized }) => normalized.state === 'judged' && normalized.verdict === 'wrong',
  );
  const judged = cells.some(({ normalized }) => normalized.state === 'judged');
  return wrong || !judged || complaintsOf(calibration).length > 0 ? 1 : 0;
}

/** On stderr: a spinner on a terminal, elsewhere a line for every tenth of the work. */
function showProgress(stream: NodeJS.WriteStream): {
  onProgress(done: number, total: number, trial: string): void;
  stop(): void;
} {
  const interactive = Boolean(stream.isTTY && stream.columns > 0 && !process.env.CI);
  const spinner = ora({ stream, isEnabled: interactive, discardStdin: false, hideCursor: false });
  const startedAt = performance.now();
  let tenths = 0;
  return {
    onProgress(done, total, trial) {
      const text = `[${done}/${total}, ${Math.round((performance.now() - startedAt) / 1000)} s] ${trial}`;
      if (interactive) {
        spinner.start(text);
      } else if (Math.floor((10 * done) / total) > tenths) {
        tenths = Math.floor((10 * done) / total);
        stream.write(`${text}\n`);
      }
    },
    stop: () => void spinner.stop(),
  };
}
