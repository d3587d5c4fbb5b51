import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ownAddress } from '@etcdperf/core/cli';
import type { PatternExplanation } from '@etcdperf/core/workload';
import { DriverCommand } from '../../driver-command.ts';
import { wholeWorkload } from '../../flags/driver-settings-from.ts';
import { onePattern, patternArgs, patternFlags } from '../../flags/pattern-flags.ts';
import { renderPattern } from '../../render/render-pattern.ts';

export default class DriverPattern extends DriverCommand {
  static override summary = 'tell what a pattern makes, before anything is written';
  static override description =
    'Levels and how many names they have, how large keys, values and the database will be, and examples. Asks no etcd. ' +
    'A pattern is /level/level…;value. A level is a literal; a counter, %worker-%04d[12]; a rule (:ip, :region, :state, ' +
    ':actual_desired, :clusterid, :masterid, :workerid, or one of --rule); a regular expression to generate from, ' +
    '[a-z0-9]{20}; or #20, quick random text of 20 bytes. Values are made of the same, one after the other. A backslash ' +
    'takes the meaning from the character after it.';

  static override examples = [
    {
      description: 'the levels, sizes and examples of a pattern',
      command: "<%= config.bin %> <%= command.id %> --explain '/prefix/:ip/%level-%04d[100];[0-9]{140,160}'",
    },
    { description: 'what a preset writes', command: '<%= config.bin %> <%= command.id %> --workload one-million-keys' },
    {
      description: 'all keys, into a file',
      command: "<%= config.bin %> <%= command.id %> --print '/prefix/:region/%c-%06d[1000];x' > keys.txt",
    },
  ];

  static override args = patternArgs;
  static override flags = patternFlags;

  async run(): Promise<PatternExplanation | undefined> {
    const { args, flags } = await this.parse(DriverPattern);
    const workload = await wholeWorkload({ ...flags, pattern: onePattern(args.pattern, flags.pattern) });
    const { explainPattern, openPatternSpace, parsePattern } = await import('@etcdperf/core/workload');
    const space = openPatternSpace(parsePattern(workload.pattern, workload.rules), {
      ip: flags.ip ?? ownAddress(),
      ...workload,
    });
    if (flags.print) {
      const { keyLines } = await import('../../services/pattern/key-lines.ts');
      await this.stream(keyLines(space, flags.values));
      return undefined;
    }
    const told = explainPattern(space, flags.keys);
    this.print(renderPattern(told));
    return told;
  }

  /** To stdout, as quickly as it is read there; whoever has read enough (`head`) may close it. */
  private async stream(pieces: Iterable<Buffer>): Promise<void> {
    try {
      await pipeline(Readable.from(pieces, { objectMode: false }), process.stdout, { signal: this.signal, end: false });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
    }
  }
}
