import type { FlagInput } from '@oclif/core/interfaces';

/** The same flags, which --help shows together under a title of their own. */
export function inHelpGroup<Flags extends FlagInput>(title: string, flags: Flags): Flags {
  return Object.fromEntries(
    Object.entries(flags).map(([name, flag]) => [name, { ...flag, helpGroup: title }]),
  ) as unknown as Flags;
}
