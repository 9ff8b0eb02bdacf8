/** Show the reason of an absent value where it stands, by pointer and by keyboard. */
export function setUpTips(): void {
  const tip = document.createElement('div');
  tip.className = 'tip';
  tip.hidden = true;
  document.body.append(tip);
  const show = (event: Event): void => {
    const target = event.target instanceof Element ? event.target.closest('a.note, [data-tip]') : null;
    const text = target && textOf(target);
    tip.hidden = !text;
    if (!target || !text) return;
    tip.textContent = text;
    const place = target.getBoundingClientRect();
    const own = tip.getBoundingClientRect();
    const left = Math.min(
      innerWidth - own.width - 12,
      Math.max(12, place.left + place.width / 2 - own.width / 2),
    );
    const above = place.top - own.height - 8;
    tip.style.left = `${left}px`;
    tip.style.top = `${above > 8 ? above : place.bottom + 8}px`;
  };
  const hide = (): void => {
    tip.hidden = true;
  };
  addEventListener('pointerover', show);
  addEventListener('focusin', show);
  addEventListener('focusout', hide);
  addEventListener('scroll', hide, { passive: true });
  addEventListener('keydown', (event) => {
    if (event.key === 'Escape') hide();
  });
}

function textOf(element: Element): string | null | undefined {
  if (element instanceof HTMLElement && element.dataset.tip !== undefined) return element.dataset.tip;
  const id = element.getAttribute('href')?.slice(1);
  return id ? document.getElementById(id)?.lastChild?.textContent : undefined;
}

/** Copy the command beside a button; where the browser refuses, select it. */
export function setUpCopying(): void {
  addEventListener('click', (event) => {
    const button = event.target instanceof Element ? event.target.closest('[data-copy]') : null;
    const code = button?.parentElement?.querySelector('code');
    if (!button || !code) return;
    const select = (): void => getSelection()?.selectAllChildren(code);
    if (!navigator.clipboard) {
      select();
      return;
    }
    navigator.clipboard.writeText(code.textContent ?? '').then(() => {
      button.textContent = 'Copied';
      setTimeout(() => {
        button.textContent = 'Copy';
      }, 1500);
    }, select);
  });
}

/** Paper has no folds: open everything while printing. */
export function setUpPrinting(): void {
  let opened: HTMLDetailsElement[] = [];
  addEventListener('beforeprint', () => {
    opened = [...document.querySelectorAll<HTMLDetailsElement>('details:not([open]):not(.needs-script)')];
    for (const details of opened) details.open = true;
  });
  addEventListener('afterprint', () => {
    for (const details of opened) details.open = false;
    opened = [];
  });
}
