import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';
import { preparedHelp } from './prepared-help.ts';
import { presentPlugins, readHostPackage, withPlugins } from './present-plugins.ts';

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
  const help = preparedHelp(argv, [fileURLToPath(root), ...plugins.map(({ folder }) => folder)]);
  if (help !== undefined) {
    process.stdout.write(help);
    return;
  }
  enableCompileCache();
  // Deprecations within libraries (grpc-js has one for TLS to IP addresses) are nothing that a user could act on.
  if (process.env.DEBUG === undefined) process.noDeprecation = true;
  // Not the framework's index, which loads all of it.
  const [{ Config }, { run }, { flush }, { handle }] = await Promise.all([
    import('@oclif/core/config'),
    import('@oclif/core/run'),
    import('@oclif/core/flush'),
    import('@oclif/core/handle'),
  ]);
  const names = plugins.map(({ name }) => name);
  const config = await Config.load({ root: fileURLToPath(root), pjson: withPlugins(pjson, names) as never });
  await run(joinTopic(argv, config), config).then(() => flush(), handle);
}

/** `plugins install` is `plugins:install`: a topic and its command may also be two words. */
function joinTopic(argv: readonly string[], config: { findCommand(id: string): unknown }): string[] {
  const [topic = '', command = '', ...rest] = argv;
  const id = `${topic}:${command}`;
  return config.findCommand(id) === undefined ? [...argv] : [id, ...rest];
}
