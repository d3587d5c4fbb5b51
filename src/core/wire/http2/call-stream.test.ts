import { expect, test } from 'vitest';
import { CallStream } from './call-stream.ts';

const MEMORY = Buffer.alloc(1024);

class FrugalCall extends CallStream {
  readonly method = { path: '/test.Service/Method' };
  readonly messages: { readonly text: string; readonly isInMemory: boolean }[] = [];

  protected override isTooLong(bytes: number): boolean {
    return bytes > 1000;
  }

  protected override memoryFor(bytes: number): Buffer | undefined {
    return bytes > 100 ? MEMORY : undefined;
  }

  onMessage(bytes: Buffer, start: number, end: number): void {
    this.messages.push({ text: bytes.toString('utf8', start, end), isInMemory: bytes === MEMORY });
  }

  onEnd(): void {}
}

function framed(text: string, length = text.length): Buffer {
  const frame = Buffer.alloc(5 + text.length);
  frame.writeUInt32BE(length, 1);
  frame.write(text, 5);
  return frame;
}

test('a message in several frames is put together in the memory that is given for it', () => {
  const [short, long] = ['s'.repeat(20), 'l'.repeat(500)];
  const bytes = Buffer.concat([framed(short), framed(long), framed(short)]);
  for (const step of [1, 4, 5, 7, 300, bytes.length]) {
    const call = new FrugalCall();
    for (let at = 0; at < bytes.length; at += step)
      expect(call.receive(bytes, at, Math.min(at + step, bytes.length))).toBeUndefined();
    expect(call.messages.map(({ text }) => text)).toEqual([short, long, short]);
    expect(call.messages[1]!.isInMemory).toBe(step < bytes.length);
  }
});

test('a message that is longer than the call takes is refused as soon as it is announced', () => {
  const bytes = framed('', 1001);
  for (const step of [1, 5]) {
    const call = new FrugalCall();
    const problems: (string | undefined)[] = [];
    for (let at = 0; at < bytes.length; at += step) problems.push(call.receive(bytes, at, at + step));
    expect(problems.at(-1)).toBe('a message of 1001 bytes');
  }
});
