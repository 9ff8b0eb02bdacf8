import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ClientQueue } from '../../../src/cli/live/client-queue.ts';

it('keeps the newest frames in order within its bounds and counts every other one', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 1, max: 40 }),
      fc.array(fc.oneof(fc.constant('take' as const), fc.string({ maxLength: 20 }))),
      (mostFrames, mostCharacters, steps) => {
        const queue = new ClientQueue(mostFrames, mostCharacters);
        const taken: number[] = [];
        let pushed = 0;
        for (const step of steps) {
          if (step === 'take') {
            const frame = queue.shift();
            if (frame) taken.push(frame.number);
          } else queue.push({ number: ++pushed, text: step });
          expect(queue.length).toBeLessThanOrEqual(mostFrames);
        }
        const rest: number[] = [];
        let characters = 0;
        for (let frame = queue.shift(); frame; frame = queue.shift()) {
          rest.push(frame.number);
          characters += frame.text.length;
        }
        expect([...taken, ...rest]).toEqual([...taken, ...rest].sort((a, b) => a - b));
        expect(taken.length + rest.length + queue.dropped).toBe(pushed);
        // The newest has room however large it is.
        if (rest.length > 1) expect(characters).toBeLessThanOrEqual(mostCharacters);
        if (rest.length > 0) expect(rest.at(-1)).toBe(pushed);
      },
    ),
  );
});
