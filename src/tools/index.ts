import { ab } from './ab/adapter.ts';
import { autocannon } from './autocannon/adapter.ts';
import { curl } from './curl/adapter.ts';
import { hey } from './hey/adapter.ts';
import type { LoadTool } from './load-tool.ts';
import { sseeTester } from './ssee-tester/adapter.ts';
import { wrk } from './wrk/adapter.ts';

/** Every load generator the harness knows, in the order in which they are listed to people. */
export const TOOLS: readonly LoadTool[] = [wrk, hey, curl, autocannon, ab, sseeTester];

export function findTool(name: string): LoadTool | undefined {
  return TOOLS.find((tool) => tool.name === name);
}

/** @throws when no tool has the name: scenarios admit known names only. */
export function requireTool(name: string): LoadTool {
  const tool = findTool(name);
  if (!tool) throw new Error(`no load tool is called ${name}`);
  return tool;
}
