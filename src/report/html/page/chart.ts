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

/** A dashed vertical line with its name at the top. */
export interface Mark {
  /** On the x axis, in its unit. */
  at: number;
  label: string;
  /** Of the label, below the top of the chart. Unit: CSS pixels. */
  baseline: number;
}

/** Draws marks over a chart. */
export function dashedMarks(ink: Parameters<typeof colour>[0], marks: readonly Mark[]): uPlot.Plugin {
  return {
    hooks: {
      draw: [
        (chart: uPlot) => {
          const { ctx, bbox } = chart;
          ctx.save();
          ctx.strokeStyle = colour(ink);
          ctx.fillStyle = colour(ink);
          ctx.lineWidth = devicePixelRatio;
          ctx.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio]);
          ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
          ctx.textAlign = 'right';
          for (const { at, label, baseline } of marks) {
            const x = chart.valToPos(at, 'x', true);
            ctx.beginPath();
            ctx.moveTo(x, bbox.top);
            ctx.lineTo(x, bbox.top + bbox.height);
            ctx.stroke();
            ctx.fillText(label, x - 4 * devicePixelRatio, bbox.top + baseline * devicePixelRatio);
          }
          ctx.restore();
        },
      ],
    },
  };
}
