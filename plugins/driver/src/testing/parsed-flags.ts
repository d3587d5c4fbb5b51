import { BaseCommand, type Flags } from '@etcdperf/core/cli';

type FlagInput = Record<string, ReturnType<typeof Flags.string> | object>;

/** The values of a command line's flags, as a command gets them. Rejects as its parsing does. */
export async function parsed(flags: FlagInput, argv: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  class Probe extends BaseCommand {
    async run(): Promise<Readonly<Record<string, unknown>>> {
      return (await this.parse({ flags: flags as never })).flags;
    }
  }
  const config = { bin: 'etcdperf', runHook: async () => ({ successes: [], failures: [] }) };
  return new Probe([...argv], config as never).run();
}
