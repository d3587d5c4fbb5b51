import { exitCodeOf, ownAddress } from '@etcdperf/core/cli';
import { InputError } from '@etcdperf/core/errors';
import type { LoadReport } from '@etcdperf/core/load';
import { DriverCommand } from '../../driver-command.ts';
import { wholeWorkload } from '../../flags/driver-settings-from.ts';
import { runFlags } from '../../flags/run-flags.ts';
import { standingFlags, standingSettingsFrom } from '../../flags/standing-flags.ts';
import { renderTreeWatches } from '../../render/render-tree-watches.ts';
import type { TreeWatchExtra } from '../../services/watches/tree-watch-work.ts';

export default class DriverWatchTree extends DriverCommand {
  static override summary = 'watch the keys and subtrees of a pattern, while others write them';
  static override description =
    'Puts watches in place at the levels of a pattern, as applications and rules engines do, and lets them stand: how ' +
    'many there are, what they are told, what breaks. Nothing is written; a driver:run with the same --pattern, --ip and ' +
    '--seed, or an application, does that. Each watcher is brought back after a break at the revision after its last ' +
    'event; what was compacted away until then is told as a gap. Events that come twice or out of order end the command ' +
    'with 1.\n\n' +
    'It ends after --duration, when the end key is written true, or with Ctrl-C.';

  static override examples = [
    {
      description: 'every subtree of the third level, and ten keys',
      command:
        "<%= config.bin %> <%= command.id %> --pattern '/prefix/%zone-%d[3]/%app-%03d[100]/%pod-%02d[10];#100' --watch-counts-per-level 0,0,n,10 --watch-with-prefix --duration 10s",
    },
    {
      description: 'the watches of a preset, until the end key is written',
      command: '<%= config.bin %> <%= command.id %> --workload armada-etcd-simulator --ip 10.0.0.1 --conns 10',
    },
  ];

  static override flags = {
    ...standingFlags,
    workload: runFlags.workload,
    pattern: runFlags.pattern,
    rule: runFlags.rule,
    total: runFlags.total,
    ip: runFlags.ip,
    seed: runFlags.seed,
    'watch-counts-per-level': runFlags['watch-counts-per-level'],
    'watch-with-prefix': runFlags['watch-with-prefix'],
    duration: runFlags.duration,
  };

  async run(): Promise<LoadReport & TreeWatchExtra> {
    const { flags } = await this.parse(DriverWatchTree);
    const workload = await wholeWorkload(flags);
    const { watches, connections, timeoutMs, durationMs, seed } = workload;
    if (watches === undefined)
      throw new InputError('nobody watches', {
        where: '--watch-counts-per-level',
        hint: "say how many watchers each level has, n for every key there: '0,0,n,10'",
      });
    const { openPatternSpace, parsePattern } = await import('@etcdperf/core/workload');
    const { checkWorkload } = await import('../../operations/check-workload.ts');
    const space = openPatternSpace(parsePattern(workload.pattern, workload.rules), {
      ...workload,
      ip: flags.ip ?? ownAddress(),
    });
    checkWorkload(workload, space);
    const settings = await standingSettingsFrom(flags, await this.site(flags), {
      command: 'driver:watch-tree',
      version: this.config.version,
      durationMs,
      connections,
      timeoutMs,
      seed,
    });
    const { runStanding } = await import('../../services/stand/run-standing.ts');
    const { treeWatchWork } = await import('../../services/watches/tree-watch-work.ts');
    const report = await runStanding(settings, treeWatchWork(space, watches, connections), this.context());
    this.print(renderTreeWatches(report, { isPrecise: flags.precise }));
    // Where nobody writes there are no events, and that is no failure of theirs.
    const isQuiet = report.series.every(({ ok, fail, unknown }) => ok + fail + unknown === 0);
    this.endWith(isQuiet && report.ending.kind === 'complete' ? 0 : exitCodeOf(report));
    if (report.watch.duplicated + report.watch.reordered > 0) this.endWith(1);
    return report;
  }
}
