import { z } from 'zod';
import { claim } from './schema/claim.ts';
import { fault } from './schema/fault.ts';
import { gate, slo } from './schema/gate.ts';
import { load } from './schema/load.ts';
import { capture, observe } from './schema/observation.ts';
import { probe } from './schema/probe.ts';
import { request } from './schema/request.ts';
import { target } from './schema/target.ts';
import { TOOL_NAMES, tool } from './schema/tool.ts';
import { line, safeName } from './schema/values.ts';
import { variant } from './schema/variant.ts';

/** A scenario as written. */
export const scenarioSchema = z.strictObject(
  {
    $schema: z.string({ error: 'the address of a JSON Schema' }).describe('for editors only').exactOptional(),
    name: line('one line of text that names the scenario, such as sse-100c', 100).describe(
      'name of the scenario, in reports and in the name of the run folder',
    ),
    description: z
      .string({ error: 'text' })
      .describe('what this scenario asks, for the head of every report')
      .exactOptional(),
    target,
    request,
    stream: z
      .enum(['finite', 'endless'], { error: 'finite or endless' })
      .describe('finite: each response ends by itself; endless: none ends while it is measured'),
    load,
    tools: z
      .array(tool, { error: `a list of tools: ${TOOL_NAMES.join(', ')}` })
      .min(1, 'a list with at least one tool, such as [wrk, ssee-tester]')
      .describe('load generators, one after the other under the same load'),
    variants: z
      .record(safeName('one-proc'), variant, {
        error: 'a mapping of names to changes, such as {one-proc: {target: {env: {GOMAXPROCS: "1"}}}}',
      })
      .describe('every tool runs once per variant; its rows are called tool@variant')
      .exactOptional(),
    capture,
    observe,
    faults: z
      .array(fault, { error: 'a list such as [{at: 5s, for: 1s, pause: true}]' })
      .min(1, 'a list with at least one fault, such as [{at: 5s, for: 1s, pause: true}]')
      .describe(
        'disturbances of every trial: with at and for they come and go and make a resilience report, without they are there all the time',
      )
      .exactOptional(),
    expect: z
      .strictObject(
        {
          finding: z
            .string({ error: 'the code of a finding, such as stream-paced' })
            .describe('code of the finding that must be ranked first for every tool'),
        },
        { error: 'a mapping such as {finding: stream-paced}' },
      )
      .describe('truth planted by the author of the scenario')
      .exactOptional(),
    slo: z
      .array(slo, { error: 'a list of promises, such as [{metric: timeout_rate, max: 1%}]' })
      .describe('promises: a run that breaks one exits with 3')
      .exactOptional(),
    gate: gate
      .describe('how ssee-bench gate judges two variants, or two runs, of this scenario')
      .exactOptional(),
    claims: z
      .array(claim, { error: 'a list of claims, such as [{id: ..., says: ..., confirm: {...}}]' })
      .describe('sentences, each with the evidence that would confirm or refute it')
      .exactOptional(),
    probes: z
      .record(safeName('toolchain'), probe, {
        error: 'a mapping of names to commands, such as {toolchain: {command: [node, probe.mjs]}}',
      })
      .describe('small programs whose output claims may use; they run behind all trials')
      .exactOptional(),
  },
  { error: 'a mapping with the keys name, target, request, stream, load and tools' },
);

/** A scenario that the schema accepts, defaults filled in. */
export type ValidScenario = z.output<typeof scenarioSchema>;

/** The schema as published under schema/scenario.schema.json: JSON Schema draft 7, the newest that YAML editors read. */
export const scenarioJsonSchema: Record<string, unknown> = {
  ...z.toJSONSchema(scenarioSchema, { io: 'input', target: 'draft-7' }),
  title: 'ssee-bench scenario',
};
