import { PresetCommand } from '../../preset-command.ts';

export default class HarnessPutTest extends PresetCommand {
  static override summary = 'how fast the cluster writes: bench:put as etcd’s documentation measures it';
  static override description =
    'Runs bench:put --connections 100 --clients 1000 --total 100000 --val-size 256 --cleanup, against the cluster that is ' +
    'named. All flags of bench:put can be given and go before these: see etcdperf bench:put --help. It is part of the ' +
    'plugin @etcdperf/bench.';

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> etcd-5node --duration 30s --rate 2000 --dry-run',
  ];

  protected readonly preset = 'put-test';
}
