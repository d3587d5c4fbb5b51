import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  formatAgentRecord,
  formatBatchRecord,
  formatNewMasterRecord,
  formatRecordTime,
  masterName,
  parseAgentRecord,
  parseBatchRecord,
  parseNewMasterRecord,
  parseRecordTime,
  parseRound,
} from './index.ts';

/** Unix microseconds until the year 2200. */
const time = fc.integer({ min: 0, max: 7_258_118_400_000_000 });
const identity = fc.stringMatching(/^[^/|\s]{1,40}$/);

test('a time reads as the document has it, with microseconds', () => {
  expect(formatRecordTime(1_462_632_492_123_456)).toBe('1462632492.123456');
  expect(formatRecordTime(1_462_632_492_000_001 + 0.25)).toBe('1462632492.000001');
  expect(formatRecordTime(1_462_632_492_999_999 + 0.75)).toBe('1462632493.000000');
  expect(parseRecordTime('1462632492')).toBe(1_462_632_492_000_000);
});

test('every time comes back as it was written', () => {
  fc.assert(fc.property(time, (us) => parseRecordTime(formatRecordTime(us)) === us));
});

test('every agent record comes back, whatever stands in the master key', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), identity, time, time, (master, name, fromUs, gotUs) => {
      const record = { master, identity: name, fromUs, gotUs };
      expect(parseAgentRecord(formatAgentRecord(record))).toEqual(record);
    }),
  );
});

test('every new master and batch record comes back', () => {
  fc.assert(
    fc.property(time, time, (fromUs, doneUs) => {
      expect(parseNewMasterRecord(formatNewMasterRecord({ fromUs, doneUs }))).toEqual({ fromUs, doneUs });
      expect(parseBatchRecord(formatBatchRecord(fromUs, doneUs))).toEqual({ fromUs, doneUs });
    }),
  );
});

test('what is no record is refused, never thrown at', () => {
  for (const text of ['', '|||', 'a|b|c', 'm|a|1|', 'm|a||2', 'm|a|1.1234567|2', 'm|a|-1|2', 'm|a|1|NaN']) {
    expect(parseAgentRecord(text)).toBeUndefined();
  }
  fc.assert(
    fc.property(
      fc.string(),
      (text) => void [parseAgentRecord(text), parseNewMasterRecord(text), parseBatchRecord(text)],
    ),
  );
});

test('the documented records are read, too', () => {
  expect(parseAgentRecord('"gradyhost1"|localhost-30484|1462632492|1462632493')).toEqual({
    master: '"gradyhost1"',
    identity: 'localhost-30484',
    fromUs: 1_462_632_492_000_000,
    gotUs: 1_462_632_493_000_000,
  });
});

test('a master’s name is fit for a terminal and a record, whatever bytes it is made of', () => {
  expect(masterName(Buffer.from('node-1'))).toBe('node-1');
  expect(masterName(Buffer.from('\u001b[31mred\n'))).toBe('?[31mred?');
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      const name = masterName(bytes);
      return name.length <= 255 && !/\p{Cc}/u.test(name);
    }),
  );
});

test('a round is a decimal number, or none', () => {
  fc.assert(fc.property(fc.nat(), (round) => parseRound(Buffer.from(String(round))) === round));
  for (const value of [undefined, '', 'x', '-1', '1.5', ' 1', '1e3', '9'.repeat(20)]) expect(parseRound(value)).toBe(0);
});
