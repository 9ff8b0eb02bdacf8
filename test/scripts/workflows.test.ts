import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { ROOT } from '../helpers/run-cli.ts';

const FOLDER = join(ROOT, '.github/workflows');

/** The part of GitHub's workflow syntax that is used here; an unknown key is a mistake until it is listed. */
const step = z.union([
  z.strictObject({
    uses: z.string().regex(/^[\w-]+\/[\w-]+@(v\d+|[0-9a-f]{40})$/, 'pin by major tag or commit'),
    name: z.string().optional(),
    if: z.string().optional(),
    with: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  }),
  z.strictObject({
    run: z.string(),
    name: z.string().optional(),
    id: z.string().optional(),
    if: z.string().optional(),
    env: z.record(z.string(), z.string()).optional(),
  }),
]);
const permissions = z.partialRecord(z.enum(['contents', 'pull-requests']), z.enum(['read', 'write', 'none']));
const workflow = z.strictObject({
  name: z.string(),
  on: z.strictObject({
    push: z.strictObject({ branches: z.array(z.string()) }).optional(),
    pull_request: z.null().optional(),
    schedule: z.array(z.strictObject({ cron: z.string().regex(/^([\d*/,-]+ ){4}[\d*/,-]+$/) })).optional(),
    workflow_dispatch: z
      .strictObject({
        inputs: z.record(
          z.string(),
          z.strictObject({
            description: z.string(),
            default: z.union([z.string(), z.boolean()]),
            type: z.enum(['boolean', 'string']).optional(),
          }),
        ),
      })
      .optional(),
  }),
  // Without it a job may do whatever the repository allows.
  permissions,
  concurrency: z.strictObject({ group: z.string(), 'cancel-in-progress': z.boolean() }),
  jobs: z.record(
    z.string(),
    z.strictObject({
      'runs-on': z.string().regex(/^ubuntu-\d\d\.\d\d$/),
      'timeout-minutes': z.int().max(60),
      permissions: permissions.optional(),
      strategy: z
        .strictObject({ 'fail-fast': z.boolean(), matrix: z.record(z.string(), z.array(z.number())) })
        .optional(),
      env: z.record(z.string(), z.string()).optional(),
      steps: z.array(step).min(1),
    }),
  ),
});

describe.each(readdirSync(FOLDER))('the workflow %s', (file) => {
  const text = readFileSync(join(FOLDER, file), 'utf8');
  const document = parseDocument(text);

  it('is YAML that GitHub understands', () => {
    expect([...document.errors, ...document.warnings]).toEqual([]);
    expect(() => workflow.parse(document.toJS())).not.toThrow();
  });

  it('runs scripts that are there, and puts no input of a user into a command line', () => {
    const { jobs } = workflow.parse(document.toJS());
    const commands = Object.values(jobs).flatMap(({ steps }) =>
      steps.flatMap((each) => ('run' in each ? [each.run] : [])),
    );
    for (const command of commands) {
      expect(command).not.toMatch(/\$\{\{/);
      for (const [path] of command.matchAll(/(scripts|\.ci)\/[\w.-]+/g)) {
        expect(existsSync(join(ROOT, path)), path).toBe(true);
      }
    }
  });
});
