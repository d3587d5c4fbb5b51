import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ProtoReader, ProtoWriter } from '../wire/index.ts';
import { chooseLeaseIds, LEASE_ID_BYTES, leaseNumber, writeLeaseId } from './lease-ids.ts';
import { attachTemplate, grantTemplate } from './lease-requests.ts';

test('an id of the same length takes the place of another', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2 ** 52, max: Number.MAX_SAFE_INTEGER }), (id) => {
      const bytes = Buffer.alloc(LEASE_ID_BYTES + 1, 0xee);
      writeLeaseId(bytes, 1, id);
      const wanted = new ProtoWriter().number(1, id).finish();
      expect(bytes.subarray(1)).toEqual(wanted.subarray(wanted.length - LEASE_ID_BYTES));
      expect(bytes[0]).toBe(0xee);
    }),
  );
});

test('ids of runs do not meet, and stay exact', () => {
  for (let i = 0; i < 100; i += 1) {
    const ids = chooseLeaseIds(250_000);
    expect(Number.isSafeInteger(ids.first + ids.count)).toBe(true);
    expect(leaseNumber(ids, BigInt(ids.first) + 249_999n)).toBe(249_999);
    expect(leaseNumber(ids, ids.first + 250_000)).toBe(-1);
  }
  expect(() => chooseLeaseIds(3_000_000)).toThrow(RangeError);
});

test('requests have room for an id where it is filled in', () => {
  const grant = grantTemplate(60);
  const frame = Buffer.from(grant.frame);
  writeLeaseId(frame, grant.patchOffset, 2 ** 52 + 77);
  const fields: [number, bigint][] = [];
  const reader = new ProtoReader(frame, 5);
  for (let field = reader.next(); field !== 0; field = reader.next()) fields.push([field, reader.int64()]);
  expect(fields).toEqual([
    [1, 60n],
    [2, 2n ** 52n + 77n],
  ]);
  const { template, idAfterKey } = attachTemplate('keys/00000000');
  expect(template.frame.toString('latin1', template.patchOffset, template.patchOffset + 13)).toBe('keys/00000000');
  expect(template.patchOffset + idAfterKey + LEASE_ID_BYTES).toBe(template.frame.length);
});
