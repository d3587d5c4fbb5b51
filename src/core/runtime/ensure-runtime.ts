import { OperationError } from '../errors/index.ts';
import type { Executor } from '../ssh/index.ts';
import { isNewEnough, MINIMUM_NODE } from './node-version.ts';
import { pushNode } from './push-node.ts';

/** One file of ours that the runtime executes on a host. */
export interface Bundle {
  readonly name: string;
  /** On this machine. */
  readonly path: string;
}

export interface Runtime {
  /** The node to run bundles with, on that host. */
  readonly node: string;
  readonly nodeVersion: string;
  /** Bundle's name → its path on that host. */
  readonly bundles: Readonly<Record<string, string>>;
  /** Whether anything had to be brought there. */
  readonly changed: boolean;
}

export interface RuntimeOptions {
  readonly signal?: AbortSignal | undefined;
}

/** What kind of machine, and each node there is: one `node <path> <version>` line, ours first. */
const PROBE = `
echo "machine $(uname -s) $(uname -m)"
for node in "$1/bin/node" "$(command -v node)" /usr/local/bin/node; do
  [ -x "$node" ] && version=$("$node" --version 2>/dev/null) && echo "node $node $version"
done
exit 0
`;

export interface RuntimeProbe {
  /** In node's words: `linux x64`. */
  readonly platform: string;
  readonly arch: string;
  /** The first node that is new enough. */
  readonly node?: { readonly path: string; readonly version: string };
}

/** What a host has to run bundles with; one round trip, changes nothing. */
export async function probeRuntime(
  executor: Executor,
  workDir: string,
  options: RuntimeOptions = {},
): Promise<RuntimeProbe> {
  if (executor.kind === 'local') {
    const node = { path: process.execPath, version: process.version };
    return { platform: process.platform, arch: process.arch, node };
  }
  const result = await executor.script(PROBE, [workDir], { signal: options.signal });
  if (result.code !== 0) {
    throw new OperationError(`cannot look for node: ${result.stderr.trim()}`, { where: executor.name });
  }
  const lines = result.stdout.split('\n').map((line) => line.split(' '));
  const [, system = '', machine = ''] = lines.find(([kind]) => kind === 'machine') ?? [];
  const [, path, version] = lines.find(([kind, , version]) => kind === 'node' && isNewEnough(version)) ?? [];
  return {
    platform: system.toLowerCase(),
    arch: { x86_64: 'x64', amd64: 'x64', aarch64: 'arm64' }[machine] ?? machine,
    ...(path !== undefined && version !== undefined && { node: { path, version } }),
  };
}

/**
 * Sees to it that a host can run our bundles: a node of at least 22.19 (the host's own, else this process's is brought
 * to `<workDir>/bin/node`) and the bundles as `<workDir>/lib/<name>.mjs`. On this machine all is used where it is.
 * Nothing is sent that is there already. Throws OperationError.
 */
export async function ensureRuntime(
  executor: Executor,
  workDir: string,
  bundles: readonly Bundle[],
  options: RuntimeOptions = {},
): Promise<Runtime> {
  const probe = await probeRuntime(executor, workDir, options);
  const node = probe.node ?? (await bringNode(executor, workDir, probe, options));
  if (executor.kind === 'local') {
    const paths = Object.fromEntries(bundles.map((bundle) => [bundle.name, bundle.path]));
    return { node: node.path, nodeVersion: node.version, bundles: paths, changed: false };
  }
  const paths: Record<string, string> = {};
  let changed = probe.node === undefined;
  for (const { name, path } of bundles) {
    const remote = `${workDir}/lib/${name}.mjs`;
    const pushed = await executor.push({ path }, remote, { mode: 0o644, ...(options.signal && options) });
    changed ||= pushed.changed;
    paths[name] = remote;
  }
  return { node: node.path, nodeVersion: node.version, bundles: paths, changed };
}

async function bringNode(
  executor: Executor,
  workDir: string,
  probe: RuntimeProbe,
  options: RuntimeOptions,
): Promise<{ path: string; version: string }> {
  if (probe.platform !== process.platform || probe.arch !== process.arch) {
    throw new OperationError(`there is no node of at least ${MINIMUM_NODE}, and ours cannot run on ${probe.arch}`, {
      where: executor.name,
      hint: `install node ${MINIMUM_NODE} or newer there`,
    });
  }
  const path = `${workDir}/bin/node`;
  await pushNode(executor, path, options);
  return { path, version: process.version };
}
