import { readFile } from 'node:fs/promises';
import type { Inventory } from '@etcdperf/core/config';
import { InputError } from '@etcdperf/core/errors';
import type { SiteQuestion } from '../services/open-site.ts';

/** The values of `siteFlags`. */
export interface SiteFlagValues {
  readonly cluster?: string | undefined;
  readonly endpoints?: string | undefined;
  readonly cacert?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly user?: string | undefined;
  readonly 'password-file'?: string | undefined;
  readonly limit?: string | undefined;
  readonly forks?: number | undefined;
  readonly 'accept-new'?: boolean | undefined;
}

/** What the flags say of the cluster and hosts, with files read. Throws InputError naming the flag of a file that can't be. */
export async function siteQuestion(
  flags: SiteFlagValues,
  inventory: Inventory | undefined,
  signal: AbortSignal,
): Promise<SiteQuestion> {
  const ca = await readGiven(flags.cacert, '--cacert');
  const cert = await readGiven(flags.cert, '--cert');
  const key = await readGiven(flags.key, '--key');
  const tls = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
  return {
    inventory,
    cluster: flags.cluster,
    endpoints: flags.endpoints,
    tls: Object.keys(tls).length > 0 ? tls : undefined,
    auth: flags.user === undefined ? undefined : { user: flags.user, password: await password(flags) },
    limit: flags.limit,
    forks: flags.forks,
    acceptNew: flags['accept-new'],
    signal,
  };
}

/** A file that a flag names, whole. Throws InputError naming the flag. */
export async function readFlagFile(path: string, flag: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new InputError(`can't read ${path}: ${(cause as NodeJS.ErrnoException).code}`, { where: flag, cause });
  }
}

function readGiven(path: string | undefined, flag: string): Promise<Buffer> | undefined {
  return path === undefined ? undefined : readFlagFile(path, flag);
}

async function password(flags: SiteFlagValues): Promise<string> {
  const file = flags['password-file'];
  if (file !== undefined) return (await readFlagFile(file, '--password-file')).toString('utf8').split(/\r?\n/, 1)[0]!;
  const fromEnvironment = process.env.ETCDPERF_PASSWORD;
  if (fromEnvironment !== undefined) return fromEnvironment;
  throw new InputError(`there is no password for ${flags.user}`, {
    where: '--user',
    hint: 'give it with --password-file, or in the environment variable ETCDPERF_PASSWORD',
  });
}
