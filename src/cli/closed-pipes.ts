/**
 * Outlive readers of stdout and stderr that leave early, as `| head` does: what they do not read is dropped, the work
 * goes on and the exit code is its own. Node would print a stack and end with 1 in the middle of it.
 * scripts/lib/closed-pipes.mjs does the same where nothing is compiled yet.
 */
export function outliveClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}
