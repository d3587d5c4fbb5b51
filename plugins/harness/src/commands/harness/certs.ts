import { Args, BaseCommand, findInventory, hostFlags } from '@etcdperf/core/cli';
import { certsFlags, certsTask } from '../../flags/certs-flags.ts';
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
    ...certsFlags,
  };

  async run(): Promise<CertsReport> {
    const { args, flags } = await this.parse(HarnessCerts);
    const [{ findCluster }, { careForCerts }, { saveCertsDir }, { renderCertsReport }] = await Promise.all([
      import('@etcdperf/core/etcd'),
      import('../../services/certs/care-for-certs.ts'),
      import('../../services/certs/save-certs-dir.ts'),
      import('../../render/certs-report.ts'),
    ]);
    const inventory = await findInventory(flags);
    const found = await findCluster({ inventory, name: args.cluster });
    const report = await careForCerts(flags.save ? await saveCertsDir(found, inventory, flags.dir) : found, {
      inventory,
      task: certsTask(flags),
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
