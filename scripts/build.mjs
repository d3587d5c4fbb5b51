#!/usr/bin/env node
// Builds everything that is run from dist/: codec, TypeScript, bundles, oclif manifests, help.
// --quiet prints nothing when all goes well.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT as root } from './build/for-node.mjs';

const own = join(root, 'node_modules/node/bin/node');
const PLUGINS = ['harness', 'election', 'bench', 'driver', 'backup'].map((name) => `plugins/${name}`);

if (Number(process.versions.node.split('.')[0]) < 22) {
  // The tools below need the project's own node.
  process.exitCode = spawnSync(own, process.argv.slice(1), { stdio: 'inherit' }).status ?? 1;
} else {
  const { generateWire } = await import('./generate-wire.mjs');
  await generateWire();
  runTool('typescript/bin/tsc', ['-b']);
  const { bundleAgents, bundleCore, bundleHost, bundlePlugin } = await import('./build/bundles.mjs');
  await bundleCore();
  await bundleHost();
  for (const folder of PLUGINS) await bundlePlugin(folder);
  await bundleAgents();
  copyWorkloads();
  for (const folder of ['.', ...PLUGINS]) await writeManifest(join(root, folder));
  await writeHelp();
  if (!process.argv.includes('--quiet')) process.stdout.write('built\n');
}

/** Its own messages tell what is wrong; nothing after it would make sense then. */
function runTool(script, args) {
  const { status } = spawnSync(process.execPath, [join(root, 'node_modules', script), ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(1);
}

/** The driver brings the presets along: alone on another's host it has no conf. */
function copyWorkloads() {
  const copies = join(root, 'plugins/driver/dist/workloads');
  rmSync(copies, { recursive: true, force: true });
  cpSync(join(root, 'conf/workloads'), copies, { recursive: true });
}

/** With its manifest, a plugin's commands are known without loading them. */
async function writeManifest(folder) {
  const { Plugin } = await import('@oclif/core/config');
  const plugin = new Plugin({
    root: folder,
    ignoreManifest: true,
    errorOnManifestCreate: true,
    respectNoCacheDefault: true,
  });
  await plugin.load();
  writeFileSync(join(folder, 'oclif.manifest.json'), `${JSON.stringify(plugin.manifest, null, 2)}\n`);
}

/** Each command's help, rendered by the framework now, so that showing it need not load the framework. */
async function writeHelp() {
  process.env.FORCE_COLOR = '1';
  process.env.OCLIF_COLUMNS = '80';
  const [{ Config }, { Help }, { presentPlugins, readHostPackage, withPlugins }] = await Promise.all([
    import('@oclif/core/config'),
    import('@oclif/core/help'),
    import('../dist/present-plugins.js'),
  ]);
  class HelpText extends Help {
    text = '';
    log(...lines) {
      this.text += `${lines.join(' ')}\n`;
    }
  }
  const rootUrl = new URL('..', import.meta.url);
  const pjson = readHostPackage(rootUrl);
  const plugins = presentPlugins(rootUrl, pjson);
  const config = await Config.load({
    root,
    userPlugins: false,
    pjson: withPlugins(
      pjson,
      plugins.map(({ name }) => name),
    ),
  });
  const folders = new Map([[pjson.name, root], ...plugins.map(({ name, folder }) => [name, folder])]);
  for (const folder of folders.values()) {
    rmSync(join(folder, 'dist/help'), { recursive: true, force: true });
    mkdirSync(join(folder, 'dist/help'), { recursive: true });
  }
  for (const command of config.commands) {
    const folder = folders.get(command.pluginName);
    if (folder === undefined) continue;
    const help = new HelpText(config, {});
    await help.showHelp([command.id]);
    writeFileSync(join(folder, 'dist/help', `${command.id.replaceAll(':', '.')}.txt`), help.text);
  }
}
