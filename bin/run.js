#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('..', import.meta.url);
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 22 || (major === 22 && minor < 19)) await runUnderOwnNode();
else if (!existsSync(new URL('dist/commands', root))) fail('etcdperf is not built yet', 'npm run setup');
else if (process.argv.length === 3 && process.argv[2] === '--version') printVersion();
else await runCommand();

/** The project brings its own runtime (the npm package `node`) for machines whose node is too old. */
async function runUnderOwnNode() {
  const own = fileURLToPath(new URL('node_modules/node/bin/node', root));
  if (!existsSync(own)) {
    fail(
      `etcdperf needs node 22.19 or newer, and this is ${process.versions.node} (${process.execPath})`,
      'npm run setup (in a checkout), or install a newer node',
    );
    return;
  }
  const { spawn } = await import('node:child_process');
  const child = spawn(own, process.argv.slice(1), { stdio: 'inherit' });
  const onTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(name, () => {
      // A terminal sends Ctrl-C to both processes: passed on, it would count as a second one.
      if (name !== 'SIGINT' || !onTerminal) child.kill(name);
    });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1);
  });
}

/** Answered without the command framework, which costs more than all else here. */
function printVersion() {
  const { name, version } = readPackage();
  process.stdout.write(`${name}/${version} ${process.platform}-${process.arch} node-${process.version}\n`);
}

async function runCommand() {
  const { enableCompileCache } = await import('node:module');
  enableCompileCache();
  const [{ run }, { flush }, { handle }] = await Promise.all([
    import('@oclif/core/run'),
    import('@oclif/core/flush'),
    import('@oclif/core/handle'),
  ]);
  const options = { root: fileURLToPath(root), pjson: withPresentPlugins(readPackage()) };
  await run(process.argv.slice(2), options).then(() => flush(), handle);
}

/** The project's own plugins are optional dependencies: whichever are installed belong to the command line. */
function withPresentPlugins(pjson) {
  const present = Object.keys(pjson.optionalDependencies).filter((name) =>
    // Below this package (a checkout, a global install) or beside it (a local install).
    [`node_modules/${name}`, `../${name}`].some((folder) => existsSync(new URL(folder, root))),
  );
  return {
    ...pjson,
    dependencies: { ...pjson.dependencies, ...Object.fromEntries(present.map((name) => [name, '*'])) },
    oclif: { ...pjson.oclif, plugins: [...pjson.oclif.plugins, ...present] },
  };
}

function readPackage() {
  return JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
}

function fail(message, hint) {
  process.stderr.write(`error: ${message}\ntry: ${hint}\n`);
  process.exitCode = 1;
}
