import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The host's package.json, as far as it is used at start. */
export interface HostPackage {
  readonly name: string;
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
  readonly oclif: { readonly plugins: readonly string[] };
}

export function readHostPackage(root: URL): HostPackage {
  return JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as HostPackage;
}

/** The project's own plugins are optional dependencies; these are the ones that are installed, with their folders. */
export function presentPlugins(root: URL, pjson: HostPackage): readonly { name: string; folder: string }[] {
  return Object.keys(pjson.optionalDependencies).flatMap((name) => {
    // Below the host (a checkout, a global install) or beside it (a local install).
    const folder = [`node_modules/${name}/`, `../${name}/`].find((path) => existsSync(new URL(path, root)));
    return folder === undefined ? [] : [{ name, folder: fileURLToPath(new URL(folder, root)) }];
  });
}

/** The package as oclif is to see it: the plugins that are present belong to the command line. */
export function withPlugins(pjson: HostPackage, names: readonly string[]): HostPackage {
  return {
    ...pjson,
    dependencies: { ...pjson.dependencies, ...Object.fromEntries(names.map((name) => [name, '*'])) },
    oclif: { ...pjson.oclif, plugins: [...pjson.oclif.plugins, ...names] },
  };
}
