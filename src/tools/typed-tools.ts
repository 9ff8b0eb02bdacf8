import { typedAb } from './ab/typed.ts';
import { typedAutocannon } from './autocannon/typed.ts';
import { typedCurl } from './curl/typed.ts';
import { typedHey } from './hey/typed.ts';
import { typedSseeTester } from './ssee-tester/typed.ts';
import type { TypedTool } from './typed-tool.ts';
import { typedWrk } from './wrk/typed.ts';

/** By the names of the adapters, each of which has one. */
const TYPED: Record<string, TypedTool> = {
  wrk: typedWrk,
  hey: typedHey,
  curl: typedCurl,
  autocannon: typedAutocannon,
  ab: typedAb,
  'ssee-tester': typedSseeTester,
};

/** @throws when no tool has the name */
export function requireTypedTool(name: string): TypedTool {
  const tool = TYPED[name];
  if (!tool) throw new Error(`nobody knows how to type ${name}`);
  return tool;
}
