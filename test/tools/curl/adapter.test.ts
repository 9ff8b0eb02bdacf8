import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ToolCommand, ToolTrial } from '../../../src/model/tool.ts';
import { curl, identifyCurl } from '../../../src/tools/curl/adapter.ts';
import { makeExit, makeTrial } from '../../helpers/tool-trial.ts';

async function commandFor(overrides: Partial<ToolTrial>): Promise<{ command: ToolCommand; config: string }> {
  const dir = mkdtempSync(join(tmpdir(), 'ssee-curl-'));
  try {
    let command: ToolCommand | undefined;
    await curl.run(makeTrial({ dir, ...overrides }), async (wanted) => {
      command = wanted;
      return makeExit();
    });
    return { command: command!, config: readFileSync(join(dir, 'curl.config'), 'utf8') };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

describe('the command line of curl', () => {
  it('opens every connection at once and gives each the run', async () => {
    const { command, config } = await commandFor({ connections: 3, durationMs: 1500, timeoutMs: 250 });
    const line = command.argv.join(' ');
    expect(line).toMatch(/^curl -q /);
    expect(line).toContain('-Z --parallel-immediate --parallel-max 3 --connect-timeout 0.25 -m 1.5 ');
    expect(config.match(/^url = "http:\/\/127\.0\.0\.1:1\/finite"$/gm)).toHaveLength(3);
    expect(config.match(/^output = "\/dev\/null"$/gm)).toHaveLength(3);
  });

  it('quotes what its config file would read otherwise', async () => {
    const { config } = await commandFor({ connections: 1, url: 'http://127.0.0.1:1/?q="a\\b"' });
    expect(config).toContain('url = "http://127.0.0.1:1/?q=\\"a\\\\b\\""');
  });

  it('passes method, headers (empty ones too) and body', async () => {
    const { command } = await commandFor({
      request: { method: 'POST', path: '/', headers: { Accept: 'a/b', 'X-Empty': '' }, body: '@x' },
    });
    expect(command.argv.join(' ')).toContain('-X POST -H Accept: a/b -H X-Empty; --data-raw @x -w ');
  });
});

describe('loads that curl cannot run', () => {
  it('are rates and more connections than it opens at once', () => {
    expect(curl.refuses?.(makeTrial({ ratePerConnection: 1 }))).toMatch(/rate/);
    expect(curl.refuses?.(makeTrial({ connections: 301 }))).toMatch(/at most 300/);
    expect(curl.refuses?.(makeTrial({ connections: 300 }))).toBeUndefined();
  });
});

describe('curl by its version', () => {
  it('is curl from 7.75 on', () => {
    expect(identifyCurl('/usr/bin/curl', 'curl 7.88.1 (x86_64-pc-linux-gnu) libcurl/7.88.1\n')).toEqual({
      available: true,
      path: '/usr/bin/curl',
      version: '7.88.1',
    });
    expect(identifyCurl('/x/curl', 'curl 8.5.0 (x) libcurl/8.5.0\n')).toMatchObject({ available: true });
  });

  it('is not an older one, nor another program', () => {
    expect(identifyCurl('/x/curl', 'curl 7.68.0 (x) libcurl/7.68.0\n')).toMatchObject({
      available: false,
      reason: expect.stringContaining('7.68.0'),
    });
    expect(identifyCurl('/x/curl', 'curling club 7.9\n')).toMatchObject({ available: false });
  });
});
