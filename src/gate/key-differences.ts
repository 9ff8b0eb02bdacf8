import type { ComparisonKey, TargetKey } from '../model/gate.ts';
import { formatDuration } from '../model/units.ts';

/**
 * Why figures under two keys must not be held against each other, one clause per difference; empty when they may.
 *
 * @param there what the clauses call the other side: `in the baseline`
 */
export function keyDifferences(here: ComparisonKey, other: ComparisonKey, there: string): string[] {
  const differences: string[] = [];
  const compare = (what: string, a: string | number | boolean, b: string | number | boolean): void => {
    if (a !== b) differences.push(`${what} is ${a}, ${b} ${there}`);
  };
  if (here.scenario.sha256 !== other.scenario.sha256) {
    differences.push(
      here.scenario.name === other.scenario.name
        ? `the text of scenario ${here.scenario.name} is another one ${there}`
        : `the scenario is ${here.scenario.name}, ${other.scenario.name} ${there}`,
    );
  }
  compare('connections', here.load.connections, other.load.connections);
  compare('the duration', formatDuration(here.load.durationMs), formatDuration(other.load.durationMs));
  compare('the timeout', formatDuration(here.load.timeoutMs), formatDuration(other.load.timeoutMs));
  compare('the kind of stream', here.load.stream, other.load.stream);
  compare('the CPU model', here.machine.cpuModel, other.machine.cpuModel);
  compare('the number of CPUs', here.machine.cpus, other.machine.cpus);
  compare("the kernel's major version", here.machine.kernelMajor, other.machine.kernelMajor);
  compare("Node's major version", here.machine.nodeMajor, other.machine.nodeMajor);
  compare('a network namespace per trial', here.machine.namespaces, other.machine.namespaces);
  differences.push(...targetDifferences(here, other, there));
  // Looking on takes CPU time from what is measured: on one side alone it would be a regression of the server. Whether a page
  // was open is not recorded; the tools sample themselves for one anyway.
  if (here.watched !== other.watched) {
    differences.push(
      here.watched
        ? `the trials could be looked into while they ran (--live-during-trials), those ${there} could not`
        : `the trials ${there} could be looked into while they ran (--live-during-trials), these could not`,
    );
  }
  for (const [name, version] of Object.entries(here.tools)) {
    const before = other.tools[name];
    if (before === undefined) differences.push(`there is no row ${name} ${there}`);
    else compare(`the version of ${name}`, version ?? 'not installed', before ?? 'not installed');
  }
  for (const name of Object.keys(other.tools)) {
    if (!Object.hasOwn(here.tools, name)) differences.push(`the row ${name} is ${there} alone`);
  }
  return differences;
}

/** One clause per difference, however many rows share the target. */
function targetDifferences(
  { targets: here = {} }: ComparisonKey,
  { targets: other }: ComparisonKey,
  there: string,
): string[] {
  if (other === undefined) {
    return Object.keys(here).length > 0
      ? [`which target ran is not known ${there}, which is of an older version`]
      : [];
  }
  const sayFallback = ({ isFallback }: TargetKey): string =>
    isFallback ? 'a fallback' : 'the one asked for';
  const differences = Object.entries(here).flatMap(([row, a]) => {
    const b = other[row];
    if (!b) return [];
    const compare = (what: string, own: string, before: string): string[] =>
      own === before ? [] : [`${what} is ${own}, ${before} ${there}`];
    return [
      ...compare('the target', a.name, b.name),
      ...compare('the target that ran', sayFallback(a), sayFallback(b)),
      ...(a.name === b.name
        ? compare(`the version of target ${a.name}`, a.version ?? 'not known', b.version ?? 'not known')
        : []),
    ];
  });
  return [...new Set(differences)];
}
