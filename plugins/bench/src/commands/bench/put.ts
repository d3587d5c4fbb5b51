import { Flags, loadPlanFrom, parseDuration } from '@etcdperf/core/cli';
import { BenchCommand, benchFlags } from '../../bench-command.ts';
import { keyFlags, keyValuesFrom, valueFlags } from '../../flags/key-flags.ts';
import { NUMBERED_KEYS, patternFlags, patternKeysFrom } from '../../flags/pattern-flags.ts';
import { renderPut } from '../../render/render-put.ts';
import type { PutReport } from '../../services/put-work.ts';

export default class BenchPut extends BenchCommand {
  static override summary = 'put single keys';
  static override description =
    'Puts keys of a key space, chosen at random unless told otherwise, each with a value of its own. As etcd’s own ' +
    'benchmark put, except that without --key-space-size there are many keys and not a single one, and that --rate ' +
    'counts latency from when a put was due.';

  static override examples = [
    { description: '10000 puts, one after the other', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'peak throughput: 1000 callers on 100 connections, 256-byte values, then clean up',
      command:
        '<%= config.bin %> <%= command.id %> --connections 100 --clients 1000 --total 50000 --val-size 256 --cleanup',
    },
    {
      description: 'latency at 2000 puts a second for 5 s, and exit code 3 if it is bad',
      command:
        "<%= config.bin %> <%= command.id %> --rate 2000 --duration 5s --warmup 1s --connections 10 --threshold 'p99<50ms'",
    },
    {
      description: 'keys and values of a pattern, each key once',
      command:
        "<%= config.bin %> <%= command.id %> --pattern '/prefix/%group-%02d[100]/%key-%02d[100];[0-9]{140,160}' --sequential-keys --connections 10 --clients 100",
    },
    {
      description: 'to the leader only, keys in order, every member’s data compared at the end',
      command: '<%= config.bin %> <%= command.id %> --target leader --sequential-keys --check-hashkv',
    },
  ];

  static override flags = {
    ...benchFlags,
    ...keyFlags,
    ...valueFlags,
    ...patternFlags(NUMBERED_KEYS),
    'compact-interval': Flags.custom<number>({
      parse: async (text) => (/^0(ms|s|m|h)?$/.test(text) ? 0 : parseDuration(text)),
      description: 'compact etcd so often while the load runs; 0: never',
      default: 0,
      defaultHelp: async () => '0',
      helpValue: 'DURATION',
    })(),
    'compact-index-delta': Flags.integer({
      description: 'how many revisions before the newest a compaction leaves',
      default: 1000,
      min: 0,
      helpValue: 'REVISIONS',
    }),
    'check-hashkv': Flags.boolean({ description: 'compare the hash of all members’ data at the end, at one revision' }),
  };

  async run(): Promise<PutReport> {
    const { flags } = await this.parse(BenchPut);
    const plan = loadPlanFrom(flags);
    const keyValues = patternKeysFrom(flags) ?? keyValuesFrom(flags, plan.end);
    const intervalMs = flags['compact-interval'];
    const settings = await this.settings(flags, plan);
    const { putWork } = await import('../../services/put-work.ts');
    const report = await this.bench(
      settings,
      putWork({
        ...keyValues,
        compaction: intervalMs === 0 ? undefined : { intervalMs, keptRevisions: flags['compact-index-delta'] },
        isHashChecked: flags['check-hashkv'],
        requests: plan.end.kind === 'total' ? plan.end.requests : undefined,
      }),
    );
    this.show(report, renderPut(report));
    if (report.hashes?.verdict === 'different') this.endWith(1);
    return report;
  }
}
