import type { ReportData, StreamStrip } from '../../../model/report-data.ts';
import { formatCount, formatUs } from '../../../stats/format-figure.ts';
import type { Drawing } from './chart.ts';
import { fillTable } from './fill-table.ts';
import { findArm } from './page-data.ts';
import { mixColours, packColour, paintStrip, type StripColours, type StripView } from './strip-painter.ts';
import { type DrawnRow, readStripRows } from './strip-rows.ts';
import { colour } from './theme.ts';

const MAX_HEIGHT = 460;
/** Not closer than this many ticks: nearer there is nothing more to see. */
const MIN_TICKS = 50;
const ZOOM = 1.5;
/** Events this far apart are drawn in full colour. */
const FULL_STRENGTH_PX = 7;
/** Share of the view by which an arrow key pans. */
const PAN = 0.15;

/** Every connection of one arm; another arm can be chosen. */
export function drawHeatStrip(data: ReportData): Drawing[] {
  const box = document.getElementById('strip');
  const select = document.getElementById('strip-arm') as HTMLSelectElement | null;
  const canvas = box?.querySelector('canvas');
  const spacer = box?.querySelector('div');
  const axis = document.getElementById('strip-axis') as HTMLCanvasElement | null;
  const context = canvas?.getContext('2d', { alpha: false });
  const axisContext = axis?.getContext('2d');
  if (!box || !select || !canvas || !spacer || !axis || !context || !axisContext) return [];
  const readout = document.getElementById('strip-readout');

  let strip: StreamStrip | undefined;
  let rows: DrawnRow[] = [];
  let view: StripView = { from: 0, to: 1 };
  let image: ImageData | undefined;
  let rowHeight = 1;
  let asked = false;
  /** Read anew when the theme has changed: asking the style costs as much as painting. */
  let colours: StripColours | undefined;

  function choose(): void {
    const found = findArm(data, select!.value)?.arm.strip;
    strip = found?.known ? found : undefined;
    rows = strip ? readStripRows(strip) : [];
    view = { from: 0, to: strip?.spanTicks ?? 1 };
    box!.scrollTop = 0;
    describe();
    resize();
  }

  function describe(): void {
    if (!strip) return;
    const gap = document.getElementById('strip-gap');
    if (gap) gap.textContent = `longer than ${formatUs(strip.gapTicks * strip.tickUs)}`;
    const note = document.getElementById('strip-note');
    if (note) {
      note.textContent = [
        `${formatCount(strip.rows.length)} connections of ${strip.trialId}`,
        ...(strip.rowsLeftOut > 0 ? [`${formatCount(strip.rowsLeftOut)} more are not shown`] : []),
        ...(strip.dotsAre === 'segments' ? ['dots are segments: event bytes were not captured'] : []),
        ...(strip.source === 'events' ? ['events only: requests and ends are not in the file'] : []),
        ...(strip.truncated ? ['later events are not shown'] : []),
      ].join('; ');
    }
    if (details?.open) fillRows();
  }

  function resize(): void {
    const css = rows.length <= 30 ? 14 : rows.length <= 110 ? 6 : 3;
    rowHeight = Math.max(1, Math.round(css * devicePixelRatio));
    const contentHeight = (rows.length * rowHeight) / devicePixelRatio;
    const height = Math.min(MAX_HEIGHT, Math.max(40, contentHeight));
    spacer!.style.height = `${Math.max(0, contentHeight - height)}px`;
    const width = box!.clientWidth;
    canvas!.style.width = `${width}px`;
    canvas!.style.height = `${height}px`;
    canvas!.width = Math.max(1, Math.round(width * devicePixelRatio));
    canvas!.height = Math.max(1, Math.round(height * devicePixelRatio));
    axis!.width = Math.max(1, Math.round(axis!.clientWidth * devicePixelRatio));
    axis!.height = Math.round(22 * devicePixelRatio);
    image = context!.createImageData(canvas!.width, canvas!.height);
    request();
  }

  /** At most once per frame, however many events ask. */
  function request(): void {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      paint();
    });
  }

  function paint(): void {
    if (!image || !strip) return;
    const pixels = new Uint32Array(image.data.buffer);
    const top = Math.round(box!.scrollTop * devicePixelRatio);
    paintStrip(pixels, image.width, image.height, rows, view, top, rowHeight, coloursFor(strip, image.width));
    context!.putImageData(image, 0, 0);
    paintAxis(axisContext!, axis!, view, strip.tickUs);
  }

  /** Events nearer together than they are wide would hide everything else: they fade as they close up. */
  function coloursFor({ medianGapUs, tickUs }: StreamStrip, width: number): StripColours {
    colours ??= readColours();
    const apart = ((medianGapUs ?? 1e9) / tickUs / (view.to - view.from)) * (width / devicePixelRatio);
    const strength = Math.max(0.4, Math.min(1, apart / FULL_STRENGTH_PX));
    return {
      ...colours,
      dot: mixColours(colours.open, colours.dot, strength),
      end: mixColours(colours.open, colours.end, Math.max(0.4, strength)),
    };
  }

  function pan(ticks: number): void {
    const span = strip?.spanTicks ?? 1;
    const width = view.to - view.from;
    const from = Math.min(span - width, Math.max(0, view.from + ticks));
    view = { from, to: from + width };
    request();
  }

  /** @param share where in the width the point lies that stays */
  function zoom(factor: number, share: number): void {
    const span = strip?.spanTicks ?? 1;
    const width = Math.min(span, Math.max(Math.min(span, MIN_TICKS), (view.to - view.from) / factor));
    const fixed = view.from + share * (view.to - view.from);
    const from = Math.min(span - width, Math.max(0, fixed - share * width));
    view = { from, to: from + width };
    request();
  }

  function tell(event: PointerEvent): void {
    if (!readout || !strip) return;
    const place = canvas!.getBoundingClientRect();
    const index = Math.floor(((event.clientY - place.top + box!.scrollTop) * devicePixelRatio) / rowHeight);
    const drawn = rows[index];
    const tick = view.from + ((event.clientX - place.left) / place.width) * (view.to - view.from);
    readout.textContent = drawn ? describePoint(drawn, tick, strip) : '';
  }

  const details = document.getElementById('strip-table') as HTMLDetailsElement | null;
  function fillRows(): void {
    fillTable(
      details!,
      ['connection', 'first packet', 'requests', 'events', 'longest gap', 'ended'],
      rows.map(({ row }) => [
        row.label,
        row.packet === undefined ? 'n/a' : String(row.packet),
        formatCount(row.requests),
        formatCount(row.events),
        row.longestGapUs === null ? 'n/a' : formatUs(row.longestGapUs),
        row.ended,
      ]),
    );
  }
  details?.addEventListener('toggle', () => {
    if (details.open) fillRows();
  });

  select.addEventListener('change', choose);
  box.addEventListener('scroll', request);
  document.getElementById('strip-in')?.addEventListener('click', () => zoom(ZOOM, 0.5));
  document.getElementById('strip-out')?.addEventListener('click', () => zoom(1 / ZOOM, 0.5));
  document.getElementById('strip-all')?.addEventListener('click', () => zoom(0, 0.5));
  box.addEventListener('keydown', (event) => {
    const width = view.to - view.from;
    if (event.key === 'ArrowLeft') pan(-PAN * width);
    else if (event.key === 'ArrowRight') pan(PAN * width);
    else if (event.key === '+' || event.key === '=') zoom(ZOOM, 0.5);
    else if (event.key === '-') zoom(1 / ZOOM, 0.5);
    else return;
    event.preventDefault();
  });
  box.addEventListener(
    'wheel',
    (event) => {
      const width = view.to - view.from;
      if (event.ctrlKey) zoom(event.deltaY < 0 ? 1.2 : 1 / 1.2, event.offsetX / canvas.clientWidth);
      else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        pan(((event.deltaX || event.deltaY) / canvas.clientWidth) * width);
      } else return;
      event.preventDefault();
    },
    { passive: false },
  );
  let draggedX: number | undefined;
  box.addEventListener('pointerdown', (event) => {
    // The scroll bar is the browser's.
    if (event.offsetX > box.clientWidth) return;
    draggedX = event.clientX;
    box.classList.add('dragging');
  });
  addEventListener('pointerup', () => {
    draggedX = undefined;
    box.classList.remove('dragging');
  });
  box.addEventListener('pointermove', (event) => {
    tell(event);
    if (draggedX === undefined) return;
    pan(((draggedX - event.clientX) / canvas.clientWidth) * (view.to - view.from));
    draggedX = event.clientX;
  });
  box.addEventListener('pointerleave', () => {
    if (readout) readout.textContent = '';
  });
  new ResizeObserver(() => {
    if (Math.abs(canvas.clientWidth - box.clientWidth) > 1) resize();
  }).observe(box);
  choose();
  return [
    {
      draw() {
        colours = undefined;
        request();
      },
    },
  ];
}

function readColours(): StripColours {
  const packed = (name: string): number => packColour(colour(`strip-${name}`));
  return {
    ground: packed('ground'),
    open: packed('open'),
    wait: packed('wait'),
    gap: packed('gap'),
    dot: packed('dot'),
    end: packed('end'),
    close: packed('close'),
    reset: packed('reset'),
  };
}

function paintAxis(
  context: CanvasRenderingContext2D,
  { width, height }: HTMLCanvasElement,
  { from, to }: StripView,
  tickUs: number,
): void {
  const spanS = ((to - from) * tickUs) / 1e6;
  const step = niceStep(spanS / Math.max(2, Math.floor(width / devicePixelRatio / 90)));
  context.clearRect(0, 0, width, height);
  context.fillStyle = colour('ink-3');
  context.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
  context.textBaseline = 'middle';
  const fromS = (from * tickUs) / 1e6;
  const digits = Math.max(0, -Math.floor(Math.log10(step)));
  for (let second = Math.ceil(fromS / step) * step; second <= fromS + spanS; second += step) {
    const x = ((second - fromS) / spanS) * width;
    context.fillRect(x, height - 5 * devicePixelRatio, devicePixelRatio, 5 * devicePixelRatio);
    context.textAlign = x < 20 ? 'left' : x > width - 30 ? 'right' : 'center';
    context.fillText(`${second.toFixed(digits)} s`, x, height / 2 - 2);
  }
}

/** 1, 2 or 5 times a power of ten, at least as long as asked for. */
function niceStep(atLeast: number): number {
  const power = 10 ** Math.floor(Math.log10(atLeast));
  return ([1, 2, 5, 10].find((factor) => factor * power >= atLeast * 0.999) ?? 10) * power;
}

function describePoint({ row, dots, gaps }: DrawnRow, tick: number, { tickUs }: StreamStrip): string {
  const seconds = (at: number): string => `${((at * tickUs) / 1e6).toFixed(4)} s`;
  const gap = gaps.findIndex((from, index) => index % 2 === 0 && from <= tick && tick <= gaps[index + 1]!);
  const nearest = dots.reduce(
    (best, dot) => (Math.abs(dot - tick) < Math.abs(best - tick) ? dot : best),
    Number.POSITIVE_INFINITY,
  );
  return [
    row.label,
    seconds(tick),
    ...(Number.isFinite(nearest) ? [`nearest event ${seconds(nearest)}`] : []),
    ...(gap >= 0 ? [`gap of ${formatUs((gaps[gap + 1]! - gaps[gap]!) * tickUs)}`] : []),
    `${formatCount(row.requests)} requests, ${formatCount(row.events)} events, ${row.ended}`,
  ].join('  ·  ');
}
