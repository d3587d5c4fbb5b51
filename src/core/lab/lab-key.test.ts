import ssh2 from 'ssh2';
import { expect, test } from 'vitest';
import { newLabKey } from './lab-key.ts';

test('every pair has a whole public key, also where it begins with a zero', () => {
  const lengths = Array.from({ length: 1000 }, () => {
    const key = ssh2.utils.parseKey(newLabKey('node1').public);
    if (key instanceof Error) throw key;
    return (Array.isArray(key) ? key[0]! : key).getPublicSSH().length;
  });
  expect(new Set(lengths)).toEqual(new Set([51]));
});
