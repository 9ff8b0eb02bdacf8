import type { FoldedStack } from '../../model/profile.ts';
import { cleanText } from '../clean-text.ts';
import { buildFrameTree } from './build-frame-tree.ts';
import { PAGE_SCRIPT } from './page-script.ts';
import { PAGE_STYLE } from './page-style.ts';

export interface FlameGraphOptions {
  /** Heading of the page: `CPU of the target, wrk`. */
  title: string;
  /** What a value is: nanoseconds of CPU or waiting, or goroutines. */
  unit: 'ns' | 'count';
  /** One line under the heading. */
  subtitle?: string;
}

/**
 * A flame graph, root on top, as one HTML page that needs nothing else: click or Enter zooms, `/` searches, arrows walk,
 * Escape goes back. The same stacks give the same bytes.
 * @param stacks not empty
 */
export function renderFlameGraph(stacks: readonly FoldedStack[], options: FlameGraphOptions): string {
  const { omitted, ...tree } = buildFrameTree(stacks, 'all');
  const data = { unit: options.unit, ...tree, names: tree.names.map(cleanText) };
  const hints = [
    ...(options.subtitle === undefined ? [] : [options.subtitle]),
    'Width is share, depth is calls; click or Enter to zoom, arrow keys to walk, / to search, Escape to go back.',
    ...(omitted > 0 ? [`${omitted} frames are too small or too deep to be drawn.`] : []),
  ];
  // The policy keeps the page from loading anything, whatever a name in it may say.
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${escapeHtml(options.title)}</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<h1>${escapeHtml(options.title)}</h1>
<p>${escapeHtml(hints.join(' '))}</p>
<form id="controls">
<input id="search" type="search" placeholder="search functions" aria-label="search functions">
<button id="reset" type="button">whole graph</button>
<span id="matched" role="status"></span>
</form>
<div id="graph" role="group" aria-label="flame graph"></div>
<div id="detail" role="status"></div>
<noscript>This page draws itself with JavaScript; the stacks are in its source.</noscript>
<script type="application/json" id="data">${escapeJson(JSON.stringify(data))}</script>
<script>${PAGE_SCRIPT}</script>
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return cleanText(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** Inside a script element only its end, and the beginning of a comment, mean anything; both begin with `<`. */
function escapeJson(json: string): string {
  return json.replaceAll('<', '\\u003c').replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}
