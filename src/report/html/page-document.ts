import { createHash } from 'node:crypto';
import { type Content, html, rawHtml } from './html.ts';
import type { PageAssets } from './page-assets.ts';
import { STYLE } from './style.ts';

/** A tab icon that asks nobody: without one, browsers ask the server that a page came from. */
const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='4' fill='%230f6b5c'/%3E%3Cpath d='M3 11V8m3.3 3V4m3.4 7V6M13 11V9' stroke='white' stroke-width='1.8' stroke-linecap='round'/%3E%3C/svg%3E";

/** What differs between our pages. */
export interface PageParts {
  title: string;
  harnessVersion: string;
  /** Ids and names of the parts that the bar at the top leads to. */
  nav: readonly (readonly [id: string, name: string])[];
  /** What the bar leads through, for screen readers: `Parts of the report`. */
  navLabel: string;
  /** What the link over the bar leads to: `To the report`. */
  skip: string;
  main: Content;
  /** For the page's script: the id of its element and JSON made by `embedJson`. */
  data: { id: string; json: string };
  assets: PageAssets;
  /** Rules of this kind of page alone. */
  extraStyle?: string;
  /** May ask the server that it came from, and nobody else. @default false */
  connects?: boolean;
}

/**
 * A page that carries its scripts, styles and data inside; its policy forbids everything else.
 * @returns the text, and the policy for whoever serves it with a head
 */
export function renderDocument(parts: PageParts): { text: string; policy: string } {
  const { assets, nav, data } = parts;
  const styles = [assets.chartStyle, STYLE, ...(parts.extraStyle ? [parts.extraStyle] : [])].map(inline);
  const scripts = [assets.chartScript, assets.pageScript].map(inline);
  const policy = policyFor(scripts, styles, parts.connects === true);
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="ssee-bench ${parts.harnessVersion}">
<title>${parts.title}</title>
<link rel="icon" href="${rawHtml(ICON)}">
${styles.map((text) => html`<style>${rawHtml(text)}</style>\n`)}</head>
<body>
<a class="skip" href="#main">${parts.skip}</a>
<header class="bar"><div class="bar-in"><span class="brand">ssee<span>-bench</span></span>
<nav aria-label="${parts.navLabel}"><ul>${nav.map(([id, name]) => html`<li><a href="#${id}">${name}</a></li>`)}</ul></nav>
<button type="button" id="theme" class="needs-script">Theme: auto</button></div></header>
<main id="main">
${parts.main}
</main>
<script type="application/json" id="${data.id}">${rawHtml(data.json)}</script>
${scripts.map((text) => html`<script>${rawHtml(text)}</script>\n`)}</body>
</html>
`;
  return { text: page.text, policy };
}

/** Only exactly these scripts and styles, no frame, no form, and no connection unless one is asked for. */
function policyFor(scripts: readonly string[], styles: readonly string[], connects: boolean): string {
  const hashes = (texts: readonly string[]): string =>
    texts.map((text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`).join(' ');
  return [
    "default-src 'none'",
    `script-src ${hashes(scripts)}`,
    `style-src ${hashes(styles)}`,
    'img-src data:',
    ...(connects ? ["connect-src 'self'"] : []),
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

/** Nothing of ours says `</script`, and a library that did would end its own element. */
function inline(text: string): string {
  return text.replace(/<\/(script|style)/gi, '<\\/$1');
}
