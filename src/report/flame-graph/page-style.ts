/** Style of the page. Colours have a contrast of at least 4.5 with their text in both schemes. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --page: #fff; --ink: #1b1b1b; --dim: #595959; --line: #c8c8c8; --sat: 72%; --light: 78%; --hit: #c81ec8; --hit-ink: #fff; }
@media (prefers-color-scheme: dark) { :root { --page: #161616; --ink: #ececec; --dim: #a8a8a8; --line: #4a4a4a; --sat: 38%; --light: 28%; --hit: #e66ae6; --hit-ink: #111; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 12px 16px; background: var(--page); color: var(--ink); font: 14px/1.4 system-ui, sans-serif; }
h1 { font-size: 17px; margin: 0; overflow-wrap: anywhere; }
p { margin: 2px 0 8px; color: var(--dim); overflow-wrap: anywhere; }
form { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; margin: 0 0 8px; }
input, form button { font: inherit; padding: 3px 8px; color: inherit; background: transparent; border: 1px solid var(--dim); border-radius: 4px; }
input { width: min(22em, 100%); }
#graph { position: relative; border-top: 1px solid var(--line); }
#graph button { position: absolute; height: 19px; margin: 0; padding: 0 3px; border: 0; border-right: 1px solid var(--page); border-bottom: 1px solid var(--page); border-radius: 0; overflow: hidden; white-space: nowrap; text-align: left; text-overflow: ellipsis; font: 12px/18px ui-monospace, monospace; color: var(--ink); background: hsl(var(--hue) var(--sat) var(--light)); cursor: pointer; }
#graph button.above { opacity: 0.6; }
#graph button.hit { background: var(--hit); color: var(--hit-ink); }
#graph button:focus-visible { outline: 2px solid var(--ink); outline-offset: -2px; z-index: 1; }
#detail { min-height: 2.8em; margin: 8px 0 0; color: var(--ink); font: 13px/1.4 ui-monospace, monospace; overflow-wrap: anywhere; }
`;
