import type { IncidenceStep, SurvivalStep } from './kaplan-meier.ts';
import { pickVisible } from './pick-visible.ts';

/**
 * At most `most` steps that draw the same curve: the first, the last, and every drop that can be seen at this
 * resolution, at its exact age. Kept steps are unchanged, so their `deaths` no longer sum to all deaths.
 *
 * @throws RangeError when `most` is below 3 or no whole number
 */
export function thinSteps(steps: readonly SurvivalStep[], most: number): SurvivalStep[] {
  const levels = steps.map(({ survival }) => survival);
  return pickVisible(levels, most).map((i) => steps[i]!);
}

/** The same for the curve of one cause. */
export function thinIncidence(steps: readonly IncidenceStep[], most: number): IncidenceStep[] {
  const levels = steps.map(({ incidence }) => incidence);
  return pickVisible(levels, most).map((i) => steps[i]!);
}
