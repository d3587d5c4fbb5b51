import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readPacket } from './ask-time-servers.ts';
import { compareExchanges } from './compare-exchanges.ts';
import { readingOf } from './measure-clock.ts';
import { parseNtpQuery } from './parse-ntp-query.ts';
import { parseTracking } from './parse-tracking.ts';

const seconds = fc.double({ min: -1000, max: 1000, noNaN: true }).map((value) => Number(value.toFixed(9)));
const positive = seconds.map(Math.abs);

describe('chronyc tracking', () => {
  const line =
    'C0000202,192.0.2.2,9,1795269600.123,0.000250000,-0.000001,0.000002,-1.5,0.001,0.05,0.000400000,0.000100000,64.2,Normal';

  test('a slow clock has a negative offset; the bar is |offset| + dispersion + delay / 2', () => {
    expect(parseTracking(line)).toEqual({
      source: 'chrony',
      offsetMs: -0.25,
      errorBarMs: expect.closeTo(0.55, 9),
      synchronised: true,
      reference: '192.0.2.2',
    });
  });

  test('any values', () => {
    fc.assert(
      fc.property(
        seconds,
        positive,
        positive,
        fc.constantFrom('Normal', 'Not synchronised'),
        (off, delay, disp, leap) => {
          const text = `7F7F0101,,8,1.5,${off.toFixed(9)},0,0,0,0,0,${delay.toFixed(9)},${disp.toFixed(9)},0.0,${leap}\n`;
          const reading = parseTracking(text)!;
          expect(reading.offsetMs).toBeCloseTo(-off * 1000, 5);
          expect(reading.errorBarMs).toBeCloseTo((Math.abs(off) + disp + delay / 2) * 1000, 5);
          expect(reading.errorBarMs).toBeGreaterThanOrEqual(Math.abs(reading.offsetMs) - 1e-9);
          expect(reading.synchronised).toBe(leap === 'Normal');
          expect(reading.reference).toBe('7F7F0101');
        },
      ),
    );
  });

  test('anything else is not a reading', () => {
    expect(parseTracking('506 Cannot talk to daemon')).toBeUndefined();
    fc.assert(fc.property(fc.string(), (text) => parseTracking(text.replaceAll(',', ';')) === undefined));
    fc.assert(fc.property(fc.array(fc.string(), { minLength: 14 }), (fields) => void parseTracking(fields.join(','))));
  });
});

describe('ntpdate and sntp', () => {
  test('the older ntpdate; servers that did not answer have stratum 0', () => {
    const text = `server 192.0.2.9, stratum 0, offset 0.000000, delay 0.00000
server 192.0.2.1, stratum 2, offset -0.001500, delay 0.02000
server 192.0.2.2, stratum 3, offset 0.004000, delay 0.00100
21 Nov 10:00:00 ntpdate[1234]: adjust time server 192.0.2.2 offset 0.004000 sec`;
    expect(parseNtpQuery(text)).toEqual({
      source: 'ntp',
      offsetMs: -4,
      errorBarMs: expect.closeTo(4.5, 9),
      synchronised: true,
      reference: '192.0.2.2',
    });
  });

  test.each([
    '2026-11-21 10:00:00.123456 (+0000) +0.001234 +/- 0.025000 ntp.example 192.0.2.1 s2 no-leap',
    '2026-11-21 10:00:00.123456 (-0500) +0.001234 +/- 0.025000 ntp.example s2 no-leap',
  ])('%s', (text) => {
    expect(parseNtpQuery(text)).toMatchObject({
      offsetMs: expect.closeTo(-1.234, 6),
      errorBarMs: expect.closeTo(26.234, 6),
      reference: 'ntp.example',
    });
  });

  test('no answer is no reading, whatever was printed', () => {
    expect(parseNtpQuery('ntpdate[7]: no server suitable for synchronization found')).toBeUndefined();
    fc.assert(fc.property(fc.string(), (text) => parseNtpQuery(text) === undefined));
  });
});

test('the true offset lies within the error bar of the comparison, however unequal the two ways', () => {
  const way = fc.double({ min: 0, max: 500, noNaN: true });
  const exchange = fc.record({ there: way, back: way, start: fc.integer({ min: 0, max: 10_000 }) });
  fc.assert(
    fc.property(
      fc.array(exchange, { minLength: 1 }),
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      (list, offset) => {
        const exchanges = list.map(({ there, back, start }) => ({
          ...{ sentMs: start, receivedMs: start + there + back, hostMs: start + there + offset, resolutionMs: 0 },
        }));
        const { offsetMs, errorBarMs } = compareExchanges(exchanges);
        expect(Math.abs(offsetMs - offset)).toBeLessThanOrEqual(errorBarMs + 1e-6);
      },
    ),
  );
});

test('an NTP packet: the true offset lies within the bar, although whole milliseconds are all there is', () => {
  const times = fc.record({ offset: fc.double({ min: -5e3, max: 5e3, noNaN: true }), there: positive, back: positive });
  fc.assert(
    fc.property(times, ({ offset, there, back }) => {
      const server = 1_000_000;
      const reading = readPacket({
        originTimestamp: new Date(server - there + offset),
        receiveTimestamp: new Date(server),
        transmitTimestamp: new Date(server),
        destinationTimestamp: new Date(server + back + offset),
        stratum: 2,
      });
      expect(Math.abs(reading.offsetMs - offset)).toBeLessThanOrEqual(reading.errorBarMs - Math.abs(reading.offsetMs));
    }),
  );
});

test('without chrony and NTP the comparison is all there is', () => {
  expect(readingOf(['timedatectl yes', 'ntp no server found'], { offsetMs: -3, errorBarMs: 1 })).toEqual({
    source: 'ssh',
    offsetMs: -3,
    errorBarMs: 4,
    synchronised: true,
    reference: 'this machine',
    comparison: { offsetMs: -3, errorBarMs: 1 },
  });
});
