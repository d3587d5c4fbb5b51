import { Flags } from '@etcdperf/core/cli';
import { InputError } from '@etcdperf/core/errors';
import type { LoadEnd } from '@etcdperf/core/load';
import {
  type KeyDistribution,
  makeValueSource,
  parseKeyDistribution,
  parseValueKind,
  type ValueKind,
} from '@etcdperf/core/workload';
import type { KeyOptions, KeyValueOptions } from '../operations/key-value-options.ts';

export const DEFAULT_PREFIX = 'bench/';

/** Which keys are used. */
export const keyFlags = {
  prefix: Flags.string({
    aliases: ['key-prefix'],
    description: 'what every key begins with; it comes before the --key-size digits',
    default: DEFAULT_PREFIX,
    helpValue: 'TEXT',
  }),
  'key-size': Flags.integer({
    description: 'digits of a key after its prefix',
    default: 8,
    min: 1,
    max: 4096,
    helpValue: 'BYTES',
  }),
  'key-space-size': Flags.integer({
    description:
      'how many different keys there are; else one for each of --total with sequential keys, 100000 otherwise',
    min: 1,
    helpValue: 'KEYS',
  }),
  'key-distribution': Flags.custom<KeyDistribution>({
    parse: async (text) => parseKeyDistribution(text),
    description: 'how requests choose their keys: sequential, uniform, zipfian[:EXPONENT], hotset:KEYS%/REQUESTS%',
    defaultHelp: async () => 'uniform',
    helpValue: 'NAME',
  })(),
  'sequential-keys': Flags.boolean({
    description: 'one key after the other, as --key-distribution sequential',
    exclusive: ['key-distribution'],
  }),
};

/** What is written to them. etcd takes requests of at most 1.5 MiB unless it is told otherwise. */
export const valueFlags = {
  'val-size': Flags.integer({
    description: 'bytes of a value',
    default: 8,
    min: 0,
    max: 1_572_864,
    helpValue: 'BYTES',
  }),
  value: Flags.custom<ValueKind>({
    parse: async (text) => parseValueKind(text),
    description: 'what values are made of: random bytes, compressible text, file:PATH, or repeat: one value for all',
    default: { kind: 'random' },
    defaultHelp: async () => 'random',
    helpValue: 'KIND',
  })(),
};

export interface KeyFlagValues {
  readonly prefix: string;
  readonly 'key-size': number;
  readonly 'key-space-size'?: number | undefined;
  readonly 'key-distribution'?: KeyDistribution | undefined;
  readonly 'sequential-keys': boolean;
}

export interface ValueFlagValues {
  readonly 'val-size': number;
  readonly value: ValueKind;
}

const DEFAULT_KEYS = 100_000;

/**
 * The keys that flags describe. Throws InputError when there are not as many of that size.
 *
 * @param keysPerRequest that many different ones are needed
 */
export function keysFrom(flags: KeyFlagValues, end: LoadEnd, keysPerRequest = 1): KeyOptions {
  const { prefix, 'key-size': digits, 'key-space-size': asked } = flags;
  const distribution =
    flags['key-distribution'] ?? ({ kind: flags['sequential-keys'] ? 'sequential' : 'uniform' } as const);
  const most = 10 ** Math.min(digits, 15);
  const requests = distribution.kind === 'sequential' && end.kind === 'total' ? end.requests : undefined;
  const byDefault = requests === undefined ? DEFAULT_KEYS : requests * keysPerRequest;
  const size = asked ?? Math.min(byDefault, most);
  if (size > most)
    throw new InputError(`there are only ${most} keys of ${digits} digits, not ${size}`, {
      where: '--key-space-size, --key-size',
      hint: 'make keys longer with --key-size, or the key space smaller',
    });
  if (size < keysPerRequest)
    throw new InputError(`a request of ${keysPerRequest} different keys needs as many, and the key space has ${size}`, {
      where: asked === undefined ? '--key-size' : '--key-space-size',
    });
  return { keys: { prefix, digits, size }, distribution };
}

/** Throws InputError, too, when values can't be made: of a file that is not there. */
export function keyValuesFrom(
  flags: KeyFlagValues & ValueFlagValues,
  end: LoadEnd,
  keysPerRequest?: number,
): KeyValueOptions {
  const { value: values, 'val-size': valueBytes } = flags;
  if (values.kind === 'file') makeValueSource(values, valueBytes, 0);
  return { ...keysFrom(flags, end, keysPerRequest), values, valueBytes };
}
