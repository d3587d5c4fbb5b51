import { Args, Flags, hostFlags } from '@etcdperf/core/cli';
import { InputError } from '@etcdperf/core/errors';
import { parseMoment } from './parse-moment.ts';

const momentFlag = Flags.custom<number>({
  parse: async (text) => parseMoment(text, Date.now()),
  helpValue: 'TIME',
});

export const clusterArg = {
  cluster: Args.string({ description: "the cluster's name; needed where there are several" }),
};

/** Which logs, and of which time. */
export const logFlags = {
  inventory: hostFlags.inventory,
  'accept-new': hostFlags['accept-new'],
  until: momentFlag({ description: 'not what was written later' }),
  neighbour: Flags.string({
    description: 'another cluster of the inventory (or of this machine), beside it',
    helpValue: 'CLUSTER',
  }),
  unit: Flags.string({
    description: 'the systemd unit that members run as where etcdperf did not start them: its journal is read',
    default: 'etcd',
    helpValue: 'NAME',
  }),
};

export const regexFlag = Flags.custom<RegExp>({
  parse: async (text) => parseRegex(text),
  helpValue: 'REGEX',
});

function parseRegex(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (cause) {
    throw new InputError(`'${text}' is no regular expression: ${(cause as Error).message}`, { where: '--grep', cause });
  }
}

/** @param more how far back it goes without the flag */
export function sinceFlag(more: string) {
  return momentFlag({
    description: `from then on: 1h (ago), 22:30, 2026-11-21T22:30:00Z${more}`,
  });
}

/** Throws InputError for a window that ends before it begins. */
export function checkWindow(sinceMs: number | undefined, untilMs: number | undefined): void {
  if (sinceMs === undefined || untilMs === undefined || sinceMs <= untilMs) return;
  throw new InputError('the window ends before it begins', {
    where: '--until',
    hint: `--since is ${new Date(sinceMs).toISOString()}, --until ${new Date(untilMs).toISOString()}`,
  });
}
