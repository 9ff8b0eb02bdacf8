/**
 * The program of the page, as text: it runs in the reader's browser and reads the tree from the element `data`. Names
 * are only ever set as text, never as markup.
 */
export const PAGE_SCRIPT = `
'use strict';
const tree = JSON.parse(document.getElementById('data').textContent);
const graph = document.getElementById('graph');
const detail = document.getElementById('detail');
const search = document.getElementById('search');
const matched = document.getElementById('matched');
const ROW = 19;
const count = tree.parents.length;
const children = Array.from({ length: count }, () => []);
for (let i = 1; i < count; i++) children[tree.parents[i]].push(i);
const total = tree.values[0];
let zoomed = 0;
let current = 0;
let pattern = '';
const buttons = new Map();

function nameOf(i) { return tree.names[tree.nameOf[i]]; }
function amount(value) {
  if (tree.unit === 'count') return value + (value === 1 ? ' goroutine' : ' goroutines');
  const s = value / 1e9;
  return s >= 1 ? s.toFixed(2) + ' s' : s >= 1e-3 ? (s * 1e3).toFixed(1) + ' ms' : (s * 1e6).toFixed(0) + ' us';
}
function percent(part) { return (100 * part).toFixed(part < 0.01 ? 2 : 1) + ' %'; }
function describe(i) {
  const own = tree.values[i] - children[i].reduce((sum, c) => sum + tree.values[c], 0);
  return nameOf(i) + ': ' + amount(tree.values[i]) + ', ' + percent(tree.values[i] / total) +
    (own > 0 ? '; itself ' + percent(own / total) : '');
}
function hue(name) {
  const end = name.lastIndexOf('/');
  const dot = name.indexOf('.', end + 1);
  const home = dot === -1 ? name : name.slice(0, dot);
  let hash = 7;
  for (let i = 0; i < home.length; i++) hash = (hash * 31 + home.charCodeAt(i)) >>> 0;
  return hash % 360;
}
function isHit(i) { return pattern !== '' && nameOf(i).toLowerCase().includes(pattern); }

function draw() {
  graph.textContent = '';
  buttons.clear();
  const above = [];
  for (let i = tree.parents[zoomed]; i >= 0; i = tree.parents[i]) above.unshift(i);
  above.forEach((i, depth) => add(i, depth, 0, 1, true));
  let rows = above.length;
  const least = 0.6 / Math.max(300, graph.clientWidth);
  const open = [[zoomed, above.length, 0]];
  while (open.length > 0) {
    const [i, depth, left] = open.pop();
    const width = tree.values[i] / tree.values[zoomed];
    if (width < least) continue;
    add(i, depth, left, width, false);
    rows = Math.max(rows, depth + 1);
    let at = left;
    for (const child of children[i]) {
      open.push([child, depth + 1, at]);
      at += tree.values[child] / tree.values[zoomed];
    }
  }
  graph.style.height = rows * ROW + 'px';
  if (!buttons.has(current)) current = zoomed;
  point(current, false);
}
function add(i, depth, left, width, isAbove) {
  const button = document.createElement('button');
  button.type = 'button';
  button.tabIndex = -1;
  button.textContent = nameOf(i);
  button.title = describe(i);
  button.setAttribute('aria-label', describe(i));
  button.className = (isAbove ? 'above' : '') + (isHit(i) ? ' hit' : '');
  button.style.setProperty('--hue', hue(nameOf(i)));
  button.style.top = depth * ROW + 'px';
  button.style.left = 100 * left + '%';
  button.style.width = 100 * width + '%';
  button.addEventListener('click', () => zoom(i));
  button.addEventListener('focus', () => point(i, false));
  button.addEventListener('mouseenter', () => { detail.textContent = describe(i); });
  graph.append(button);
  buttons.set(i, button);
}
function point(i, focus) {
  const before = buttons.get(current);
  if (before) before.tabIndex = -1;
  current = i;
  const button = buttons.get(i);
  button.tabIndex = 0;
  detail.textContent = describe(i);
  if (focus) button.focus();
}
function zoom(i) {
  zoomed = i;
  current = i;
  draw();
  buttons.get(i).focus();
}
function sibling(i, step) {
  if (i === 0) return i;
  const all = children[tree.parents[i]].filter((c) => buttons.has(c));
  return all[all.indexOf(i) + step] ?? i;
}
function widest(i) {
  const seen = children[i].filter((c) => buttons.has(c));
  return seen.reduce((best, c) => (best === -1 || tree.values[c] > tree.values[best] ? c : best), -1);
}
function showMatches() {
  pattern = search.value.trim().toLowerCase();
  draw();
  if (pattern === '') { matched.textContent = ''; return; }
  let value = 0;
  let frames = 0;
  const covered = new Array(count).fill(false);
  for (let i = 0; i < count; i++) {
    const inside = i > 0 && covered[tree.parents[i]];
    const hit = isHit(i);
    if (hit) frames++;
    if (hit && !inside) value += tree.values[i];
    covered[i] = inside || hit;
  }
  matched.textContent = frames + (frames === 1 ? ' frame, ' : ' frames, ') + percent(value / total);
}
graph.addEventListener('keydown', (event) => {
  const moves = {
    ArrowDown: () => point(widest(current) === -1 ? current : widest(current), true),
    ArrowUp: () => point(current === 0 ? 0 : tree.parents[current], true),
    ArrowLeft: () => point(sibling(current, -1), true),
    ArrowRight: () => point(sibling(current, 1), true),
    Home: () => point(0, true),
  };
  const move = moves[event.key];
  if (!move) return;
  event.preventDefault();
  move();
});
document.addEventListener('keydown', (event) => {
  if (event.key === '/' && document.activeElement !== search) {
    event.preventDefault();
    search.focus();
  } else if (event.key === 'Escape') {
    search.value = '';
    pattern = '';
    matched.textContent = '';
    zoom(0);
  }
});
search.addEventListener('input', showMatches);
document.getElementById('controls').addEventListener('submit', (event) => event.preventDefault());
document.getElementById('reset').addEventListener('click', () => zoom(0));
addEventListener('resize', draw);
draw();
`;
