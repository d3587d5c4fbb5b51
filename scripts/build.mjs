#!/usr/bin/env node
// Builds everything that is run from dist/: codec, TypeScript, bundles for remote hosts, oclif manifests.
// --quiet prints nothing when all goes well.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const own = join(root, 'node_modules/node/bin/node');

if (Number(process.versions.node.split('.')[0]) < 22) {
  // The tools below need the project's own node.
  execFileSync(own, process.argv.slice(1), { stdio: 'inherit' });
} else {
  const { generateWire } = await import('./generate-wire.mjs');
  await generateWire();
  runTool('typescript/bin/tsc', ['-b']);
  await bundleAgents();
  for (const folder of ['.', 'plugins/harness', 'plugins/election']) await writeManifest(join(root, folder));
  if (!process.argv.includes('--quiet')) process.stdout.write('built\n');
}

function runTool(script, args) {
  execFileSync(process.execPath, [join(root, 'node_modules', script), ...args], { cwd: root, stdio: 'inherit' });
}

/** One file each, with all it needs inside: what is pushed to hosts. */
async function bundleAgents() {
  const { build } = await import('esbuild');
  await build({
    absWorkingDir: root,
    entryPoints: { election: 'plugins/election/src/agent/main.ts' },
    outdir: 'plugins/election/dist/agent',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    conditions: ['etcdperf-source'],
    // CommonJS parts inside an ES module bundle still call require().
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    legalComments: 'linked',
    logLevel: 'warning',
  });
}

/** With its manifest, a plugin's commands are known without loading them. */
async function writeManifest(folder) {
  const file = join(folder, 'oclif.manifest.json');
  const { Plugin } = await import('@oclif/core/config');
  const plugin = new Plugin({
    root: folder,
    ignoreManifest: true,
    errorOnManifestCreate: true,
    respectNoCacheDefault: true,
  });
  await plugin.load();
  const text = `${JSON.stringify(plugin.manifest, null, 2)}\n`;
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text);
}
