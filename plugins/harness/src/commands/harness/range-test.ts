import { PresetCommand } from '../../preset-command.ts';

export default class HarnessRangeTest extends PresetCommand {
  static override summary = 'how fast the cluster reads, by the number of keys: bench:sweep range';
  static override description =
    'Runs bench:sweep range --cleanup, against the cluster that is named: 1 to 100000 keys at once, linearizable and ' +
    'serializable, for three minutes. All flags of bench:sweep can be given and go before these: see etcdperf bench:sweep ' +
    '--help. It is part of the plugin @etcdperf/bench.';

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> etcd-5node --key-count 1,10,...,1000 --duration 500ms --repeat 1 --dry-run',
  ];

  protected readonly preset = 'range-test';
}
