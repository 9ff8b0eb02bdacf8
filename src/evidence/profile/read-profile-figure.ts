import { type Reading, unknown } from '../../model/cell.ts';
import type { ArmEvidence } from '../../model/evidence.ts';
import type { ProfileFigureId } from '../../model/profile.ts';

/** A figure of the target's profile, or why there is none. What rules ask. */
export function readProfileFigure({ profile }: ArmEvidence, id: ProfileFigureId): Reading {
  return profile?.figures[id] ?? unknown('not-collected', 'the scenario asks for no profile of the target');
}
