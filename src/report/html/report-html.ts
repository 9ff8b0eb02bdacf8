import { createHash } from 'node:crypto';
import type { Comparison } from '../../model/comparison.ts';
import type { ReportData } from '../../model/report-data.ts';
import { renderComparisonTable } from './comparison-table.ts';
import { renderDisagreements } from './disagreement.ts';
import { embedJson } from './embed-json.ts';
import { renderEnvironment } from './environment.ts';
import { renderFindings } from './findings.ts';
import { renderHero } from './hero.ts';
import { html, rawHtml } from './html.ts';
import { renderLatencies } from './latency.ts';
import { renderOutcomes } from './outcomes.ts';
import { renderOverTime } from './over-time.ts';
import type { PageAssets } from './page-assets.ts';
import { hasPromises, renderPromises } from './promises.ts';
import { hasResilience, renderResilience } from './resilience.ts';
import { renderStrip } from './strip.ts';
import { STYLE } from './style.ts';
import { renderSurvival } from './survival.ts';

const PARTS = [
  ['promises', 'Gate'],
  ['comparison', 'Comparison'],
  ['resilience', 'Resilience'],
  ['outcomes', 'Outcomes'],
  ['witnesses', 'Witnesses'],
  ['findings', 'Findings'],
  ['latency', 'Latency'],
  ['time', 'Over time'],
  ['streams', 'Streams'],
  ['survival', 'Survival'],
  ['environment', 'Environment'],
] as const;

/** A tab icon that asks nobody: without one, browsers ask the server that a page came from. */
const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='4' fill='%230f6b5c'/%3E%3Cpath d='M3 11V8m3.3 3V4m3.4 7V6M13 11V9' stroke='white' stroke-width='1.8' stroke-linecap='round'/%3E%3C/svg%3E";

/**
 * The whole report as one page that needs nothing from anywhere: scripts, styles and data are inside, and its policy
 * forbids everything else. Text and tables are there without scripts; these draw the charts.
 */
export function reportHtml(comparison: Comparison, data: ReportData, assets: PageAssets): string {
  const styles = [assets.chartStyle, STYLE].map(inline);
  const scripts = [assets.chartScript, assets.pageScript].map(inline);
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policyFor(scripts, styles)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="ssee-bench ${comparison.harnessVersion}">
<title>${comparison.scenario.name} - ssee-bench</title>
<link rel="icon" href="${rawHtml(ICON)}">
${styles.map((text) => html`<style>${rawHtml(text)}</style>\n`)}</head>
<body>
<a class="skip" href="#main">To the report</a>
<header class="bar"><div class="bar-in"><span class="brand">ssee<span>-bench</span></span>
<nav aria-label="Parts of the report"><ul>${partsOf(comparison).map(([id, name]) => html`<li><a href="#${id}">${name}</a></li>`)}</ul></nav>
<button type="button" id="theme" class="needs-script">Theme: auto</button></div></header>
<main id="main">
${renderHero(comparison)}
${hasPromises(comparison) && renderPromises(comparison)}
${renderComparisonTable(comparison)}
${hasResilience(comparison) && renderResilience(comparison)}
${renderOutcomes(comparison)}
${renderDisagreements(comparison)}
${renderFindings(comparison, data)}
${renderLatencies(comparison, data)}
${renderOverTime(comparison, data)}
${renderStrip(data)}
${renderSurvival(data)}
${renderEnvironment(comparison)}
<footer>Made by ssee-bench ${comparison.harnessVersion} from the stored run. The same figures are in comparison.json beside this file.</footer>
</main>
<script type="application/json" id="report-data">${rawHtml(embedJson(data))}</script>
${scripts.map((text) => html`<script>${rawHtml(text)}</script>\n`)}</body>
</html>
`;
  return page.text;
}

/** Parts that have something to show. */
function partsOf(comparison: Comparison): (readonly [id: string, name: string])[] {
  return PARTS.filter(
    ([id]) =>
      (id !== 'promises' || hasPromises(comparison)) && (id !== 'resilience' || hasResilience(comparison)),
  );
}

/** Only exactly these scripts and styles, no connection, no frame, no form. */
function policyFor(scripts: readonly string[], styles: readonly string[]): string {
  const hashes = (texts: readonly string[]): string =>
    texts.map((text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`).join(' ');
  return [
    "default-src 'none'",
    `script-src ${hashes(scripts)}`,
    `style-src ${hashes(styles)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

/** Nothing of ours says `</script`, and a library that did would end its own element. */
function inline(text: string): string {
  return text.replace(/<\/(script|style)/gi, '<\\/$1');
}
