import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { InterruptedError } from '../errors/index.ts';
import { Interruption, type SignalSource } from './interruption.ts';

class FakeProcess extends EventEmitter {
  readonly exits: number[] = [];
  exit(code: number): never {
    this.exits.push(code);
    return undefined as never;
  }
}

test('the first Ctrl-C aborts, the second one leaves at once; one that comes on two ways is one', () => {
  const source = new FakeProcess();
  let nowMs = 1000;
  const interruption = Interruption.listen(source as unknown as SignalSource, () => nowMs);
  source.emit('SIGINT');
  expect(interruption.signal.reason).toBeInstanceOf(InterruptedError);
  expect(source.exits).toEqual([]);
  nowMs += 20;
  source.emit('SIGINT');
  expect(source.exits).toEqual([]);
  nowMs += 500;
  source.emit('SIGINT');
  expect(source.exits).toEqual([130]);
});

test('nothing is left listening', () => {
  const source = new FakeProcess();
  Interruption.listen(source as unknown as SignalSource).stop();
  expect(source.listenerCount('SIGINT') + source.listenerCount('SIGTERM')).toBe(0);
});
