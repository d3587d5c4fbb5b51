import { expect, test } from 'vitest';
import { isNewEnough } from './node-version.ts';

test.each([
  ['v22.19.0', true],
  ['v22.20.1', true],
  ['v24.0.0', true],
  ['v24.1.0-nightly', true],
  ['v22.18.9', false],
  ['v20.20.2', false],
  ['', false],
  [undefined, false],
])('%s: %s', (version, enough) => expect(isNewEnough(version)).toBe(enough));
