import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { FOR_NODE, ROOT } from './for-node.mjs';
import { frameworkInside } from './framework-inside.mjs';
import { lateBuiltins } from './late-builtins.mjs';
import { together } from './together.mjs';

const LICENSES = 'LICENSES.txt';
const SPLIT = { ...FOR_NODE, splitting: true, chunkNames: '[name]-[hash]', metafile: true, write: false };
/** The folders of core that every load needs. */
const EVERYDAY = ['errors', 'stats', 'workload', 'wire', 'runs', 'etcd', 'load', 'cli'];

/**
 * Core as a few files instead of hundreds: finding and opening them was a third of each start. The folders' files and
 * what they share lie side by side, so that a worker thread's file is beside the one that starts it.
 */
export async function bundleCore() {
  const { exports } = JSON.parse(readFileSync(join(ROOT, 'src/core/package.json'), 'utf8'));
  const folders = Object.keys(exports).map((name) => name.slice(2));
  const options = {
    entryPoints: {
      ...Object.fromEntries(folders.map((folder) => [folder, `src/core/${folder}/index.ts`])),
      'load-worker': 'src/core/load/load-worker.ts',
    },
    plugins: [frameworkInside],
  };
  const { metafile } = await build({ ...SPLIT, ...options, outdir: 'apart' });
  await bundle('src/core/dist/bundle', { ...options, plugins: [together(metafile, EVERYDAY), frameworkInside] });
}

/** The host: what starts it, and its commands. */
export function bundleHost() {
  return bundleEach('dist/bundle', { main: 'src/cli/main.ts', ...commandsIn('src/cli/commands') });
}

/**
 * A plugin's commands, as they are run when the framework is not asked (`findOwnCommand`), and beside them what is loaded
 * by its path into other threads.
 */
export function bundlePlugin(folder) {
  return bundleEach(join(folder, 'dist/bundle'), {
    ...commandsIn(join(folder, 'src/commands')),
    ...operationsIn(join(folder, 'src/operations')),
  });
}

/** One file each, with all it needs inside: what is pushed to hosts. */
export async function bundleAgents() {
  await build({
    ...FOR_NODE,
    entryPoints: { election: 'plugins/election/src/agent/main.ts' },
    outdir: 'plugins/election/dist/agent',
    outExtension: { '.js': '.mjs' },
    conditions: ['etcdperf-source'],
    // CommonJS parts inside an ES module bundle still call require().
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    legalComments: 'linked',
  });
}

/**
 * Each alone, with what it loads late in files of their own: sharing what they have in common, each would be three times
 * as many. Packages stay outside: there is one core.
 */
function bundleEach(folder, entryPoints) {
  const entries = Object.entries(entryPoints).map((entry) => Object.fromEntries([entry]));
  return bundle(folder, ...entries.map((entry) => ({ entryPoints: entry, packages: 'external' })));
}

async function bundle(folder, ...parts) {
  const outdir = join(ROOT, folder);
  const results = await Promise.all(parts.map((part) => build({ ...SPLIT, ...part, outdir })));
  mkdirSync(outdir, { recursive: true });
  const outputs = results.flatMap(({ outputFiles }) => outputFiles);
  for (const { path, text } of outputs) writeFileSync(path, lateBuiltins(text));
  const licenses = licensesOf(results.flatMap(({ metafile }) => Object.keys(metafile.inputs)));
  if (licenses !== '') writeFileSync(join(outdir, LICENSES), licenses);
  // What the build before left.
  const made = new Set([LICENSES, ...outputs.map(({ path }) => basename(path))]);
  for (const name of readdirSync(outdir)) if (!made.has(name)) rmSync(join(outdir, name));
}

/** `bench/check/perf.ts` → `command.bench.check.perf` */
function commandsIn(folder) {
  return Object.fromEntries(
    sourcesIn(folder).map((path) => [
      `command.${path.slice(0, -'.ts'.length).replaceAll('/', '.')}`,
      join(folder, path),
    ]),
  );
}

function operationsIn(folder) {
  if (!existsSync(join(ROOT, folder))) return {};
  return Object.fromEntries(
    sourcesIn(folder)
      .filter((path) => /-(?:operation|scenario)\.ts$/.test(path))
      .map((path) => [basename(path, '.ts'), join(folder, path)]),
  );
}

function sourcesIn(folder) {
  return readdirSync(join(ROOT, folder), { recursive: true }).filter((path) => /(?<!\.test)\.ts$/.test(path));
}

/** What stands in bundles by others, by package. */
function licensesOf(inputs) {
  const packages = new Set(inputs.flatMap((path) => /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? []));
  return [...packages]
    .sort()
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8'));
      const file = readdirSync(join(ROOT, folder)).find((entry) => /^licen[cs]e/i.test(entry));
      const text = file === undefined ? '' : `\n${readFileSync(join(ROOT, folder, file), 'utf8').trim()}\n`;
      return `${name} ${version} (${license})\n${text}`;
    })
    .join('\n----\n\n');
}
