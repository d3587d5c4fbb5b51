import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KeyQueue } from './key-queue.ts';

test('first in, first out, however many wait', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.maxSafeNat()), { maxLength: 500, size: 'max' }), (steps) => {
      const queue = new KeyQueue();
      const model: number[] = [];
      for (const key of steps) {
        if (key !== null) {
          queue.push(key, key / 2);
          model.push(key);
        } else if (model.length > 0) expect(queue.shift()).toBe(model.shift());
        expect(queue.length).toBe(model.length);
        expect(queue.firstDueAt).toBe(model.length === 0 ? Number.POSITIVE_INFINITY : model[0]! / 2);
        expect(queue.smallest()).toBe(Math.min(...model));
      }
    }),
  );
});
