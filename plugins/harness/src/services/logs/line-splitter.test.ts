import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineSplitter } from './line-splitter.ts';

test('whole lines come out, wherever the chunks end', () => {
  const line = fc
    .string({ unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)) })
    .map((text) => text.replaceAll('\n', ' ').toWellFormed());
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 20 }),
      line,
      fc.array(fc.nat(200), { maxLength: 20 }),
      (lines, rest, cuts) => {
        const whole = lines.map((one) => `${one}\n`).join('');
        const bytes = Buffer.from(whole + rest);
        const splitter = new LineSplitter();
        const found: string[] = [];
        let at = 0;
        for (const cut of [...cuts, bytes.length]) {
          found.push(...splitter.push(bytes.subarray(at, at + cut)));
          at = Math.min(bytes.length, at + cut);
        }
        expect(found).toEqual(lines);
        expect(splitter.bytes).toBe(Buffer.byteLength(whole));
        expect(splitter.isWithinLine).toBe(rest !== '');
      },
    ),
  );
});
