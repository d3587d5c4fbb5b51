import type { Inventory, InventoryHost } from '@etcdperf/core/config';
import { listDaemons, removeDaemon } from '@etcdperf/core/daemon';
import { ConnectError, ConnectionLostError, type Executor, fanOut } from '@etcdperf/core/ssh';
import { describeError } from './describe-error.ts';
import { executorOf } from './executor-of.ts';
import { PREPARE, parsePrepared } from './prepare-script.ts';
import { recordDir } from './record-dir.ts';
import { type StepName, type StepResult, worstStatus } from './step.ts';

export interface ResetOptions {
  readonly inventory: Inventory;
  readonly hosts: readonly InventoryHost[];
  /** Of `hosts`, in any order. */
  readonly executors: readonly Executor[];
  readonly dryRun: boolean;
  readonly forks: number;
  readonly signal: AbortSignal;
  readonly onStep?: ((text: string) => void) | undefined;
}

export interface HostReset {
  readonly host: string;
  readonly status: 'ok' | 'changed' | 'failed';
  readonly steps: readonly StepResult[];
}

export interface ResetResult {
  readonly dryRun: boolean;
  readonly hosts: readonly HostReset[];
}

/** Puts back what hosts:init recorded. What is back is struck off the record, so a second run goes on from there. */
const RESTORE = `${PREPARE}
conf_changed=no
if [ -d "$record/before" ]; then
  for kept in "$record/before"/*; do
    [ -e "$kept" ] || continue
    name=\${kept##*/}; path=$(echo "\${name%.none}" | tr % /)
    case $kept in *.part) continue ;; esac
    case $path in */chrony.conf) conf_changed=yes ;; esac
    if [ "$kept" != "\${kept%.none}" ]; then
      [ ! -e "$path" ] || changed "$path removed"
      [ "$mode" = plan ] || { rm -f "$path" && rm -f "$kept"; }
    else
      changed "$path restored"
      [ "$mode" = plan ] || { why=$({ cp -p "$kept" "$path.etcdperf-$$" && mv -f "$path.etcdperf-$$" "$path" && rm -f "$kept"; } 2>&1) || failed "$path: $why"; }
    fi
  done
fi
for each in "$record"/sysctl.*; do
  [ -e "$each" ] || continue
  key=\${each##*/sysctl.} value=$(cat "$each") path=/proc/sys/$(printf %s "\${each##*/sysctl.}" | tr . /)
  [ "$(cat "$path" 2>/dev/null)" = "$value" ] || changed "$key = $value"
  [ "$mode" = plan ] || { { printf '%s' "$value" >"$path"; } 2>/dev/null && rm -f "$each" || failed "$key can't be set back"; }
done
if [ -e "$record/chronyd.was" ]; then
  if [ "$(cat "$record/chronyd.was")" = stopped ]; then
    [ -z "$(chronyd_pids)" ] || changed 'chronyd stopped'
    if [ "$mode" = apply ]; then
      if has_systemd; then
        systemctl stop "$(chronyd_unit)" 2>/dev/null
        [ "$(cat "$record/chronyd.enabled" 2>/dev/null)" = enabled ] || systemctl disable "$(chronyd_unit)" 2>/dev/null
      fi
      stop_chronyd
      for each in "$record"/made*; do [ ! -e "$each" ] || rm -rf "$(cat "$each")"; done
    fi
  elif [ "$conf_changed" = yes ]; then
    changed 'chronyd restarted'
    if [ "$mode" = apply ]; then
      if has_systemd; then systemctl restart "$(chronyd_unit)" || failed 'chronyd does not start'
      else stop_chronyd; chronyd >/dev/null 2>&1 || failed 'chronyd does not start'
      fi
    fi
  fi
  [ "$mode" = plan ] || rm -f "$record"/chronyd.* "$record"/made*
fi
if has_systemd && [ "$mode" = apply ]; then systemctl daemon-reexec; fi
exit 0
`;

/** Removes what is ours by name; a work directory that holds anything else stays, and is told. */
const REMOVE = `${PREPARE}
work=$1
[ -d "$work" ] || exit 0
if [ "$mode" = plan ]; then changed "$work removed"; exit 0; fi
for each in "$work"/daemons "$work"/etcd "$work"/tls "$work"/init "$work"/bin/node "$work"/bin/node.part-* "$work"/bin/etcd-* "$work"/lib/*.mjs "$work"/lib/*.part-*; do
  [ -e "$each" ] || continue
  why=$(rm -rf "$each" 2>&1) || failed "$each: $why"
done
rmdir "$work/bin" "$work/lib" 2>/dev/null
if rmdir "$work" 2>/dev/null; then changed "$work removed"
else failed "$work is not empty, and what is left is not etcdperf's: $(ls -A "$work" | head -n 5 | tr '\\n' ' ')"
fi
`;

/**
 * Takes back what hosts:init and everything after it did: daemons, settings, files. Never rejects because of a host;
 * doing it again is fine.
 */
export async function resetHosts(options: ResetOptions): Promise<ResetResult> {
  const { hosts, forks, signal, onStep } = options;
  const work = (host: InventoryHost) => {
    onStep?.(`resetting ${host.name}`);
    return resetHost(host, options);
  };
  const results = await fanOut(hosts, work, { forks, signal });
  signal.throwIfAborted();
  return {
    dryRun: options.dryRun,
    hosts: results.map((result): HostReset => {
      if (result.status === 'ok') return result.value;
      const step: StepResult = { step: 'connect', status: 'failed', detail: describeError(result.error) };
      return { host: result.host, status: 'failed', steps: [step] };
    }),
  };
}

async function resetHost(host: InventoryHost, options: ResetOptions): Promise<HostReset> {
  const { signal, dryRun } = options;
  const { workDir } = options.inventory;
  const executor = executorOf(options.executors, host.name);
  const args = [dryRun ? 'plan' : 'apply', recordDir(workDir)];
  const steps: StepResult[] = [];
  /** Each step needs the one before it: the record lies among the files, and daemons use both. */
  const run = async (step: StepName, work: () => Promise<StepResult>) => {
    if (steps.some((each) => each.status === 'failed')) {
      steps.push({ step, status: 'skipped', detail: 'see above' });
      return;
    }
    try {
      steps.push(await work());
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof ConnectError || error instanceof ConnectionLostError) throw error;
      steps.push({ step, status: 'failed', detail: describeError(error as Error) });
    }
  };
  await run('daemons', async () => {
    const daemons = await listDaemons(executor, workDir, { signal });
    const running = [...daemons].filter(([, state]) => state.kind === 'running').map(([name]) => name);
    if (!dryRun)
      await Promise.all([...daemons.keys()].map((name) => removeDaemon(executor, workDir, name, { signal })));
    if (running.length === 0) return { step: 'daemons', status: 'ok', detail: 'none runs' };
    return { step: 'daemons', status: 'changed', detail: `stopped ${running.join(', ')}` };
  });
  await run('settings', async () =>
    parsePrepared('settings', await executor.script(RESTORE, args, { signal }), 'nothing to put back'),
  );
  await run('files', async () =>
    parsePrepared('files', await executor.script(REMOVE, [...args, workDir], { signal }), `no ${workDir}`),
  );
  return { host: host.name, status: worstStatus(steps), steps };
}
