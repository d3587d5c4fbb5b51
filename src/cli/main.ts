import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { findOwnCommand, runOwnCommand } from './own-command.ts';
import { preparedHelp } from './prepared-help.ts';
import { presentPlugins, readHostPackage, withPlugins } from './present-plugins.ts';
import { unknownCommand } from './unknown-command.ts';

/** Runs the command line. `root` is the host's folder, with a slash at its end. Sets the process's exit code. */
export async function main(argv: readonly string[], root: URL): Promise<void> {
  const pjson = readHostPackage(root);
  if (argv.length === 1 && argv[0] === '--version') {
    process.stdout.write(
      `${pjson.name}/${pjson.version} ${process.platform}-${process.arch} node-${process.version}\n`,
    );
    return;
  }
  const plugins = presentPlugins(root, pjson);
  const folders = [fileURLToPath(root), ...plugins.map(({ folder }) => folder)];
  const help = preparedHelp(argv, folders);
  if (help !== undefined) {
    process.stdout.write(help);
    return;
  }
  for (const stream of [process.stdout, process.stderr]) stream.on('error', ignoreClosedPipe);
  enableCompileCache();
  // What commands leave behind dies young: the room for it stays as small as it starts, which is 12 MB less in a
  // benchmark. Commands that make an object for every key take it back.
  setFlagsFromString('--semi-space-growth-factor=1');
  // Compiling for speed, after 3000 calls, took a seventh of the CPU of a benchmark of 100,000 requests; what goes on for
  // longer is as fast with this.
  setFlagsFromString('--invocation-count-for-turbofan=20000');
  // Deprecations within libraries (grpc-js has one for TLS to IP addresses) are nothing that a user could act on.
  if (process.env.DEBUG === undefined) process.noDeprecation = true;
  const own = findOwnCommand(argv, folders);
  if (own !== undefined && (await runOwnCommand(own, pjson))) return;
  // Not the framework's index, which loads all of it.
  const [{ Config }, { run }, { handle }] = await Promise.all([
    import('@oclif/core/config'),
    import('@oclif/core/run'),
    import('@oclif/core/handle'),
  ]);
  const names = plugins.map(({ name }) => name);
  const config = await Config.load({ root: fileURLToPath(root), pjson: withPlugins(pjson, names) as never });
  const args = joinTopic(argv, config);
  const unknown = process.stdin.isTTY ? undefined : await unknownCommand(args[0], config);
  if (unknown !== undefined) {
    process.stderr.write(`${unknown}\n`);
    process.exitCode = 2;
    return;
  }
  // Nothing to flush: node writes to files, pipes and terminals synchronously.
  await run(args, config).catch(handle);
}

/** A reader that leaves (`| head`) misses the rest; the work, and its cleaning up, goes on to its end. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

/** `plugins install` is `plugins:install`, `bench check perf` is `bench:check:perf`: topics may be words of their own. */
function joinTopic(argv: readonly string[], config: { findCommand(id: string): unknown }): string[] {
  for (let words = Math.min(argv.length, MOST_WORDS); words > 1; words -= 1) {
    const id = argv.slice(0, words).join(':');
    if (config.findCommand(id) !== undefined) return [id, ...argv.slice(words)];
  }
  return [...argv];
}

const MOST_WORDS = 3;
