import type { InvariantCount } from '../model/gate.ts';
import { formatCount, formatPercent } from '../stats/format-figure.ts';

/** How often a promise was broken, and out of how much: `18 lost-events among 17,900 events (0.1 %)`. */
export function describeInvariant({ name, count, total }: InvariantCount): string {
  const said = `${formatCount(count)} ${name}`;
  if (total === undefined || total === 0) return said;
  const unit = name.includes('event') ? 'events' : 'streams';
  return `${said} among ${formatCount(total)} ${unit} (${formatPercent(count / total)})`;
}
