import { InputError } from '@etcdperf/core/errors';

const MILLISECONDS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;
const BYTES = { k: 1024, m: 1024 ** 2, g: 1024 ** 3 } as const;

/** Milliseconds of `5s`, `200ms`, `1.5m`; signed ones (`+5s`, `-200ms`) where `signed` says so. Else InputError. */
export function parseDuration(text: string, signed: 'signed' | 'unsigned'): number {
  const match = /^([+-]?)(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text.trim());
  const [, sign, number, unit] = match ?? [];
  if (unit === undefined || (signed === 'unsigned' && sign !== '')) {
    const example = signed === 'signed' ? '+5s or -200ms' : '5s or 200ms';
    throw new InputError(`'${text}' is no duration: write it like ${example}`);
  }
  return Number(number) * MILLISECONDS[unit as keyof typeof MILLISECONDS] * (sign === '-' ? -1 : 1);
}

/** Bytes of `512m`, `4g`: with a unit, so that nobody makes a disk of 4 bytes. Else InputError. */
export function parseSize(text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)([kmg])i?b?$/i.exec(text.trim()) ?? [];
  if (unit === undefined) throw new InputError(`'${text}' is no size: write it like 512m or 4g`);
  return Math.round(Number(number) * BYTES[unit.toLowerCase() as keyof typeof BYTES]);
}
