import type { ToolTrial } from '../../model/tool.ts';

/**
 * hey's -t in whole seconds; 0 means for ever.
 *
 * -t bounds connect, head and body together, and a body cut by it is counted as a success. So it must not end a
 * healthy stream: for finite streams it is the duration and the timeout together, which every stream fits in that
 * ends within the run. The price: streams that stall keep hey beyond the duration, by up to -t.
 * On an endless stream any -t would turn into successes, hence none: the harness's deadline ends hey.
 */
export function requestTimeoutS({ stream, durationMs, timeoutMs }: ToolTrial): number {
  return stream === 'endless' ? 0 : Math.max(1, Math.ceil((durationMs + timeoutMs) / 1000));
}
