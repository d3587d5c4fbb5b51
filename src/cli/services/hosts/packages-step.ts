import type { Executor } from '@etcdperf/core/ssh';
import type { HostFacts } from './host-facts.ts';
import { PREPARE, parsePrepared } from './prepare-script.ts';
import type { StepResult } from './step.ts';

const INSTALL = `${PREPARE}
manager=$1
[ "$mode" = apply ] || { changed 'chrony installed'; exit 0; }
remember chrony.installed yes || exit 0
case $manager in
apt-get) out=$(DEBIAN_FRONTEND=noninteractive; export DEBIAN_FRONTEND; { apt-get update -q && apt-get install -qy --no-install-recommends chrony; } 2>&1) ;;
*) out=$("$manager" install -qy chrony 2>&1) ;;
esac && changed 'chrony installed' || failed "chrony could not be installed: $(echo "$out" | tail -n 1)"
`;

export interface PackagesOptions {
  readonly mode: 'plan' | 'apply';
  readonly record: string;
  /** Whether packages may be installed. */
  readonly install: boolean;
  /** Whether the inventory wants chrony. */
  readonly wantsChrony: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Chrony, where it is wanted and missing. It stays installed at a reset: other software may have come to need it. */
export async function installPackages(
  executor: Executor,
  facts: HostFacts,
  options: PackagesOptions,
): Promise<StepResult> {
  const step = 'packages';
  const has = (tool: string) => facts.tools.includes(tool);
  if (!options.wantsChrony) return { step, status: 'skipped', detail: 'the inventory leaves clocks alone' };
  if (has('chronyd') && has('chronyc')) return { step, status: 'ok', detail: 'chrony is there' };
  const manager = ['apt-get', 'dnf', 'yum'].find(has);
  if (options.install && manager !== undefined) {
    const { mode, record, signal } = options;
    return parsePrepared(step, await executor.script(INSTALL, [mode, record, manager], { signal }), '');
  }
  const instead = ['ntpdate', 'sntp'].find(has);
  if (instead !== undefined) return { step, status: 'ok', detail: `no chrony; ${instead} is there` };
  const detail = 'chrony is missing: hosts:init --install, or install it there, or set clock.source: none';
  return { step, status: 'failed', detail };
}
