import { Args, BaseCommand, durationFlag, Flags, findInventory, hostFlags } from '@etcdperf/core/cli';
import type { CertsTask } from '../../services/certs/care-for-certs.ts';
import type { CertsReport } from '../../services/certs/certs-report.ts';

const SOON_MS = 30 * 86_400_000;

export default class HarnessCerts extends BaseCommand {
  static override summary = "make, show, check, renew and install a cluster's certificates";

  static override description =
    `Makes what is missing of CA, server, peer and client certificates in the directory that the cluster's \`tls: { dir: … }\` names, and shows when all of them expire. Never overwrites anything without --renew or --rotate-ca. Ends with 1 where a certificate can't be used by the cluster. The CA's key may be kept elsewhere; it is needed only while certificates are made.`;

  static override examples = [
    '<%= config.bin %> <%= command.id %> main --save',
    '<%= config.bin %> <%= command.id %> main --check --within 60d',
    '<%= config.bin %> <%= command.id %> main --renew --install',
    '<%= config.bin %> <%= command.id %> main --client alice',
  ];

  static override args = {
    cluster: Args.string({ description: "the cluster's name; needed where the inventory has several" }),
  };

  static override flags = {
    inventory: hostFlags.inventory,
    'accept-new': hostFlags['accept-new'],
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

  async run(): Promise<CertsReport> {
    const { args, flags } = await this.parse(HarnessCerts);
    const [{ findCluster }, { careForCerts }, { saveCertsDir }, { renderCertsReport }] = await Promise.all([
      import('../../services/find-cluster.ts'),
      import('../../services/certs/care-for-certs.ts'),
      import('../../services/certs/save-certs-dir.ts'),
      import('../../render/certs-report.ts'),
    ]);
    const inventory = await findInventory(flags);
    const found = await findCluster({ inventory, name: args.cluster });
    const report = await careForCerts(flags.save ? await saveCertsDir(found, inventory, flags.dir) : found, {
      inventory,
      task: taskOf(flags),
      install: flags.install,
      hosts: flags.host,
      days: flags.days,
      withinMs: flags.within ?? SOON_MS,
      acceptNew: flags['accept-new'],
      signal: this.signal,
      onStep: (text) => this.progress.step(text),
    });
    this.print(renderCertsReport(report));
    const failed = report.installed?.some(({ result }) => result.kind === 'failed') ?? false;
    if (report.problems.length > 0 || failed) this.endWith(1);
    else if (flags.check && report.soon.length > 0) this.endWith(3);
    return report;
  }
}

function taskOf(flags: {
  check: boolean;
  renew: boolean;
  'rotate-ca': boolean;
  client?: string | undefined;
}): CertsTask {
  if (flags.check) return { kind: 'check' };
  if (flags.renew) return { kind: 'renew' };
  if (flags['rotate-ca']) return { kind: 'rotate-ca' };
  return flags.client === undefined ? { kind: 'make' } : { kind: 'client', user: flags.client };
}
