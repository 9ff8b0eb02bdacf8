import type { Comparison } from '../../model/comparison.ts';
import type { ReportData } from '../../model/report-data.ts';
import { renderClaims } from './claims.ts';
import { renderComparisonTable } from './comparison-table.ts';
import { renderDisagreements } from './disagreement.ts';
import { embedJson } from './embed-json.ts';
import { renderEnvironment } from './environment.ts';
import { renderFindings } from './findings.ts';
import { hasHeaders, renderHeaders } from './headers.ts';
import { renderHero } from './hero.ts';
import { html } from './html.ts';
import { renderLatencies } from './latency.ts';
import { renderOutcomes } from './outcomes.ts';
import { renderOverTime } from './over-time.ts';
import type { PageAssets } from './page-assets.ts';
import { renderDocument } from './page-document.ts';
import { hasPromises, renderPromises } from './promises.ts';
import { hasResilience, renderResilience } from './resilience.ts';
import { renderStrip } from './strip.ts';
import { renderSurvival } from './survival.ts';

const PARTS = [
  ['promises', 'Gate'],
  ['comparison', 'Comparison'],
  ['resilience', 'Resilience'],
  ['outcomes', 'Outcomes'],
  ['witnesses', 'Witnesses'],
  ['findings', 'Findings'],
  ['claims', 'Claims'],
  ['headers', 'Headers'],
  ['latency', 'Latency'],
  ['time', 'Over time'],
  ['streams', 'Streams'],
  ['survival', 'Survival'],
  ['environment', 'Environment'],
] as const;

/**
 * The whole report as one page that needs nothing from anywhere: scripts, styles and data are inside, and its policy
 * forbids everything else. Text and tables are there without scripts; these draw the charts.
 */
export function reportHtml(comparison: Comparison, data: ReportData, assets: PageAssets): string {
  return renderDocument({
    title: `${comparison.scenario.name} - ssee-bench`,
    harnessVersion: comparison.harnessVersion,
    nav: PARTS.filter(([id]) => isShown(id, comparison)),
    navLabel: 'Parts of the report',
    skip: 'To the report',
    main: html`${renderHero(comparison)}
${hasPromises(comparison) && renderPromises(comparison)}
${renderComparisonTable(comparison)}
${hasResilience(comparison) && renderResilience(comparison)}
${renderOutcomes(comparison)}
${renderDisagreements(comparison)}
${renderFindings(comparison, data)}
${comparison.claims.length > 0 && renderClaims(comparison.claims)}
${hasHeaders(comparison) && renderHeaders(comparison)}
${renderLatencies(comparison, data)}
${renderOverTime(comparison, data)}
${renderStrip(data)}
${renderSurvival(data)}
${renderEnvironment(comparison)}
<footer>Made by ssee-bench ${comparison.harnessVersion} from the stored run. The same figures are in comparison.json beside this file.</footer>`,
    data: { id: 'report-data', json: embedJson(data) },
    assets,
  }).text;
}

/** Parts that not every run has anything for. */
function isShown(id: (typeof PARTS)[number][0], comparison: Comparison): boolean {
  if (id === 'promises') return hasPromises(comparison);
  if (id === 'claims') return comparison.claims.length > 0;
  if (id === 'resilience') return hasResilience(comparison);
  return id !== 'headers' || hasHeaders(comparison);
}
