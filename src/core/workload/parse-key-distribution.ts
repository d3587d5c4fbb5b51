import { InputError } from '../errors/index.ts';
import type { KeyDistribution } from './key-source.ts';

/** YCSB's. */
const DEFAULT_EXPONENT = 0.99;
const HINT = 'write sequential, uniform, zipfian, zipfian:EXPONENT or hotset:KEYS%/REQUESTS% (hotset:20/80)';

/** `sequential`, `uniform`, `zipfian` (= `zipfian:0.99`) or `hotset` (= `hotset:20/80`). Throws InputError. */
export function parseKeyDistribution(text: string): KeyDistribution {
  const [kind, ...rest] = text.trim().split(':');
  const detail = rest.length === 0 ? undefined : rest.join(':');
  if ((kind === 'sequential' || kind === 'uniform') && detail === undefined) return { kind };
  if (kind === 'zipfian') {
    const exponent = detail === undefined ? DEFAULT_EXPONENT : decimal(detail);
    if (exponent > 0 && exponent <= 100) return { kind, exponent };
    throw new InputError(`the exponent of '${text}' is to be above 0, and 100 at most`, { hint: HINT });
  }
  if (kind === 'hotset') {
    const [keys = '', ops = '', ...more] = (detail ?? '20/80').split('/');
    const [keysPercent, opsPercent] = [decimal(keys.replace(/%$/, '')), decimal(ops.replace(/%$/, ''))];
    if (more.length === 0 && isPercent(keysPercent) && isPercent(opsPercent)) return { kind, keysPercent, opsPercent };
    throw new InputError(`'${text}' is no hot set: two numbers above 0, and 100 at most`, { hint: HINT });
  }
  throw new InputError(`'${text}' is no key distribution`, { hint: HINT });
}

function isPercent(value: number): boolean {
  return value > 0 && value <= 100;
}

/** NaN where it isn't a plain decimal number. */
function decimal(text: string): number {
  return /^\d+(\.\d+)?$|^\.\d+$/.test(text) ? Number(text) : Number.NaN;
}
