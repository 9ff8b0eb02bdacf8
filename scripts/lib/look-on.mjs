/** Runs in the page, which is gone once it has given way to the report: what it shows is noted at once. */
const WATCH = `
  new MutationObserver(() => {
    const text = (id) => document.getElementById(id)?.textContent ?? '';
    if (text('now-trial').endsWith(': measuring') && /\\d/.test(text('figure-requests'))) noteFigure();
  }).observe(document, {subtree: true, childList: true, characterData: true});
`;

/**
 * Open a run's live page and look on until the run is over.
 *
 * @param {{newPage(): Promise<any>}} browser
 * @param {string} url of the live page
 * @param {Promise<unknown>} over fulfilled when the run has ended
 * @throws Error when the page did not open, or showed no figure of a running trial: then nobody looked on
 */
export async function lookOn(browser, url, over) {
  const page = await browser.newPage();
  try {
    let figures = 0;
    await page.exposeFunction('noteFigure', () => {
      figures++;
    });
    await page.addInitScript(WATCH);
    await page.goto(url);
    await over;
    if (figures === 0) throw new Error(`${url} showed no figure while a trial ran: nobody looked on`);
  } finally {
    await page.close();
  }
}
