import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { canDrawPanel, type LivePanel, type PanelStream, showLivePanel } from '../../src/cli/live-panel.ts';
import { FakeTerminal } from '../helpers/fake-terminal.ts';
import { liveSample } from '../helpers/live-samples.ts';

const LOAD = { url: 'http://127.0.0.1:8080/events', durationMs: 30_000, stream: 'finite' as const };
const ENV = { TERM: 'xterm-256color' };

const asStream = (terminal: FakeTerminal): PanelStream => terminal as unknown as PanelStream;
const usesColor = (terminal: FakeTerminal): boolean =>
  terminal.writes
    .join('')
    .split('\u001B[')
    .some((part) => /^[0-9;]*m/.test(part));

describe('where a panel is drawn', () => {
  it('is a terminal that has columns and can move its cursor', () => {
    const canDraw = (changes: Partial<FakeTerminal>, env: NodeJS.ProcessEnv): boolean =>
      canDrawPanel(asStream(Object.assign(new FakeTerminal(), changes)), env);
    expect(canDraw({}, ENV)).toBe(true);
    expect(canDraw({ columns: 0 }, ENV)).toBe(false);
    expect(canDraw({ isTTY: false }, ENV)).toBe(false);
    expect(canDraw({}, { TERM: 'dumb' })).toBe(false);
    expect(canDraw({}, {})).toBe(false);
    expect(canDraw({}, { ...ENV, CI: 'true' })).toBe(false);
  });
});

describe('the live panel', () => {
  let terminal: FakeTerminal;
  let panel: LivePanel | undefined;

  const show = (env: NodeJS.ProcessEnv = ENV): LivePanel => {
    panel = showLivePanel(LOAD, asStream(terminal), env);
    return panel;
  };
  const frames = (): number => terminal.writes.filter((text) => text.includes('ssee-tester')).length;

  beforeEach(() => {
    vi.useFakeTimers();
    terminal = new FakeTerminal();
  });
  afterEach(() => {
    panel?.stop();
    panel = undefined;
    vi.useRealTimers();
  });

  it('is redrawn in its place, and nothing above it is touched', () => {
    terminal.write('$ ssee-tester\n');
    const { onSample } = show();
    for (let second = 1; second <= 5; second++) {
      vi.advanceTimersByTime(1000);
      onSample(liveSample({ atMs: second * 1000 }));
    }
    const lines = terminal.lines();
    expect(lines[0]).toBe('$ ssee-tester');
    expect(lines[1]).toMatch(/^ssee-tester .* 5 of 30 s$/);
    expect(lines).toHaveLength(1 + 16);
  });

  it('is drawn once per second, however often samples come, and ends on the newest', () => {
    const { onSample } = show();
    for (let step = 1; step <= 40; step++) {
      vi.advanceTimersByTime(100);
      onSample(liveSample({ atMs: step * 100, connectionsOpen: step }));
    }
    vi.advanceTimersByTime(1000);
    expect(frames()).toBe(1 + 4 + 1);
    expect(terminal.lines().join()).toContain('40 of 100 open');
  });

  it('does not skip a second because its sample came a little early', () => {
    const { onSample } = show();
    vi.advanceTimersByTime(1000);
    onSample(liveSample({ connectionsOpen: 1 }));
    vi.advanceTimersByTime(998);
    onSample(liveSample({ connectionsOpen: 2 }));
    vi.advanceTimersByTime(2);
    expect(terminal.lines().join()).toContain('  2 of 100 open');
  });

  it('leaves nothing behind, and gives the cursor back', () => {
    terminal.write('$ ssee-tester\n');
    const { onSample, stop } = show();
    expect(terminal.cursorVisible).toBe(false);
    vi.advanceTimersByTime(1000);
    onSample(liveSample());
    stop();
    stop();
    expect(terminal.lines()).toEqual(['$ ssee-tester']);
    expect(terminal.cursorVisible).toBe(true);
    onSample(liveSample());
    vi.advanceTimersByTime(5000);
    expect(terminal.lines()).toEqual(['$ ssee-tester']);
  });

  it('gives the cursor back when the process leaves without stopping it', () => {
    const before = process.listenerCount('exit');
    const { stop } = show();
    const [giveBack] = process.listeners('exit').slice(before) as [(code: number) => void];
    giveBack(130);
    expect(terminal.cursorVisible).toBe(true);
    stop();
    expect(process.listenerCount('exit')).toBe(before);
    expect(process.listenerCount('SIGTSTP')).toBe(0);
  });

  it('prints lines above itself', () => {
    const { onSample, say } = show();
    vi.advanceTimersByTime(1000);
    onSample(liveSample());
    say('interrupted: reporting what was measured');
    const lines = terminal.lines();
    expect(lines[0]).toBe('interrupted: reporting what was measured');
    expect(lines[1]).toMatch(/^ssee-tester /);
    vi.advanceTimersByTime(1000);
    onSample(liveSample({ atMs: 2000 }));
    expect(terminal.lines()).toHaveLength(1 + 16);
  });

  it('follows the width of the terminal, and finds its beginning after it was made narrower', () => {
    terminal = new FakeTerminal(120, 40);
    terminal.write('$ ssee-tester\n');
    const { onSample } = show();
    terminal.resize(80);
    vi.advanceTimersByTime(1000);
    onSample(liveSample());
    const lines = terminal.lines();
    expect(lines[0]).toBe('$ ssee-tester');
    expect(lines[1]).toMatch(/^ssee-tester .* 1 of 30 s$/);
    expect(lines).toHaveLength(1 + 16);
  });

  it('is one line where the terminal is too low for it', () => {
    terminal = new FakeTerminal(80, 10);
    const { onSample } = show();
    vi.advanceTimersByTime(1000);
    onSample(liveSample());
    expect(terminal.lines()).toEqual(['1/30 s  98,765 ev/s  100/100 open  p99 12 ms']);
  });

  it('has colour unless NO_COLOR is set', () => {
    show();
    expect(usesColor(terminal)).toBe(true);
    panel?.stop();
    terminal = new FakeTerminal();
    show({ ...ENV, NO_COLOR: '1' });
    expect(usesColor(terminal)).toBe(false);
  });
});
