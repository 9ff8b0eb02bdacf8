/**
 * The style of a report. Colours are variables, so that a theme is one block; charts read them as well. Every text
 * colour has a contrast of at least 4.5:1 on its ground and every line of at least 3:1, in both themes.
 */
const LIGHT = `
  color-scheme: light;
  --ground: #f6f7f9; --panel: #ffffff; --sunk: #f0f2f5; --line: #dfe3e9; --line-strong: #b9c1cc;
  --ink: #14181f; --ink-2: #465060; --ink-3: #5d6878; --link: #0b57c2; --focus: #0b57c2;
  --accent: #0f6b5c; --accent-soft: #dff3ee;
  --good: #0c6b4e; --good-soft: #dcf3ea; --warn: #8a5300; --warn-soft: #fdf0d5; --bad: #bd1f36; --bad-soft: #fde5e8;
  --arm-0: #1f6feb; --arm-1: #c2410c; --arm-2: #0d8074; --arm-3: #9a2bb0; --arm-4: #8a5a00; --arm-5: #4d7c0f;
  --arm-6: #be123c; --arm-7: #55627a;
  --o-completed: #17916c; --o-held: #5aa81e; --o-stalled: #c77700; --o-no-headers: #a86200; --o-closed-early: #e0523f;
  --o-reset: #c21f3a; --o-refused: #8f1d4f; --o-http-error: #a04bc9; --o-protocol-error: #6c4bd1;
  --o-client-aborted: #7b8798; --o-unaccounted: #14181f; --o-unknown: #c9d0da;
  --strip-ground: #ffffff; --strip-open: #dbe7fb; --strip-wait: #f5c766; --strip-gap: #e23b52; --strip-dot: #1d4fa3;
  --strip-end: #14181f; --strip-reset: #b00024; --strip-close: #0b7a66;
  --shadow: 0 1px 2px rgb(20 24 31 / 6%), 0 8px 24px -16px rgb(20 24 31 / 25%);
`;
const DARK = `
  color-scheme: dark;
  --ground: #0d1117; --panel: #151b23; --sunk: #1b222c; --line: #29323e; --line-strong: #475365;
  --ink: #e9eef5; --ink-2: #b6c0ce; --ink-3: #97a3b4; --link: #79b8ff; --focus: #79b8ff;
  --accent: #5cd6bd; --accent-soft: #143730;
  --good: #54d3a2; --good-soft: #12352a; --warn: #f0b64f; --warn-soft: #3a2c10; --bad: #ff7f8f; --bad-soft: #43191f;
  --arm-0: #6ea8ff; --arm-1: #ff9a5c; --arm-2: #43cdbd; --arm-3: #df8df2; --arm-4: #e3b85c; --arm-5: #a5d65a;
  --arm-6: #ff8599; --arm-7: #a6b4c9;
  --o-completed: #2fae83; --o-held: #86c93f; --o-stalled: #f0a63a; --o-no-headers: #d88b22; --o-closed-early: #ff7a66;
  --o-reset: #ff5f76; --o-refused: #e0609a; --o-http-error: #c98bea; --o-protocol-error: #a08bff;
  --o-client-aborted: #8d9aad; --o-unaccounted: #e9eef5; --o-unknown: #3c4655;
  --strip-ground: #10151c; --strip-open: #20324f; --strip-wait: #8a6a1f; --strip-gap: #e5485f; --strip-dot: #8cc0ff;
  --strip-end: #e9eef5; --strip-reset: #ff5f76; --strip-close: #43cdbd;
  --shadow: 0 1px 2px rgb(0 0 0 / 40%);
`;

export const STYLE = `
:root {${LIGHT}}
@media (prefers-color-scheme: dark) { :root:not([data-theme="light"]) {${DARK}} }
:root[data-theme="dark"] {${DARK}}

*, *::before, *::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-behavior: smooth; scroll-padding-top: 4rem; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body {
  margin: 0; background: var(--ground); color: var(--ink);
  font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", Arial, sans-serif;
  font-variant-numeric: tabular-nums;
}
code, .mono, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; font-size: .92em; }
a { color: var(--link); text-underline-offset: .18em; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; border-radius: 4px; }
h1, h2, h3 { line-height: 1.25; margin: 0; text-wrap: balance; }
h2 { font-size: 1.3rem; letter-spacing: -.01em; }
h3 { font-size: 1rem; }
p { margin: 0; }
ul { margin: 0; padding: 0; list-style: none; }
.skip { position: absolute; left: -999px; top: 0; background: var(--panel); padding: .5rem 1rem; z-index: 10; }
.skip:focus { left: .5rem; top: .5rem; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

.bar {
  position: sticky; top: 0; z-index: 5; background: color-mix(in srgb, var(--ground) 88%, transparent);
  backdrop-filter: blur(10px); border-bottom: 1px solid var(--line);
}
.bar-in { max-width: 1520px; margin: 0 auto; padding: .45rem 1.25rem; display: flex; gap: 1rem; align-items: center; }
.brand { font-weight: 700; letter-spacing: -.01em; white-space: nowrap; }
.brand span { color: var(--accent); }
.bar nav { flex: 1; min-width: 0; overflow-x: auto; scrollbar-width: none; }
.bar nav ul { display: flex; gap: .15rem; justify-content: flex-end; width: max-content; min-width: 100%; }
.bar nav a { display: block; padding: .3rem .6rem; border-radius: 6px; color: var(--ink-2); text-decoration: none; font-size: .87rem; white-space: nowrap; }
.bar nav a:hover { background: var(--sunk); color: var(--ink); }

button, select {
  font: inherit; font-size: .87rem; color: var(--ink); background: var(--panel); border: 1px solid var(--line-strong);
  border-radius: 7px; padding: .28rem .65rem; min-height: 32px; cursor: pointer;
}
select { min-width: 0; max-width: min(100%, 24rem); }
button:hover, select:hover { background: var(--sunk); }
.controls { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; margin-bottom: .8rem; }
.controls label { min-width: 0; max-width: 100%; display: flex; gap: .45rem; align-items: center; color: var(--ink-2); font-size: .87rem; }
:root:not(.scripted) .needs-script { display: none; }

main { max-width: 1520px; margin: 0 auto; padding: 0 1.25rem 4rem; }
.hero { padding: 2.4rem 0 1.4rem; }
.overline { color: var(--ink-3); font-size: .87rem; margin-bottom: .7rem; }
.overline b { color: var(--accent); font-weight: 650; }
.hero h1 { font-size: clamp(1.3rem, 1rem + 1.35vw, 2.05rem); font-weight: 680; letter-spacing: -.018em; max-width: 46ch; max-width: min(100%, 1150px); text-wrap: pretty; overflow-wrap: anywhere; }
.hero h1.long { font-size: clamp(1.15rem, 1rem + .7vw, 1.55rem); line-height: 1.35; font-weight: 650; }
.hero .about { color: var(--ink-2); margin-top: .7rem; max-width: 75ch; }
.facts { display: flex; flex-wrap: wrap; gap: .4rem; margin-top: 1.1rem; }
.facts li { border: 1px solid var(--line); background: var(--panel); border-radius: 999px; padding: .16rem .75rem; font-size: .87rem; color: var(--ink-2); }
.facts b { color: var(--ink); font-weight: 640; }

.scores { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 210px), 1fr)); gap: .8rem; margin-top: 1.5rem; }
.score { background: var(--panel); border: 1px solid var(--line); border-radius: 12px; padding: .9rem 1rem .8rem; box-shadow: var(--shadow); border-top: 3px solid var(--c); }
.score h2 { font-size: .95rem; letter-spacing: 0; overflow-wrap: anywhere; }
.score .big { font-size: 1.75rem; font-weight: 680; letter-spacing: -.02em; line-height: 1.2; margin-top: .2rem; }
.score .big small { font-size: .85rem; font-weight: 450; color: var(--ink-3); letter-spacing: 0; }
.score .sub { color: var(--ink-2); font-size: .85rem; }
.score .badge { margin-top: .55rem; }
@media (min-width: 1000px) {
  /* No row of one behind a full one. */
  .scores:has(> :nth-child(7)) { grid-template-columns: repeat(4, minmax(0, 1fr)); }
  .scores:has(> :nth-child(9)) { grid-template-columns: repeat(5, minmax(0, 1fr)); }
}

section.part { margin-top: 2.6rem; }
.part > header { margin-bottom: .9rem; }
.part > header p { color: var(--ink-2); max-width: 82ch; margin-top: .25rem; }
.panel { background: var(--panel); border: 1px solid var(--line); border-radius: 12px; box-shadow: var(--shadow); padding: 1rem 1.1rem; min-width: 0; }
.grid { display: grid; gap: .9rem; }
.grid > * { min-width: 0; }
@media (min-width: 860px) { .two { grid-template-columns: 1fr 1fr; } }
@media (min-width: 1280px) { .three { grid-template-columns: 1fr 1fr 1fr; } }

.scroll { overflow-x: auto; border-radius: 10px; }
table { border-collapse: separate; border-spacing: 0; width: 100%; font-size: .9rem; }
caption { text-align: left; color: var(--ink-2); font-size: .85rem; padding: 0 0 .5rem; }
th, td { padding: .5rem .7rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
tbody tr:last-child > * { border-bottom: 0; }
thead th { color: var(--ink-2); font-weight: 600; font-size: .82rem; vertical-align: bottom; border-bottom: 1px solid var(--line-strong); white-space: nowrap; }
th.num, td.num { text-align: right; white-space: nowrap; }
tbody th { font-weight: 640; }
td .sub, th .sub { display: block; color: var(--ink-3); font-weight: 400; font-size: .82rem; }
.comparison tbody th { position: sticky; left: 0; background: var(--panel); background-clip: padding-box; z-index: 1; min-width: 8rem; max-width: 14rem; overflow-wrap: anywhere; }
.comparison thead th:first-child { position: sticky; left: 0; background: var(--panel); z-index: 2; }
.comparison th, .comparison td { padding: .5rem .55rem; } .comparison .badge { white-space: nowrap; }
.dot { display: inline-block; width: .68em; height: .68em; border-radius: 3px; background: var(--c); margin-right: .45em; vertical-align: -.02em; }
.na { color: var(--ink-3); }
a.note { font-size: .8em; vertical-align: .25em; text-decoration: none; padding: 0 .12em; }
a.note:hover { text-decoration: underline; }
.meter { display: block; width: 100%; min-width: 70px; height: 5px; margin-top: .35rem; }
.meter .track { fill: var(--sunk); } .meter .fill { fill: var(--c); }
.ratios { display: grid; gap: .25rem; margin: .7rem 0; } .ratios li { display: grid; grid-template-columns: minmax(8rem, 18rem) 1fr; gap: .8rem; align-items: center; font-size: .85rem; color: var(--ink-2); overflow-wrap: anywhere; }
.ratios svg { width: 100%; height: 14px; background: var(--sunk); border-radius: 4px; } .ratios line { vector-effect: non-scaling-stroke; stroke: var(--c); }
.ratios .one { stroke: var(--line-strong); stroke-width: 1; } .ratios .range { stroke-width: 4; } .ratios .middle { stroke-width: 2; stroke: var(--ink); }
#headers .panel > p { color: var(--ink-2); max-width: 100ch; overflow-wrap: anywhere; margin-bottom: .6rem; }
.notes { margin-top: .8rem; color: var(--ink-2); font-size: .85rem; columns: 2 26rem; column-gap: 2rem; }
.notes li { break-inside: avoid; padding: .1rem .3rem; overflow-wrap: anywhere; border-radius: 5px; }
.notes li:target { background: var(--warn-soft); color: var(--ink); }
.notes b { color: var(--ink-3); font-weight: 500; margin-right: .4em; }

.badge { display: inline-block; border-radius: 6px; padding: .1rem .5rem; font-size: .82rem; font-weight: 600; background: var(--sunk); color: var(--ink-2); overflow-wrap: anywhere; }
.badge.hard { background: var(--bad-soft); color: var(--bad); }
.badge.found { background: var(--accent-soft); color: var(--accent); }
.badge.open { background: var(--sunk); color: var(--ink-2); }
.badge.agree { background: var(--good-soft); color: var(--good); }
.badge.differ { background: var(--bad-soft); color: var(--bad); }
.banner { border-left: 4px solid var(--line-strong); margin-bottom: .9rem; font-size: 1.02rem; }
.banner.agree { border-left-color: var(--good); } .banner.differ { border-left-color: var(--bad); } .banner.blind { border-left-color: var(--warn); }
#promises .panel + .panel { margin-top: .9rem; }
.badge.blind { background: var(--warn-soft); color: var(--warn); }

.c0 { --c: var(--arm-0); } .c1 { --c: var(--arm-1); } .c2 { --c: var(--arm-2); } .c3 { --c: var(--arm-3); }
.c4 { --c: var(--arm-4); } .c5 { --c: var(--arm-5); } .c6 { --c: var(--arm-6); } .c7 { --c: var(--arm-7); }

.outcome + .outcome { border-top: 1px solid var(--line); padding-top: .9rem; margin-top: .9rem; }
.outcome h3 { display: flex; flex-wrap: wrap; gap: .1rem .8rem; align-items: baseline; }
.outcome .law { color: var(--ink-2); font-weight: 400; font-size: .88rem; overflow-wrap: anywhere; }
.outcome .law b { color: var(--ink); font-weight: 640; }
.stack { display: block; width: 100%; height: 22px; margin-top: .45rem; border-radius: 6px; background: var(--sunk); }
.f-completed { fill: var(--o-completed); --k: var(--o-completed); } .f-held { fill: var(--o-held); --k: var(--o-held); }
.f-stalled { fill: var(--o-stalled); --k: var(--o-stalled); } .f-no-headers { fill: var(--o-no-headers); --k: var(--o-no-headers); }
.f-closed-early { fill: var(--o-closed-early); --k: var(--o-closed-early); } .f-reset { fill: var(--o-reset); --k: var(--o-reset); }
.f-refused { fill: var(--o-refused); --k: var(--o-refused); } .f-http-error { fill: var(--o-http-error); --k: var(--o-http-error); }
.f-protocol-error { fill: var(--o-protocol-error); --k: var(--o-protocol-error); }
.f-client-aborted { fill: var(--o-client-aborted); --k: var(--o-client-aborted); }
.f-unaccounted { fill: var(--o-unaccounted); --k: var(--o-unaccounted); } .f-unknown { fill: var(--o-unknown); --k: var(--o-unknown); }
.hatch { stroke: var(--ink-3); stroke-width: 1.5; }
.legend { margin-bottom: .5rem; display: flex; flex-wrap: wrap; gap: .25rem 1.1rem; color: var(--ink-2); font-size: .85rem; }
.legend li { display: flex; align-items: center; gap: .45rem; }
.key { flex: none; width: 18px; height: 10px; }
.key line { stroke: var(--c); stroke-width: 2.5; } .key .dashed { stroke-dasharray: 5 3; }
.key rect { fill: var(--k, var(--c)); }
.swatch { flex: none; width: 18px; height: 3px; border-radius: 2px; }
.k-open { --k: var(--strip-open); } .k-wait { --k: var(--strip-wait); } .k-gap { --k: var(--strip-gap); }
.k-dot { --k: var(--strip-dot); } .k-close { --k: var(--strip-close); } .k-reset { --k: var(--strip-reset); } .k-end { --k: var(--strip-end); }

figure { margin: 0; }
figcaption { display: flex; flex-wrap: wrap; justify-content: space-between; gap: .1rem 1rem; align-items: baseline; margin-bottom: .4rem; }
figcaption h3 { font-size: .95rem; }
figcaption .unit { color: var(--ink-3); font-size: .82rem; font-weight: 400; }
.readout { min-height: 1.5em; color: var(--ink-2); font-size: .82rem; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.chart { position: relative; }
.chart[data-chart="latency"], .chart[data-chart="survival"] { min-height: 260px; }
.chart[data-chart="time"] { min-height: 200px; }
.chart canvas { max-width: 100%; }
.chart .u-legend { display: none; }
.chart .u-select { background: color-mix(in srgb, var(--focus) 18%, transparent); }
.chart .u-cursor-x, .chart .u-cursor-y { border-color: var(--line-strong); }
.empty { color: var(--ink-2); background: var(--sunk); border-radius: 8px; padding: .8rem 1rem; font-size: .9rem; }
details { margin-top: .7rem; }
summary { cursor: pointer; color: var(--link); font-size: .87rem; width: fit-content; padding: .15rem .1rem; border-radius: 4px; }
details > .scroll, details > ul { margin-top: .5rem; }
details.inner table { font-size: .85rem; }
details.inner th, details.inner td { padding: .28rem .6rem; }

.strip-view { position: relative; overflow: auto; max-height: 460px; border: 1px solid var(--line); border-radius: 8px; background: var(--strip-ground); touch-action: pan-y; cursor: grab; }
.strip-view.dragging { cursor: grabbing; }
.strip-view canvas { position: sticky; top: 0; left: 0; display: block; }
.strip-axis { display: block; width: 100%; height: 22px; }

.cards { display: grid; gap: .9rem; }
@media (min-width: 1000px) { .cards { grid-template-columns: 1fr 1fr; } }
@media (min-width: 1350px) { .cards:has(> :nth-child(3):last-child) { grid-template-columns: 1fr 1fr 1fr; } }
.finding { border-left: 4px solid var(--c); }
.finding h3 { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; }
.finding > p { margin-top: .5rem; font-size: 1rem; overflow-wrap: anywhere; }
.why { margin-top: .7rem; display: grid; gap: .3rem; font-size: .9rem; color: var(--ink-2); }
.why li { display: grid; grid-template-columns: 4.6rem 1fr; gap: .6rem; overflow-wrap: anywhere; }
.why b { font-size: .78rem; font-weight: 650; padding-top: .12rem; }
.why .for b { color: var(--good); } .why .against b { color: var(--warn); } .why .also b { color: var(--ink-3); }
.commands { margin-top: .5rem; display: grid; gap: .5rem; }
.commands > * { min-width: 0; }
.command { display: flex; gap: .5rem; align-items: flex-start; }
.command pre { flex: 1; min-width: 0; margin: 0; background: var(--sunk); border: 1px solid var(--line); border-radius: 8px; padding: .5rem .75rem; overflow-x: auto; white-space: pre; font-size: .82rem; }
.command button { flex: none; }
.said { margin-top: .2rem; }
.said td, .said th { padding: .4rem .6rem; }
.said td { min-width: 4.2rem; }
.said .badge { font-size: .76rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.2rem; margin: 0; font-size: .92rem; }
dt { color: var(--ink-3); } dd { margin: 0; overflow-wrap: anywhere; }
.graphs { margin-top: .7rem; font-size: .87rem; } .inner-list { padding-left: 1.2rem; font-size: .92em; }
.list li { padding: .25rem 0; overflow-wrap: anywhere; font-size: .92rem; color: var(--ink-2); }
.list li + li { border-top: 1px solid var(--line); }
.tip { position: fixed; z-index: 20; max-width: min(360px, calc(100vw - 24px)); background: var(--ink); color: var(--panel); border-radius: 8px; padding: .45rem .7rem; font-size: .83rem; line-height: 1.4; pointer-events: none; }
footer { color: var(--ink-3); font-size: .85rem; margin-top: 3rem; border-top: 1px solid var(--line); padding-top: 1rem; }

@media (max-width: 700px) {
  main, .bar-in { padding-left: .9rem; padding-right: .9rem; }
  .bar-in { flex-wrap: wrap; gap: .2rem .7rem; }
  .bar nav { order: 3; flex-basis: 100%; }
  .bar nav ul { justify-content: flex-start; }
  .brand { flex: 1; }
  .hero { padding-top: 1.5rem; }
  .scores { grid-template-columns: 1fr 1fr; gap: .6rem; }
  .score { padding: .7rem .75rem; } .score .big { font-size: 1.3rem; } .score .big small { display: block; }
  .panel { padding: .8rem .8rem; }
  .said table { font-size: .82rem; } .said td, .said th { padding: .4rem .25rem; } .said td { min-width: 3.4rem; white-space: normal; }
  dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; }
  .why li { grid-template-columns: 1fr; gap: 0; }
  .comparison tbody th { min-width: 6.4rem; max-width: 6.4rem; }
}

@media print {
  :root, :root[data-theme="dark"] {${LIGHT} --ground: #fff; --shadow: none; }
  @page { size: landscape; margin: 14mm 12mm; }
  body { font-size: 10pt; }
  .bar, .controls, .command button, summary, .readout:empty, #time-table, #strip-table { display: none; }
  main { max-width: none; padding: 0; }
  .panel, .score, figure, .outcome, tr { break-inside: avoid; }
  #comparison .panel { break-inside: auto; }
  .part > header { break-inside: avoid; break-after: avoid; }
  .scroll { overflow: visible; } .comparison, .comparison .badge { font-size: 8.6pt; } .comparison .sub { font-size: 7.4pt; } .comparison th, .comparison td { padding: .2rem .3rem; }
  .comparison tbody th, .comparison thead th:first-child { position: static; min-width: 7em; overflow-wrap: normal; }
  .command pre { white-space: pre-wrap; overflow-wrap: anywhere; }
  .strip-view { max-height: none; overflow: hidden; } .strip-view > div { display: none; }
  .notes { columns: 1; }
  a { color: inherit; text-decoration: none; }
}
`;
