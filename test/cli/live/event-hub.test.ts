import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventHub, type FrameSink } from '../../../src/cli/live/event-hub.ts';
import { EventDecoder, type StreamEvent } from '../../../src/sse/event-decoder.ts';

/** A browser that reads when it is told to. */
class Browser implements FrameSink {
  written = '';
  blocked = false;
  destroyed = false;
  private drain: () => void = () => {};

  write(text: string): boolean {
    this.written += text;
    return !this.blocked;
  }

  onDrain(listener: () => void): void {
    this.drain = listener;
  }

  destroy(): void {
    this.destroyed = true;
  }

  read(): void {
    this.blocked = false;
    this.drain();
  }

  get events(): StreamEvent[] {
    const events: StreamEvent[] = [];
    new EventDecoder((event) => events.push(event)).push(Buffer.from(this.written));
    return events;
  }

  get data(): unknown[] {
    return this.events.map(({ data }) => JSON.parse(data));
  }

  get lastId(): string | undefined {
    return this.events.at(-1)?.id;
  }
}

const hub = (options: Partial<ConstructorParameters<typeof EventHub>[0]> = {}): EventHub =>
  new EventHub({ session: 'run', ...options });

describe('a client that comes for the first time', () => {
  it('gets the newest of each type in the order of publication, and then what comes', () => {
    const it = hub();
    it.publish('progress', 1);
    it.publish('results', 2);
    it.publish('progress', 3);
    const browser = new Browser();
    it.join(browser, undefined);
    it.publish('progress', 4);
    expect(browser.data).toEqual([2, 3, 4]);
  });

  it('gets all of a series, until it is forgotten', () => {
    const it = hub();
    for (const value of [1, 2, 3]) it.publish('reading', value, 'series');
    const first = new Browser();
    it.join(first, undefined);
    it.forget('reading');
    const second = new Browser();
    it.join(second, undefined);
    expect([first.data, second.data]).toEqual([[1, 2, 3], []]);
  });
});

describe('a client that comes back', () => {
  it('gets exactly what it has missed, wherever the connection was cut', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), fc.nat(30), (before, after) => {
        const it = hub();
        const first = new Browser();
        const leave = it.join(first, undefined);
        for (let value = 0; value < before; value++) it.publish('reading', value, 'series');
        leave();
        for (let value = before; value < before + after; value++) it.publish('reading', value, 'series');
        const again = new Browser();
        it.join(again, first.lastId);
        expect([...first.data, ...again.data]).toEqual([...Array(before + after).keys()]);
      }),
    );
  });

  it.each(['other-1', 'run-99', 'run-', '', 'run-1e3', 'run--1', 'x'])(
    'gets the state for the id %j, which is not of this stream',
    (id) => {
      const it = hub();
      it.publish('progress', 1);
      it.publish('progress', 2);
      const browser = new Browser();
      it.join(browser, id);
      expect(browser.data).toEqual([2]);
    },
  );

  it('gets the state when what it missed is kept no more', () => {
    const it = hub({ keptFrames: 2 });
    for (const value of [1, 2, 3, 4]) it.publish('progress', value);
    const old = new Browser();
    it.join(old, 'run-1');
    const recent = new Browser();
    it.join(recent, 'run-2');
    expect([old.data, recent.data]).toEqual([[4], [3, 4]]);
  });
});

describe('a client that does not read', () => {
  it('loses the oldest, hears how many, and holds up nobody', () => {
    const it = hub({ queuedFrames: 2 });
    const slow = new Browser();
    const quick = new Browser();
    it.join(slow, undefined);
    it.join(quick, undefined);
    slow.blocked = true;
    for (const value of [1, 2, 3, 4, 5]) it.publish('progress', value);
    expect(quick.data).toEqual([1, 2, 3, 4, 5]);
    // The first was on its way before it was known that nobody reads.
    expect(slow.data).toEqual([1]);
    slow.read();
    expect(slow.events.map(({ type, data }) => [type, JSON.parse(data)])).toEqual([
      ['progress', 1],
      ['lost', { count: 2 }],
      ['progress', 4],
      ['progress', 5],
    ]);
    expect(slow.lastId).toBe('run-5');
  });

  it('is disconnected when it has lost too much, and costs nothing from then on', () => {
    const it = hub({ queuedFrames: 2, mostDropped: 3 });
    const slow = new Browser();
    slow.blocked = true;
    it.join(slow, undefined);
    for (let value = 0; value < 100; value++) it.publish('progress', value);
    expect(slow.destroyed).toBe(true);
    expect(slow.data).toEqual([0]);
    expect(it.clientCount).toBe(0);
  });

  it('is not counted as one that keeps up', () => {
    const it = hub();
    const slow = new Browser();
    slow.blocked = true;
    it.join(slow, undefined);
    it.join(new Browser(), undefined);
    it.publish('progress', 1);
    expect([it.clientCount, it.upToDateCount]).toEqual([2, 1]);
  });
});

describe('while a tool measures', () => {
  it('nothing is written to anybody, not even to keep a connection alive; afterwards all get the state', () => {
    const it = hub();
    const browser = new Browser();
    it.join(browser, undefined);
    it.publish('progress', 1);
    it.pause();
    const before = browser.written;
    it.publish('progress', 2);
    it.publish('progress', 3);
    it.beat();
    browser.read();
    expect(browser.written).toBe(before);
    it.resume();
    expect(browser.data).toEqual([1, 3]);
    it.resume();
    expect(browser.data).toEqual([1, 3]);
  });

  it('a client that asks is answered', () => {
    const it = hub();
    it.publish('progress', 1);
    it.pause();
    it.publish('progress', 2);
    const browser = new Browser();
    it.join(browser, undefined);
    it.publish('progress', 3);
    expect(browser.data).toEqual([2]);
    it.resume();
    expect(browser.data).toEqual([2, 3]);
  });
});
