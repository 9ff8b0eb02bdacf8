import { join, resolve } from 'node:path';
import { stacksOfTarget } from '../evidence/profile/build-profile-evidence.ts';
import { flameGraphNamer } from '../evidence/profile/name-flame-graph.ts';
import { UserError } from '../model/errors.ts';
import type { HotFunctions, StackKind } from '../model/profile.ts';
import type { RunRecord } from '../model/run-record.ts';
import { giveToOwner } from '../process/give-to-owner.ts';
import { renderFlameGraph } from '../report/flame-graph/render-flame-graph.ts';
import type { DerivedArm } from './derive-comparison.ts';
import { writeFileAtomically } from './run-store.ts';

const TITLES: Record<StackKind, string> = {
  cpu: 'CPU time of the target',
  block: 'Where goroutines of the target waited',
  mutex: 'Locks of the target that kept others waiting',
  goroutine: 'Goroutines of the target',
};

/**
 * Write one page per profile that holds anything into the run folder, under the names that the comparison gives them.
 * @throws UserError (exit 1) naming the file, the cause and the remedy
 */
export function writeFlameGraphs(runDir: string, run: RunRecord, arms: readonly DerivedArm[]): void {
  for (const { arm, evidence, profiles } of arms) {
    const nameOf = flameGraphNamer(run.plan, arm);
    for (const functions of evidence?.profile?.hot ?? []) {
      const reading = profiles[functions.kind];
      if (!reading?.ok) continue;
      const page = renderFlameGraph(stacksOfTarget(functions.kind, reading.profile), {
        title: `${TITLES[functions.kind]}, ${arm.id}`,
        unit: reading.profile.unit,
        subtitle: describeProfile(run, functions),
      });
      write(join(runDir, nameOf(functions.kind)), page);
    }
  }
}

function describeProfile({ scenario }: RunRecord, { total, unit }: HotFunctions): string {
  return `${scenario.name}, ${unit === 's' ? `${total.toFixed(2)} s in all` : `${total} in all`}.`;
}

function write(path: string, page: string): void {
  try {
    writeFileAtomically(path, page);
    giveToOwner(resolve(path));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UserError(
      `cannot write ${path}: ${code ?? message}; make room there and make it writable for you, then run \`ssee-bench report\` on the folder`,
      1,
    );
  }
}
