import { existsSync } from 'node:fs';
import { basename, extname, resolve } from 'node:path';
import type { Bundle } from '@etcdperf/core/runtime';

/** Of an oclif plugin, what is needed here. */
export interface PluginPackage {
  readonly root: string;
  readonly pjson: object;
}

/**
 * The bundles that installed plugins want on hosts: `"etcdperf": {"bundles": ["./dist/agent/election.mjs"]}` in their
 * package.json, named after their files. One that isn't built is left out.
 */
export function pluginBundles(plugins: Iterable<PluginPackage>): Bundle[] {
  const paths = [...plugins].flatMap(({ root, pjson }) => {
    const { bundles = [] } = (pjson as { etcdperf?: { bundles?: readonly string[] } }).etcdperf ?? {};
    return bundles.map((path) => resolve(root, path));
  });
  return paths.filter((path) => existsSync(path)).map((path) => ({ name: basename(path, extname(path)), path }));
}
