import { colour } from './theme.ts';

const FONT = '12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';

/** Something that can be drawn again when colours or sizes have changed. */
export interface Drawing {
  draw(): void;
}

/** An axis in the colours of the theme. */
export function axis(options: uPlot.Axis): uPlot.Axis {
  return {
    stroke: colour('ink-3'),
    font: FONT,
    labelFont: FONT,
    grid: { stroke: colour('line'), width: 1 },
    size: 30,
    ticks: { stroke: colour('line'), width: 1, size: 4 },
    ...options,
  };
}

/**
 * A chart that fills the width of its element.
 *
 * @param describe options and data, asked for again whenever it is drawn anew
 * @param height in CSS pixels
 */
export function drawInto(
  host: HTMLElement,
  describe: () => { options: Omit<uPlot.Options, 'width' | 'height'>; data: uPlot.AlignedData } | string,
  height: number,
): Drawing {
  let chart: uPlot | undefined;
  const drawing = {
    draw(): void {
      chart?.destroy();
      chart = undefined;
      host.replaceChildren();
      const described = describe();
      if (typeof described === 'string') {
        const note = document.createElement('p');
        note.className = 'empty';
        note.textContent = described;
        host.append(note);
        return;
      }
      const { options, data } = described;
      chart = new uPlot(
        {
          legend: { show: false },
          padding: [10, 30, 0, 0],
          ...options,
          width: Math.max(200, host.clientWidth),
          height,
        },
        data,
        host,
      );
    },
  };
  new ResizeObserver(() => {
    const width = Math.max(200, host.clientWidth);
    if (chart && Math.abs(chart.width - width) > 1) chart.setSize({ width, height });
  }).observe(host);
  drawing.draw();
  return drawing;
}

/** A line of text below a chart that says what is under the pointer. */
export function addReadout(host: HTMLElement): HTMLElement {
  const next = host.nextElementSibling;
  if (next instanceof HTMLElement && next.classList.contains('readout')) return next;
  const readout = document.createElement('p');
  readout.className = 'readout';
  readout.setAttribute('aria-hidden', 'true');
  host.after(readout);
  return readout;
}

/** Calls back with the index of the data point under the pointer, null when it has left. */
export function onCursor(tell: (index: number | null) => void): uPlot.Plugin {
  return { hooks: { setCursor: [(chart: uPlot) => tell(chart.cursor.idx ?? null)] } };
}
