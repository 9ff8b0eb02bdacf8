/** What the history has beside the style of the report. */
export const HISTORY_STYLE = `
.chart[data-chart="history"] { min-height: 210px; }
.changes .badge { margin-right: .35rem; }
.changes .aside { color: var(--ink-3); font-size: .87em; }
.changes .with { display: block; color: var(--warn); }
.keys { margin: 0; min-width: 0; } .keys li { min-width: 0; overflow-wrap: anywhere; } .keys .dot { flex: none; }
.part h2, .empty { overflow-wrap: anywhere; }
.key .level { stroke: var(--ink-2); stroke-width: 3; opacity: .75; } .key .tick { stroke: var(--ink-3); stroke-width: 1.5; stroke-dasharray: 2 2; }
.controls + .grid { margin-top: 0; }
section.part > .panel + .controls, section.part > .empty + .controls { margin-top: .9rem; }
.runs td { overflow-wrap: anywhere; min-width: 6rem; } .runs td:last-child { min-width: 18rem; }
figure details .scroll, section > details > .scroll { max-height: 22rem; overflow: auto; }
`;
