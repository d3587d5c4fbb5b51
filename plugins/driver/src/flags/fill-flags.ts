import { Flags, reportFlags, targetFlags } from '@etcdperf/core/cli';
import { InputError } from '@etcdperf/core/errors';
import type { FillGoal } from '../services/fill/plan-fill.ts';
import { runFlags } from './run-flags.ts';
import { siteFlags } from './site-flags.ts';

const { 'control-endpoints': _endpoints, 'control-cluster': _cluster, ...clusterFlags } = siteFlags;
const { rule, ip, seed, 'client-timeout': timeout } = runFlags;
const { interval, threshold, precise, 'runs-dir': runsDir } = reportFlags;

/** All that `driver:fill` understands. */
export const fillFlags = {
  ...clusterFlags,
  ...targetFlags,
  gb: Flags.custom<number>({
    parse: async (text) => parseGigabytes(text),
    description: 'until so many GB of the database are in use',
    helpValue: 'GB',
    exactlyOne: ['gb', 'keys'],
  })(),
  keys: Flags.integer({
    description: 'so many keys',
    min: 1,
    helpValue: 'N',
    exactlyOne: ['gb', 'keys'],
  }),
  pattern: Flags.string({
    description: "what is written: '/fill/%batch-%06d[100]/%key-%04d[1000];#512'; see driver:pattern",
    defaultHelp: async () => 'keys with a kilobyte each, where no fill before put any',
    helpValue: 'KEYS;VALUES',
    helpGroup: 'KEYS',
  }),
  rule,
  ip,
  seed,
  cleanup: Flags.boolean({ description: 'delete the keys in the end', helpGroup: 'KEYS' }),
  clients: Flags.integer({
    description: 'callers: each puts its next key when the last one is answered',
    default: 500,
    min: 1,
    max: 1_000_000,
    helpValue: 'N',
    helpGroup: 'CLIENTS',
  }),
  conns: Flags.integer({
    aliases: ['connections'],
    description: 'connections to etcd, spread over the target’s members; also --connections',
    default: 20,
    min: 1,
    max: 100_000,
    helpValue: 'N',
    helpGroup: 'CLIENTS',
  }),
  'client-timeout': timeout,
  interval,
  threshold,
  precise,
  'runs-dir': runsDir,
};

/** Bytes of `5`, `0.5`. */
function parseGigabytes(text: string): number {
  const bytes = /^\d+(\.\d+)?$/.test(text.trim()) ? Math.round(Number(text) * 1e9) : 0;
  if (bytes > 0 && Number.isSafeInteger(bytes)) return bytes;
  throw new InputError(`'${text}' is no size: write the GB as 5 or 0.5`, { where: '--gb' });
}

/** Throws InputError where none is named. */
export function fillGoal({
  gb,
  keys,
}: {
  readonly gb?: number | undefined;
  readonly keys?: number | undefined;
}): FillGoal {
  if (gb !== undefined) return { kind: 'bytes', bytes: gb };
  if (keys !== undefined) return { kind: 'keys', keys };
  throw new InputError('how full is the database to be?', { hint: 'say it with --gb or --keys' });
}
