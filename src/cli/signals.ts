/**
 * Two-stage interrupt: the first SIGINT or SIGTERM aborts, so that what was measured is stored and reported;
 * the second kills everything that was started and leaves at once.
 */
export function interruptible(killAll: () => void): { signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) {
      killAll();
      process.exit(130);
    }
    process.stderr.write(
      'interrupted: stopping what runs, then reporting what was measured; again to leave at once\n',
    );
    controller.abort();
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
