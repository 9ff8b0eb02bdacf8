import { suggestName } from './closest-name.ts';
import { listAt, textAt } from './draft.ts';
import { explainUnfitDuration, parseWholeMs } from './durations.ts';
import { type Fault, valueAt } from './fault.ts';
import { TOOL_NAMES } from './schema/tool.ts';

/** Why a tool cannot be limited to a rate. */
const NO_RATE: Record<string, string> = {
  wrk: 'wrk has no rate limit',
  curl: 'curl runs each stream once, so a rate has no meaning',
  autocannon: 'autocannon adds samples to its latencies when its rate is limited',
  ab: 'ab has no rate limit',
};

interface DraftTool {
  index: number;
  use: string | undefined;
  name: string | undefined;
  replay: string | undefined;
  /** Keys that say something about a replay. */
  replayKeys: string[];
  hasRate: boolean;
  hasReadRate: boolean;
}

/** What the schema cannot say about `tools`, and about the load that they are to put on the target. */
export function checkTools(draft: unknown): Fault[] {
  const tools = listAt(draft, ['tools']).map((_, index) => readTool(draft, index));
  return [
    ...tools.flatMap((tool) => checkName(tool, tools)),
    ...tools.flatMap(checkRate),
    ...tools.flatMap(checkReadRate),
    ...tools.flatMap((tool) => checkReplay(tool, tools, draft)),
    ...tools.flatMap(checkReplayKeys),
    ...checkDuration(draft, tools),
  ];
}

function readTool(draft: unknown, index: number): DraftTool {
  const short = textAt(draft, ['tools', index]);
  const use = short ?? textAt(draft, ['tools', index, 'use']);
  return {
    index,
    use,
    name: textAt(draft, ['tools', index, 'name']) ?? use,
    replay: textAt(draft, ['tools', index, 'replay']),
    replayKeys: ['bare', 'ablate', 'duration'].filter(
      (key) => valueAt(draft, ['tools', index, key]) !== undefined,
    ),
    hasRate: valueAt(draft, ['tools', index, 'rate']) !== undefined,
    hasReadRate: valueAt(draft, ['tools', index, 'readRate']) !== undefined,
  };
}

function checkName({ index, use, name }: DraftTool, tools: DraftTool[]): Fault[] {
  if (name === undefined) return [];
  const path = ['tools', index, 'name'];
  // File systems that ignore case would put two trials into one folder.
  const same = tools.find((other) => other.index < index && other.name?.toLowerCase() === name.toLowerCase());
  if (same) {
    return [
      {
        path,
        at: 'value',
        message: `tools[${same.index}] is called ${JSON.stringify(same.name)} already; give this one another name, such as {use: ${use ?? 'hey'}, name: ${name}-2}`,
      },
    ];
  }
  if (use !== undefined && name !== use && TOOL_NAMES.some((tool) => tool === name)) {
    return [
      {
        path,
        at: 'value',
        message: `rows of ${use} cannot be called "${name}", which is another tool; rename it`,
      },
    ];
  }
  return [];
}

function checkRate({ index, use, hasRate }: DraftTool): Fault[] {
  const reason = use === undefined ? undefined : NO_RATE[use];
  if (!hasRate || reason === undefined) return [];
  return [
    {
      path: ['tools', index, 'rate'],
      at: 'key',
      message: `${reason}; remove "rate" or use hey or ssee-tester`,
    },
  ];
}

function checkReadRate({ index, use, hasReadRate }: DraftTool): Fault[] {
  if (!hasReadRate || use === undefined || use === 'ssee-tester') return [];
  return [
    {
      path: ['tools', index, 'readRate'],
      at: 'key',
      message: `${use} reads as fast as it can; remove "readRate" or use ssee-tester`,
    },
  ];
}

function checkReplay(tool: DraftTool, tools: DraftTool[], draft: unknown): Fault[] {
  const { index, use, name, replay } = tool;
  if (replay === undefined) return [];
  const at = (place: Fault['at'], message: string): Fault[] => [
    { path: ['tools', index, 'replay'], at: place, message },
  ];
  if (use !== 'ssee-tester') return at('key', 'only ssee-tester can replay requests; remove "replay"');
  const capture = textAt(draft, ['capture', 'mode']) ?? textAt(draft, ['capture']);
  if (capture === 'off') {
    return at('key', 'there are no request bytes to replay with capture: off; write capture: headers');
  }
  const others = tools.filter((other) => other !== tool && other.replay === undefined);
  const names = [...new Set(others.flatMap((other) => other.name ?? []))];
  if (replay === name)
    return at('value', `${JSON.stringify(replay)} cannot replay itself; name another tool`);
  const replayed = tools.find((other) => other.name === replay);
  if (!replayed) {
    return at(
      'value',
      `no tool here is called ${JSON.stringify(replay)}${suggestName(replay, names) || `; add it or name one that is here: ${names.join(', ') || 'none'}`}`,
    );
  }
  if (replayed.replay !== undefined) {
    return at('value', `"${replay}" replays another tool itself; name the tool that made the request`);
  }
  return [];
}

function checkReplayKeys({ index, replay, replayKeys }: DraftTool): Fault[] {
  const at = (key: string, message: string): Fault => ({
    path: ['tools', index, key],
    at: 'key',
    message,
  });
  if (replay === undefined) {
    return replayKeys.map((key) =>
      at(
        key,
        key === 'duration'
          ? 'rows that are compared run equally long; remove "duration", or name what it replays'
          : `"${key}" is about a replayed request; add replay: with the name of a tool`,
      ),
    );
  }
  if (replayKeys.includes('bare') && replayKeys.includes('ablate')) {
    return [at('ablate', 'a bare request has no headers left to leave out; remove "bare" or "ablate"')];
  }
  return [];
}

function checkDuration(draft: unknown, tools: DraftTool[]): Fault[] {
  const text = textAt(draft, ['load', 'duration']);
  const durationMs = text === undefined ? undefined : parseWholeMs(text);
  if (durationMs === undefined || durationMs === 0) return [];
  const reasons = tools.flatMap(({ use }) =>
    use === undefined ? [] : (explainUnfitDuration(use, durationMs) ?? []),
  );
  return reasons.slice(0, 1).map((reason) => ({
    path: ['load', 'duration'],
    at: 'value',
    message: `${reason}, not ${text}; write for example ${Math.max(1, Math.round(durationMs / 1000))}s or leave the tool out`,
  }));
}
