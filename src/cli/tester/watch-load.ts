import { platform } from 'node:os';
import type { LiveListener } from '../../model/live-sample.ts';
import type { TesterReport } from '../../model/tester-report.ts';
import type { LoadTarget } from '../../tester/resolve-target.ts';
import type { EventListener } from '../../tester/tap/event-queue.ts';
import type { LiveLabels } from '../live-metrics.ts';
import { canDrawPanel, showLivePanel } from '../live-panel.ts';
import { serveMetrics } from '../metrics-endpoint.ts';
import { startOtlpExporter } from '../otlp-exporter.ts';
import { openSeries } from '../series-writer.ts';
import type { TesterArguments } from './describe-program.ts';
import { openEventFile } from './event-file.ts';

/** Everybody who looks on while a load runs. */
export interface LoadWatch {
  /** Absent when nobody does: then nothing is sampled. */
  onSample?: LiveListener;
  onEvents?: EventListener;
  /** Print a line for a person without disturbing the panel. */
  say(line: string): void;
  close(): Promise<void>;
}

type About = Pick<TesterReport, 'version' | 'node' | 'url' | 'options'>;

/** A part of the watch that wants samples. */
interface Watcher {
  onSample: LiveListener;
  close(): void | Promise<void>;
}

/**
 * Open what the command line asks for: panel, series, metrics endpoint, OTLP, event file.
 * @throws UserError when one of them cannot be had, with all others closed again
 */
export async function watchLoad(
  target: LoadTarget,
  given: TesterArguments,
  about: About,
  warn: (line: string) => void,
): Promise<LoadWatch> {
  const watchers: Watcher[] = [];
  const closers: (() => void | Promise<void>)[] = [];
  let say = warn;
  const close = async (): Promise<void> => {
    for (const closeOne of closers.splice(0).reverse()) await closeOne();
  };
  const add = (watcher: Watcher): void => {
    watchers.push(watcher);
    closers.push(() => watcher.close());
  };
  try {
    if (given.series !== undefined) add(await openSeries(given.series, about, (line) => say(line)));
    if (given.metricsPort !== undefined) {
      const endpoint = await serveMetrics(given.metricsPort, describeLabels(target, given));
      warn(`metrics at http://127.0.0.1:${endpoint.port}/metrics`);
      add(endpoint);
    }
    if (given.otlp !== undefined) {
      const labels = describeLabels(target, given);
      add(
        await startOtlpExporter({
          url: given.otlp,
          version: about.version,
          labels,
          warn: (line) => say(line),
        }),
      );
    }
    const events =
      given.events === undefined ? undefined : await openEventFile(given.events, (line) => say(line));
    if (events) closers.push(() => events.close());
    if (given.live && !given.json && canDrawPanel(process.stderr, process.env)) {
      const load = { url: about.url, durationMs: given.duration, stream: given.stream };
      const panel = showLivePanel(load, process.stderr, process.env);
      add({ onSample: panel.onSample, close: () => panel.stop() });
      say = (line) => panel.say(line);
    }
    return {
      ...(watchers.length === 0
        ? {}
        : {
            onSample: (sample) => {
              for (const watcher of watchers) watcher.onSample(sample);
            },
          }),
      ...(events ? { onEvents: events.onEvents } : {}),
      say: (line) => say(line),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function describeLabels(target: LoadTarget, given: TesterArguments): LiveLabels {
  return {
    service: target.authority,
    endpoint: target.path.split('?', 1)[0]!,
    method: given.method,
    statusCode: 'all',
    protocol: 'http/1.1',
    peerIp: target.address,
    contentType: given.anyContentType ? '*/*' : 'text/event-stream',
    uaOs: platform(),
  };
}
