import { Flags, loadPlanFrom } from '@etcdperf/core/cli';
import { InputError } from '@etcdperf/core/errors';
import { BenchCommand, benchFlags } from '../../bench-command.ts';
import { keyFlags, keysFrom, valueFlags } from '../../flags/key-flags.ts';
import { consistencyFlag } from '../../flags/read-flags.ts';
import { renderRevisions } from '../../render/render-revisions.ts';
import type { MvccGetReport } from '../../services/mvcc-get-work.ts';

export default class BenchMvccGet extends BenchCommand {
  static override summary = 'read keys at revisions of the past';
  static override description =
    'Reads single keys of a key space, each at a revision chosen at random from those that etcd still has, or from ' +
    '--from-revision to --to-revision. With --fill it first gives each key a long history.\n\n' +
    'It measures reads of the past over etcd’s API. It cannot do what mvcc put of etcd’s own benchmark does: that runs ' +
    'etcd’s storage inside itself, without a server, and no client can.';

  static override examples = [
    {
      description: '100 keys with 1000 versions each: written, read, deleted',
      command: '<%= config.bin %> <%= command.id %> --fill --versions 1000 --connections 10 --clients 100 --cleanup',
    },
    {
      description: 'what is there, from one member alone',
      command: '<%= config.bin %> <%= command.id %> --key-space-size 100 --consistency s --total 5000',
    },
  ];

  static override flags = {
    ...benchFlags,
    ...consistencyFlag,
    fill: Flags.boolean({
      description: 'first write --versions of every key',
      exclusive: ['from-revision', 'to-revision'],
    }),
    versions: Flags.integer({
      description: '[with --fill] versions of each key',
      default: 100,
      min: 1,
      max: 1_000_000,
    }),
    'from-revision': Flags.integer({ description: 'the oldest to read at; else the oldest there is', min: 1 }),
    'to-revision': Flags.integer({ description: 'the newest to read at; else the newest there is', min: 1 }),
    ...keyFlags,
    'key-space-size': Flags.integer({
      description: 'how many different keys there are',
      default: 100,
      min: 1,
      helpValue: 'KEYS',
    }),
    ...valueFlags,
  };

  async run(): Promise<MvccGetReport> {
    const { flags } = await this.parse(BenchMvccGet);
    const plan = loadPlanFrom(flags);
    if (flags.cleanup && !flags.fill)
      throw new InputError('there is nothing to clean up: only --fill writes', { where: '--cleanup, --fill' });
    const keys = keysFrom(flags, plan.end);
    const settings = await this.settings(flags, plan);
    const { mvccGetWork } = await import('../../services/mvcc-get-work.ts');
    const report = await this.bench(
      settings,
      mvccGetWork({
        keys,
        isSerializable: flags.consistency === 's',
        fill: flags.fill ? { versions: flags.versions, values: flags.value, valueBytes: flags['val-size'] } : undefined,
        fromRevision: flags['from-revision'],
        toRevision: flags['to-revision'],
      }),
    );
    this.show(report, renderRevisions(report));
    return report;
  }
}
