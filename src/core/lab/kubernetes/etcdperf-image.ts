import { access, readFile, realpath } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { OperationError } from '../../errors/index.ts';
import { runToolChecked } from '../run-tool.ts';
import type { ImagePlan, ImageSources } from './images.ts';

/** What a package says about itself. */
interface Package {
  readonly name: string;
  readonly files?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** Big, and nothing that runs in a pod asks for them. */
const LEFT_OUT = ['@kubernetes/client-node', 'npm', 'yarn'];
const FOLDER = 'usr/local/lib/etcdperf';

/** An image with node and etcdperf as they are here, beside etcd and etcdctl. `root`: the folder of the package etcdperf. */
export async function etcdperfImage(root: string, sources: ImageSources): Promise<ImagePlan> {
  // Where npm put it beside what it depends on, the folder of them all.
  const base = basename(dirname(root)) === 'node_modules' ? dirname(dirname(root)) : root;
  const files: Record<string, string> = {
    'bin/busybox': sources.busybox,
    'usr/local/bin/etcd': Object.values(sources.etcd).at(-1) ?? '',
    'usr/local/bin/etcdctl': sources.etcdctl,
    'usr/local/bin/node': process.execPath,
  };
  for (const library of await librariesOf(process.execPath)) files[library.slice(1)] = await realpath(library);
  for (const folder of await packagesOf(root)) {
    for (const path of await packageFiles(folder))
      files[join(FOLDER, relative(base, folder), path)] = join(folder, path);
  }
  const program = join('/', FOLDER, relative(base, root), 'bin/run.js');
  if (!(await exists(join(root, 'dist/main.js'))))
    throw new OperationError('etcdperf is not built yet', { where: root, hint: 'npm run setup' });
  return {
    name: `docker.io/lab/node:v${process.versions.node.split('.')[0]}`,
    files,
    scripts: { 'usr/local/bin/etcdperf': `#!/bin/sh\nexec node ${program} "$@"\n` },
    command: ['/bin/sh'],
  };
}

/** The shared libraries of a program, as the dynamic linker finds them. */
async function librariesOf(program: string): Promise<string[]> {
  const { stdout } = await runToolChecked(['ldd', program]);
  return [...stdout.matchAll(/(?:=>|^)\s*(\/\S+) \(/gm)].map(([, path = '']) => path);
}

/** The folders of a package and of all that it needs when it runs. */
async function packagesOf(root: string): Promise<Set<string>> {
  const found = new Set<string>();
  const visit = async (folder: string): Promise<void> => {
    if (found.has(folder)) return;
    found.add(folder);
    const { dependencies, optionalDependencies } = await readPackage(folder);
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const dependency = LEFT_OUT.includes(name) ? undefined : await findPackage(name, await realpath(folder), root);
      if (dependency !== undefined) await visit(dependency);
    }
  };
  await visit(root);
  return found;
}

/** As node looks for it; where only a link's own place knows it, from the root too. */
async function findPackage(name: string, from: string, root: string): Promise<string | undefined> {
  for (const start of [from, root]) {
    for (let folder = start; ; folder = dirname(folder)) {
      const path = join(folder, 'node_modules', name);
      if (await exists(join(path, 'package.json'))) return path;
      if (folder === dirname(folder)) break;
    }
  }
  return undefined;
}

/** Of one of ours only what would be published (it may be a checkout); of others all. */
async function packageFiles(folder: string): Promise<string[]> {
  const { name, files } = await readPackage(folder);
  if (name !== 'etcdperf' && !name.startsWith('@etcdperf/')) return ['.'];
  const published = ['package.json', ...(files ?? []).filter((path) => !path.includes('*'))];
  const there = await Promise.all(published.map((path) => exists(join(folder, path))));
  return published.filter((_, index) => there[index]);
}

async function readPackage(folder: string): Promise<Package> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Package;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
