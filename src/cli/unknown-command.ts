/** Of the command framework's configuration, what is needed here. */
export interface KnownCommands {
  readonly commandIDs: readonly string[];
  readonly bin: string;
  findCommand(id: string): unknown;
  findTopic(id: string): unknown;
}

/**
 * What a script is told of a command that there is none of, or undefined where there is one. At a terminal the
 * not-found plugin asks instead.
 */
export async function unknownCommand(id: string | undefined, config: KnownCommands): Promise<string | undefined> {
  if (id === undefined || id.startsWith('-') || id === 'help') return undefined;
  if (config.findCommand(id) !== undefined || config.findTopic(id) !== undefined) return undefined;
  const [{ errorReport, renderErrorReport }, { didYouMean, InputError }] = await Promise.all([
    import('@etcdperf/core/cli'),
    import('@etcdperf/core/errors'),
  ]);
  const hint = didYouMean(id, config.commandIDs) ?? `${config.bin} --help lists what there is`;
  return renderErrorReport(errorReport(new InputError(`there is no command '${id}'`, { hint })), false);
}
