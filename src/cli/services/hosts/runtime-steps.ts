import type { Inventory, InventoryHost } from '@etcdperf/core/config';
import { ensureEtcdBinary } from '@etcdperf/core/etcd';
import { type Bundle, ensureRuntime, probeRuntime } from '@etcdperf/core/runtime';
import type { Executor } from '@etcdperf/core/ssh';
import type { StepResult } from './step.ts';

export interface RuntimeStepOptions {
  readonly mode: 'plan' | 'apply';
  readonly workDir: string;
  readonly signal?: AbortSignal | undefined;
  readonly onDownload?: ((version: string) => void) | undefined;
}

/** Groups whose hosts run our processes. Where an inventory has none of them, every host may. */
const RUNTIME_GROUPS = ['masters', 'agents'];

/** Whether candidates or agents are to run on a host. */
export function needsRuntime(inventory: Inventory, host: InventoryHost): boolean {
  const groups = RUNTIME_GROUPS.filter((group) => inventory.groups.has(group));
  return groups.length === 0 || groups.some((group) => host.groups.includes(group));
}

/** The versions of etcd that clusters run on a host. */
export function etcdVersions(inventory: Inventory, host: InventoryHost): string[] {
  const clusters = [...inventory.clusters.values()].filter(
    (cluster) => cluster.backend === 'hosts' && cluster.members.some((member) => member.host === host.name),
  );
  return [...new Set(clusters.map((cluster) => cluster.version))];
}

/** Node and bundles. */
export async function bringRuntime(
  executor: Executor,
  bundles: readonly Bundle[],
  options: RuntimeStepOptions,
): Promise<StepResult> {
  const step = 'runtime';
  const { mode, workDir, signal } = options;
  if (mode === 'plan') {
    const { node } = await probeRuntime(executor, workDir, { signal });
    const same = await haveSame(executor, workDir, bundles, signal);
    const wanted = bundles.filter((bundle) => !same.includes(bundle.name)).map((bundle) => bundle.name);
    const changes = [...(node ? [] : [`node ${process.version}`]), ...wanted];
    if (changes.length === 0) return { step, status: 'ok', detail: `node ${node?.version}` };
    return { step, status: 'changed', detail: `${changes.join(', ')} brought` };
  }
  const runtime = await ensureRuntime(executor, workDir, bundles, { signal });
  const names = Object.keys(runtime.bundles);
  const detail = `node ${runtime.nodeVersion}${names.length > 0 ? `, bundles ${names.join(', ')}` : ', no bundles'}`;
  return { step, status: runtime.changed ? 'changed' : 'ok', detail };
}

/** Names of the bundles that a host has, byte by byte. */
async function haveSame(
  executor: Executor,
  workDir: string,
  bundles: readonly Bundle[],
  signal: AbortSignal | undefined,
): Promise<string[]> {
  const { createHash } = await import('node:crypto');
  const { readFile } = await import('node:fs/promises');
  const script =
    'cd "$1/lib" 2>/dev/null || exit 0; shift; for name; do sha256sum "$name.mjs" 2>/dev/null; done; exit 0';
  const result = await executor.script(script, [workDir, ...bundles.map((bundle) => bundle.name)], { signal });
  const sums = await Promise.all(
    bundles.map(async ({ path }) =>
      createHash('sha256')
        .update(await readFile(path))
        .digest('hex'),
    ),
  );
  return bundles
    .filter(({ name }, index) => result.stdout.includes(`${sums[index]}  ${name}.mjs`))
    .map(({ name }) => name);
}

/** Proves that the binary runs there and is what its name says. */
const ETCD_VERSION = `"$1" --version | sed -n 's/^etcd Version: //p'`;

/** etcd, of each version that runs on the host. */
export async function bringEtcd(
  executor: Executor,
  versions: readonly string[],
  options: RuntimeStepOptions & { readonly present: readonly string[] },
): Promise<StepResult> {
  const step = 'etcd';
  const { mode, workDir, signal, onDownload } = options;
  const names = versions.join(', ');
  if (mode === 'plan') {
    const missing = versions.filter((version) => !options.present.includes(version));
    if (missing.length === 0) return { step, status: 'ok', detail: names };
    return { step, status: 'changed', detail: `${missing.join(', ')} brought` };
  }
  let changed = false;
  for (const version of versions) {
    const etcd = await ensureEtcdBinary(executor, workDir, { version, signal, onDownload });
    changed ||= etcd.changed;
    const said = await executor.script(ETCD_VERSION, [etcd.path], { signal });
    if (said.stdout.trim() !== version) {
      const found = said.stdout.trim() || said.stderr.trim().split('\n').at(-1) || 'nothing';
      return { step, status: 'failed', detail: `${etcd.path} should be ${version} and says ${found}` };
    }
  }
  return { step, status: changed ? 'changed' : 'ok', detail: names };
}
