#!/usr/bin/env node
// Builds everything that is run from dist/: codec, TypeScript, bundles for remote hosts, oclif manifests.
// --quiet prints nothing when all goes well.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const own = join(root, 'node_modules/node/bin/node');
/** What esbuild makes of TypeScript for node. */
const FOR_NODE = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node22',
  logLevel: 'warning',
};

/** CommonJS parts inside an ES module bundle still call require(). */
const REQUIRE = {
  js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
};
const LICENSES = 'LICENSES.txt';
/** Parts of the command framework that no command needs to begin: loaded by whoever asks them for something. */
const LOADED_LATE = [/command\.js>\.\/config$/, /errors\/index\.js>\.\/handle$/, /flags\.js>\.\/help$/];
/** Kubernetes' library: of its hundreds of generated models nothing is used, and to load them took 350 ms. */
const KUBERNETES = '@kubernetes/client-node';
/** What it stands on for proxies, and for requests of its own: loaded by who has a proxy. Package → what is used of it. */
const FOR_PROXIES = {
  undici: ['Agent', 'FormData', 'ProxyAgent', 'fetch'],
  hpagent: ['HttpProxyAgent', 'HttpsProxyAgent'],
  socks: ['SocksClient'],
  'socks-proxy-agent': ['SocksProxyAgent'],
};
/** Optional parts of the web sockets that it uses, which are not installed. */
const NOT_THERE = ['bufferutil', 'utf-8-validate'];
/** What core uses of node:crypto, which takes 5 ms to load and is needed by few commands. */
const CRYPTO = ['createHash', 'createHmac', 'generateKeyPairSync', 'randomBytes', 'randomInt', 'randomUUID'];
/** Who needs all of it, and is loaded only when it is needed. */
const NEEDS_CRYPTO = /\/src\/core\/(?:certs|lab\/kubernetes|testing)\/|\/node_modules\//;
/**
 * Packages stay outside, except the parts of the command framework that every command is made of: as files of their own
 * they were a fifth of each start; and what is used of Kubernetes' library.
 */
const frameworkInside = {
  name: 'framework-inside',
  setup({ resolve, onResolve, onLoad }) {
    const moduleOf = (contents) => ({ contents, resolveDir: root });
    onResolve({ filter: /./ }, async ({ path, importer, kind, resolveDir, namespace }) => {
      if (kind === 'entry-point' || namespace !== 'file') return;
      if (NOT_THERE.includes(path)) return { path, external: true };
      if (importer.includes(`/${KUBERNETES}/`) || path.startsWith(`${KUBERNETES}/`)) {
        if (path in FOR_PROXIES) return { path, namespace: 'for-proxies' };
        if (!isBuiltin(path))
          return { path: (await resolve(path, { resolveDir, kind, namespace: 'real' })).path, sideEffects: false };
      }
      const isInside = path.startsWith('@oclif/core/') || importer.includes('/node_modules/');
      if (path === 'node:crypto' && kind === 'import-statement' && !NEEDS_CRYPTO.test(importer))
        return { path, namespace: 'late-node' };
      if (!isInside) return /^[./]/.test(path) ? undefined : { path, external: true };
      const real = async () => (await resolve(path, { resolveDir, kind, namespace: 'real' })).path;
      if (path === 'debug') return { path: await real(), namespace: 'if-debug' };
      const edge = `${importer}>${path}`;
      if (edge.includes('/@oclif/core/lib/') && LOADED_LATE.some((late) => late.test(edge)))
        return { path: await real(), namespace: 'late' };
    });
    onLoad({ filter: /./, namespace: 'late-node' }, ({ path }) =>
      moduleOf(
        CRYPTO.map(
          (name) => `export const ${name} = (...args) => process.getBuiltinModule('${path}').${name}(...args);`,
        ).join('\n'),
      ),
    );
    onLoad({ filter: /./, namespace: 'late' }, ({ path }) =>
      moduleOf(`module.exports = new Proxy({ __esModule: true }, {
        get: (own, name) => own[name] ?? require(${JSON.stringify(path)})[name],
      });`),
    );
    onLoad({ filter: /./, namespace: 'for-proxies' }, ({ path }) =>
      moduleOf(`import { createRequire as requireFrom } from 'node:module';
        const load = () => requireFrom(requireFrom(import.meta.url).resolve('${KUBERNETES}'))('${path}');
        const late = (name) => new Proxy(class {}, {
          get: (_, key) => load()[name][key],
          apply: (_, self, args) => load()[name](...args),
          construct: (_, args) => new (load()[name])(...args),
        });
        ${FOR_PROXIES[path].map((name) => `export const ${name} = late('${name}');`).join('\n')}`),
    );
    // It does nothing unless told to.
    onLoad({ filter: /./, namespace: 'if-debug' }, ({ path }) =>
      moduleOf(`module.exports = process.env.DEBUG === undefined ? () => () => {} : require(${JSON.stringify(path)});`),
    );
  },
};

if (Number(process.versions.node.split('.')[0]) < 22) {
  // The tools below need the project's own node.
  process.exitCode = spawnSync(own, process.argv.slice(1), { stdio: 'inherit' }).status ?? 1;
} else {
  const { generateWire } = await import('./generate-wire.mjs');
  await generateWire();
  runTool('typescript/bin/tsc', ['-b']);
  await bundleCore();
  await bundleAgents();
  copyWorkloads();
  for (const folder of [
    '.',
    'plugins/harness',
    'plugins/election',
    'plugins/bench',
    'plugins/driver',
    'plugins/backup',
  ])
    await writeManifest(join(root, folder));
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

/**
 * Core as a few files instead of hundreds: finding and opening them was a third of each start. The folders' files and
 * what they share lie side by side, so that a worker thread's file is beside the one that starts it.
 */
async function bundleCore() {
  const { build } = await import('esbuild');
  const { exports } = JSON.parse(readFileSync(join(root, 'src/core/package.json'), 'utf8'));
  const folders = Object.keys(exports).map((name) => name.slice(2));
  const outdir = join(root, 'src/core/dist/bundle');
  const { outputFiles, metafile } = await build({
    ...FOR_NODE,
    entryPoints: {
      ...Object.fromEntries(folders.map((folder) => [folder, `src/core/${folder}/index.ts`])),
      'load-worker': 'src/core/load/load-worker.ts',
    },
    outdir,
    splitting: true,
    chunkNames: '[name]-[hash]',
    plugins: [frameworkInside],
    banner: REQUIRE,
    metafile: true,
    write: false,
  });
  mkdirSync(outdir, { recursive: true });
  for (const { path, contents } of outputFiles) writeFileSync(path, contents);
  writeFileSync(join(outdir, LICENSES), licensesOf(Object.keys(metafile.inputs)));
  // What the build before left.
  const made = new Set([LICENSES, ...outputFiles.map(({ path }) => basename(path))]);
  for (const name of readdirSync(outdir)) if (!made.has(name)) rmSync(join(outdir, name));
}

/** What stands in bundles by others, by package. */
function licensesOf(inputs) {
  const packages = new Set(inputs.flatMap((path) => /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? []));
  return [...packages]
    .sort()
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
      const file = readdirSync(join(root, folder)).find((entry) => /^licen[cs]e/i.test(entry));
      const text = file === undefined ? '' : `\n${readFileSync(join(root, folder, file), 'utf8').trim()}\n`;
      return `${name} ${version} (${license})\n${text}`;
    })
    .join('\n----\n\n');
}

/** One file each, with all it needs inside: what is pushed to hosts. */
async function bundleAgents() {
  const { build } = await import('esbuild');
  await build({
    ...FOR_NODE,
    entryPoints: { election: 'plugins/election/src/agent/main.ts' },
    outdir: 'plugins/election/dist/agent',
    outExtension: { '.js': '.mjs' },
    conditions: ['etcdperf-source'],
    banner: REQUIRE,
    legalComments: 'linked',
  });
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
