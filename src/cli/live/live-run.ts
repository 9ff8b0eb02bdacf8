import { join } from 'node:path';
import type { TrialEvidence } from '../../model/evidence.ts';
import type { LiveEnd, LivePlan, LiveProgress, LiveResults, LiveTrialState } from '../../model/live-run.ts';
import type { Plan, Trial } from '../../model/plan.ts';
import type { RunRecord, TrialRecord } from '../../model/run-record.ts';
import { formatDuration } from '../../model/units.ts';
import { liveHtml, liveResults } from '../../report/html/live/live-html.ts';
import { deriveComparison } from '../../run/derive-comparison.ts';
import type { RunEvents } from '../../run/execute-plan.ts';
import { SERIES_FILE, type TrialPhase } from '../../run/execute-trial.ts';
import { readPageAssets } from '../../run/page-assets.ts';
import { HARNESS_VERSION } from '../../run/version.ts';
import type { LoadTool } from '../../tools/load-tool.ts';
import { serveLivePage } from './live-server.ts';
import { RunClock } from './run-clock.ts';
import { TrialReader } from './trial-reader.ts';

export interface LiveRunOptions {
  /** 0 takes any free one. */
  port: number;
  /** Send figures while a tool measures as well. */
  duringTrials: boolean;
  plan: Plan;
  scenario: { name: string; description?: string };
  findTool: (name: string) => LoadTool;
}

export interface LiveRun {
  url: string;
  /** What the run has to tell. */
  events: RunEvents;
  /** Say that it is over, and let the browsers that listen take the report. Waits for them no longer than two seconds. */
  finish(over: { sentence: string; report: string | undefined; folder: string }): Promise<void>;
  /** The server is gone afterwards. May be called again. */
  close(): Promise<void>;
}

const HAND_OVER_WITHIN_MS = 2000;

/**
 * Serve a page that follows a run. Unless it is asked for, nothing is sent while a tool measures: what a browser on the
 * same machine draws takes CPU time from what is measured.
 *
 * @throws UserError when the port cannot be had
 */
export async function startLiveRun(options: LiveRunOptions): Promise<LiveRun> {
  const { plan, duringTrials, findTool } = options;
  const livePlan = describePlan(options);
  const page = liveHtml(livePlan, HARNESS_VERSION, readPageAssets('live'));
  const { hub, url, handOver, close } = await serveLivePage(options.port, page);
  const clock = new RunClock(plan);
  const states: LiveTrialState[] = plan.trials.map(() => 'waiting');
  const known = new Map<string, TrialEvidence>();
  const codes = new Map<string, string>();
  let run: RunRecord | undefined;
  let runDir = '';
  let running: number | null = null;
  let launchedAtMs = performance.now();
  let reader: TrialReader | undefined;

  const tell = (sentence: string, phase: string | null, nextNewsInMs: number | null): void => {
    const from = running ?? states.indexOf('waiting');
    const sinceLaunchMs = running === null ? 0 : performance.now() - launchedAtMs;
    const restMs = from < 0 ? 0 : clock.expectRestMs(from, sinceLaunchMs);
    const progress: LiveProgress = {
      sentence,
      running,
      phase,
      states: [...states],
      doneAtMs: from < 0 ? null : Date.now() + restMs,
      leftMs: from < 0 ? null : restMs,
      nextNewsAtMs: nextNewsInMs === null ? null : Date.now() + nextNewsInMs,
    };
    hub.publish('progress', progress);
  };

  const tellResults = (): void => {
    // Nobody looks: the trial's files are read when somebody does.
    if (!run || hub.clientCount === 0) return;
    const stored = JSON.parse(JSON.stringify(run)) as RunRecord;
    const { comparison } = deriveComparison(runDir, findTool, stored, known);
    const news = comparison.arms.flatMap(({ id, findings }) => {
      const code = findings[0]?.code;
      if (code === undefined || codes.get(id) === code) return [];
      codes.set(id, code);
      return [`${id}: ${code}`];
    });
    const results: LiveResults = { html: liveResults(comparison), news: news.join(', ') };
    hub.publish('results', results);
  };

  const onTrialPhase = (trial: Trial, phase: TrialPhase, position: number): void => {
    const index = position - 1;
    if (phase === 'launching') {
      running = index;
      launchedAtMs = performance.now();
      states[index] = 'running';
    }
    if (phase === 'measuring' && !duringTrials) hub.pause();
    if (phase === 'draining') {
      reader?.stop();
      reader = undefined;
    }
    const load = formatDuration(trial.durationMs);
    const untilEndMs = Math.max(0, clock.expectMs(trial) - (performance.now() - launchedAtMs));
    const where = `${describePass(trial)}: ${trial.armId}`;
    if (phase === 'measuring') {
      tell(`${where} measures for ${load}`, phase, duringTrials ? null : untilEndMs);
    } else if (phase === 'draining') {
      tell(`${where} has measured; its connections drain`, phase, null);
      // Afterwards: what was not sent in the meantime is news no more.
      hub.resume();
    } else {
      tell(`${where} is ${phase}, then measures for ${load}`, phase, duringTrials ? null : untilEndMs);
    }
    if (phase === 'measuring' && duringTrials) {
      hub.forget('reading');
      reader = new TrialReader(trial.id, join(runDir, 'trials', trial.id, SERIES_FILE), (reading) =>
        hub.publish('reading', reading, 'series'),
      );
    }
  };

  const onTrialEnd = (record: TrialRecord): void => {
    reader?.stop();
    reader = undefined;
    hub.resume();
    const index = plan.trials.findIndex(({ id }) => id === record.id);
    states[index] = record.state;
    if (record.state !== 'skipped') clock.learn(plan.trials[index]!, performance.now() - launchedAtMs);
    running = null;
    tellResults();
    const reason = record.reason === undefined ? '' : `: ${record.reason}`;
    tell(`${record.id} ${record.state}${reason}`, null, null);
  };

  tell('Starting', null, null);
  return {
    url,
    events: {
      onRunStart(startedRun, dir) {
        run = startedRun;
        runDir = dir;
      },
      onTrialPhase,
      onTrialEnd: (record) => guard(() => onTrialEnd(record)),
      ...(duringTrials
        ? { watch: { onProcessSample: (_, sample) => reader?.takeProcessSample(sample) } }
        : {}),
    },
    async finish({ sentence, report, folder }) {
      reader?.stop();
      hub.resume();
      running = null;
      const end: LiveEnd = { sentence, report: report === undefined ? null : '/report.html', folder };
      const over = report === undefined ? undefined : handOver(report, HAND_OVER_WITHIN_MS);
      hub.publish('end', end);
      await over;
    },
    async close() {
      reader?.stop();
      await close();
    },
  };
}

/** Whatever is wrong with what is shown must not end what is measured. The final report says what is wrong. */
function guard(show: () => void): void {
  try {
    show();
  } catch {
    // The final report reads the same files.
  }
}

function describePass({ kind, round }: Trial): string {
  return kind === 'measured' ? `Round ${round}` : kind === 'evidence' ? 'Evidence trial' : 'Profile trial';
}

function describePlan({ plan, scenario, duringTrials }: LiveRunOptions): LivePlan {
  return {
    scenario: {
      name: scenario.name,
      ...(scenario.description === undefined ? {} : { description: scenario.description }),
    },
    arms: plan.arms.map(({ id }) => id),
    trials: plan.trials.map(({ id, armId, kind, round, durationMs }) => ({
      id,
      arm: armId,
      kind,
      round,
      durationMs,
    })),
    duringTrials,
  };
}
