import { basename } from 'node:path';
import { Args, BaseCommand, dryRunFlag, Flags, hostFlags, requireInventory } from '@etcdperf/core/cli';
import { InputError } from '@etcdperf/core/errors';
import type { HostPushResult } from '../../services/hosts/push-to-hosts.ts';

type Planned = { readonly file: string; readonly destination: string; readonly hosts: readonly string[] };

export default class HostsPush extends BaseCommand {
  static override summary = 'put a file on all hosts at once';

  static override description =
    'The file is streamed, verified by its checksum and renamed into place. A host that has it already is left alone.';

  static override examples = [
    '<%= config.bin %> <%= command.id %> ./payload.conf /var/lib/etcdperf/payload.conf',
    '<%= config.bin %> <%= command.id %> ./tool /usr/local/bin/ --mode 755 --limit agents',
  ];

  static override args = {
    file: Args.string({ required: true, ignoreStdin: true, description: 'a file here' }),
    destination: Args.string({
      required: true,
      ignoreStdin: true,
      description: 'an absolute path there; with a / at its end, a folder',
    }),
  };

  static override flags = {
    ...hostFlags,
    ...dryRunFlag,
    'connect-timeout': Flags.integer({
      description: 'give a host up that does not let us in within this many seconds',
      default: 10,
      min: 1,
      helpValue: 'SECONDS',
    }),
    mode: Flags.string({ description: "permission bits, octal; else the file's own", helpValue: 'BITS' }),
  };

  async run(): Promise<HostPushResult | Planned> {
    const { args, flags } = await this.parse(HostsPush);
    const destination = args.destination.endsWith('/') ? args.destination + basename(args.file) : args.destination;
    const mode = parseMode(flags.mode);
    const inventory = await requireInventory(flags);
    const [{ openHosts }, { pushToHosts }, { renderHostPush }] = await Promise.all([
      import('../../services/hosts/open-hosts.ts'),
      import('../../services/hosts/push-to-hosts.ts'),
      import('../../render/hosts/host-push.ts'),
    ]);
    await using open = openHosts(inventory, flags, this.signal);
    if (flags['dry-run']) {
      const hosts = open.hosts.map(({ name }) => name);
      this.print(`would push ${args.file} to ${destination} on ${hosts.join(' ')}`);
      return { file: args.file, destination, hosts };
    }
    const options = { forks: flags.forks, mode, signal: this.signal };
    const result = await pushToHosts(open.executors, args.file, destination, options);
    this.signal.throwIfAborted();
    this.print(renderHostPush(result));
    if (result.failed > 0) this.endWith(1);
    return result;
  }
}

function parseMode(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[0-7]{3,4}$/.test(text))
    throw new InputError(`'${text}' are no permission bits`, { where: '--mode', hint: 'for example 644' });
  return Number.parseInt(text, 8);
}
