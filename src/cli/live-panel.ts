import { stripVTControlCharacters } from 'node:util';
import type { LiveListener, LiveSample } from '../model/live-sample.ts';
import { advancePanelState, type PanelLoad, startPanelState } from './panel/panel-state.ts';
import { renderPanel, renderPanelLine } from './panel/render-panel.ts';

/** Redrawing costs CPU on the machine that measures, and nobody reads faster. */
const REDRAW_EVERY_MS = 1000;
const HIDE_CURSOR = '\u001B[?25l';
const SHOW_CURSOR = '\u001B[?25h';
const ERASE_BELOW = '\u001B[J';
const ERASE_REST = '\u001B[K';

/** What of `process.stderr` the panel needs. */
export type PanelStream = Pick<NodeJS.WriteStream, 'columns' | 'rows' | 'isTTY' | 'write' | 'hasColors'>;

export interface LivePanel {
  onSample: LiveListener;
  /** Print a line above the panel, where it stays. */
  say(line: string): void;
  /** Erase the panel and give the cursor back. May be called again. */
  stop(): void;
}

/**
 * Whether a panel can be drawn here: a terminal of known width that moves its cursor. Some (`script`, `docker -t`)
 * call themselves terminals of 0 columns.
 */
export function canDrawPanel(stream: PanelStream, env: NodeJS.ProcessEnv): boolean {
  const moves = env.TERM !== undefined && env.TERM !== '' && env.TERM !== 'dumb';
  return stream.isTTY === true && stream.columns > 0 && moves && !env.CI;
}

/** Start drawing, by default on stderr; ask `canDrawPanel` first. */
export function showLivePanel(load: PanelLoad, stream: PanelStream, env: NodeJS.ProcessEnv): LivePanel {
  const color = !env.NO_COLOR && stream.hasColors(env);
  const state = startPanelState(load);
  /** The lines on the screen; the cursor is below the last. */
  let drawn: string[] = [];
  let lastDrawMs = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  const lines = (): string[] => {
    const panel = renderPanel(state, stream.columns, color);
    // Higher than the screen it would scroll, and the cursor could not go back to its beginning.
    return panel.length < stream.rows ? panel : [renderPanelLine(state, stream.columns, color)];
  };

  const draw = (): void => {
    clearTimeout(timer);
    timer = undefined;
    lastDrawMs = performance.now();
    const next = lines();
    stream.write(`${toBeginning(drawn, stream.columns)}${next.map(toRow).join('')}${ERASE_BELOW}`);
    drawn = next;
  };

  const drawWhenDue = (): void => {
    if (timer !== undefined || stopped) return;
    const dueInMs = lastDrawMs + REDRAW_EVERY_MS - performance.now();
    if (dueInMs <= 0) draw();
    else timer = setTimeout(draw, Math.ceil(dueInMs)).unref();
  };

  const giveCursorBack = (): void => {
    stream.write(SHOW_CURSOR);
  };

  // Ctrl-Z: the shell gets its cursor; afterwards the panel begins anew below what was written meanwhile.
  const onSuspend = (): void => {
    giveCursorBack();
    // Not when it goes on: a timer that is overdue by then draws before the signal is told.
    drawn = [];
    process.kill(process.pid, 'SIGSTOP');
  };
  const onResume = (): void => {
    stream.write(HIDE_CURSOR);
  };

  stream.write(HIDE_CURSOR);
  process.on('exit', giveCursorBack);
  process.on('SIGTSTP', onSuspend);
  process.on('SIGCONT', onResume);
  draw();

  return {
    onSample(sample: LiveSample): void {
      advancePanelState(state, sample);
      drawWhenDue();
    },
    say(line: string): void {
      const rows = stopped ? '' : drawn.map(toRow).join('');
      const start = stopped ? '' : `${toBeginning(drawn, stream.columns)}${ERASE_BELOW}`;
      stream.write(`${start}${line}\n${rows}`);
    },
    stop(): void {
      if (stopped) return;
      stopped = true;
      clearTimeout(timer);
      process.off('exit', giveCursorBack);
      process.off('SIGTSTP', onSuspend);
      process.off('SIGCONT', onResume);
      stream.write(`${toBeginning(drawn, stream.columns)}${ERASE_BELOW}${SHOW_CURSOR}`);
    },
  };
}

function toRow(line: string): string {
  return `${line}${ERASE_REST}\n`;
}

/**
 * From below the panel to its first column. Terminals break lines anew when they are made narrower: the panel is then
 * higher than it was drawn.
 */
function toBeginning(lines: readonly string[], columns: number): string {
  const rows = lines.reduce((sum, line) => sum + countRows(line, columns), 0);
  return rows === 0 ? '\r' : `\r\u001B[${rows}A`;
}

function countRows(line: string, columns: number): number {
  const width = stripVTControlCharacters(line).length;
  return columns > 0 ? Math.max(1, Math.ceil(width / columns)) : 1;
}
