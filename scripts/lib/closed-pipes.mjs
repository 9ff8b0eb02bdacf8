/**
 * Outlive readers of stdout and stderr that leave early, as `| head` does: what they do not read is dropped, the work
 * goes on and the exit code is its own. src/cli/closed-pipes.ts does the same for the compiled programs.
 */
export function outliveClosedPipes() {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}
