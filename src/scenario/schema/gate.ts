import { z } from 'zod';
import { DEFAULT_ALPHA } from '../gate-defaults.ts';
import { metric } from './values.ts';

const amount = z.union([z.string(), z.number()], {
  error: 'an amount in the unit of the metric, such as 50ms, 1% or 1500',
});

const maxRegression = z
  .union([z.string(), z.number()], { error: 'a share, such as 10%' })
  .describe('least change for the worse that is an alarm, as a share of base, such as 10%');

/** One promise about a metric. */
export const slo = z.strictObject(
  {
    metric: metric.describe('id of the metric, such as ttfe_us_p99'),
    arm: z
      .string({ error: 'the name of a row, such as ssee-tester' })
      .describe('row it binds, by name or name@variant; without it, every row that observes the metric')
      .exactOptional(),
    max: amount.describe('largest value that keeps the promise, such as 50ms, 1% or 1500').exactOptional(),
    min: amount.describe('smallest value that keeps the promise').exactOptional(),
  },
  { error: 'a mapping such as {metric: ttfe_us_p99, arm: ssee-tester, max: 50ms}' },
);

const role = (what: string) => z.string({ error: 'the name of a variant' }).describe(what).exactOptional();

const gateMetric = z.union(
  [
    metric,
    z.strictObject(
      {
        metric: metric.describe('id of the metric, such as ttfe_us_p99'),
        maxRegression: maxRegression.exactOptional(),
        minEffect: amount
          .describe(
            'least change for the worse in the unit of the metric, such as 1ms; both must be exceeded',
          )
          .exactOptional(),
      },
      { error: 'a metric or a mapping such as {metric: ttfe_us_p99, maxRegression: 20%}' },
    ),
  ],
  { error: 'a metric, such as ttfe_us_p99, or a mapping such as {metric: ttfe_us_p99, maxRegression: 20%}' },
);

/** How two variants, or two runs, are judged. */
export const gate = z.strictObject(
  {
    base: role('variant that is compared with, inside one run'),
    head: role('variant that is judged'),
    control: role('variant equal to base: what differs between the two is noise (A/A)'),
    arms: z
      .array(z.string({ error: 'the name of a tool here' }), {
        error: 'a list of tools, such as [ssee-tester]',
      })
      .min(1, 'a list of at least one tool, such as [ssee-tester]')
      .describe('rows that are gated, by the name of the tool; all without it')
      .exactOptional(),
    metrics: z
      .array(gateMetric, { error: 'a list of metrics, such as [requests_per_sec, ttfe_us_p99]' })
      .min(1, 'a list of at least one metric, such as [requests_per_sec]')
      .describe('what is gated; each further metric makes every alarm harder, because p is corrected for all')
      .exactOptional(),
    maxRegression: maxRegression.default('10%'),
    alpha: z
      .number({ error: 'a chance, such as 0.05' })
      .gt(0, 'a chance above 0, such as 0.05')
      .max(0.2, 'a chance up to 0.2, such as 0.05')
      .describe('chance of any false alarm among all cells of a night')
      .default(DEFAULT_ALPHA),
  },
  { error: 'a mapping such as {base: main, head: candidate, control: main-again}' },
);
