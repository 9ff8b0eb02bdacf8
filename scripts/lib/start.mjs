import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { outliveClosedPipes } from './closed-pipes.mjs';
import { prepare } from './prepare.mjs';
import { ROOT } from './root.mjs';
import { SetupError, UsageError } from './setup-error.mjs';
import { completePath, ensureSystemTools, toolsNamedBy } from './system-tools.mjs';

const NO_INSTALL = '--no-install';

/**
 * Set up what is missing, then hand over to a compiled command line.
 *
 * @param {string} program file in dist/src/cli that exports `main(argv)`
 * @param {string[]} args of the user; `--no-install` is taken out
 * @returns {Promise<number>} the exit code
 */
export async function start(program, args) {
  const { mayInstall, rest } = takeNoInstall(args);
  return reportSetupErrors(async () => {
    await setUp({ mayInstall, tools: toolsNamedBy(rest) });
    const { main } = await import(pathToFileURL(join(ROOT, 'dist/src/cli', program)).href);
    return main(rest);
  });
}

/** npm packages, build and the given system tools. @throws SetupError */
export async function setUp({ mayInstall, tools }) {
  outliveClosedPipes();
  process.env.PATH = completePath(process.env.PATH);
  await prepare({ root: ROOT, mayInstall, say });
  await ensureSystemTools({ names: tools, root: ROOT, mayInstall, say });
}

/** `--no-install` anywhere, or SSEE_BENCH_NO_INSTALL=1, turns all installing off. */
export function takeNoInstall(args, env = process.env) {
  const rest = args.filter((arg) => arg !== NO_INSTALL);
  const off = rest.length < args.length || env.SSEE_BENCH_NO_INSTALL === '1';
  return { mayInstall: !off, rest };
}

/** The exit code of `work`, or one line on stderr and 1 when setting up failed, 2 when the arguments make no sense. */
export async function reportSetupErrors(work) {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`${error.message}\n`);
      return 2;
    }
    if (!(error instanceof SetupError)) throw error;
    say(error.message);
    return 1;
  }
}

function say(line) {
  process.stderr.write(`ssee-bench: ${line}\n`);
}
