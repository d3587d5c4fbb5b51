import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CallerQueue } from './caller-queue.ts';

test('callers leave in the order in which they came, however often the queue goes round', () => {
  const capacity = 5;
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 200 }), (moves) => {
      const queue = new CallerQueue(capacity);
      const model: number[] = [];
      moves.forEach((comes, time) => {
        if (comes && model.length < capacity) {
          queue.push(time);
          model.push(time);
        } else if (!comes && model.length > 0) {
          queue.shift();
          model.shift();
        }
        expect(queue.count).toBe(model.length);
        if (model.length > 0) expect(queue.first).toBe(model[0]);
      });
    }),
  );
});
