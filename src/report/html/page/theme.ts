const KEY = 'ssee-bench-theme';
const CHOICES = ['auto', 'light', 'dark'] as const;
type Choice = (typeof CHOICES)[number];

/** Colours are variables of the style, so that charts follow the theme. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

export function armColour(index: number): string {
  return colour(`arm-${index % 8}`);
}

/** Let the button go through the themes. `onChange` is called whenever colours have changed. */
export function setUpTheme(onChange: () => void): void {
  const button = document.getElementById('theme');
  let choice = remembered();
  const apply = (): void => {
    if (choice === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = choice;
    if (button) button.textContent = `Theme: ${choice}`;
  };
  apply();
  button?.addEventListener('click', () => {
    choice = CHOICES[(CHOICES.indexOf(choice) + 1) % CHOICES.length]!;
    remember(choice);
    apply();
    onChange();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', onChange);
}

/** Browsers may refuse storage to a file: then the theme lasts as long as the page. */
function remembered(): Choice {
  try {
    const stored = localStorage.getItem(KEY);
    return CHOICES.find((choice) => choice === stored) ?? 'auto';
  } catch {
    return 'auto';
  }
}

function remember(choice: Choice): void {
  try {
    localStorage.setItem(KEY, choice);
  } catch {
    // Refused: nothing is lost but the memory of it.
  }
}
