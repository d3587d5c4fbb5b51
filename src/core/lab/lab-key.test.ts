import ssh2 from 'ssh2';
import { expect, test } from 'vitest';
import { newLabKey } from './lab-key.ts';

test('every pair has a whole public key, also where it begins with a zero', async () => {
  const keys = await Promise.all(Array.from({ length: 1000 }, () => newLabKey('node1')));
  const lengths = keys.map((pair) => {
    const key = ssh2.utils.parseKey(pair.public);
    if (key instanceof Error) throw key;
    return (Array.isArray(key) ? key[0]! : key).getPublicSSH().length;
  });
  expect(new Set(lengths)).toEqual(new Set([51]));
});
