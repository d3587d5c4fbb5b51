import { expect, test } from 'vitest';
import { formatSize } from './format-size.ts';

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1 kB'],
  [1_337, '1.34 kB'],
  [999_600, '1 MB'],
  [812_400_000, '812 MB'],
  [5_200_000_000, '5.2 GB'],
  [1.5e12, '1.5 TB'],
])('%d bytes are %s', (bytes, text) => {
  expect(formatSize(bytes)).toBe(text);
});
