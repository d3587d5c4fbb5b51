import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { HostPackage } from './present-plugins.ts';
import { hasUserPlugins } from './user-plugins.ts';

/** A command of the host or of one of its own plugins, and its arguments. */
export interface OwnCommand {
  readonly id: string;
  readonly file: string;
  readonly args: readonly string[];
}

/** What is used here of a command's class. */
interface CommandClass {
  new (argv: readonly string[], config: object): { _run(): Promise<unknown> };
  id: string;
  /** It asks the framework for other commands, or for plugins. */
  readonly usesFramework?: boolean;
}

const MOST_WORDS = 3;
const NO_HOOKS = { successes: [], failures: [] };

/**
 * The command that the first words name (`bench:put`, `bench check perf`), found by its file: looking for it, the
 * framework would read all plugins first, which takes as long as all else before a command begins. Undefined where the
 * framework is needed: for help, for what is no command of ours, and with plugins that the user has added, which may
 * replace commands.
 *
 * @param folders of the host and of its own plugins
 */
export function findOwnCommand(argv: readonly string[], folders: readonly string[]): OwnCommand | undefined {
  if (argv.includes('--help') || process.env.DEBUG !== undefined || hasUserPlugins()) return undefined;
  for (let words = Math.min(argv.length, MOST_WORDS); words > 0; words -= 1) {
    const id = argv.slice(0, words).join(':');
    if (!/^[a-z][a-z-]*(:[a-z][a-z-]*)*$/.test(id)) continue;
    const path = `dist/bundle/command.${id.replaceAll(':', '.')}.js`;
    const file = folders.map((folder) => join(folder, path)).find(existsSync);
    if (file !== undefined) return { id, file, args: argv.slice(words) };
  }
  return undefined;
}

/** Runs it, as the framework would; false if the command needs the framework: then nothing was done. */
export async function runOwnCommand({ id, file, args }: OwnCommand, pjson: HostPackage): Promise<boolean> {
  const { default: Command } = (await import(pathToFileURL(file).href)) as { default: CommandClass };
  if (Command.usesFramework === true) return false;
  Command.id = id;
  try {
    await new Command(args, configOf(pjson))._run();
  } catch (error) {
    const { oclif, skipOclifErrorHandling } = error as { oclif?: { exit?: number }; skipOclifErrorHandling?: boolean };
    // The command has told what is wrong.
    if (skipOclifErrorHandling === true) process.exit(oclif?.exit ?? 1);
    const { handle } = await import('@oclif/core/handle');
    await handle(error as Error);
  }
  return true;
}

/** As much of the framework's configuration as a command and its parser look at. */
function configOf({ name, version }: HostPackage): object {
  const envKey = (key: string) => `${name}_${key}`.toUpperCase();
  return {
    name,
    bin: name,
    version,
    topicSeparator: ':',
    userAgent: `${name}/${version} ${process.platform}-${process.arch} node-${process.version}`,
    scopedEnvVar: (key: string) => process.env[envKey(key)],
    scopedEnvVarKey: envKey,
    scopedEnvVarKeys: (key: string) => [envKey(key)],
    runHook: async () => NO_HOOKS,
  };
}
