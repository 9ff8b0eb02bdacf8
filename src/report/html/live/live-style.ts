/** What the live page has beside the style of the report. */
export const LIVE_STYLE = `
progress { display: block; width: 100%; height: 14px; margin: .35rem 0 .9rem; border: 0; border-radius: 7px; background: var(--sunk); appearance: none; overflow: hidden; }
progress::-webkit-progress-bar { background: var(--sunk); border-radius: 7px; }
progress::-webkit-progress-value { background: var(--accent); border-radius: 7px; }
progress::-moz-progress-bar { background: var(--accent); border-radius: 7px; }
.bar-label { color: var(--ink-2); font-size: .9rem; }
.trials th, .trials td { padding: .35rem .6rem; white-space: nowrap; }
.trials thead th { white-space: normal; overflow-wrap: anywhere; min-width: 5.5rem; }
.state[data-state="running"] { background: var(--accent-soft); color: var(--accent); outline: 2px solid var(--accent); outline-offset: -2px; }
.state[data-state="done"] { background: var(--good-soft); color: var(--good); }
.state[data-state="failed"] { background: var(--bad-soft); color: var(--bad); }
.state[data-state="skipped"], .state[data-state="interrupted"] { background: var(--warn-soft); color: var(--warn); }
.connection { margin-top: .9rem; border-left: 4px solid var(--warn); background: var(--warn-soft); color: var(--warn); padding: .4rem .8rem; border-radius: 6px; width: fit-content; max-width: 100%; overflow-wrap: anywhere; }
.figures { margin: 0 0 .9rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 150px), 1fr)); }
.figures .score { border-top-color: var(--c, var(--accent)); }
.figures .score h3 { font-size: .85rem; color: var(--ink-2); font-weight: 500; }
.figures .score .big { font-size: 1.4rem; }
.chart[data-chart="now"] { min-height: 180px; }
@media (prefers-reduced-motion: no-preference) { progress::-webkit-progress-value { transition: inline-size .3s; } }
`;
