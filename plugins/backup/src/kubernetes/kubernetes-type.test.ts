import fc from 'fast-check';
import { expect, test } from 'vitest';
import { kubernetesType } from './kubernetes-type.ts';

const field = (number: number, bytes: Buffer) => Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes]);
const stored = (apiVersion: string, kind: string, raw = 'raw') =>
  Buffer.concat([
    Buffer.from('k8s\0'),
    field(1, Buffer.concat([field(1, Buffer.from(apiVersion)), field(2, Buffer.from(kind))])),
    field(2, Buffer.from(raw)),
    field(3, Buffer.alloc(0)),
    field(4, Buffer.alloc(0)),
  ]);

test.each([
  ['protobuf', stored('v1', 'ConfigMap'), 'v1 ConfigMap'],
  ['protobuf of a group', stored('apps/v1', 'Deployment'), 'apps/v1 Deployment'],
  ['JSON', Buffer.from('{"apiVersion":"lab.io/v1","kind":"Lab","metadata":{}}'), 'lab.io/v1 Lab'],
  ['JSON, later', Buffer.from('{"a":{"kind":"No","apiVersion":"x"},"kind":"Lab","apiVersion":"v2"}'), 'v2 Lab'],
  ['JSON with blanks', Buffer.from(' {\n "apiVersion" : "v1", "kind":\t"Lab" }'), 'v1 Lab'],
  ['escaped quotes', Buffer.from('{"a\\"kind":"\\",","apiVersion":"v1","kind":"Lab"}'), 'v1 Lab'],
  ['a list before', Buffer.from('{"a":["kind","No"],"apiVersion":"v1","kind":"Lab"}'), 'v1 Lab'],
])('%s', (_, value, type) => {
  const { apiVersion, kind } = kubernetesType(value)!;
  expect(`${apiVersion} ${kind}`).toBe(type);
});

test.each([
  ['nothing', Buffer.alloc(0)],
  ['text', Buffer.from('k8s is what it is about')],
  ['an envelope without a type', Buffer.concat([Buffer.from('k8s\0'), field(2, Buffer.from('raw'))])],
  ['an envelope that ends in its type', stored('v1', 'ConfigMap').subarray(0, 12)],
  ['a kind deeper down', Buffer.from('{"spec":{"apiVersion":"v1","kind":"Lab"}}')],
  ['a field called so as a value', Buffer.from('{"a":"kind","b":"apiVersion","c":"d"}')],
  ['a kind that is no text', Buffer.from('{"apiVersion":"v1","kind":{"a":"b"}}')],
  ['only a kind', Buffer.from('{"kind":"Lab"}')],
  ['a kind that no object has', Buffer.from('{"apiVersion":"v1","kind":"a,b\\"c"}')],
  ['a list', Buffer.from('[{"apiVersion":"v1","kind":"Lab"}]')],
])('%s is none', (_, value) => {
  expect(kubernetesType(value)).toBeUndefined();
});

test('of any bytes behind its magic nothing is read that is not there', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 60 }),
      fc.constantFrom('k8s\0', 'k8s\0\n', '{', '{"kind":"'),
      (bytes, head) => {
        const value = Buffer.concat([Buffer.from(head), bytes]);
        // What follows the value in memory would complete it.
        const inLarger = Buffer.concat([value, stored('v1', 'ConfigMap')]).subarray(0, value.length);
        expect(kubernetesType(inLarger)).toEqual(kubernetesType(Buffer.from(value)));
      },
    ),
  );
});

test('JSON of any contents names its type', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.dictionary(fc.string(), fc.jsonValue()),
      (before, after) => {
        const type = { apiVersion: 'lab.io/v1', kind: 'Lab' };
        for (const other of [before, after]) for (const name of ['apiVersion', 'kind']) delete other[name];
        const value = Buffer.from(JSON.stringify({ ...before, ...type, ...after }));
        expect(kubernetesType(value)).toEqual(type);
      },
    ),
  );
});
