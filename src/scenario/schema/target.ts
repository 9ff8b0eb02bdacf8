import { z } from 'zod';
import { proxy } from './proxy.ts';
import { argument, cpus, duration, line, percent, QUOTED, urlPath } from './values.ts';

/** Servers under test that come with the harness. */
const BUNDLED_TARGETS = ['go-nethttp', 'node-http', 'faulty'] as const;

const envName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'a name of letters, digits and underscores that begins with no digit');

/** Environment variables of the target. */
export const env = z
  .record(envName, argument, { error: 'a mapping of names to text, such as {GOMAXPROCS: "2"}' })
  .describe(`environment variables of the target, ${QUOTED}`);

/** Arguments of the target. */
export const args = z
  .array(argument, { error: 'a list of texts, such as ["--workers", "4"]' })
  .describe('arguments appended to the command line of the target');

const PPROF_ADDRESS =
  'a path such as /debug/pprof, or an address on this machine such as http://127.0.0.1:6060/debug/pprof';

const profileAccess = z
  .strictObject(
    {
      pprof: z
        .string({ error: PPROF_ADDRESS })
        .regex(/^(http:\/\/(127\.0\.0\.1|localhost|\[::1\]):\d{1,5})?\/[\w.~%-][\w.~%/-]*$/, PPROF_ADDRESS)
        .describe("path below which Go's net/http/pprof answers, or an address of its own on this machine")
        .exactOptional(),
      inspector: z
        .literal(true, { error: 'true' })
        .describe('CPU profile of a Node target, by an agent loaded through NODE_OPTIONS')
        .exactOptional(),
    },
    { error: 'a mapping such as {pprof: /debug/pprof} or {inspector: true}' },
  )
  .meta({
    description:
      'where profiles of the target can be had; taken in a trial of their own, see observe.profile',
    oneOf: [{ required: ['pprof'] }, { required: ['inspector'] }],
  });

/** The server under test. */
export const target = z
  .strictObject(
    {
      use: z
        .enum(BUNDLED_TARGETS, { error: `one of ${BUNDLED_TARGETS.join(', ')}` })
        .describe(
          'a server that comes with the harness: go-nethttp (Go standard library), node-http (needs nothing but Node), faulty (one misbehaviour per route)',
        )
        .exactOptional(),
      fallback: z
        .literal('node-http', { error: 'node-http' })
        .describe('used in place of go-nethttp where Go cannot be had; every report says so')
        .exactOptional(),
      command: z
        .array(argument, { error: `a list: program and arguments, such as [python3, srv.py, "\${port}"]` })
        .min(1, 'a list with at least the program in it')
        .describe(`program and arguments of your own server; \${port} is the port it is to listen on`)
        .exactOptional(),
      url: z
        .string({ error: 'an address such as http://127.0.0.1:9000' })
        .describe(
          'a server that runs already, such as http://127.0.0.1:9000; other machines need --allow-remote',
        )
        .exactOptional(),
      prepare: z
        .array(argument, { error: 'a list: program and arguments, such as [make, server]' })
        .min(1, 'a list with at least the program in it')
        .describe('program that is run once before the first trial, such as one that builds the command')
        .exactOptional(),
      args: args.default([]),
      env: env.default({}),
      cwd: line('a folder, such as .', 4096)
        .describe('folder the command runs in, relative to the scenario file')
        .default('.'),
      ready: z
        .strictObject(
          {
            path: urlPath('/healthz')
              .describe('ready when GET of this path answers 2xx; without it, when the port accepts')
              .exactOptional(),
            within: duration('20s', 1).describe('give up after this time').default('20s'),
          },
          { error: 'a mapping such as {path: /healthz, within: 20s}' },
        )
        .describe('how the harness knows that the target is ready')
        .prefault({}),
      metrics: urlPath('/metrics')
        .describe('counters in Prometheus text format: the ground truth that tools are held against')
        .exactOptional(),
      profile: profileAccess.exactOptional(),
      pin: cpus.exactOptional(),
      cpuLimit: percent('50%').describe('CPU quota in percent of one CPU; needs root').exactOptional(),
      proxy: proxy.exactOptional(),
    },
    { error: 'a mapping with one of use, command and url, such as {use: node-http}' },
  )
  .meta({
    description: 'the server under test: exactly one of use, command, url',
    oneOf: [{ required: ['use'] }, { required: ['command'] }, { required: ['url'] }],
  });
