import fc from 'fast-check';
import { expect, it } from 'vitest';
import { planPairs, runPairs } from '../../perf/pairing.ts';

it('turns the order round from pair to pair', () => {
  expect(planPairs(5)).toEqual(['ours', 'peer', 'ours', 'peer', 'ours']);
});

it('runs both sides of each pair one after the other, in the planned order, never two at once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 12 }), async (count) => {
      const ran: string[] = [];
      let running = 0;
      const pairs = await runPairs(count, async (side) => {
        running++;
        expect(running).toBe(1);
        await Promise.resolve();
        running--;
        ran.push(side);
        return `${side} ${ran.length}`;
      });
      expect(ran).toEqual(planPairs(count).flatMap((first) => [first, first === 'ours' ? 'peer' : 'ours']));
      expect(pairs.map(({ first, ours, peer }) => [first, ours, peer])).toEqual(
        planPairs(count).map((first, index) =>
          first === 'ours'
            ? [first, `ours ${2 * index + 1}`, `peer ${2 * index + 2}`]
            : [first, `ours ${2 * index + 2}`, `peer ${2 * index + 1}`],
        ),
      );
    }),
  );
});

it('ends at the first run that fails', async () => {
  const ran: string[] = [];
  const failing = runPairs(3, async (side) => {
    ran.push(side);
    if (ran.length === 2) throw new Error('gone');
  });
  await expect(failing).rejects.toThrow('gone');
  expect(ran).toEqual(['ours', 'peer']);
});
