#!/usr/bin/env node
const root = new URL('..', import.meta.url);
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 22 || (major === 22 && minor < 19)) await runUnderOwnNode();
else if (!process.getBuiltinModule('node:fs').existsSync(new URL('dist/bundle/main.js', root)))
  fail('etcdperf is not built yet', 'npm run setup');
else await (await import('../dist/bundle/main.js')).main(process.argv.slice(2), root);

/** The project brings its own runtime (the npm package `node`) for machines whose node is too old. */
async function runUnderOwnNode() {
  const [{ existsSync }, { fileURLToPath }] = await Promise.all([import('node:fs'), import('node:url')]);
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

function fail(message, hint) {
  process.stderr.write(`error: ${message}\ntry: ${hint}\n`);
  process.exitCode = 1;
}
