import { PresetCommand } from '../../preset-command.ts';

export default class HarnessFill extends PresetCommand {
  static override summary = 'fill the database: driver:fill with a hundred thousand keys of a kilobyte';
  static override description =
    'Runs driver:fill --keys 100000, against the cluster that is named. All flags of driver:fill can be given and go before ' +
    'these: see etcdperf driver:fill --help. It is part of the plugin @etcdperf/driver.';

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> etcd-5node --gb 4 --dry-run',
  ];

  protected readonly preset = 'fill';
}
