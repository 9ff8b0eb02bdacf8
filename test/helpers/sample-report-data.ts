import type { Comparison } from '../../src/model/comparison.ts';
import type { RawStrip } from '../../src/model/raw-strip.ts';
import type { ArmData, ReportData, TrialSeries } from '../../src/model/report-data.ts';
import { CurveBuilder } from '../../src/report/data/build-curves.ts';
import { buildStrip } from '../../src/report/data/build-strip.ts';

const START_US = 1_700_000_000_000_000;

/** Connections of one endless response each; every tenth goes silent for a while, every hundredth is reset. */
export function rawStrip(connections: number, seconds: number, eventsPerSec: number): RawStrip {
  const rows = Array.from({ length: connections }, (_, index) => {
    const openedUs = START_US + index * 37;
    const dotsUs: number[] = [];
    const died = index % 100 === 99;
    const lastUs = START_US + seconds * 1e6 * (died ? 0.6 : 1);
    for (let us = openedUs + 1000; us < lastUs; us += 1e6 / eventsPerSec) {
      const silent = index % 10 === 3 && us > START_US + 0.4e6 * seconds && us < START_US + 0.5e6 * seconds;
      if (!silent) dotsUs.push(us);
    }
    return {
      label: `port ${40_000 + index}`,
      packet: index + 1,
      dotsUs,
      marksUs: [openedUs, openedUs + 20, openedUs + 900, ...(died ? [lastUs] : [])],
      marks: ['connect', 'request', 'first-byte', ...(died ? ['server-reset'] : [])],
      ended: died ? 'server-reset' : 'open',
    } as RawStrip['rows'][number];
  });
  return {
    firstUs: START_US,
    lastUs: START_US + seconds * 1e6,
    rows,
    truncated: false,
    dotsAre: 'events',
  };
}

/** Data for every chart, for the arms of a comparison. The last arm is ssee-tester's part and has everything. */
export function sampleReportData(
  comparison: Comparison,
  strip: { connections: number; seconds: number } = { connections: 20, seconds: 3 },
): ReportData {
  const arms = comparison.arms.map((arm): ArmData => {
    const measured = arm.trials.some(({ state }) => state === 'done');
    const full = arm.tool === 'ssee-tester';
    const curves = new CurveBuilder();
    if (measured) {
      const counts = Array.from(
        { length: 4000 },
        (_, i) => [40_000 + i * 7 + (i > 3900 ? i * 20 : 0), 1] as const,
      );
      curves.add([{ base: 'stream_us', corrected: 'none', counts }]);
      if (arm.tool === 'wrk') {
        const added = counts.map(([us, count]) => [us + (us > 60_000 ? 9000 : 0), count] as const);
        curves.add([{ base: 'stream_us', corrected: 'post-recording', counts: added }]);
      }
      if (full) {
        for (const base of ['ttfb_us', 'ttfe_us', 'gap_us'] as const) {
          const tail = Array.from(
            { length: 4000 },
            (_, i) => [200 + i + (i > 3990 ? i * 50 : 0), 1] as const,
          );
          curves.add([{ base, corrected: 'none', counts: tail }]);
        }
      }
    }
    return {
      id: arm.id,
      curves: curves.build(),
      trials: arm.trials.filter(({ state }) => state === 'done').map((trial) => seriesOf(trial.id, full)),
      survival: full
        ? { known: true, trialId: `r1-${arm.id}`, curve: SURVIVAL }
        : { known: false, detail: `${arm.id} does not say how long streams lived` },
      strip: full
        ? buildStrip(rawStrip(strip.connections, strip.seconds, 10), {
            trialId: `evidence-${arm.id}`,
            source: 'capture',
            budget: 1_600_000,
          })
        : { known: false, detail: 'capture is off in the scenario' },
      ...(full ? { capture: { file: `trials/evidence-${arm.id}/capture.pcap`, port: 40_123 } } : {}),
    };
  });
  return { arms };
}

function seriesOf(trialId: string, full: boolean): TrialSeries {
  const atS = Array.from({ length: 30 }, (_, index) => index + 1.2);
  return {
    trialId,
    kind: trialId.startsWith('evidence') ? 'evidence' : 'measured',
    round: 1,
    durationS: 30,
    cpu: { atS, tool: atS.map((at) => (at % 7) / 10), target: atS.map((at) => 0.5 + (at % 3) / 10) },
    load: full
      ? {
          known: true,
          source: 'tool',
          fromS: 0.2,
          atS,
          eventsPerS: atS.map((at) => 20_000 + at),
          requestsPerS: atS.map((at) => 2000 + at),
          open: atS.map(() => 100),
        }
      : { known: false, detail: 'this tool reports totals only' },
    markers: [
      { atS: 30.2, label: 'deadline' },
      { atS: 31, label: 'tool ended' },
    ],
  };
}

const SURVIVAL = {
  lifetimes: 100,
  deaths: { fin: 0, rst: 12, stall: 3, protocol: 0 },
  medianMs: null,
  endMs: 30_000,
  steps: Array.from({ length: 15 }, (_, index) => ({
    atMs: 9900 + index * 20,
    survival: 1 - (index + 1) / 100,
    low: 1 - (index + 4) / 100,
    high: 1 - index / 120,
  })),
  clusters: [{ ageMs: 10_010, nominalMs: 10_000, count: 12, share: 0.8, spreadMs: 80, round: true }],
};
