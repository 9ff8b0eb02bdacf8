import { afterEach, describe, expect, it } from 'vitest';
import { readFlaw } from '../../targets/node-http/flaw.ts';
import { parseStreamQuery } from '../../targets/shared/stream-query.ts';
import { runTarget, type StartedTarget, startTarget } from './start-target.ts';
import { WireClient } from './wire-client.ts';

const targets: StartedTarget[] = [];
afterEach(async () => {
  for (const target of targets.splice(0)) await target.stop();
});

async function startFlawed(flaw: string): Promise<StartedTarget> {
  const target = await startTarget('node-http', [], { SSEE_TARGET_FLAW: flaw });
  targets.push(target);
  return target;
}

const idsOf = (body: string): number[] => [...body.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));

describe('node-http with a flaw', () => {
  it('loses about as many events as asked for, and uses up their ids', async () => {
    const { port, metrics } = await startFlawed('lose=0.1');
    const { body, isWhole } = await new WireClient(port).request('/events?count=1000').completed();
    const ids = idsOf(body);
    expect(isWhole).toBe(true);
    expect(ids.length).toBeGreaterThan(850);
    expect(ids.length).toBeLessThan(950);
    expect(ids).toEqual([...ids].sort((a, b) => a - b));
    expect((await metrics()).get('events_total')).toBe(ids.length);
  });

  it('can lose every event and still end its streams', async () => {
    const { port } = await startFlawed('lose=1');
    const { body, isWhole } = await new WireClient(port).request('/events?count=3').completed();
    expect([body, isWhole]).toEqual(['', true]);
  });

  it('resets streams behind their first event and counts them', async () => {
    const { port, metrics } = await startFlawed('reset=1');
    const { body, isWhole } = await new WireClient(port).request('/events?count=5&interval=5ms').closed();
    expect(isWhole).toBe(false);
    expect(idsOf(body).length).toBeLessThanOrEqual(1);
    expect((await metrics()).get('streams_total{end="reset"}')).toBe(1);
  });

  it('stretches every wait and the CPU time of events when it is slower, and nothing else', () => {
    const query = parseStreamQuery('count=3&interval=10ms&head=20ms&first=30ms&cpu=1ms&heartbeat=5s&burst=2');
    if ('problem' in query) throw new Error(query.problem);
    expect(readFlaw('slower=0.5').slowDown(query)).toEqual({
      ...query,
      intervalMs: 15,
      headMs: 30,
      firstMs: 45,
      cpuMs: 1.5,
    });
    expect(readFlaw('').slowDown(query)).toEqual(query);
  });

  it('has the shares asked for from the first thousands on', () => {
    const { losesEvent, resetsStream } = readFlaw('lose=0.001');
    const lost = Array.from({ length: 20_000 }, losesEvent).filter(Boolean).length;
    expect(lost).toBeGreaterThan(15);
    expect(lost).toBeLessThan(25);
    expect(Array.from({ length: 1000 }, resetsStream)).not.toContain(true);
    const resets = Array.from({ length: 2000 }, readFlaw('reset=0.005').resetsStream).filter(Boolean).length;
    expect(resets).toBeGreaterThan(7);
    expect(resets).toBeLessThan(13);
  });

  it.each(['lose=2', 'loose=0.1', 'slower'])('refuses %s with code 2', async (flaw) => {
    const { code, stderr } = await runTarget('node-http', [], { SSEE_TARGET_FLAW: flaw });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^SSEE_TARGET_FLAW: .+\n$/);
  });
});
