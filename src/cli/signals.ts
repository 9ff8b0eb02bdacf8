/**
 * The same Ctrl-C may arrive more than once: from the terminal, which signals the whole foreground group, and from npm,
 * which hands it on to its child. No person presses it twice within this time and means it.
 */
const SAME_SIGNAL_MS = 1000;

export interface InterruptOptions {
  /** Ends everything that was started, at once and synchronously. */
  killAll(): void;
  /** Said at the first signal. */
  message: string;
}

/**
 * Two-stage interrupt: the first SIGINT, SIGTERM or SIGHUP aborts, so that what was measured is stored and reported;
 * one that comes more than a second later kills everything that was started and leaves at once.
 */
export function interruptible({ killAll, message }: InterruptOptions): {
  signal: AbortSignal;
  release(): void;
} {
  const controller = new AbortController();
  let firstAt = 0;
  const onSignal = (): void => {
    if (!controller.signal.aborted) {
      firstAt = performance.now();
      process.stderr.write(`${message}; again to leave at once\n`);
      controller.abort();
    } else if (performance.now() - firstAt > SAME_SIGNAL_MS) {
      killAll();
      process.exit(130);
    }
  };
  const onExit = (): void => killAll();
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  process.on('SIGHUP', onSignal);
  process.on('exit', onExit);
  return {
    signal: controller.signal,
    release() {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
      process.off('SIGHUP', onSignal);
      process.off('exit', onExit);
    },
  };
}
