import { expect, it } from 'vitest';
import { EventQueue, type TappedEvent } from '../../../src/tester/tap/event-queue.ts';

const event = (chars: number): TappedEvent => ({
  connection: 0,
  readAtUs: 0,
  id: '',
  type: 'message',
  data: 'x'.repeat(chars),
});

it('an event queue is full by the size of its events as well as by their number', () => {
  const queue = new EventQueue(100, 1000);
  for (let index = 0; index < 12; index++) queue.offer(event(300));
  // The fourth one exceeds the limit, which only then is known.
  expect([queue.isFull, queue.dropped]).toEqual([true, 8]);
  expect(queue.takeAll()).toHaveLength(4);
  expect(queue.isFull).toBe(false);
  queue.offer(event(300));
  expect(queue.takeAll()).toHaveLength(1);
  for (let index = 0; index < 101; index++) queue.offer(event(0));
  expect([queue.isFull, queue.dropped]).toEqual([true, 9]);
});
