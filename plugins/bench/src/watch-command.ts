import type { LoadReport } from '@etcdperf/core/load';
import { BenchCommand } from './bench-command.ts';
import { renderWatch } from './render/render-watch.ts';
import type { WatchExtra } from './services/watch/watch-work.ts';

/** What the commands stand on that watch what is written. */
export abstract class WatchCommand extends BenchCommand {
  /** As `show()`, with what the watchers saw; 1 when etcd did not keep its promise to them. */
  protected showWatch(report: LoadReport & Partial<WatchExtra>): void {
    this.show(report, report.watch === undefined ? '' : renderWatch(report.watch));
    if (report.watch?.isPromiseKept === false && report.ending.kind !== 'interrupted') this.endWith(1);
  }
}
