import { Flags } from '@etcdperf/core/cli';
import { InputError } from '@etcdperf/core/errors';
import type { LoadEnd } from '@etcdperf/core/load';
import { type KeyDistribution, parseKeyDistribution, parseValueKind, type ValueKind } from '@etcdperf/core/workload';
import type { KeyOptions, KeyValueOptions } from '../operations/key-value-options.ts';

/** Which keys are used. */
export const keyFlags = {
  prefix: Flags.string({
    description: 'what every key begins with; it comes before the --key-size digits',
    default: 'bench/',
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
    description: 'how many different keys there are; else --total with sequential keys, 100000 otherwise',
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

/** The keys that flags describe. Throws InputError when there are not as many of that size. */
export function keysFrom(flags: KeyFlagValues, end: LoadEnd): KeyOptions {
  const { prefix, 'key-size': digits, 'key-space-size': asked } = flags;
  const distribution =
    flags['key-distribution'] ?? ({ kind: flags['sequential-keys'] ? 'sequential' : 'uniform' } as const);
  const most = 10 ** Math.min(digits, 15);
  if (asked !== undefined && asked > most)
    throw new InputError(`there are only ${most} keys of ${digits} digits, not ${asked}`, {
      where: '--key-space-size',
      hint: `make keys longer with --key-size, or the key space smaller`,
    });
  const byDefault = distribution.kind === 'sequential' && end.kind === 'total' ? end.requests : DEFAULT_KEYS;
  return { keys: { prefix, digits, size: asked ?? Math.min(byDefault, most) }, distribution };
}

export function keyValuesFrom(flags: KeyFlagValues & ValueFlagValues, end: LoadEnd): KeyValueOptions {
  return { ...keysFrom(flags, end), values: flags.value, valueBytes: flags['val-size'] };
}
