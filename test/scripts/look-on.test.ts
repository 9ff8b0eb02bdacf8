import { expect, it } from 'vitest';
// @ts-expect-error plain JavaScript without types: it runs before anything is compiled
import { lookOn } from '../../scripts/lib/look-on.mjs';

const URL = 'http://127.0.0.1:1/';

/** A browser whose page does as it is told; `calls` says what was asked of it. */
function fakeBrowser(goto: (note: () => void) => Promise<void>) {
  const calls: string[] = [];
  let note = (): void => {};
  const page = {
    exposeFunction: (_name: string, listener: () => void) => {
      note = listener;
      return Promise.resolve();
    },
    addInitScript: () => Promise.resolve(),
    goto: (url: string) => {
      calls.push(url);
      return goto(note);
    },
    close: () => {
      calls.push('close');
      return Promise.resolve();
    },
  };
  return { calls, newPage: () => Promise.resolve(page) };
}

it('looks on until the run is over, and closes its page', async () => {
  const browser = fakeBrowser((note) => Promise.resolve(note()));
  await lookOn(browser, URL, Promise.resolve());
  expect(browser.calls).toEqual([URL, 'close']);
});

it('counts what is shown after the page has opened', async () => {
  let noteLater = (): void => {};
  const browser = fakeBrowser((note) => {
    noteLater = note;
    return Promise.resolve();
  });
  const over = new Promise<void>((end) => setImmediate(() => end(noteLater())));
  await expect(lookOn(browser, URL, over)).resolves.toBeUndefined();
});

it.each([
  ['showed no figure', () => Promise.resolve(), /showed no figure while a trial ran/],
  ['did not open', () => Promise.reject(new Error('ERR_CONNECTION_REFUSED')), /REFUSED/],
])('is no looking on when the page %s; the page is closed all the same', async (_, goto, message) => {
  const browser = fakeBrowser(goto);
  await expect(lookOn(browser, URL, Promise.resolve())).rejects.toThrow(message);
  expect(browser.calls).toEqual([URL, 'close']);
});

it('says so when the browser has no page to give', async () => {
  const broken = { newPage: () => Promise.reject(new Error('browser has been closed')) };
  await expect(lookOn(broken, URL, Promise.resolve())).rejects.toThrow(/has been closed/);
});
