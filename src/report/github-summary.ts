import type { Comparison } from '../model/comparison.ts';
import type { GateResult } from '../model/gate.ts';
import { escapeMarkdown } from './escape-markdown.ts';
import { reportMarkdown } from './markdown.ts';

/** GitHub drops a step's whole summary above 1024 KiB; the rest is left to other writers of the same file. */
const MAX_BYTES = 900_000;
const CUT_NOTE =
  '\n\n_Cut here: a job summary has no room for the rest. The whole report is report.md of the run._\n';

/** The Markdown report for `$GITHUB_STEP_SUMMARY`, a gate's verdict before it, cut at a line where it is too long. */
export function reportGithubSummary(comparison: Comparison): string {
  const { gate } = comparison;
  const sentence = 'schema' in gate ? `**${escapeMarkdown((gate as GateResult).sentence)}**\n\n` : '';
  return cutMarkdown(`${sentence}${reportMarkdown(comparison)}`, MAX_BYTES);
}

/** At most `maxBytes` of UTF-8, whole lines only, with an open code block closed. */
export function cutMarkdown(text: string, maxBytes: number): string {
  if (Buffer.byteLength(text) <= maxBytes) return text;
  const kept: string[] = [];
  let fence: string | undefined;
  let room = maxBytes - Buffer.byteLength(CUT_NOTE);
  for (const line of text.split('\n')) {
    const mark = /^(`{3,})/.exec(line)?.[1];
    const after =
      mark === undefined ? fence : fence === undefined ? mark : line === fence ? undefined : fence;
    room -= Buffer.byteLength(line) + 1;
    if (room - (after === undefined ? 0 : after.length + 1) < 0) break;
    kept.push(line);
    fence = after;
  }
  if (fence !== undefined) kept.push(fence);
  return `${kept.join('\n')}${CUT_NOTE}`;
}
