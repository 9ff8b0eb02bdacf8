const FOCUSABLE = 'a[href], button, summary, [tabindex="0"]';

/**
 * Put newer sections in place of the older ones. Whoever stands in them with the keyboard, has scrolled a table or has
 * opened a part finds it as it was.
 *
 * @param text HTML as the server's own templates wrote it, with every text of others escaped
 */
export function showResults(text: string): void {
  const host = document.getElementById('results');
  if (!host) return;
  const scrolled = [...host.querySelectorAll('.scroll')].map((region) => region.scrollLeft);
  const open = [...host.querySelectorAll('details')].map((details) => details.open);
  const focused = [...host.querySelectorAll<HTMLElement>(FOCUSABLE)].indexOf(
    document.activeElement as HTMLElement,
  );
  const template = document.createElement('template');
  template.innerHTML = text;
  host.replaceChildren(template.content);
  for (const [index, region] of [...host.querySelectorAll('.scroll')].entries()) {
    region.scrollLeft = scrolled[index] ?? 0;
  }
  for (const [index, details] of [...host.querySelectorAll('details')].entries()) {
    details.open = open[index] ?? false;
  }
  if (focused >= 0) host.querySelectorAll<HTMLElement>(FOCUSABLE)[focused]?.focus({ preventScroll: true });
}
