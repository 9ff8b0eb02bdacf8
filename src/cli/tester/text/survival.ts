import type { TesterReport, TesterSurvival } from '../../../model/tester-report.ts';
import { formatCount, formatRate } from '../../../stats/format-figure.ts';
import { continued, labelled } from './lines.ts';

const CAUSES: Record<keyof TesterSurvival['deaths'], string> = {
  fin: 'FIN of the server',
  rst: 'RST',
  stall: 'silence',
  protocol: 'bad bytes',
};

/** How long streams lived. Empty where none was lost. */
export function describeSurvival({ survival }: TesterReport): string[] {
  if (survival === null) return [];
  const { lifetimes, deaths, medianMs, endMs, clusters } = survival;
  const causes = (Object.keys(CAUSES) as (keyof typeof CAUSES)[]).filter((cause) => deaths[cause] > 0);
  const died = causes.reduce((sum, cause) => sum + deaths[cause], 0);
  const by = causes.map((cause) => `${CAUSES[cause]} ${formatCount(deaths[cause])}`).join(', ');
  const half =
    medianMs === null
      ? `more than half outlived ${endMs === null ? 'the run' : formatAge(endMs)}`
      : `half were gone after ${formatAge(medianMs)}`;
  return [
    ...labelled('survival', `${formatCount(died)} of ${formatCount(lifetimes)} streams died: ${by}; ${half}`),
    ...clusters.flatMap(({ count, ageMs, nominalMs, spreadMs, round }) => {
      const age = round ? `${formatAge(ageMs)} +- ${formatSpread(spreadMs)}` : formatAge(ageMs);
      const cause = round
        ? `a deadline of ${formatRate(nominalMs / 1000)} s in the path`
        : `+- ${formatSpread(spreadMs)}, too close together for chance: one cause, or a deadline`;
      return continued(
        `${formatCount(count)} of ${formatCount(lifetimes)} streams died at ${age}${round ? ': ' : ' '}${cause}`,
      );
    }),
  ];
}

/** With a tenth of a second, which deadlines are told by. */
function formatAge(ms: number): string {
  return `${(ms / 1000).toFixed(ms < 1000 ? 2 : 1)} s`;
}

/** Rounded up: a spread of nothing is not known that well. */
function formatSpread(ms: number): string {
  return `${(Math.max(1, Math.ceil(ms / 100)) / 10).toFixed(1)} s`;
}
