import { z } from 'zod';
import { argument, duration, line } from './values.ts';

/** A small program whose output claims may use. */
export const probe = z.strictObject(
  {
    command: z
      .array(argument, { error: 'a list: program and arguments, such as [node, probe.mjs]' })
      .min(1, 'a list with at least the program in it')
      .describe('program and arguments'),
    cwd: line('a folder, such as .', 4096)
      .describe('folder it runs in, relative to the scenario file')
      .default('.'),
    reads: z
      .enum(['json', 'go-bench'], { error: 'one of json, go-bench' })
      .describe(
        'json: one document {"figures": {name: {"value": 1, "unit": "us"}}} or {"skipped": "reason"} on stdout; go-bench: what go test -bench prints',
      )
      .default('json'),
    within: duration('60s', 1).describe('it is ended after this time').default('60s'),
  },
  { error: 'a mapping such as {command: [node, probe.mjs]}' },
);
