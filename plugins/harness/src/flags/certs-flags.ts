import { durationFlag, Flags } from '@etcdperf/core/cli';
import type { CertsTask } from '../services/certs/care-for-certs.ts';

/** What `harness:certs` is to do, and with what. */
export const certsFlags = {
  save: Flags.boolean({ description: 'write into the inventory that its certificates are made in a directory' }),
  dir: Flags.string({
    description: 'that directory, relative to the inventory. Default: certs/CLUSTER',
    helpValue: 'DIR',
    dependsOn: ['save'],
  }),
  host: Flags.string({
    description: 'a further name or address of members; may be repeated',
    helpValue: 'NAME',
    multiple: true,
  }),
  days: Flags.integer({
    description: 'how long new certificates last',
    helpValue: 'N',
    default: 365,
    min: 1,
    max: 36_500,
  }),
  renew: Flags.boolean({
    description: 'new certificates and keys of the same CA, in place of all',
    exclusive: ['check', 'rotate-ca', 'client'],
  }),
  'rotate-ca': Flags.boolean({
    description: 'take the next of three steps to a new CA; says what to do before the one after',
    exclusive: ['check', 'client'],
  }),
  client: Flags.string({
    description: 'issue a certificate for a further client, which etcd knows as this user',
    helpValue: 'USER',
    exclusive: ['check'],
  }),
  install: Flags.boolean({ description: "put them on the members' hosts, or into the cluster's secrets" }),
  check: Flags.boolean({
    description: 'write nothing; end with 3 where one expires soon',
    exclusive: ['save', 'install'],
  }),
  within: durationFlag({ description: 'what soon is; default 30d' }),
};

/** Of the flags that exclude each other, the one that was given. */
export function certsTask(flags: {
  readonly check: boolean;
  readonly renew: boolean;
  readonly 'rotate-ca': boolean;
  readonly client?: string | undefined;
}): CertsTask {
  if (flags.check) return { kind: 'check' };
  if (flags.renew) return { kind: 'renew' };
  if (flags['rotate-ca']) return { kind: 'rotate-ca' };
  return flags.client === undefined ? { kind: 'make' } : { kind: 'client', user: flags.client };
}
