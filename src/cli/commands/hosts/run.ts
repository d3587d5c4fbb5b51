import { Args, BaseCommand, dryRunFlag, Flags, hostFlags, requireInventory } from '@etcdperf/core/cli';
import type { HostRunResult } from '../../services/hosts/run-on-hosts.ts';

type Planned = { readonly argv: readonly string[]; readonly hosts: readonly string[] };

export default class HostsRun extends BaseCommand {
  static override summary = 'run one command on all hosts at once';

  static override description =
    'The command is run as it is written: no shell of the host expands it (use sh -c for that). Output is shown line by line with the name of its host, or gathered with --fold.';

  static override examples = [
    '<%= config.bin %> <%= command.id %> -- uname -r',
    '<%= config.bin %> <%= command.id %> --limit etcd --fold -- df -h /var/lib',
    "<%= config.bin %> <%= command.id %> -- sh -c 'ls /proc | wc -l'",
  ];

  static override strict = false;

  static override args = {
    // ignoreStdin: else a command that was forgotten would be read from a pipe, and run.
    command: Args.string({ required: true, ignoreStdin: true, description: 'the command and its arguments' }),
  };

  static override flags = {
    ...hostFlags,
    ...dryRunFlag,
    fold: Flags.boolean({ description: 'gather the output and show identical ones once' }),
    become: Flags.boolean({ char: 'b', description: 'as root, through sudo' }),
    'connect-timeout': Flags.integer({
      description: 'give a host up that does not let us in within this many seconds',
      default: 10,
      min: 1,
      helpValue: 'SECONDS',
    }),
    timeout: Flags.integer({ description: 'end the command after this many seconds', min: 1, helpValue: 'SECONDS' }),
  };

  async run(): Promise<HostRunResult | Planned> {
    const { flags, raw } = await this.parse(HostsRun);
    // Not the parser's argv: it sorts words by where they first came, which moves those that come twice.
    const command = raw.filter(({ type }) => type === 'arg').map(({ input }) => input);
    const inventory = await requireInventory(flags);
    const [{ openHosts }, { runOnHosts }, { renderFailures, renderFolded }] = await Promise.all([
      import('../../services/hosts/open-hosts.ts'),
      import('../../services/hosts/run-on-hosts.ts'),
      import('../../render/hosts/host-run.ts'),
    ]);
    await using open = openHosts(inventory, flags, this.signal);
    if (flags['dry-run']) {
      const { quoteArgv } = await import('@etcdperf/core/ssh');
      const hosts = open.hosts.map(({ name }) => name);
      this.print(`would run on ${hosts.join(' ')}: ${quoteArgv(command)}`);
      return { argv: command, hosts };
    }
    const streamed = !flags.fold && !this.jsonEnabled();
    const result = await runOnHosts(open.executors, command, {
      forks: flags.forks,
      signal: this.signal,
      timeoutMs: flags.timeout === undefined ? undefined : flags.timeout * 1000,
      become: flags.become ? true : undefined,
      onLine: streamed ? (host, stream, line) => process[stream].write(`${host}: ${line}\n`) : undefined,
    });
    this.signal.throwIfAborted();
    if (flags.fold) this.print(renderFolded(result));
    else if (streamed && result.failed > 0) this.remark(renderFailures(result));
    if (result.failed > 0) this.endWith(1);
    return result;
  }
}
